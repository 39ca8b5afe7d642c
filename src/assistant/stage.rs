//! The embedder's place in the line between readers and writer: what arrives is embedded in batches across documents, while
//! others read what comes next and write what came before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::engines::Engines;
use crate::domain::Language;
use crate::inference::{Embedder, Role, Urgency};
use crate::library::ChunkVectors;

/// Something on its way to the writer, with what of it is to be embedded.
pub(super) struct Load<T> {
    pub item: T,
    /// Of each chunk the stretches; nothing where there is nothing to embed.
    pub stretches: Vec<Vec<String>>,
}

/// The same, embedded; without vectors where there was nothing to embed or the embedder failed.
pub(super) struct Embedded<T> {
    pub item: T,
    pub vectors: Option<Vec<ChunkVectors>>,
}

/// So many stretches go to the embedder at once: enough for it to put like lengths together, few enough for Ctrl-C to be
/// heard within a second or two.
const BATCH: usize = 128;
/// How long a batch that is not full waits for more.
const GATHERING: Duration = Duration::from_millis(20);
/// One works while the other gathers; the embedder never waits.
pub(super) const STAGES: usize = 2;

/// What all stages of a run share.
pub(super) struct Stage<'a> {
    pub engines: &'a Engines,
    pub stop: &'a AtomicBool,
    /// Chunks embedded so far.
    pub done: AtomicU64,
    failed: AtomicBool,
}

impl<'a> Stage<'a> {
    pub(super) fn new(engines: &'a Engines, stop: &'a AtomicBool) -> Stage<'a> {
        Stage { engines, stop, done: AtomicU64::new(0), failed: AtomicBool::new(false) }
    }

    /// The embedder, as long as it works.
    pub(super) fn embedder(&self) -> Option<Arc<dyn Embedder>> {
        if self.failed.load(Ordering::Relaxed) { None } else { self.engines.embedder() }
    }

    /// The stretches of a document's chunks.
    pub(super) fn stretches<'t>(&self, texts: impl Iterator<Item = &'t str>, language: Language) -> Vec<Vec<String>> {
        let Some(embedder) = self.embedder() else { return Vec::new() };
        texts.map(|text| super::stretches::stretches(text, language, embedder.as_ref())).collect()
    }

    /// Until nothing more comes, or nobody takes what is done. What was not embedded when the run stops is not passed on.
    pub(super) fn run<T>(&self, loads: &Receiver<Load<T>>, done: &Sender<Embedded<T>>) {
        while let Ok(first) = loads.recv() {
            let mut batch = vec![first];
            let mut size = batch[0].size();
            let mut last = false;
            while size > 0 && size < BATCH && !last {
                match loads.recv_timeout(GATHERING) {
                    Ok(load) if load.size() == 0 => {
                        if done.send(Embedded { item: load.item, vectors: None }).is_err() {
                            return;
                        }
                    }
                    Ok(load) => {
                        size += load.size();
                        batch.push(load);
                    }
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => last = true,
                }
            }
            let Some(embedded) = self.embed(batch) else { return };
            for one in embedded {
                if done.send(one).is_err() {
                    return;
                }
            }
        }
    }

    /// Nothing when the run was stopped meanwhile.
    pub(super) fn embed<T>(&self, batch: Vec<Load<T>>) -> Option<Vec<Embedded<T>>> {
        let texts: Vec<&str> =
            batch.iter().flat_map(|load| load.stretches.iter().flatten()).map(String::as_str).collect();
        let mut vectors = Vec::with_capacity(texts.len());
        for slice in texts.chunks(BATCH) {
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            let Some(some) = self.vectors(slice) else {
                vectors.clear();
                break;
            };
            vectors.extend(some);
        }
        let whole = vectors.len() == texts.len();
        let mut vectors = vectors.into_iter();
        let embedded = batch.into_iter().map(|Load { item, stretches }| {
            let some = whole && !stretches.is_empty();
            let of_chunk = |stretches: &Vec<String>| vectors.by_ref().take(stretches.len()).collect();
            let vectors = some.then(|| stretches.iter().map(of_chunk).collect::<Vec<ChunkVectors>>());
            self.done.fetch_add(vectors.as_ref().map_or(0, Vec::len) as u64, Ordering::Relaxed);
            Embedded { item, vectors }
        });
        Some(embedded.collect())
    }

    /// After a failure the rest of the run does without.
    fn vectors(&self, texts: &[&str]) -> Option<Vec<Vec<f32>>> {
        if self.failed.load(Ordering::Relaxed) {
            return None;
        }
        let vectors = self.engines.embed(texts, Role::Passage, Urgency::Add);
        self.failed.fetch_or(vectors.is_none(), Ordering::Relaxed);
        vectors
    }
}

impl<T> Load<T> {
    fn size(&self) -> usize {
        self.stretches.iter().map(Vec::len).sum()
    }
}
