//! OpenAI's dialect: chats, completions, embeddings and the list of models, for clients that were written for it.

mod base64;
mod chat;
mod chat_request;
mod completion_request;
mod embedding_request;
mod embeddings;
mod form;
mod messages;
mod models;
mod options;
mod shapes;

use axum::Router;
use axum::routing::{get, post};
use utoipa::OpenApi;

use super::app::App;
use super::talk::Refused;

#[derive(OpenApi)]
#[openapi(
    paths(models::list, models::one, chat::chat, chat::completion, embeddings::embeddings),
    components(schemas(shapes::OpenAiError, shapes::ChatChunk))
)]
struct Api;

/// Its description.
pub(super) fn api() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// Every reader of bodies, for `fuzz/`; what they refuse.
pub(super) fn fuzzed(body: &[u8]) -> Vec<Refused> {
    let refused =
        [chat_request::read(body).err(), completion_request::read(body).err(), embedding_request::read(body).err()];
    refused.into_iter().flatten().collect()
}

/// Its addresses.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/models", get(models::list))
        .route("/models/{*model}", get(models::one))
        .route("/chat/completions", post(chat::chat))
        .route("/completions", post(chat::completion))
        .route("/embeddings", post(embeddings::embeddings))
}
