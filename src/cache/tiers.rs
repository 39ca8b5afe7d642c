//! The cache as others see it: put something in, and it is there for a while, in memory or on disk.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::change::Changes;
use super::core::{Core, Seen};
use super::disk::{Disk, Ledger, Write};
use super::flight::Flights;
use super::key::Key;
use super::memory::Held;
use super::space::Space;
use super::stamp::{Age, Stamp, micros, millis};
use crate::clock::{Clock, Timestamp};
use crate::domain::Tier;

/// Cheap to clone; clones are the same cache.
#[derive(Clone)]
pub struct Cache(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub core: Arc<Mutex<Core>>,
    pub disk: Option<Disk>,
    pub flights: Flights<Arc<[u8]>>,
    pub clock: Arc<dyn Clock>,
    /// What people changed while it ran.
    pub changes: Mutex<Changes>,
    pub began: Timestamp,
    /// As it was set up, before anybody changed it.
    pub setup: Setup,
}

/// How a cache is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Bytes in memory.
    pub memory: u64,
    /// Bytes of the file.
    pub disk: u64,
    /// The folder of the file, and of what was changed while it ran; in memory only where there is none.
    pub folder: Option<PathBuf>,
    pub spaces: Vec<Space>,
}

impl Setup {
    pub const MEMORY: u64 = 64 << 20;
    pub const DISK: u64 = 1 << 30;
    pub const FILE: &str = "cache.redb";

    /// With every default.
    pub fn new(folder: Option<PathBuf>) -> Setup {
        Setup { memory: Setup::MEMORY, disk: Setup::DISK, folder, spaces: Space::usual() }
    }
}

/// What is to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub bytes: Vec<u8>,
    /// Instead of its namespace's.
    pub ttl: Option<Duration>,
    /// What it took to make.
    pub cost: Duration,
    /// That there is nothing.
    pub is_negative: bool,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub bytes: Arc<[u8]>,
    pub tier: Tier,
    pub made: Timestamp,
    /// Past its time: good enough to answer with, and to be made anew.
    pub is_stale: bool,
    pub is_negative: bool,
    /// What it took to make, in microseconds.
    pub(super) cost: u64,
}

/// One key in so many has its hits in memory timed.
const TIMED: u64 = 16;

impl Cache {
    /// Never fails: without a file there is memory, and without memory there are misses.
    pub fn open(setup: Setup, clock: Arc<dyn Clock>) -> Cache {
        let changes = Changes::load(setup.folder.as_deref());
        let (memory, disk) = (changes.memory.unwrap_or(setup.memory), changes.disk.unwrap_or(setup.disk));
        let core = Arc::new(Mutex::new(Core::new(memory, changes.applied(&setup.spaces))));
        let disk = setup.folder.as_ref().filter(|_| disk > 0).map(|folder| {
            let (gone, counted) = (Arc::clone(&core), Arc::clone(&core));
            let ledger = Ledger {
                driven_out: Box::new(move |keys| lock(&gone).driven_out(keys)),
                tallies: Box::new(move || super::look::written(&lock(&counted))),
            };
            Disk::open(&folder.join(Setup::FILE), disk, ledger, &clock)
        });
        if let Some(disk) = &disk {
            super::look::remember(&mut lock(&core), disk.tallies());
        }
        let began = clock.now();
        let changes = Mutex::new(changes);
        Cache(Arc::new(Inner { core, disk, flights: Flights::default(), clock, changes, began, setup }))
    }

    /// For tests and for those who want no file.
    pub fn in_memory(clock: Arc<dyn Clock>) -> Cache {
        Cache::open(Setup::new(None), clock)
    }

    /// Says how a namespace keeps things. One that people changed stays as they changed it.
    pub fn declare(&self, space: Space) {
        let changed = lock(&self.0.changes).applied(std::slice::from_ref(&space));
        let mut core = self.core();
        let place = core.place(&space.name);
        core.rooms[place].space = changed.into_iter().next().unwrap_or(space);
    }

    pub fn get(&self, space: &str, key: &Key) -> Option<Hit> {
        // Asking the clock takes as long as finding an entry: a hit in memory is timed for some keys only.
        let timed = key.number().is_multiple_of(TIMED).then(|| self.0.clock.instant());
        let now = self.0.clock.now();
        let mut core = self.core();
        let place = core.place(space);
        let late = match core.look(place, key, now) {
            Seen::Here { held, is_stale } => {
                let took = timed.map(|began| self.0.clock.instant().saturating_duration_since(began));
                core.count_hit(place, Tier::Memory, &held, is_stale, took);
                return Some(Hit::of(held, Tier::Memory, is_stale));
            }
            Seen::TooOld(late) => Some(late),
            Seen::Nothing => None,
        };
        let space = core.rooms[place].space.clone();
        drop(core);
        let began = self.0.clock.instant();
        let row = self.0.disk.as_ref().filter(|_| space.on_disk && late.is_none()).and_then(|disk| disk.get(key));
        let Some(row) = row else {
            self.core().count_miss(place, key, late);
            return None;
        };
        let held = Held::new(place, row.name.into(), row.bytes.into(), row.stamp);
        let age = held.stamp.age(now, &space);
        let mut core = self.core();
        if let Age::Expired(late) = age {
            core.count_miss(place, key, Some(late));
            return None;
        }
        let took = self.0.clock.instant().saturating_duration_since(began);
        core.count_hit(place, Tier::Disk, &held, age == Age::Stale, Some(took));
        core.put(*key, held.clone(), true);
        Some(Hit::of(held, Tier::Disk, age == Age::Stale))
    }

    /// What is in memory under a key, not counted where there is nothing: for a second look.
    pub fn peek(&self, space: &str, key: &Key) -> Option<Hit> {
        let now = self.0.clock.now();
        let mut core = self.core();
        let place = core.place(space);
        match core.look(place, key, now) {
            Seen::Here { held, is_stale: false } => Some(Hit::of(held, Tier::Memory, false)),
            _ => None,
        }
    }

    /// Whether something is there, in memory or on disk, without counting anything.
    pub fn glance(&self, space: &str, key: &Key) -> Option<Hit> {
        if let Some(hit) = self.peek(space, key) {
            return Some(hit);
        }
        let mut core = self.core();
        let place = core.place(space);
        let space = core.rooms[place].space.clone();
        drop(core);
        let row = self.0.disk.as_ref()?.get(key)?;
        let age = row.stamp.age(self.0.clock.now(), &space);
        let held = Held::new(place, row.name.into(), row.bytes.into(), row.stamp);
        (age == Age::Fresh).then(|| Hit::of(held, Tier::Disk, false))
    }

    /// Somebody was given what was made for another.
    pub fn share(&self, space: &str) {
        let mut core = self.core();
        let place = core.place(space);
        core.rooms[place].tally.shared += 1;
    }

    /// Found to be no longer right: what was counted as a hit was none.
    pub fn recount(&self, space: &str, hit: &Hit) {
        let mut core = self.core();
        let place = core.place(space);
        core.rooms[place].tally.take_back(hit.tier, hit.cost);
    }

    /// Taken back by [`recount`](Cache::recount), looked at again, and still right.
    pub fn uphold(&self, space: &str, tier: Tier) {
        let mut core = self.core();
        let place = core.place(space);
        core.rooms[place].tally.uphold(tier);
    }

    /// Under a name for people that says what it is about; see [`Key::name`].
    pub fn put(&self, space: &str, key: Key, label: &str, entry: Entry) {
        let Some((place, write)) = self.write(space, key, label, entry) else { return };
        let held = Held::new(place, Arc::clone(&write.name), Arc::clone(&write.bytes), write.stamp);
        let is_kept = self.keep(place, vec![write], false);
        let mut core = self.core();
        core.rooms[place].tally.puts += 1;
        if !core.put(key, held, is_kept) && !is_kept {
            core.rooms[place].tally.refused += 1;
        }
    }

    /// Many at once that will be asked for together: straight to disk, so that they drive nothing out of memory. One for
    /// each key, in order.
    pub fn get_all(&self, space: &str, keys: &[Key]) -> Vec<Option<Arc<[u8]>>> {
        let began = self.0.clock.instant();
        let now = self.0.clock.now();
        let mut core = self.core();
        let place = core.place(space);
        let mut found: Vec<Option<(Held, Tier)>> = keys
            .iter()
            .map(|key| match core.look(place, key, now) {
                Seen::Here { held, .. } => Some((held, Tier::Memory)),
                _ => None,
            })
            .collect();
        let space = core.rooms[place].space.clone();
        drop(core);
        let missing: Vec<Key> =
            keys.iter().zip(&found).filter(|(_, held)| held.is_none()).map(|(key, _)| *key).collect();
        if let Some(disk) = self.0.disk.as_ref().filter(|_| space.on_disk && !missing.is_empty()) {
            let mut rows = disk.get_all(&missing).into_iter();
            for held in found.iter_mut().filter(|held| held.is_none()) {
                let row = rows.next().flatten().filter(|row| !matches!(row.stamp.age(now, &space), Age::Expired(_)));
                *held = row.map(|row| (Held::new(place, row.name.into(), row.bytes.into(), row.stamp), Tier::Disk));
            }
        }
        let took =
            self.0.clock.instant().saturating_duration_since(began) / u32::try_from(keys.len().max(1)).unwrap_or(1);
        let mut core = self.core();
        for (key, held) in keys.iter().zip(&found) {
            match held {
                Some((held, tier)) => core.count_hit(place, *tier, held, false, Some(took)),
                None => core.count_miss(place, key, None),
            }
        }
        drop(core);
        found.into_iter().map(|held| held.map(|(held, _)| held.bytes)).collect()
    }

    /// Waits a little where the disk is behind; whatever has no room there is kept in memory.
    pub fn put_all(&self, space: &str, entries: Vec<(Key, Entry)>) {
        let writes: Vec<(usize, Write)> =
            entries.into_iter().filter_map(|(key, entry)| self.write(space, key, "", entry)).collect();
        let Some(place) = writes.first().map(|(place, _)| *place) else { return };
        let writes: Vec<Write> = writes.into_iter().map(|(_, write)| write).collect();
        self.core().rooms[place].tally.puts += writes.len() as u64;
        if self.0.disk.as_ref().is_some_and(Disk::is_usable) && self.keep(place, writes.clone(), true) {
            return;
        }
        let mut core = self.core();
        for write in writes {
            core.put(write.key, Held::new(place, write.name, write.bytes, write.stamp), false);
        }
    }

    pub fn remove(&self, key: &Key) {
        self.core().memory.remove(key);
        if let Some(disk) = &self.0.disk {
            disk.remove(vec![*key]);
        }
    }

    /// Everything that was put in is on disk when this returns, as far as there is one.
    pub fn settle(&self) {
        if let Some(disk) = &self.0.disk {
            disk.settle();
        }
    }

    /// Nothing where the namespace keeps nothing.
    fn write(&self, space: &str, key: Key, label: &str, entry: Entry) -> Option<(usize, Write)> {
        let mut core = self.core();
        let place = core.place(space);
        let room = &mut core.rooms[place];
        let stamp = Stamp {
            made: self.0.clock.now().0,
            ttl: entry.ttl.map(millis),
            cost: micros(entry.cost),
            is_negative: entry.is_negative,
        };
        room.tally.made.add(entry.cost);
        if stamp.ttl(&room.space).is_some_and(|ttl| ttl.is_zero()) {
            room.tally.refused += 1;
            return None;
        }
        let name: Arc<str> = key.name(&room.space.name, label).into();
        let compresses = room.space.compresses;
        drop(core);
        Some((place, Write { key, name, stamp, bytes: entry.bytes.into(), compresses }))
    }

    /// On disk, where the namespace wants it and there is one.
    fn keep(&self, place: usize, writes: Vec<Write>, waits: bool) -> bool {
        let on_disk = self.core().rooms[place].space.on_disk;
        let Some(disk) = self.0.disk.as_ref().filter(|_| on_disk) else { return false };
        if waits { disk.put_all(writes) } else { writes.into_iter().all(|write| disk.put(write)) }
    }

    pub fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    pub(super) fn core(&self) -> MutexGuard<'_, Core> {
        lock(&self.0.core)
    }
}

impl Hit {
    fn of(held: Held, tier: Tier, is_stale: bool) -> Hit {
        let (made, is_negative) = (Timestamp(held.stamp.made), held.stamp.is_negative);
        Hit { bytes: held.bytes, tier, made, is_stale, is_negative, cost: held.stamp.cost }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("folder", &self.0.setup.folder).finish_non_exhaustive()
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
