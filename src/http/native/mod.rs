//! docent's own dialect, under `/rag/v1`.

mod ahead;
mod ask;
mod cache;
mod collections;
mod context;
mod documents;
mod jobs;
mod put;
mod search;
mod stats;
mod topics;
mod upload;
mod words;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use utoipa::OpenApi;

use self::ahead::OneOfTwo;
use super::app::App;
use crate::wire::NameJson;

pub(super) use self::upload::PREFIX as UPLOAD_PREFIX;
pub(super) use self::words::fuzzed;

#[derive(OpenApi)]
#[openapi(paths(
    ask::ask,
    search::search,
    context::context,
    documents::add,
    documents::list,
    documents::get,
    documents::text,
    documents::remove,
    jobs::get,
    collections::list,
    collections::get,
    collections::put,
    collections::remove,
    stats::stats,
    topics::list,
    topics::get,
    topics::put,
    topics::remove,
    ahead::prefetch,
    ahead::warm_up,
    cache::status,
    cache::perform,
    cache::metrics,
    cache::health,
    cache::config,
    cache::entries,
    cache::entry,
    cache::clear,
    cache::change
), components(schemas(NameJson)), modifiers(&OneOfTwo))]
struct Api;

/// Its description.
pub(super) fn api() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// Its addresses.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/ask", post(ask::ask))
        .route("/search", post(search::search))
        .route("/context", post(context::context))
        .route("/documents", get(documents::list).post(documents::add))
        .route("/documents/{id}", get(documents::get).delete(documents::remove))
        .route("/documents/{id}/text", get(documents::text))
        .route("/jobs/{id}", get(jobs::get))
        .route("/collections", get(collections::list))
        .route("/collections/{name}", get(collections::get).put(collections::put).delete(collections::remove))
        .route("/stats", get(stats::stats))
        .route("/topics", get(topics::list))
        .route("/topics/{name}", get(topics::get).put(topics::put).delete(topics::remove))
        .route("/prefetch", post(ahead::prefetch))
        .route("/cache/status", get(cache::status))
        .route("/cache/performance", get(cache::perform))
        .route("/cache/metrics", get(cache::metrics))
        .route("/cache/health", get(cache::health))
        .route("/cache/config", get(cache::config).post(cache::change))
        .route("/cache/entries", get(cache::entries))
        .route("/cache/entries/{key}", get(cache::entry))
        .route("/cache/clear", post(cache::clear))
        .route("/cache/warm-up", post(ahead::warm_up))
        // Bodies are counted where they are read.
        .layer(DefaultBodyLimit::disable())
}
