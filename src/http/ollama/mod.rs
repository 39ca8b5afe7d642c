//! Ollama's dialect.

use axum::Router;

use crate::http::app::App;

/// Its addresses.
pub(super) fn routes() -> Router<App> {
    Router::new()
}

/// Its description.
pub(super) fn api() -> utoipa::openapi::OpenApi {
    utoipa::openapi::OpenApi::default()
}
