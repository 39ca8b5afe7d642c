//! `POST /api/pull`: a model from the hub, told as it comes. The only call that ever opens a connection to another machine,
//! and with `offline` it does not either.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio_stream::wrappers::ReceiverStream;

use super::form::line;
use super::options::{model, named};
use super::pulls::{Hears, Tells};
use super::shapes::Progress;
use super::write::LINES;
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::body;
use crate::http::guard::Administrator;
use crate::http::problem::{Dialect, Problem};
use crate::http::talk::{self, Asked, Fields, schemas};
use crate::http::worker::Lane;
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
    let mut told = begin(&app, &name)?;
    let first = match told.next().await {
        Some(first) => first,
        // It had come to its end when we began to listen.
        None => {
            told = begin(&app, &name)?;
            told.next().await.unwrap_or_else(|| Err(ended()))
        }
    };
    // An unknown name, or no network, is no stream.
    let first = first?;
    if streams {
        let lines = Lines { first: Some(first), told };
        return Ok(([(CONTENT_TYPE, LINES), (CACHE_CONTROL, "no-cache")], lines.body()).into_response());
    }
    Ok(Json(last(first, told).await?).into_response())
}

/// Brings it, unless it is on its way already.
fn begin(app: &App, name: &str) -> Result<Hears> {
    let (hears, tells) = app.pulls.join(name)?;
    let Some(tells) = tells else { return Ok(hears) };
    if app.worker.load(Lane::Pull).work > 0 {
        let status = "waiting for another model that is being brought".to_owned();
        let _ = tells.tell(Progress { status, ..Progress::default() });
    }
    let (own, name) = (app.clone(), name.to_owned());
    tokio::spawn(async move {
        let tells = Arc::new(tells);
        let (inner, its) = (own.clone(), Arc::clone(&tells));
        if let Err(fault) = own.worker.later(Lane::Pull, move || bring_it(&inner, &name, &its)).await {
            tells.fail(fault);
        }
    });
    Ok(hears)
}

/// What is told, as the body of a response.
struct Lines {
    first: Option<Progress>,
    told: Hears,
}

impl Lines {
    fn body(mut self) -> Body {
        let (sender, lines) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            let mut said = self.first.take().map(Ok);
            loop {
                let line = match &said {
                    Some(Ok(progress)) => line(progress),
                    Some(Err(fault)) => line(&Dialect::Ollama.error(fault)),
                    None => return,
                };
                if sender.send(Ok::<_, std::convert::Infallible>(Bytes::from(line))).await.is_err() {
                    return;
                }
                said = tokio::select! {
                    next = self.told.next() => next,
                    () = sender.closed() => return,
                };
            }
        });
        Body::from_stream(ReceiverStream::new(lines))
    }
}

async fn last(mut last: Progress, mut told: Hears) -> Result<Progress> {
    while let Some(event) = told.next().await {
        last = event?;
    }
    if last.status == SUCCESS { Ok(last) } else { Err(ended()) }
}

fn ended() -> Fault {
    Fault::busy("server_ending", "docent is being ended").hint("ask again when it is back; what has come is kept")
}

const SUCCESS: &str = "success";

fn bring_it(app: &App, name: &str, tells: &Tells) -> Result<()> {
    let is_left = || !tells.is_heard() || app.is_ending.load(Ordering::Relaxed);
    if is_left() {
        return Ok(());
    }
    let data_dir = &app.settings.data_dir.value;
    let entry = Catalogue::load(data_dir)?.named(name)?.clone();
    let order = Order {
        shelf: Shelf::open(data_dir),
        entry,
        network: app.settings.network(),
        freshness: Freshness::Remembered,
        now: app.clock.now(),
    };
    let never = crossbeam_channel::never::<()>();
    let pause = |longest: Duration| {
        if !longest.is_zero() {
            let _ = never.recv_timeout(longest);
        }
        is_left()
    };
    let mut so_far = SoFar::default();
    let pulled = pull(&order, &pause, &mut |event| {
        if let Some(progress) = so_far.progress(event, app.clock.instant()) {
            let _ = tells.tell(progress);
        }
    })?;
    drop(pulled);
    for status in ["verifying sha256 digest", "writing manifest", SUCCESS] {
        let _ = tells.tell(Progress { status: status.to_owned(), ..Progress::default() });
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
