//! Which matrices are in memory, and how a snapshot gets the one of its own revision.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::matrix::Matrix;
use crate::library::rows::EmbedderRow;
use crate::library::view::View;

type Stored<T> = Result<T, redb::Error>;

/// Of a whole library: the latest matrix of each embedder, for later revisions to begin from.
#[derive(Default)]
pub(in crate::library) struct Shelf {
    latest: Mutex<HashMap<u32, Arc<Matrix>>>,
    /// Documents whose vectors changed since the library was opened, and the last revision that did it. Nobody else can
    /// have changed any: who writes has the file for himself.
    touched: Mutex<HashMap<u64, u64>>,
}

/// Of one snapshot: what was asked for so far.
#[derive(Default)]
pub(in crate::library) struct Matrices(Mutex<HashMap<u32, Arc<Matrix>>>);

impl Shelf {
    /// Said before anybody can have a snapshot of that revision.
    pub(in crate::library) fn touch(&self, revision: u64, documents: &[u64]) {
        lock(&self.touched).extend(documents.iter().map(|&document| (document, revision)));
    }

    /// Lets go of the matrices of embedders that are no longer there.
    pub(in crate::library) fn keep(&self, embedders: &[(String, EmbedderRow)]) {
        lock(&self.latest).retain(|number, _| embedders.iter().any(|(_, row)| row.number == *number));
    }

    /// One search waits for another that loads the same: both need all of it.
    fn matrix(&self, view: &View, embedder: &EmbedderRow) -> Stored<Arc<Matrix>> {
        let mut latest = lock(&self.latest);
        let revision = view.meta.revision;
        let matrix = match latest.get(&embedder.number) {
            Some(matrix) if matrix.revision == revision => return Ok(Arc::clone(matrix)),
            Some(matrix) => matrix.derive(view, embedder, &self.touched_since(matrix.revision.min(revision)))?,
            None => Matrix::load(view, embedder)?,
        };
        let matrix = Arc::new(matrix);
        if latest.get(&embedder.number).is_none_or(|latest| latest.revision < revision) {
            latest.insert(embedder.number, Arc::clone(&matrix));
        }
        Ok(matrix)
    }

    fn touched_since(&self, revision: u64) -> BTreeSet<u64> {
        lock(&self.touched).iter().filter(|&(_, &last)| last > revision).map(|(&document, _)| document).collect()
    }
}

impl Matrices {
    pub(super) fn get(&self, shelf: &Shelf, view: &View, embedder: &EmbedderRow) -> Stored<Arc<Matrix>> {
        if let Some(matrix) = lock(&self.0).get(&embedder.number) {
            return Ok(Arc::clone(matrix));
        }
        let matrix = shelf.matrix(view, embedder)?;
        lock(&self.0).insert(embedder.number, Arc::clone(&matrix));
        Ok(matrix)
    }
}

/// Both maps are whole whenever a panic can happen.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
