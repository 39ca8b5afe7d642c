//! Embedding what is in the library already: documents added before there was an embedder, or under another one.
//!
//! Can be stopped and goes on where it stopped. Meanwhile searches use the vectors that are there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::engines::Engines;
use super::gate::Gate;
use super::stage::{Embedded, Load, STAGES, Stage};
use crate::clock::Clock;
use crate::domain::{ChunkNumber, ContentHash, DocumentId};
use crate::fault::{Fault, Result};
use crate::library::{Library, Snapshot, Writer};

/// What was done.
#[derive(Debug, Default)]
pub struct EmbedReport {
    /// The embedder's name.
    pub embedder: String,
    pub documents: u64,
    pub chunks: u64,
    /// Documents that it has not read yet.
    pub remaining: u64,
    /// Embedders whose vectors were removed.
    pub forgotten: Vec<String>,
    pub stopped: bool,
    pub took: Duration,
}

/// What a progress bar needs, in documents and passages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbedEvent {
    Started {
        documents: u64,
    },
    /// Durable now.
    Done {
        documents: u64,
    },
    Embedded {
        passages: u64,
    },
    Publishing,
}

/// Vectors of other embedders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Kept until every document has its vector of this one.
    UntilDone,
    /// Removed at once.
    Now,
}

const GROUP_BYTES: usize = 8 << 20;
const GROUP_AGE: Duration = Duration::from_millis(500);
const PUBLISH_AGE: Duration = Duration::from_secs(30);
/// Bytes of text between reading and commit.
const IN_FLIGHT: u64 = 16 << 20;

/// Embeds every document that the chosen embedder has not read.
pub fn embed(
    library: &Library,
    engines: &Engines,
    others: Others,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(EmbedEvent),
    stop: &AtomicBool,
) -> Result<EmbedReport> {
    let began = clock.instant();
    let choice = engines.embedder_choice().ok_or_else(|| engines.no_embedder())?;
    if engines.embedder().is_none() {
        return Err(engines.no_embedder());
    }
    let snapshot = library.snapshot();
    let wanting = snapshot.without_vectors(&choice.id, usize::MAX)?;
    progress(EmbedEvent::Started { documents: wanting.len() as u64 });
    let mut report = EmbedReport { embedder: choice.name.clone(), ..EmbedReport::default() };
    let mut writer = library.begin()?;
    if others == Others::Now {
        forget_others(&snapshot, &mut writer, &choice.id, &mut report)?;
    }
    let stage = Stage::new(engines, stop);
    let gate = Gate::new(IN_FLIGHT);
    let (sender, read) = crossbeam_channel::bounded(16);
    let (done, receiver) = crossbeam_channel::bounded(16);
    let worked = thread::scope(|scope| {
        let (wanting, snapshot, stage, gate) = (&wanting, &snapshot, &stage, &gate);
        scope.spawn(move || read_documents(snapshot, wanting, gate, stage, &sender));
        for _ in 0..STAGES {
            let (read, done) = (read.clone(), done.clone());
            scope.spawn(move || stage.run(&read, &done));
        }
        drop((read, done));
        let mut writing = Writing { writer: &mut writer, id: &choice.id, report: &mut report, clock, gate, progress };
        let worked = writing.run(receiver, stage);
        gate.close();
        worked
    });
    worked?;
    progress(EmbedEvent::Publishing);
    writer.publish()?;
    report.stopped = stop.load(Ordering::Relaxed);
    let snapshot = library.snapshot();
    report.remaining = not_embedded(&snapshot, &choice.id)?;
    if others == Others::UntilDone && report.remaining == 0 {
        forget_others(&snapshot, &mut writer, &choice.id, &mut report)?;
        writer.publish()?;
    }
    drop(writer);
    report.took = clock.instant().saturating_duration_since(began);
    // A model that failed on the way is the reason why something remains.
    match engines.take_troubles().pop() {
        Some(fault) if report.remaining > 0 && !report.stopped => Err(fault),
        _ => Ok(report),
    }
}

/// How many documents an embedder has not read.
pub fn not_embedded(snapshot: &Snapshot, embedder: &str) -> Result<u64> {
    // Documents without a passage have nothing to be read, so that the difference alone may never come to 0.
    if snapshot.without_vectors(embedder, 1)?.is_empty() {
        return Ok(0);
    }
    let embedded =
        snapshot.embedders()?.into_iter().find(|(id, _)| id == embedder).map_or(0, |(_, documents)| documents);
    Ok(snapshot.document_count()?.saturating_sub(embedded).max(1))
}

fn forget_others(snapshot: &Snapshot, writer: &mut Writer<'_>, kept: &str, report: &mut EmbedReport) -> Result<()> {
    for (id, _) in snapshot.embedders()?.into_iter().filter(|(id, _)| id != kept) {
        writer.forget_embedder(&id)?;
        report.forgotten.push(id);
    }
    Ok(())
}

/// A document of which the chunks are embedded.
struct Held {
    id: DocumentId,
    hash: ContentHash,
    /// Of its text.
    bytes: u64,
}

fn read_documents(
    snapshot: &Snapshot,
    wanting: &[DocumentId],
    gate: &Gate,
    stage: &Stage<'_>,
    sender: &Sender<Load<Result<Held>>>,
) {
    for id in wanting {
        if stage.stop.load(Ordering::Relaxed) || stage.embedder().is_none() {
            return;
        }
        let load = match read_document(snapshot, id, gate, stage) {
            Ok(None) => continue,
            Ok(Some(load)) => load,
            Err(fault) => Load { item: Err(fault), stretches: Vec::new() },
        };
        if sender.send(load).is_err() {
            return;
        }
    }
}

fn read_document(
    snapshot: &Snapshot,
    id: &DocumentId,
    gate: &Gate,
    stage: &Stage<'_>,
) -> Result<Option<Load<Result<Held>>>> {
    let Some(document) = snapshot.document(id)? else { return Ok(None) };
    let Some(known) = snapshot.known(&document.collection, &document.source)? else { return Ok(None) };
    let mut texts = Vec::new();
    for number in snapshot.chunks_of(id)? {
        texts.extend(snapshot.chunk(ChunkNumber(number))?.map(|chunk| chunk.text));
    }
    let bytes = texts.iter().map(|text| text.len() as u64).sum();
    if !gate.enter(bytes) {
        return Ok(None);
    }
    let stretches = stage.stretches(texts.iter().map(String::as_str), document.language);
    Ok(Some(Load { item: Ok(Held { id: known.id, hash: known.hash, bytes }), stretches }))
}

struct Writing<'a, 'w> {
    writer: &'a mut Writer<'w>,
    id: &'a str,
    report: &'a mut EmbedReport,
    clock: &'a dyn Clock,
    gate: &'a Gate,
    progress: &'a mut dyn FnMut(EmbedEvent),
}

impl Writing<'_, '_> {
    /// Until all is through, or somebody asks to stop.
    fn run(&mut self, receiver: Receiver<Embedded<Result<Held>>>, stage: &Stage<'_>) -> Result<()> {
        let (mut waiting, mut since) = (Vec::new(), self.clock.instant());
        let mut published = since;
        loop {
            let next = receiver.recv_timeout(GROUP_AGE);
            let passages = stage.done.load(Ordering::Relaxed);
            (self.progress)(EmbedEvent::Embedded { passages });
            let ended = stage.stop.load(Ordering::Relaxed) || matches!(next, Err(RecvTimeoutError::Disconnected));
            if let Ok(Embedded { item, vectors }) = next {
                let held = item?;
                let chunks = vectors.as_ref().map_or(0, Vec::len) as u64;
                let put = match vectors {
                    Some(vectors) => self.writer.put_vectors(&held.id, &held.hash, self.id, vectors)?,
                    None => false,
                };
                waiting.push((held.bytes, put.then_some(chunks)));
            }
            let now = self.clock.instant();
            if ended || self.writer.uncommitted() >= GROUP_BYTES || now.saturating_duration_since(since) >= GROUP_AGE {
                self.commit(&mut waiting)?;
                since = now;
            }
            if ended {
                return Ok(());
            }
            if now.saturating_duration_since(published) >= PUBLISH_AGE {
                self.writer.publish()?;
                published = now;
            }
        }
    }

    fn commit(&mut self, waiting: &mut Vec<(u64, Option<u64>)>) -> Result<()> {
        self.writer.commit().map_err(Fault::from)?;
        for (bytes, chunks) in waiting.drain(..) {
            self.gate.leave(bytes);
            self.report.documents += u64::from(chunks.is_some());
            self.report.chunks += chunks.unwrap_or_default();
        }
        (self.progress)(EmbedEvent::Done { documents: self.report.documents });
        Ok(())
    }
}
