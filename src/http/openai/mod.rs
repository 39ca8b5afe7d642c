//! OpenAI's dialect.

use axum::Router;

use crate::http::app::App;

/// Its addresses.
pub(super) fn routes() -> Router<App> {
    Router::new()
}
