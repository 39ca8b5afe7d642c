//! For the command line of whoever owns the data folder: it names paths on this machine, and the server reads them. To everybody
//! else these addresses are not there.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};

use super::app::App;
use super::body::Body;
use super::guard::Owner;
use super::problem::Problem;
use super::sse;
use super::worker::Lane;
use crate::assistant::{self, AddEvent, AddOptions, Depth, Outcome};
use crate::domain::CollectionName;
use crate::fault::{Fault, Result};
use crate::library::Snapshot;
use crate::wire::{AddEventJson, AddPathsJson, DocumentJson, FailedJson, FindJson, FoundJson, ReportJson};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/add", post(add)).route("/find", post(find))
}

async fn add(State(app): State<App>, _: Owner, Body(asked): Body<AddPathsJson>) -> Result<Response, Problem> {
    let collection = asked.collection.as_deref().map(CollectionName::new).transpose();
    let collection = collection.map_err(|error| Fault::caller("bad_collection", error.to_string()))?;
    let options = AddOptions {
        depth: if asked.recursive { Depth::All } else { Depth::Direct },
        ..app.settings.adding(collection, app.engines.clone())
    };
    let inner = app.clone();
    let work = move |tell: &mut dyn FnMut(AddEventJson) -> std::ops::ControlFlow<()>| {
        let paths: Vec<PathBuf> = asked.paths.iter().map(PathBuf::from).collect();
        let stop = AtomicBool::new(false);
        let mut progress = |event: AddEvent<'_>| {
            if tell(told(&event)).is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        };
        let add = if asked.sync { assistant::sync } else { assistant::add };
        let mut report = add(&inner.library, &paths, &options, inner.clock.as_ref(), &mut progress, &stop)?;
        inner.log_troubles();
        match report.broken.take() {
            Some(fault) => Err(fault),
            None => {
                let _ = tell(AddEventJson::Report { report: ReportJson::from(&report) });
                Ok(())
            }
        }
    };
    let events = app.worker.stream(Lane::Change, work).await?;
    Ok(sse::stream(events, |event| match event {
        Ok(event) => Some(sse::event("add", &event)),
        Err(fault) => Some(sse::error(&fault)),
    }))
}

fn told(event: &AddEvent<'_>) -> AddEventJson {
    match event {
        AddEvent::Started { files, bytes } => AddEventJson::Started { files: *files, bytes: *bytes },
        AddEvent::Done { path, bytes, outcome } => {
            let outcome = match outcome {
                Outcome::Added => "added",
                Outcome::Updated => "updated",
                Outcome::Unchanged => "unchanged",
                Outcome::Renamed => "renamed",
                Outcome::Removed => "removed",
            };
            AddEventJson::Done { path: path.display().to_string(), bytes: *bytes, outcome: outcome.to_owned() }
        }
        AddEvent::Failed { path, bytes, fault } => {
            AddEventJson::Failed { bytes: *bytes, what: FailedJson::new(path.display().to_string(), fault) }
        }
        AddEvent::Embedded { passages } => AddEventJson::Embedded { passages: *passages },
        AddEvent::Publishing => AddEventJson::Publishing,
    }
}

async fn find(State(app): State<App>, _: Owner, Body(asked): Body<FindJson>) -> Result<Json<FoundJson>, Problem> {
    let paths: Vec<String> = asked.paths;
    let typed: Arc<str> = asked.typed.into();
    let look = move |snapshot: &Snapshot| {
        let found = assistant::documents_meant(snapshot, &typed, &paths)?;
        Ok(FoundJson { documents: found.iter().map(DocumentJson::from).collect() })
    };
    Ok(Json(app.read(look).await?))
}
