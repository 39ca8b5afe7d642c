//! The one who writes: takes what waits together into one change, mends what broke, and keeps the file small.

use std::sync::PoisonError;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

use super::file::{File, Kept};
use super::open::{contained, is_damage, open, set_aside, why};
use super::row::{Head, Write};
use super::{Choose, Job, Shared, State, Why};
use crate::cache::key::Key;

/// Entries that become one change.
const GROUP: usize = 1024;
/// Without work for so long, what was written is synced.
const IDLE: Duration = Duration::from_secs(2);
/// A file that could not be used is tried again after so long.
const AGAIN: Duration = Duration::from_secs(30);
/// A file is packed when it is so many times larger than what is in it, and not small.
const LOOSE: u64 = 4;
const SMALL: u64 = 16 << 20;

impl Shared {
    pub(super) fn write(&self, jobs: &Receiver<Job>) {
        let mut is_last = false;
        while !is_last {
            let mut group: Vec<Write> = Vec::new();
            let mut next = match jobs.recv_timeout(IDLE) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => {
                    self.rest();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            while let Some(job) = next.take() {
                match job {
                    Job::Put(writes) => group.extend(writes),
                    other => {
                        self.put(std::mem::take(&mut group));
                        self.work(other);
                    }
                }
                if group.len() < GROUP {
                    match jobs.try_recv() {
                        Ok(job) => next = Some(job),
                        Err(TryRecvError::Empty) => {}
                        Err(TryRecvError::Disconnected) => is_last = true,
                    }
                }
            }
            self.put(group);
        }
        self.sync();
        self.close();
    }

    fn put(&self, group: Vec<Write>) {
        if group.is_empty() {
            return;
        }
        self.open_again();
        let used = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        match self.with(|file| file.put(&used, &group)) {
            Some(changed) if !changed.driven_out.is_empty() => (self.ledger.driven_out)(&changed.driven_out),
            Some(_) => {}
            None => drop(self.dropped.fetch_add(group.len() as u64, Relaxed)),
        }
        self.make_room(group.iter().map(Write::len).sum());
    }

    fn work(&self, job: Job) {
        match job {
            Job::Put(writes) => self.put(writes),
            Job::Remove(keys) => drop(self.with(|file| file.remove(&keys))),
            Job::Clear(choose, told) => {
                let _ = told.send(self.clear(&choose));
            }
            Job::Bound(most) => {
                self.with(|file| file.bound(most));
                self.pack();
            }
            Job::Settle(told) => {
                self.sync();
                let _ = told.send(());
            }
        }
    }

    fn clear(&self, choose: &Choose) -> u64 {
        let mut keys: Vec<Key> = Vec::new();
        let mut each = |key: Key, head: Head| {
            if choose(&head) {
                keys.push(key);
            }
            true
        };
        if self.with(|file| file.heads(&mut each)).is_none() {
            return 0;
        }
        keys.chunks(GROUP).filter_map(|some| self.with(|file| file.remove(some))).sum()
    }

    /// Nobody wants anything.
    fn rest(&self) {
        if self.with(|file| Ok(file.is_synced())) == Some(false) {
            self.sync();
        }
        self.pack();
    }

    fn sync(&self) {
        let tallies = (self.ledger.tallies)();
        self.with(|file| file.keep_tallies(&tallies));
    }

    /// Whatever goes wrong, the file is closed; a damaged one is set aside and a new one begun.
    fn with<T>(&self, work: impl FnOnce(&File) -> Kept<T>) -> Option<T> {
        if let Some(error) = self.broken.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.mend(&error);
        }
        let outcome = {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            let State::Open(file) = &*state else { return None };
            contained(|| work(file))
        };
        outcome.map_err(|error| self.mend(&error)).ok()
    }

    fn mend(&self, error: &redb::Error) {
        tracing::warn!(?error, file = %self.path.display(), "the cache broke");
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        discard(std::mem::replace(&mut state, State::Closed { since: self.clock.instant(), why: why(error) }));
        if is_damage(error) && set_aside(&self.path, error).is_ok() {
            self.healed.fetch_add(1, Relaxed);
            *state = open(&self.path, self.most.load(Relaxed), &self.opener, &self.healed, self.clock.as_ref());
        }
        self.is_broken.store(false, Relaxed);
    }

    fn open_again(&self) {
        let is_due = match &*self.state.read().unwrap_or_else(PoisonError::into_inner) {
            State::Open(_) => false,
            State::Closed { why: Why::NotYet, .. } => true,
            State::Closed { since, .. } => self.clock.instant().saturating_duration_since(*since) >= AGAIN,
        };
        if is_due {
            let found = open(&self.path, self.most.load(Relaxed), &self.opener, &self.healed, self.clock.as_ref());
            *self.state.write().unwrap_or_else(PoisonError::into_inner) = found;
        }
    }

    /// Only where there is much to gain: meanwhile whoever reads finds nothing.
    fn pack(&self) {
        let Some((_, bytes)) = self.with(File::size) else { return };
        let size = self.size();
        let is_loose = size >= SMALL && size >= self.most.load(Relaxed).min(bytes.saturating_mul(LOOSE));
        if !is_loose || size == self.packed.load(Relaxed) {
            return;
        }
        let outcome = {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            let State::Open(file) = &mut *state else { return };
            contained(|| file.compact())
        };
        self.packed.store(self.size(), Relaxed);
        if let Err(error) = outcome {
            self.mend(&error);
        }
    }

    fn size(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    fn close(&self) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let since = self.clock.instant();
        discard(std::mem::replace(&mut state, State::Closed { since, why: Why::Locked }));
    }
}

/// Closing a file that is not sound may panic as well.
fn discard(state: State) {
    let _ = contained(|| {
        drop(state);
        Ok(())
    });
}
