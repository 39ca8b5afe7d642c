//! Ollama's dialect: prompts, chats, embeddings and the shelf, for clients that were written for it.

mod embed;
mod form;
mod options;
mod pull;
mod pulls;
mod requests;
mod shapes;
mod shelf;
mod write;

use axum::Router;
use axum::routing::{delete, get, post};
use utoipa::OpenApi;

use super::app::App;
use super::talk::Refused;

pub(super) use self::pulls::Pulls;

#[derive(OpenApi)]
#[openapi(
    paths(
        shelf::version,
        shelf::tags,
        shelf::ps,
        shelf::show,
        shelf::delete,
        pull::bring,
        write::generate,
        write::chat,
        embed::embed,
        embed::embeddings
    ),
    components(schemas(shapes::OllamaError))
)]
struct Api;

/// Its description.
pub(super) fn api() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// Every reader of bodies, for `fuzz/`; what they refuse.
pub(super) fn fuzzed(body: &[u8]) -> Vec<Refused> {
    let refused = [
        requests::generate(body).err(),
        requests::chat(body).err(),
        embed::many(body).err(),
        embed::one(body).err(),
        pull::read(body).err(),
        shelf::name(body).err(),
    ];
    refused.into_iter().flatten().collect()
}

/// Its addresses.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/version", get(shelf::version))
        .route("/tags", get(shelf::tags))
        .route("/ps", get(shelf::ps))
        .route("/show", post(shelf::show))
        .route("/delete", delete(shelf::delete))
        .route("/pull", post(pull::bring))
        .route("/generate", post(write::generate))
        .route("/chat", post(write::chat))
        .route("/embed", post(embed::embed))
        .route("/embeddings", post(embed::embeddings))
}
