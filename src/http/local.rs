//! For the command line of whoever owns the data folder: its tasks are carried out here, where the library is open. To everybody
//! else this address is not there.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::post;
use serde_json::Value;

use super::app::App;
use super::guard::Owner;
use super::problem::{Problem, unknown_address};
use super::worker::Lane;
use super::{body, sse};
use crate::domain::Answer;
use crate::local::{self, FaultJson, Holder, Line};

/// Whole files of questions come in.
const LARGEST: usize = 64 << 20;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/{task}", post(run))
}

enum Said {
    Told(Value),
    Beat,
    Done(Value),
    Failed(FaultJson),
}

async fn run(
    State(app): State<App>,
    _: Owner,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let sent = body::read(request, LARGEST).await?;
    let task = local::read(&name, &sent).ok_or_else(unknown_address)??;
    drop(sent);
    let lane = match task.line() {
        Line::Quick => Lane::Quick,
        Line::Ask => Lane::Ask,
        Line::Change => Lane::Change,
        Line::Ahead => Lane::Ahead,
    };
    let inner = app.clone();
    let work = move |tell: &mut dyn FnMut(Said) -> ControlFlow<()>| {
        let stop = AtomicBool::new(false);
        let mut listen = |told: Option<Value>| {
            let flow = tell(told.map_or(Said::Beat, Said::Told));
            stop.fetch_or(flow.is_break(), Ordering::Relaxed);
            flow
        };
        let holder = Holder {
            settings: &inner.settings,
            engines: &|| inner.engines.clone(),
            library: Some(&inner.library),
            topics: &inner.topics,
            clock: inner.clock.as_ref(),
            is_here: false,
            answered: &|answer: &Answer| inner.meters.answered(answer),
        };
        let done = task.run(&holder, &stop, &mut listen);
        inner.log_troubles();
        // Whoever went away does not want to know.
        let _ = tell(done.map_or_else(|fault| Said::Failed(FaultJson::from(&fault)), Said::Done));
        Ok(())
    };
    let told = app.worker.stream(lane, work).await?;
    Ok(sse::stream(told, |said| match said {
        Ok(Said::Told(told)) => Some(sse::event("told", &told)),
        Ok(Said::Beat) => None,
        Ok(Said::Done(done)) => Some(sse::event("done", &done)),
        Ok(Said::Failed(fault)) => Some(sse::event("failed", &fault)),
        Err(fault) => Some(sse::error(&fault)),
    }))
}
