//! What was sent becomes documents: at once, or as a job.

use std::sync::atomic::AtomicBool;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::upload::Upload;
use crate::assistant::{self, Kept, Outcome, Sent};
use crate::domain::CollectionName;
use crate::fault::{Fault, Result};
use crate::http::app::App;
use crate::http::jobs::Job;
use crate::http::meters::Stage;
use crate::http::worker::Lane;
use crate::wire::{AddedAnyJson, AddedJson, DocumentJson, FailedJson};

/// One file is answered with its document; several with all of theirs, and what failed.
pub(super) async fn now(app: &App, sent: Vec<Sent>, collection: Option<CollectionName>) -> Result<Response> {
    let inner = app.clone();
    let work = move || {
        let names: Vec<String> = sent.iter().map(|sent| sent.source.clone()).collect();
        let kept = keep(&inner, sent, collection, &mut |_| {})?;
        answer(&inner, &names, kept)
    };
    app.worker.run(Lane::Change, work).await
}

fn answer(app: &App, names: &[String], kept: Vec<Result<Kept>>) -> Result<Response> {
    let snapshot = app.library.snapshot();
    let (mut documents, mut failed, mut first_fault) = (Vec::new(), Vec::new(), None);
    let mut status = StatusCode::OK;
    for (name, kept) in names.iter().zip(kept) {
        match kept {
            Ok(kept) => {
                if kept.outcome == Outcome::Added {
                    status = StatusCode::CREATED;
                }
                // Somebody else may have removed it since.
                documents.extend(snapshot.document(&kept.id)?.as_ref().map(DocumentJson::from));
            }
            Err(fault) => {
                failed.push(FailedJson::new(name, &fault));
                first_fault.get_or_insert(fault);
            }
        }
    }
    match (first_fault, documents.len()) {
        (Some(fault), 0) => Err(fault),
        (None, 1) if names.len() == 1 => {
            Ok((status, Json(AddedAnyJson::One(Box::new(documents.remove(0))))).into_response())
        }
        _ => Ok((status, Json(AddedAnyJson::Several(AddedJson { documents, failed }))).into_response()),
    }
}

/// The job's name.
pub(super) fn later(app: &App, upload: Upload) -> Result<String> {
    let job = app.jobs.begin(upload.sent.len() as u64)?;
    let id = job.id();
    let app = app.clone();
    tokio::spawn(async move {
        let inner = app.clone();
        let work = move || {
            work_at(&inner, job, &upload);
            Ok(())
        };
        // A job that finds no place was dropped, and says so itself.
        let _ = app.worker.later(Lane::Change, work).await;
    });
    Ok(id)
}

fn work_at(app: &App, job: Job, upload: &Upload) {
    job.advance(0);
    let kept = keep(app, upload.sent.clone(), upload.collection.clone(), &mut |done| job.advance(done));
    match kept {
        Err(fault) => job.fail(fault.what, Vec::new()),
        Ok(kept) => {
            let documents = kept.iter().flatten().map(|kept| kept.id.to_string()).collect();
            let faults: Vec<&str> =
                kept.iter().filter_map(|kept| kept.as_ref().err()).map(|f| f.what.as_str()).collect();
            if faults.is_empty() { job.finish(documents) } else { job.fail(faults.join("; "), documents) }
        }
    }
}

fn keep(
    app: &App,
    sent: Vec<Sent>,
    collection: Option<CollectionName>,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Result<Kept>>> {
    let began = app.clock.instant();
    let count = sent.len();
    let options = app.settings.adding(collection, app.engines.clone());
    let stop: &AtomicBool = &app.is_ending;
    let kept = assistant::put(&app.library, sent, &options, app.clock.as_ref(), progress, stop)?;
    app.log_troubles();
    app.meters.took(Stage::Add, app.clock.instant().saturating_duration_since(began));
    if kept.len() < count {
        return Err(Fault::busy("server_ending", "the server is ending").hint("send it again when it is back"));
    }
    Ok(kept)
}
