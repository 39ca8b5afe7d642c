//! How the lexical index gets what it missed: from the log of changes, or from the beginning.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::draft::{Heads, Terms};
use super::error::Result;
use super::lexical::{Index, IndexWriter, Stamp};
use super::open::Writing;
use super::rows::{ChangeRow, DocumentRow, decode};
use super::store::Store;
use super::tables::CHANGES;
use super::transaction::Rank;
use super::view::View;
use crate::text::Analysers;

type Stored<T> = Result<T, redb::Error>;

/// Starts the index's writer, and brings the index to the file's revision.
pub(super) fn catch_up(store: &Store, index: &Index, writing: &mut Writing) -> Result<()> {
    let view = View::open(store.begin_read()?).map_err(|error| store.error(error))?;
    let goal = Stamp { identity: view.meta.identity, revision: view.meta.revision };
    let writer = index.writer(indexing_threads())?;
    writing.index = Some(writer);
    if writing.stamp == goal {
        return Ok(());
    }
    let missed = missed(&view, writing.stamp).map_err(|error| store.error(error))?;
    let writer = writing.index.as_mut().expect("the writer was just made");
    let documents: Vec<u64> = match &missed {
        Some(change) => {
            for &document in change.removed.iter().chain(&change.written) {
                writer.remove(document);
            }
            change.written.clone()
        }
        None => {
            writer.clear()?;
            view.documents()
                .and_then(|documents| documents.map(|entry| Ok(entry?.0)).collect())
                .map_err(|error| store.error(error))?
        }
    };
    if goal.revision > 0 {
        let from = missed.as_ref().map_or(0, |_| writing.stamp.revision);
        tracing::info!(from, to = goal.revision, documents = documents.len(), "the lexical index catches up");
    }
    if let Err(error) = index_all(store, &view, writer, &documents) {
        return Err(writer.cause(error));
    }
    writer.commit(goal)?;
    writing.stamp = goal;
    Ok(())
}

/// Leaves half the cores to those who read and analyse.
fn indexing_threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).div_ceil(2).min(4)
}

/// The changes since `stamp` as one; `None` when the index is of another library, or the log does not reach back.
fn missed(view: &View, stamp: Stamp) -> Stored<Option<ChangeRow>> {
    if stamp.identity != view.meta.identity || stamp.revision > view.meta.revision {
        return Ok(None);
    }
    let mut next = stamp.revision + 1;
    let (mut written, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for entry in view.txn.open_table(CHANGES)?.range(next..)? {
        let (revision, row) = entry?;
        if revision.value() != next {
            return Ok(None);
        }
        next += 1;
        let change: ChangeRow = decode(row.value())?;
        written.extend(change.written);
        removed.extend(change.removed);
    }
    if next != view.meta.revision + 1 {
        return Ok(None);
    }
    written.retain(|document| !removed.contains(document));
    Ok(Some(ChangeRow { written: written.into_iter().collect(), removed: removed.into_iter().collect() }))
}

/// All cores analyse; the order in which documents reach the index does not matter.
fn index_all(store: &Store, view: &View, writer: &IndexWriter, documents: &[u64]) -> Result<()> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        let mut analysers = Analysers::default();
        while let Some(&document) = documents.get(next.fetch_add(1, Ordering::Relaxed)) {
            let row = view.document(document).map_err(|error| store.error(error))?;
            let Some(row) = row else { continue };
            let terms = terms_of(view, document, &row, &mut analysers).map_err(|error| store.error(error))?;
            let rank = Rank { document, collection: row.collection, first_chunk: row.first_chunk };
            writer.add(rank, terms)?;
        }
        Ok(())
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(documents.len().div_ceil(16)).max(1);
    thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let theirs = workers.into_iter().map(|worker| match worker.join() {
            Ok(outcome) => outcome,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        theirs.fold(mine, |all, one| all.and(one))
    })
}

/// The terms of a document's chunks, from what redb holds: the same as [`Draft::new`](super::Draft::new) made them.
pub(super) fn terms_of(view: &View, document: u64, row: &DocumentRow, analysers: &mut Analysers) -> Stored<Vec<Terms>> {
    let analyser = analysers.of(row.language());
    let mut heads = Heads::new(&row.title, analyser);
    let mut terms = Vec::with_capacity(row.chunks as usize);
    for chunk in view.chunks(row.chunk_numbers())? {
        let chunk = chunk?;
        let text = view.text(document, chunk.start..chunk.end)?;
        terms.push(Terms { head: heads.of(&chunk.headings, analyser), body: analyser.joined(&text) });
    }
    Ok(terms)
}
