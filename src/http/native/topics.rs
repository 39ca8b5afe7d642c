//! `/rag/v1/topics`: names for what will be asked.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::words::collection;
use crate::assistant::Topic;
use crate::fault::Result;
use crate::http::app::App;
use crate::http::body::Body;
use crate::http::problem::Problem;
use crate::http::worker::Lane;
use crate::wire::{NameJson, TopicInJson, TopicJson, TopicsJson};

/// Lists the topics, in the order of the course
#[utoipa::path(get, path = "/topics", tag = "topics", responses((status = 200, body = TopicsJson)))]
pub(in crate::http) async fn list(State(app): State<App>) -> Result<Json<TopicsJson>, Problem> {
    let inner = app.clone();
    let work = move || Ok(inner.topics.list()?.iter().map(TopicJson::from).collect());
    Ok(Json(TopicsJson { topics: app.worker.run(Lane::Quick, work).await? }))
}

/// One topic
#[utoipa::path(get, path = "/topics/{name}", tag = "topics", params(("name" = NameJson, Path)), responses((status = 200, body = TopicJson)))]
pub(in crate::http) async fn get(State(app): State<App>, Path(name): Path<String>) -> Result<Json<TopicJson>, Problem> {
    let inner = app.clone();
    let work = move || Ok(TopicJson::from(&inner.topics.get(&name)?));
    Ok(Json(app.worker.run(Lane::Quick, work).await?))
}

/// Makes a topic, or changes it
#[utoipa::path(put, path = "/topics/{name}", tag = "topics", params(("name" = NameJson, Path)), request_body = TopicInJson,
    responses((status = 201, body = TopicJson), (status = 200, body = TopicJson, description = "It was there")))]
pub(in crate::http) async fn put(
    State(app): State<App>,
    Path(name): Path<String>,
    Body(asked): Body<TopicInJson>,
) -> Result<(StatusCode, Json<TopicJson>), Problem> {
    let collection = collection(asked.collection.as_deref())?;
    let topic = Topic { name, query: asked.query, collection, k: asked.k };
    let inner = app.clone();
    let work = move || {
        let told = TopicJson::from(&topic);
        let status = if inner.topics.set(topic)? { StatusCode::CREATED } else { StatusCode::OK };
        Ok((status, Json(told)))
    };
    Ok(app.worker.run(Lane::Change, work).await?)
}

/// Removes a topic
#[utoipa::path(delete, path = "/topics/{name}", tag = "topics", params(("name" = NameJson, Path)),
    responses((status = 200, body = TopicJson, description = "What it was")))]
pub(in crate::http) async fn remove(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Json<TopicJson>, Problem> {
    let inner = app.clone();
    let work = move || {
        let told = TopicJson::from(&inner.topics.get(&name)?);
        inner.topics.remove(&name)?;
        Ok(told)
    };
    Ok(Json(app.worker.run(Lane::Change, work).await?))
}
