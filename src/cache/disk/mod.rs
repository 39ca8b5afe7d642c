//! What outlives the process: a file that may be lost. Whatever goes wrong with it is a miss, and never holds anybody up.
//!
//! Everybody reads; one thread writes, in groups. Who puts something in does not wait for it.

mod file;
mod open;
mod row;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, bounded};

use self::file::{File, Kept, room};
use self::open::{Opener, contained, open};
pub(super) use self::row::{Head, Row, Write};
use super::key::Key;
use crate::clock::Clock;

pub(super) struct Disk {
    shared: Arc<Shared>,
    jobs: Option<Sender<Job>>,
    writer: Option<JoinHandle<()>>,
}

struct Shared {
    path: PathBuf,
    opener: Opener,
    state: RwLock<State>,
    /// Somebody could not read; the writer sees to it.
    is_broken: AtomicBool,
    broken: Mutex<Option<redb::Error>>,
    /// The file's size when it was last packed.
    packed: AtomicU64,
    most: AtomicU64,
    /// Read since the last write.
    used: Mutex<Vec<Key>>,
    /// Bytes that wait to be written.
    waiting: Mutex<u64>,
    /// Some were.
    written: Condvar,
    /// Entries that could not be written.
    dropped: AtomicU64,
    /// How often a damaged file was set aside.
    healed: AtomicU64,
    ledger: Ledger,
    clock: Arc<dyn Clock>,
}

enum State {
    Open(File),
    Closed { since: Instant, why: Why },
}

/// Why there is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Nothing was put in yet.
    NotYet,
    /// Another process has it open.
    Locked,
    /// The machine does not let it be read or written.
    Refused(std::io::ErrorKind),
    Damaged,
}

/// Who counts.
pub(super) struct Ledger {
    pub driven_out: DrivenOut,
    /// By namespace, as they are to be kept.
    pub tallies: Tallies,
}

type DrivenOut = Box<dyn Fn(&[(Key, String)]) + Send + Sync>;
type Tallies = Box<dyn Fn() -> Vec<(String, Vec<u8>)> + Send + Sync>;
type Choose = Box<dyn Fn(&Head) -> bool + Send>;

enum Job {
    Put(Vec<Write>),
    Remove(Vec<Key>),
    /// Tells how many went.
    Clear(Choose, Sender<u64>),
    Bound(u64),
    /// Everything before it is on disk when it answers.
    Settle(Sender<()>),
}

/// Groups of entries that may wait to be written, and their bytes.
const WAITING: usize = 4096;
const WAITING_BYTES: u64 = 32 << 20;
/// How long who fills the file waits for those before.
const PATIENCE: Duration = Duration::from_secs(2);
/// Uses that are remembered until the next write.
const MOST_USED: usize = 10_000;

/// How it is, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub why: Option<Why>,
    pub entries: u64,
    /// Of the file.
    pub bytes: u64,
    pub most: u64,
    pub dropped: u64,
    pub healed: u64,
}

impl Disk {
    pub(super) fn open(path: &Path, most: u64, ledger: Ledger, clock: &Arc<dyn Clock>) -> Disk {
        Disk::with(path, most, ledger, clock, Box::new(open::from_file))
    }

    fn with(path: &Path, most: u64, ledger: Ledger, clock: &Arc<dyn Clock>, opener: Opener) -> Disk {
        let healed = AtomicU64::new(0);
        // A file is made when there is something for it, so that looking changes nothing.
        let state = match path.try_exists() {
            Ok(false) => State::Closed { since: clock.instant(), why: Why::NotYet },
            _ => open(path, most, &opener, &healed, clock.as_ref()),
        };
        let shared = Arc::new(Shared {
            path: path.to_owned(),
            opener,
            state: RwLock::new(state),
            is_broken: AtomicBool::new(false),
            broken: Mutex::default(),
            packed: AtomicU64::new(0),
            most: AtomicU64::new(most),
            used: Mutex::default(),
            waiting: Mutex::default(),
            written: Condvar::new(),
            dropped: AtomicU64::new(0),
            healed,
            ledger,
            clock: Arc::clone(clock),
        });
        let (jobs, receiver) = bounded(WAITING);
        let worker = Arc::clone(&shared);
        let writer =
            std::thread::Builder::new().name("docent-cache".into()).spawn(move || worker.write(&receiver)).ok();
        let jobs = writer.is_some().then_some(jobs);
        Disk { shared, jobs, writer }
    }

    pub(super) fn get(&self, key: &Key) -> Option<Row> {
        let row = self.shared.read(|file| file.get(key))??;
        self.shared.use_again(&[*key]);
        Some(row)
    }

    /// One for each key, in order.
    pub(super) fn get_all(&self, keys: &[Key]) -> Vec<Option<Row>> {
        let Some(rows) = self.shared.read(|file| file.get_all(keys)) else { return vec![None; keys.len()] };
        let used: Vec<Key> = keys.iter().zip(&rows).filter(|(_, row)| row.is_some()).map(|(key, _)| *key).collect();
        self.shared.use_again(&used);
        rows
    }

    /// Does not wait; false where too much waits already, and where it is too large.
    pub(super) fn put(&self, write: Write) -> bool {
        self.send(vec![write], None)
    }

    /// Waits a little until there is room, for those who fill it.
    pub(super) fn put_all(&self, writes: Vec<Write>) -> bool {
        self.send(writes, Some(PATIENCE))
    }

    fn send(&self, mut writes: Vec<Write>, patience: Option<Duration>) -> bool {
        let Some(jobs) = &self.jobs else { return false };
        let most = room(self.shared.most.load(Relaxed)) / 4;
        writes.retain(|write| write.len() <= most);
        if writes.is_empty() {
            return false;
        }
        let (count, bytes) = (writes.len() as u64, writes.iter().map(Write::len).sum::<u64>());
        let has_room = self.shared.wait_for_room(bytes, patience.unwrap_or_default());
        let sent = has_room && jobs.try_send(Job::Put(writes)).is_ok();
        if has_room && !sent {
            self.shared.make_room(bytes);
        }
        if !sent {
            self.shared.dropped.fetch_add(count, Relaxed);
        }
        sent
    }

    pub(super) fn remove(&self, keys: Vec<Key>) {
        self.tell(Job::Remove(keys));
    }

    /// Waits for it. How many there were.
    pub(super) fn clear(&self, choose: Choose) -> u64 {
        let (sender, receiver) = bounded(1);
        self.tell(Job::Clear(choose, sender));
        receiver.recv().unwrap_or(0)
    }

    pub(super) fn bound(&self, most: u64) {
        self.shared.most.store(most, Relaxed);
        self.tell(Job::Bound(most));
    }

    pub(super) fn settle(&self) {
        let (sender, receiver) = bounded(1);
        self.tell(Job::Settle(sender));
        let _ = receiver.recv();
    }

    fn tell(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
        }
    }

    pub(super) fn heads(&self, each: impl FnMut(Key, Head) -> bool) {
        self.shared.read(|file| file.heads(each));
    }

    pub(super) fn tallies(&self) -> Vec<(String, Vec<u8>)> {
        self.shared.read(File::tallies).unwrap_or_default()
    }

    pub(super) fn condition(&self) -> Condition {
        let shared = &self.shared;
        let (entries, _) = shared.read(File::size).unwrap_or_default();
        let why = match &*shared.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Open(_) => None,
            State::Closed { why, .. } => Some(why.clone()),
        };
        Condition {
            why,
            entries,
            bytes: std::fs::metadata(&shared.path).map_or(0, |file| file.len()),
            most: shared.most.load(Relaxed),
            dropped: shared.dropped.load(Relaxed),
            healed: shared.healed.load(Relaxed),
        }
    }

    /// Whether there is a file, or will be one.
    pub(super) fn is_usable(&self) -> bool {
        let state = self.shared.state.read().unwrap_or_else(PoisonError::into_inner);
        matches!(&*state, State::Open(_) | State::Closed { why: Why::NotYet, .. })
    }
}

/// Everything that was put in is on disk when the process ends in good order.
impl Drop for Disk {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Shared {
    /// Nothing where there is no file, where it fails, or where it is being put in order.
    fn read<T>(&self, work: impl FnOnce(&File) -> Kept<T>) -> Option<T> {
        if self.is_broken.load(Relaxed) {
            return None;
        }
        let state = self.state.try_read().ok()?;
        let State::Open(file) = &*state else { return None };
        match contained(|| work(file)) {
            Ok(found) => Some(found),
            Err(error) => {
                tracing::warn!(?error, file = %self.path.display(), "the cache cannot be read");
                self.is_broken.store(true, Relaxed);
                *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                None
            }
        }
    }

    /// Whether so many bytes may wait to be written; they count from then on.
    fn wait_for_room(&self, bytes: u64, patience: Duration) -> bool {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // What is larger than all the room goes alone.
        let is_full = |waiting: &mut u64| *waiting > 0 && *waiting + bytes > WAITING_BYTES;
        let waited = self.written.wait_timeout_while(waiting, patience, is_full);
        let (mut waiting, late) = waited.unwrap_or_else(PoisonError::into_inner);
        if !late.timed_out() {
            *waiting += bytes;
        }
        !late.timed_out()
    }

    fn make_room(&self, bytes: u64) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = waiting.saturating_sub(bytes);
        drop(waiting);
        self.written.notify_all();
    }

    fn use_again(&self, keys: &[Key]) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let left = MOST_USED.saturating_sub(used.len());
        used.extend(keys.iter().take(left));
    }
}
