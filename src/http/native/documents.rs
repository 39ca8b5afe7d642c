//! `/rag/v1/documents`: what comes in, what is there, and what goes.

use axum::Json;
use axum::extract::{FromRequest, Multipart, Path, Query, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::put::{later, now};
use super::upload::{self, Upload};
use super::words::{collection, count, given_source, printable};
use crate::assistant::{Sending, Sent};
use crate::domain::{CollectionName, Document, DocumentId};
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::body;
use crate::http::problem::Problem;
use crate::http::talk::schemas;
use crate::http::worker::Lane;
use crate::library::Snapshot;
use crate::wire::{AcceptedJson, AddedAnyJson, DocumentInJson, DocumentJson, DocumentsJson, ShelfJson};

schemas! {
    /// What a multipart form may hold; other fields are passed over.
    FormJson = {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {
                "anyOf": [
                    {"type": "string", "format": "binary"},
                    {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}
                ],
                "description": "One or several"
            },
            "collection": {"$ref": "#/components/schemas/Shelf"},
            "title": {"type": "string", "description": "Of a single file"}
        },
        "propertyNames": {"type": "string", "pattern": FIELD_NAME}
    };
}

/// The name of a field stands in a header, which has no control characters.
const FIELD_NAME: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$";

/// Larger ones are worked at after the answer.
const AT_ONCE: u64 = 4 << 20;

/// Adds or updates documents: one as JSON text, or files of a multipart form (`file`, `collection`, `title`); large uploads become a job
#[utoipa::path(post, path = "/documents", tag = "documents",
    request_body(content((DocumentInJson = "application/json"), (FormJson = "multipart/form-data"))),
    responses((status = 201, body = AddedAnyJson, description = "It is new"), (status = 200, body = AddedAnyJson, description = "It was there, or is updated"),
        (status = 202, body = AcceptedJson, description = "A job works at it")))]
pub(in crate::http) async fn add(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_form = kind.trim_start().get(..20).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/form-data;"));
    let largest = app.settings.server_upload.value.0;
    let place = app.uploads.try_acquire().map_err(|_| {
        Fault::busy("server_busy", "too many uploads are coming in at once").hint("try again in a moment")
    })?;
    if is_form {
        let form = Multipart::from_request(request, &app).await.map_err(|error| {
            Fault::caller("bad_form", "the multipart form has no boundary")
                .hint("let the client set it")
                .because_of(error)
        })?;
        let upload = upload::receive(form, &app.settings.data_dir.value, largest).await?;
        drop(place);
        if upload.bytes <= AT_ONCE {
            let Upload { sent, collection, .. } = &upload;
            let answer = now(&app, sent.clone(), collection.clone()).await?;
            drop(upload);
            return Ok(answer);
        }
        let id = later(&app, upload)?;
        let mut answer = (StatusCode::ACCEPTED, Json(AcceptedJson { job: id.clone() })).into_response();
        if let Ok(place) = HeaderValue::try_from(format!("/rag/v1/jobs/{id}")) {
            answer.headers_mut().insert(LOCATION, place);
        }
        return Ok(answer);
    }
    let bytes = body::read(request, usize::try_from(largest).unwrap_or(usize::MAX)).await?;
    drop(place);
    let DocumentInJson { source, text, title, collection: named } = body::parse(&bytes)?;
    drop(bytes);
    let sent = Sent { source: given_source(&source)?, title, content: Sending::Text(printable(text)) };
    Ok(now(&app, vec![sent], collection(named.as_deref())?).await?)
}

#[derive(Debug, Deserialize, IntoParams)]
pub(in crate::http) struct Which {
    /// Only those of this collection.
    #[param(value_type = Option<ShelfJson>)]
    collection: Option<String>,
    /// So many at most.
    #[serde(default, deserialize_with = "count")]
    limit: Option<usize>,
    /// Behind so many.
    #[serde(default, deserialize_with = "count")]
    offset: Option<usize>,
}

/// Lists the documents
#[utoipa::path(get, path = "/documents", tag = "documents", params(Which), responses((status = 200, body = DocumentsJson)))]
pub(in crate::http) async fn list(
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Json<DocumentsJson>, Problem> {
    let name = collection(which.collection.as_deref())?;
    let (offset, limit) = (which.offset.unwrap_or_default(), which.limit.unwrap_or(usize::MAX));
    let documents = app
        .read(move |snapshot| {
            must_exist(snapshot, name.as_ref())?;
            let documents = snapshot.documents(name.as_ref())?;
            Ok(documents.iter().skip(offset).take(limit).map(DocumentJson::from).collect())
        })
        .await?;
    Ok(Json(DocumentsJson { documents }))
}

/// One document
#[utoipa::path(get, path = "/documents/{id}", tag = "documents", params(("id" = String, Path)), responses((status = 200, body = DocumentJson)))]
pub(in crate::http) async fn get(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<DocumentJson>, Problem> {
    Ok(Json(app.read(move |snapshot| Ok(DocumentJson::from(&find(snapshot, &id)?))).await?))
}

/// A document's whole text, as it was read
#[utoipa::path(get, path = "/documents/{id}/text", tag = "documents", params(("id" = String, Path)),
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(in crate::http) async fn text(State(app): State<App>, Path(id): Path<String>) -> Result<String, Problem> {
    let read = move |snapshot: &Snapshot| {
        let document = find(snapshot, &id)?;
        snapshot.text(&document.id)?.ok_or_else(|| no_such_document(&id))
    };
    Ok(app.read(read).await?)
}

/// Removes a document
#[utoipa::path(delete, path = "/documents/{id}", tag = "documents", params(("id" = String, Path)),
    responses((status = 200, body = DocumentJson, description = "What it was")))]
pub(in crate::http) async fn remove(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<DocumentJson>, Problem> {
    let library = app.clone();
    let work = move || {
        let document = find(&library.library.snapshot(), &id)?;
        let mut writer = library.library.begin()?;
        let is_gone = writer.remove(&document.id)?;
        writer.publish()?;
        if is_gone { Ok(document) } else { Err(no_such_document(&id)) }
    };
    Ok(Json(DocumentJson::from(&app.worker.run(Lane::Change, work).await?)))
}

fn find(snapshot: &Snapshot, id: &str) -> Result<Document> {
    snapshot.document(&DocumentId::new(id))?.ok_or_else(|| no_such_document(id))
}

fn no_such_document(id: &str) -> Fault {
    Fault::caller("no_such_document", format!("there is no document {id:?}"))
        .hint("`GET /rag/v1/documents` lists every document with its id")
}

pub(super) fn must_exist(snapshot: &Snapshot, collection: Option<&CollectionName>) -> Result<()> {
    match collection {
        Some(name) if !snapshot.has_collection(name) => {
            let fault = Fault::caller("no_such_collection", format!("there is no collection {name}"));
            Err(fault.hint("`GET /rag/v1/collections` lists those that are there"))
        }
        _ => Ok(()),
    }
}
