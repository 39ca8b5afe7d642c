//! `POST /rag/v1/context`: passages ready to stand before a model of the client's own.

use axum::Json;
use axum::extract::State;

use super::search::query;
use crate::assistant;
use crate::fault::Result;
use crate::http::app::App;
use crate::http::body::Body;
use crate::http::problem::Problem;
use crate::wire::{ContextJson, QueryJson};

/// Finds passages and puts them into one text, ready to stand before a model
#[utoipa::path(post, path = "/context", tag = "questions", request_body = QueryJson,
    responses((status = 200, body = ContextJson)))]
pub(in crate::http) async fn context(
    State(app): State<App>,
    Body(asked): Body<QueryJson>,
) -> Result<Json<ContextJson>, Problem> {
    let passages = app.context(query(asked, &app)?).await?;
    let (context, citations) = assistant::context(&passages);
    Ok(Json(ContextJson { context, citations: citations.iter().map(Into::into).collect() }))
}
