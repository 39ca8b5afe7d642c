//! Server-sent events: what is told, as it is told, and a sign of life in between.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio_stream::{Stream, StreamExt};
use utoipa::ToSchema;

use super::problem::Dialect;
use crate::fault::{Fault, Result};

/// A server-sent event, as it comes to clients.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventJson {
    /// Its name; `message` where it has none.
    event: String,
    /// JSON, of a shape that belongs to the event's name.
    #[schema(content_media_type = "application/json")]
    data: String,
}

/// Said where nothing else is, so that proxies and clients keep the connection.
const BEAT: Duration = Duration::from_secs(10);

/// An event with a name and a JSON value.
pub(super) fn event(name: &'static str, value: &impl Serialize) -> Event {
    // A value of ours always becomes JSON.
    Event::default().event(name).data(serde_json::to_string(value).unwrap_or_default())
}

/// The `error` that ends a native stream.
pub(super) fn error(fault: &Fault) -> Event {
    event("error", &Dialect::Native.error(fault))
}

/// `words` says what an event is in the dialect; `None` where it is not said.
pub(super) fn stream<E: Send + 'static>(
    told: impl Stream<Item = Result<E>> + Send + 'static,
    words: impl FnMut(Result<E>) -> Option<Event> + Send + 'static,
) -> Response {
    let events = told.filter_map(words).map(Ok::<_, Infallible>);
    Sse::new(events).keep_alive(KeepAlive::new().interval(BEAT)).into_response()
}
