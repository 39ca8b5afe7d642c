//! From files to what can be found: many threads read, one writes, and nothing is reported before it is durable.
//!
//! Back-pressure: a [`Gate`] bounds the bytes between reading and the durable commit, so memory does not grow with the
//! corpus. A failing file costs itself; a failing library ends the run, and what was reported stays.

use std::collections::HashSet;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::embed::not_embedded;
use super::engines::Engines;
use super::gate::Gate;
use super::prepare::{Desk, Prepared};
use super::stage::{Embedded, Load, STAGES, Stage};
use super::walk::{Depth, Found, Walk, walk};
use crate::clock::Clock;
use crate::domain::{CollectionName, DocumentId};
use crate::fault::{Fault, Result};
use crate::library::{Library, LibraryError, Put, Writer};
use crate::read;
use crate::text::{self, Analysers};

#[derive(Clone, Debug, Default)]
pub struct AddOptions {
    pub collection: CollectionName,
    pub depth: Depth,
    pub limits: read::Limits,
    pub cut: text::Cut,
    /// What is added is embedded, where there is an embedder.
    pub engines: Engines,
}

/// What became of the files.
#[derive(Debug, Default)]
pub struct AddReport {
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Recognised under a new name.
    pub renamed: u64,
    pub removed: u64,
    pub failed: Vec<(PathBuf, Fault)>,
    /// What ended the run early; everything counted above is durable all the same.
    pub broken: Option<Fault>,
    /// Whether it was asked to stop.
    pub stopped: bool,
    /// In the collection, afterwards.
    pub documents: u64,
    pub chunks: u64,
    /// Documents of the library that the embedder has not read yet.
    pub not_embedded: u64,
    pub took: Duration,
}

/// What a progress bar needs.
#[derive(Debug)]
pub enum AddEvent<'a> {
    Started {
        files: u64,
        bytes: u64,
    },
    /// Durable now, whatever happens next.
    Done {
        path: &'a Path,
        bytes: u64,
        outcome: Outcome,
    },
    Failed {
        path: &'a Path,
        bytes: u64,
        fault: &'a Fault,
    },
    /// So many passages of this run have been embedded by now.
    Embedded {
        passages: u64,
    },
    /// All files are through; the index is being written.
    Publishing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Added,
    Updated,
    Unchanged,
    Renamed,
    Removed,
}

/// What is durable together.
const GROUP_BYTES: usize = 8 << 20;
/// How long a document waits for others at most.
const GROUP_AGE: Duration = Duration::from_millis(200);
/// What may be durable and not yet found.
const PUBLISH_BYTES: usize = 512 << 20;
const PUBLISH_AGE: Duration = Duration::from_secs(30);
/// Bytes of files between reading and commit. In memory they are about three times that: text and terms.
const IN_FLIGHT: u64 = 32 << 20;
/// Counted for a file beyond its size.
const PER_FILE: u64 = 4096;

/// Adds new files, updates changed ones, and recognises those that only moved.
pub fn add(
    library: &Library,
    paths: &[PathBuf],
    options: &AddOptions,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(AddEvent<'_>),
    stop: &AtomicBool,
) -> Result<AddReport> {
    let began = clock.instant();
    let walk = walk(paths, options.depth, &read::is_readable_name);
    let mut run = Run::new(library.begin()?, clock, progress);
    run.add(library, walk, options, stop);
    run.finish(library, options, began)
}

/// One run of [`add`] or [`sync`](super::sync()), as the writing thread sees it.
pub(super) struct Run<'a> {
    writer: Writer<'a>,
    clock: &'a dyn Clock,
    progress: &'a mut dyn FnMut(AddEvent<'_>),
    pub report: AddReport,
    /// Documents that have a new source since the snapshot this run began with.
    pub renamed: HashSet<DocumentId>,
    waiting: Vec<Waiting>,
    /// When the first that waits began to.
    since: Instant,
    published: Instant,
}

/// Put in, and not yet durable.
struct Waiting {
    path: PathBuf,
    bytes: u64,
    outcome: Outcome,
}

struct Message {
    found: Found,
    prepared: Result<Prepared>,
}

type Line = Embedded<Message>;

impl<'a> Run<'a> {
    pub(super) fn new(writer: Writer<'a>, clock: &'a dyn Clock, progress: &'a mut dyn FnMut(AddEvent<'_>)) -> Run<'a> {
        let now = clock.instant();
        Run {
            writer,
            clock,
            progress,
            report: AddReport::default(),
            renamed: HashSet::new(),
            waiting: Vec::new(),
            since: now,
            published: now,
        }
    }

    pub(super) fn add(&mut self, library: &Library, walk: Walk, options: &AddOptions, stop: &AtomicBool) {
        let Walk { files, failed, .. } = walk;
        let bytes = files.iter().map(|found| found.bytes).sum();
        (self.progress)(AddEvent::Started { files: (files.len() + failed.len()) as u64, bytes });
        for (path, fault) in failed {
            self.fail(path, 0, fault);
        }
        let desk = Desk {
            collection: &options.collection,
            limits: &options.limits,
            cut: &options.cut,
            snapshot: library.snapshot(),
            claimed: Mutex::new(HashSet::new()),
        };
        let gate = Gate::new(IN_FLIGHT);
        let next = AtomicUsize::new(0);
        let threads = thread::available_parallelism().map_or(2, NonZero::get).clamp(1, files.len().max(1));
        let (sender, read) = crossbeam_channel::bounded(4 * threads);
        let (done, receiver) = crossbeam_channel::bounded(4 * threads);
        let stage = Stage::new(&options.engines, stop);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (sender, files, desk, gate, next, stage) = (sender.clone(), &files, &desk, &gate, &next, &stage);
                scope.spawn(move || read_files(files, desk, gate, next, stage, &sender));
            }
            for _ in 0..STAGES {
                let (read, done, stage) = (read.clone(), done.clone(), &stage);
                scope.spawn(move || stage.run(&read, &done));
            }
            drop((sender, read, done));
            // The receiver ends with it: who waits to hand over a file would wait for ever.
            self.write(receiver, &gate, &stage);
            gate.close();
        });
    }

    /// Until all is read, the library fails, or somebody asks to stop.
    fn write(&mut self, receiver: Receiver<Line>, gate: &Gate, stage: &Stage<'_>) {
        let mut embedded = 0;
        while self.report.broken.is_none() {
            if stage.stop.load(Ordering::Relaxed) {
                self.report.stopped = true;
                break;
            }
            let wait = if self.waiting.is_empty() { GROUP_AGE } else { self.left() };
            match receiver.recv_timeout(wait) {
                Ok(line) => self.take(line, stage, gate),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let passages = stage.done.load(Ordering::Relaxed);
            if passages > embedded {
                embedded = passages;
                (self.progress)(AddEvent::Embedded { passages });
            }
            let due = self.writer.uncommitted() >= GROUP_BYTES || self.left().is_zero();
            if due && !self.waiting.is_empty() {
                self.commit(gate);
                self.publish_when_due();
            }
        }
        self.commit(gate);
    }

    fn left(&self) -> Duration {
        GROUP_AGE.saturating_sub(self.clock.instant().saturating_duration_since(self.since))
    }

    fn take(&mut self, line: Line, stage: &Stage<'_>, gate: &Gate) {
        let Embedded { item: Message { found, prepared }, vectors } = line;
        let outcome = match prepared {
            Err(fault) => {
                gate.leave(found.bytes + PER_FILE);
                return self.fail(found.path, found.bytes, fault);
            }
            Ok(Prepared::Unchanged) => Ok(Outcome::Unchanged),
            Ok(Prepared::Put(draft, _)) => {
                let draft = match (stage.engines.embedder_choice(), vectors) {
                    (Some(choice), Some(vectors)) => draft.with_vectors(&choice.id, vectors),
                    _ => *draft,
                };
                self.writer.put(draft, self.clock.now()).map(|put| match put {
                    Put::Added(_) => Outcome::Added,
                    Put::Updated(_) => Outcome::Updated,
                    Put::Unchanged(_) => Outcome::Unchanged,
                })
            }
            Ok(Prepared::Rename { id, hash }) => {
                let renamed = self.writer.rename(&id, &hash, &found.source);
                self.renamed.insert(id);
                renamed.map(|()| Outcome::Renamed)
            }
        };
        if self.waiting.is_empty() {
            self.since = self.clock.instant();
        }
        let Found { path, bytes, .. } = found;
        match outcome {
            Ok(outcome) => self.waiting.push(Waiting { path, bytes, outcome }),
            Err(error @ LibraryError::Changed { .. }) => {
                gate.leave(bytes + PER_FILE);
                self.fail(path, bytes, error.into());
            }
            Err(error) => {
                self.waiting.push(Waiting { path, bytes, outcome: Outcome::Added });
                self.lose(error, gate);
            }
        }
    }

    pub(super) fn remove(&mut self, source: &str, id: &DocumentId, gate: &Gate) {
        match self.writer.remove(id) {
            Ok(true) => self.waiting.push(Waiting { path: source.into(), bytes: 0, outcome: Outcome::Removed }),
            Ok(false) => {}
            Err(error) => self.lose(error, gate),
        }
        if self.writer.uncommitted() >= GROUP_BYTES {
            self.commit(gate);
        }
    }

    pub(super) fn commit(&mut self, gate: &Gate) {
        if let Err(error) = self.writer.commit() {
            return self.lose(error, gate);
        }
        for Waiting { path, bytes, outcome } in std::mem::take(&mut self.waiting) {
            gate.leave(bytes + PER_FILE);
            match outcome {
                Outcome::Added => self.report.added += 1,
                Outcome::Updated => self.report.updated += 1,
                Outcome::Unchanged => self.report.unchanged += 1,
                Outcome::Renamed => self.report.renamed += 1,
                Outcome::Removed => self.report.removed += 1,
            }
            (self.progress)(AddEvent::Done { path: &path, bytes, outcome });
        }
    }

    /// The library failed: what waited is not there, and nothing more will be.
    fn lose(&mut self, error: LibraryError, gate: &Gate) {
        let fault = Fault::from(error);
        for Waiting { path, bytes, outcome } in std::mem::take(&mut self.waiting) {
            gate.leave(bytes + PER_FILE);
            if outcome == Outcome::Unchanged {
                self.report.unchanged += 1;
                (self.progress)(AddEvent::Done { path: &path, bytes, outcome });
                continue;
            }
            let verb = if outcome == Outcome::Removed { "removed" } else { "added" };
            let what = format!("{} was not {verb}: {}", path.display(), fault.what);
            let mut lost = Fault::new(fault.whose, fault.code, what);
            lost.hint = fault.hint.clone();
            self.fail(path, bytes, lost);
        }
        self.report.broken = Some(fault);
    }

    fn fail(&mut self, path: PathBuf, bytes: u64, fault: Fault) {
        (self.progress)(AddEvent::Failed { path: &path, bytes, fault: &fault });
        self.report.failed.push((path, fault));
    }

    fn publish_when_due(&mut self) {
        let age = self.clock.instant().saturating_duration_since(self.published);
        if self.writer.unpublished() >= PUBLISH_BYTES || age >= PUBLISH_AGE {
            self.publish();
        }
    }

    fn publish(&mut self) {
        if let Err(error) = self.writer.publish() {
            self.report.broken.get_or_insert(error.into());
        }
        self.published = self.clock.instant();
    }

    /// Lets what is durable be found, also when the run was cut short.
    pub(super) fn finish(mut self, library: &Library, options: &AddOptions, began: Instant) -> Result<AddReport> {
        (self.progress)(AddEvent::Publishing);
        self.publish();
        let Run { mut report, clock, .. } = self;
        let snapshot = library.snapshot();
        let summaries = snapshot.collections()?;
        if let Some(summary) = summaries.into_iter().find(|summary| summary.name == options.collection) {
            (report.documents, report.chunks) = (summary.documents, summary.chunks);
        }
        if let Some(choice) = options.engines.embedder_choice() {
            report.not_embedded = not_embedded(&snapshot, &choice.id)?;
        }
        report.took = clock.instant().saturating_duration_since(began);
        Ok(report)
    }
}

fn read_files(
    files: &[Found],
    desk: &Desk<'_>,
    gate: &Gate,
    next: &AtomicUsize,
    stage: &Stage<'_>,
    sender: &Sender<Load<Message>>,
) {
    let mut analysers = Analysers::default();
    while !stage.stop.load(Ordering::Relaxed) {
        let Some(found) = files.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
        if !gate.enter(found.bytes + PER_FILE) {
            return;
        }
        let prepared = desk.prepare(found, &mut analysers);
        let stretches = match &prepared {
            Ok(Prepared::Put(draft, language)) => stage.stretches(draft.chunk_texts().into_iter(), *language),
            _ => Vec::new(),
        };
        let item = Message { found: found.clone(), prepared };
        if sender.send(Load { item, stretches }).is_err() {
            return;
        }
    }
}
