//! The library: open here, or with a running server that has it open. What is asked of it is the same.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::desk::Desk;
use super::through::Server;
use crate::assistant::{self, Engines, Query, Question};
use crate::clock::Clock;
use crate::domain::{Answer, CollectionName, Document, DocumentId, Event, Passage};
use crate::fault::{Fault, Result};
use crate::library::{LibraryError, Snapshot};

#[derive(Debug)]
pub(super) enum Reach {
    Here(Arc<Snapshot>),
    There(Server),
}

impl Desk<'_> {
    /// To read.
    pub(super) fn reach(&self) -> Result<Reach> {
        match self.snapshot() {
            Ok(snapshot) => Ok(Reach::Here(snapshot)),
            Err(error) => self.through(error).map(Reach::There),
        }
    }

    /// The server, where it is what has the library open.
    pub(super) fn through(&self, error: LibraryError) -> Result<Server> {
        let is_open_elsewhere = matches!(error, LibraryError::InUse { .. });
        let server = is_open_elsewhere.then(|| Server::find(&self.settings.data_dir.value)).flatten();
        if server.is_some() {
            tracing::info!("a running server has the library open: it is asked instead");
        }
        server.ok_or_else(|| error.into())
    }
}

impl Reach {
    pub(super) fn ask(
        &self,
        engines: &Engines,
        question: &Question,
        clock: &dyn Clock,
        listener: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<Answer> {
        match self {
            Reach::Here(snapshot) => assistant::ask(snapshot, engines, question, clock, listener),
            Reach::There(server) => server.ask(question, listener),
        }
    }

    pub(super) fn search(&self, engines: &Engines, query: &Query) -> Result<Vec<Passage>> {
        match self {
            Reach::Here(snapshot) => assistant::search(snapshot, engines, query),
            Reach::There(server) => server.search(query),
        }
    }

    pub(super) fn is_empty(&self) -> Result<bool> {
        match self {
            Reach::Here(snapshot) => Ok(snapshot.document_count()? == 0),
            Reach::There(server) => Ok(server.documents(None)?.is_empty()),
        }
    }

    /// Of a collection that is there, or all.
    pub(super) fn documents(&self, collection: Option<&CollectionName>) -> Result<Vec<Document>> {
        match self {
            Reach::Here(snapshot) => {
                if let Some(collection) = collection {
                    must_exist(snapshot, collection)?;
                }
                Ok(snapshot.documents(collection)?)
            }
            Reach::There(server) => server.documents(collection),
        }
    }

    pub(super) fn text(&self, id: &DocumentId) -> Result<String> {
        match self {
            Reach::Here(snapshot) => Ok(snapshot.text(id)?.unwrap_or_default()),
            Reach::There(server) => server.document_text(id),
        }
    }

    /// What a person means by an id, the beginning of one, a source, or the path of a file.
    pub(super) fn find_one(&self, typed: &str) -> Result<Document> {
        // Files are known by their absolute paths; a file that is gone has no other.
        let path = std::path::absolute(typed).unwrap_or_default();
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let paths = [real, path].map(|path| path.to_string_lossy().into_owned()).to_vec();
        let mut found = match self {
            Reach::Here(snapshot) => assistant::documents_meant(snapshot, typed, &paths)?,
            Reach::There(server) => server.meant(typed, paths)?,
        };
        match found.len() {
            0 => Err(Fault::caller("no_such_document", format!("there is no document {typed:?}"))
                .hint("`docent list` shows every document with its id and its source")),
            1 => Ok(found.remove(0)),
            _ => {
                let ids: Vec<String> =
                    found.iter().take(5).map(|document| format!("{} ({})", document.id, document.collection)).collect();
                Err(Fault::caller("ambiguous_document", format!("{typed:?} stands for {} documents", found.len()))
                    .hint(format!("name one of them by its id: {}", ids.join(", "))))
            }
        }
    }
}

/// A collection's name that was typed wrong would otherwise look like an empty collection.
pub(super) fn must_exist(snapshot: &Snapshot, collection: &CollectionName) -> Result<()> {
    if snapshot.has_collection(collection) {
        return Ok(());
    }
    let names: Vec<String> = snapshot.collections()?.into_iter().map(|found| found.name.to_string()).collect();
    let hint = if names.is_empty() {
        "there are no documents yet; `docent add PATH --collection NAME` makes a collection".to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    };
    Err(Fault::caller("no_such_collection", format!("there is no collection {collection}")).hint(hint))
}
