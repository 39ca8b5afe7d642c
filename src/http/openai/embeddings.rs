//! `POST /v1/embeddings`.

use axum::Json;
use axum::extract::{Request, State};

use super::base64::numbers;
use super::embedding_request::{self, EmbeddingRequest};
use super::shapes::{EmbeddingItem, EmbeddingUsage, Embeddings, Numbers};
use crate::http::app::App;
use crate::http::body;
use crate::http::guard::Caller;
use crate::http::problem::Problem;
use crate::http::talk::vectors;

/// As many texts as are taken at once, of a page each.
const LARGEST: usize = 16 << 20;

/// Texts as vectors
#[utoipa::path(
    post,
    path = "/embeddings",
    tag = "OpenAI",
    request_body = EmbeddingRequest,
    responses(
        (status = 200, body = Embeddings, description = "A vector for each text, in order"),
    )
)]
pub(in crate::http) async fn embeddings(
    State(app): State<App>,
    _: Caller,
    request: Request,
) -> Result<Json<Embeddings>, Problem> {
    let call = embedding_request::read(&body::read(request, LARGEST).await?)?;
    let made = vectors(&app, call.texts).await?;
    let number = |vector: Vec<f32>| match call.is_base64 {
        true => Numbers::Base64(numbers(&vector)),
        false => Numbers::List(vector),
    };
    let item = |(index, vector)| EmbeddingItem { object: "embedding", index, embedding: number(vector) };
    let data = made.vectors.into_iter().enumerate().map(item).collect();
    let usage = EmbeddingUsage { prompt_tokens: made.tokens, total_tokens: made.tokens };
    Ok(Json(Embeddings { object: "list", data, model: made.model, usage }))
}
