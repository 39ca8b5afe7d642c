//! `/rag/v1/collections`: shelves that are searched by themselves.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::documents::must_exist;
use super::words::named;
use crate::domain::CollectionName;
use crate::fault::Result;
use crate::http::app::App;
use crate::http::problem::Problem;
use crate::http::worker::Lane;
use crate::library::Snapshot;
use crate::wire::{CollectionJson, CollectionsJson, NameJson};

/// Lists the collections
#[utoipa::path(get, path = "/collections", tag = "collections", responses((status = 200, body = CollectionsJson)))]
pub(in crate::http) async fn list(State(app): State<App>) -> Result<Json<CollectionsJson>, Problem> {
    let read = |snapshot: &Snapshot| Ok(snapshot.collections()?.iter().map(CollectionJson::from).collect());
    Ok(Json(CollectionsJson { collections: app.read(read).await? }))
}

/// One collection
#[utoipa::path(get, path = "/collections/{name}", tag = "collections", params(("name" = NameJson, Path)), responses((status = 200, body = CollectionJson)))]
pub(in crate::http) async fn get(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Json<CollectionJson>, Problem> {
    let name = named(&name)?;
    Ok(Json(app.read(move |snapshot| summary(snapshot, &name)).await?))
}

/// Makes a collection, if it is not there
#[utoipa::path(put, path = "/collections/{name}", tag = "collections", params(("name" = NameJson, Path)),
    responses((status = 201, body = CollectionJson), (status = 200, body = CollectionJson, description = "It was there")))]
pub(in crate::http) async fn put(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<CollectionJson>), Problem> {
    let name = named(&name)?;
    let inner = app.clone();
    let work = move || {
        let snapshot = inner.library.snapshot();
        if snapshot.has_collection(&name) {
            return Ok((StatusCode::OK, Json(summary(&snapshot, &name)?)));
        }
        let mut writer = inner.library.begin()?;
        writer.add_collection(&name)?;
        writer.publish()?;
        drop(writer);
        Ok((StatusCode::CREATED, Json(summary(&inner.library.snapshot(), &name)?)))
    };
    Ok(app.worker.run(Lane::Change, work).await?)
}

/// Removes a collection with every document in it
#[utoipa::path(delete, path = "/collections/{name}", tag = "collections", params(("name" = NameJson, Path)),
    responses((status = 200, body = CollectionJson, description = "What it was")))]
pub(in crate::http) async fn remove(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Json<CollectionJson>, Problem> {
    let name = named(&name)?;
    let inner = app.clone();
    let work = move || {
        let gone = summary(&inner.library.snapshot(), &name)?;
        let mut writer = inner.library.begin()?;
        writer.remove_collection(&name)?;
        writer.publish()?;
        Ok(gone)
    };
    Ok(Json(app.worker.run(Lane::Change, work).await?))
}

fn summary(snapshot: &Snapshot, name: &CollectionName) -> Result<CollectionJson> {
    must_exist(snapshot, Some(name))?;
    let found = snapshot.collections()?.into_iter().find(|summary| summary.name == *name);
    let empty = CollectionJson { name: name.to_string(), documents: 0, chunks: 0, bytes: 0 };
    Ok(found.as_ref().map_or(empty, CollectionJson::from))
}
