//! `GET /rag/v1/jobs/{id}`: how far work has come, now or as it goes on.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;

use crate::http::app::App;
use crate::http::jobs::is_over;
use crate::http::problem::Problem;
use crate::http::sse::{self, EventJson};
use crate::wire::JobJson;

#[derive(Debug, Deserialize, IntoParams)]
pub(in crate::http) struct How {
    /// Server-sent events `progress` until it is over.
    stream: Option<bool>,
}

/// How far a job has come; with `stream` as server-sent events `progress`
#[utoipa::path(get, path = "/jobs/{id}", tag = "documents", params(("id" = String, Path), How),
    responses((status = 200, content((JobJson = "application/json"), (EventJson = "text/event-stream")))))]
pub(in crate::http) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(how): Query<How>,
) -> Result<Response, Problem> {
    if !how.stream.unwrap_or_default() {
        return Ok(Json(app.jobs.get(&id)?).into_response());
    }
    let mut job = app.jobs.watch(&id)?;
    let (sender, events) = mpsc::channel(8);
    tokio::spawn(async move {
        loop {
            let now = job.borrow_and_update().clone();
            let ends = is_over(now.state);
            if sender.send(Ok(now)).await.is_err() || ends {
                break;
            }
            tokio::select! {
                changed = job.changed() => if changed.is_err() { break },
                () = sender.closed() => break,
            }
        }
    });
    Ok(sse::stream(ReceiverStream::new(events), |job| match job {
        Ok(job) => Some(sse::event("progress", &job)),
        Err(fault) => Some(sse::error(&fault)),
    }))
}
