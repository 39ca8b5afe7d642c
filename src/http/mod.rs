//! The server: every address on this page. Three dialects of one stream of events, and what keeps it all running.
//!
//! Handlers are async and only speak HTTP; what docent does happens on threads, through `worker`, the only crossing.
//!
//! - `/rag/v1`: docent's own: `ask`, `search`, `context`, `documents`, `jobs`, `collections`, `topics`, `prefetch`, `cache`, `stats` (`native`)
//! - `/v1`: OpenAI's (`openai`); `/api`: Ollama's (`ollama`)
//! - `/health`, `/ready`, `/metrics`, `/openapi.json`, `/docs`, `/style.css`, `/` (`ops`)
//! - `/local`: the command line of whoever owns the data folder (`local`)

mod app;
mod body;
#[doc(hidden)]
pub mod fuzzed;
mod guard;
mod jobs;
mod journeys;
mod local;
mod meters;
mod native;
mod ollama;
mod openai;
mod ops;
mod problem;
mod serve;
mod sse;
mod talk;
mod worker;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use self::app::App;

pub use self::serve::{Manager, Serving, Started, listener_on_stdin, serve};

#[cfg(test)]
mod tests;

fn router(app: &App) -> Router {
    Router::new()
        .nest("/rag/v1", native::routes())
        .nest("/v1", openai::routes())
        .nest("/api", ollama::routes())
        .nest("/local", local::routes())
        .route("/health", get(ops::health))
        .route("/ready", get(ops::ready))
        .route("/metrics", get(ops::metrics))
        .route("/openapi.json", get(ops::openapi))
        .route("/docs", get(ops::docs))
        .route("/style.css", get(ops::style))
        .route("/", get(ops::page))
        .layer(from_fn_with_state(app.clone(), guard::pass))
        .with_state(app.clone())
}
