//! The server: every address on this page. Three dialects of one stream of events, and what keeps it all running.
//!
//! Handlers are async and only speak HTTP; what docent does happens on threads, through [`worker`], the only crossing.

mod app;
mod body;
mod guard;
mod journeys;
mod meters;
mod native;
mod ollama;
mod openai;
mod ops;
mod problem;
mod serve;
mod sse;
mod worker;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use self::app::App;

pub use self::serve::{Serving, Started, serve};

fn router(app: &App) -> Router {
    let native = Router::new().route("/ask", post(native::ask)).route("/search", post(native::search));
    Router::new()
        .nest("/rag/v1", native)
        .nest("/v1", openai::routes())
        .nest("/api", ollama::routes())
        .route("/health", get(ops::health))
        .layer(from_fn_with_state(app.clone(), guard::pass))
        .with_state(app.clone())
}
