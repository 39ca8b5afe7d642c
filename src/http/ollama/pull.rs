//! `POST /api/pull`: a model from the hub, told as it comes. The only call that ever opens a connection to another machine,
//! and with `offline` it does not either.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio_stream::StreamExt;

use super::form::line;
use super::options::{model, named};
use super::shapes::Progress;
use super::write::LINES;
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::body;
use crate::http::guard::Administrator;
use crate::http::problem::{Dialect, Problem};
use crate::http::talk::{self, Asked, Fields, schemas};
use crate::http::worker::{Lane, Told};
use crate::models::{Catalogue, Freshness, Order, PullEvent, Shelf, pull};

const LARGEST: usize = 1 << 20;
/// No more is told than anybody reads.
const BEAT: Duration = Duration::from_millis(100);

/// Brings a model
#[utoipa::path(
    post,
    path = "/pull",
    tag = "Ollama",
    request_body = PullRequest,
    responses(
        (
            status = 200,
            description = "Lines, or one object where `stream` is false",
            content((Progress = "application/json"), (Progress = "application/x-ndjson"))
        )
    )
)]
pub(in crate::http) async fn bring(
    State(app): State<App>,
    _: Administrator,
    request: Request,
) -> Result<Response, Problem> {
    let (name, streams) = read(&body::read(request, LARGEST).await?)?;
    let own = app.clone();
    let work = move |tell: &mut dyn FnMut(Progress) -> ControlFlow<()>| bring_it(&own, &name, tell);
    let mut told = app.worker.stream(Lane::Pull, work).await?;
    // An unknown name, or no network, is no stream.
    let first = told.next().await.unwrap_or_else(|| Err(ended()))?;
    if streams {
        let rest = told.map(|event| match event {
            Ok(progress) => line(&progress),
            Err(fault) => line(&Dialect::Ollama.error(&fault)),
        });
        let lines = tokio_stream::once(line(&first)).chain(rest);
        let lines = lines.map(|line| Ok::<_, std::convert::Infallible>(Bytes::from(line)));
        return Ok(([(CONTENT_TYPE, LINES), (CACHE_CONTROL, "no-cache")], Body::from_stream(lines)).into_response());
    }
    Ok(Json(last(first, told).await?).into_response())
}

async fn last(mut last: Progress, mut told: Told<Progress>) -> Result<Progress> {
    while let Some(event) = told.next().await {
        last = event?;
    }
    if last.status == SUCCESS { Ok(last) } else { Err(ended()) }
}

fn ended() -> Fault {
    Fault::busy("server_ending", "docent is being ended").hint("ask again when it is back; what has come is kept")
}

const SUCCESS: &str = "success";

fn bring_it(app: &App, name: &str, tell: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<()> {
    let data_dir = &app.settings.data_dir.value;
    let entry = Catalogue::load(data_dir)?.named(name)?.clone();
    let order = Order {
        shelf: Shelf::open(data_dir),
        entry,
        network: app.settings.network(),
        freshness: Freshness::Remembered,
        now: app.clock.now(),
    };
    let is_gone = AtomicBool::new(false);
    let never = crossbeam_channel::never::<()>();
    let pause = |longest: Duration| {
        if !longest.is_zero() {
            let _ = never.recv_timeout(longest);
        }
        is_gone.load(Ordering::Relaxed)
    };
    let mut so_far = SoFar::default();
    let mut say = |progress: Progress| {
        if tell(progress).is_break() {
            is_gone.store(true, Ordering::Relaxed);
        }
    };
    let pulled = pull(&order, &pause, &mut |event| {
        if let Some(progress) = so_far.progress(event, app.clock.instant()) {
            say(progress);
        }
    })?;
    drop(pulled);
    for status in ["verifying sha256 digest", "writing manifest", SUCCESS] {
        say(Progress { status: status.to_owned(), ..Progress::default() });
    }
    Ok(())
}

/// How much has come.
#[derive(Default)]
struct SoFar {
    revision: String,
    total: Option<u64>,
    completed: u64,
    told: Option<Instant>,
}

impl SoFar {
    fn progress(&mut self, event: PullEvent, now: Instant) -> Option<Progress> {
        match event {
            PullEvent::Started { revision, bytes, .. } => {
                self.revision = revision;
                self.total = bytes;
                return Some(Progress { status: "pulling manifest".to_owned(), ..Progress::default() });
            }
            PullEvent::Bytes(bytes) => {
                self.completed = self.completed.saturating_add_signed(bytes);
                if self.told.is_some_and(|told| now.saturating_duration_since(told) < BEAT) {
                    return None;
                }
                self.told = Some(now);
            }
            PullEvent::File(_) => {}
            PullEvent::Waiting { why, wait } => {
                let status = format!("{why}; trying again in {:.1} s", wait.as_secs_f64());
                return Some(Progress { status, ..Progress::default() });
            }
        }
        let short: String = self.revision.chars().take(12).collect();
        Some(Progress {
            status: format!("pulling {short}"),
            digest: Some(self.revision.clone()),
            total: self.total,
            completed: Some(self.completed),
        })
    }
}

pub(super) fn read(body: &[u8]) -> talk::Result<(String, bool)> {
    let mut fields = Fields::read(body)?;
    let name = model(&mut fields)?;
    let streams = fields.flag("stream")?.unwrap_or(true);
    fields.flag("insecure")?;
    let what = "`docent` answers from the documents that are here, and is not brought from anywhere";
    Ok((Asked::model(&name, what, "name a model of the catalogue")?, streams))
}

schemas! {
    /// A model that the catalogue knows.
    PullRequest = (named(json!({
        "type": "object",
        "properties": {"stream": {"type": ["boolean", "null"]}, "insecure": {"type": ["boolean", "null"]}}
    })));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::talk::fields_are_read;

    #[test]
    fn every_field_of_the_schema_is_read() {
        fields_are_read::<PullRequest>(&json!({"model": "m"}), &|sent| read(sent.to_string().as_bytes()).is_ok());
        assert!(read(json!({"model": "docent"}).to_string().as_bytes()).is_err());
    }
}
