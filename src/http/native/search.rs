//! `POST /rag/v1/search`: the passages that fit a query best.

use axum::Json;
use axum::extract::State;

use super::words::collection;
use crate::assistant::Query;
use crate::fault::Result;
use crate::http::app::App;
use crate::http::body::Body;
use crate::http::problem::Problem;
use crate::wire::{PassageJson, PassagesJson, QueryJson};

/// Finds passages, best first
#[utoipa::path(post, path = "/search", tag = "questions", request_body = QueryJson,
    responses((status = 200, body = PassagesJson)))]
pub(in crate::http) async fn search(
    State(app): State<App>,
    Body(asked): Body<QueryJson>,
) -> Result<Json<PassagesJson>, Problem> {
    let passages = app.search(query(asked, &app)?).await?;
    Ok(Json(PassagesJson { passages: PassageJson::list(&passages) }))
}

pub(super) fn query(asked: QueryJson, app: &App) -> Result<Query> {
    let set = app.settings.query(asked.query);
    Ok(Query {
        collection: collection(asked.collection.as_deref())?,
        k: asked.k.unwrap_or(set.k),
        mode: asked.mode.map_or(set.mode, Into::into),
        ..set
    })
}
