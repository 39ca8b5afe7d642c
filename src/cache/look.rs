//! What is in the cache: for people who want to see it, find something in it, or throw it away.

use std::collections::HashMap;
use std::time::Duration;

use super::core::Core;
use super::disk::{Condition, Head, Why};
use super::key::Key;
use super::pattern::Pattern;
use super::space::Space;
use super::stamp::{Age, Stamp};
use super::tally::Tally;
use super::tiers::Cache;
use crate::clock::Timestamp;

/// An entry as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub space: String,
    pub in_memory: bool,
    pub on_disk: bool,
    pub bytes: u64,
    pub made: Timestamp,
    /// None: never.
    pub expires: Option<Timestamp>,
    pub is_expired: bool,
    pub is_negative: bool,
    /// What it took to make.
    pub cost: Duration,
    /// Since it came into memory.
    pub uses: u32,
}

/// A namespace as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpaceStatus {
    pub space: Space,
    pub tally: Tally,
    pub entries: u64,
    pub memory_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub spaces: Vec<SpaceStatus>,
    pub memory_entries: u64,
    pub memory_bytes: u64,
    pub memory_most: u64,
    /// Nothing where there is to be no file.
    pub disk: Option<DiskStatus>,
    /// When this process opened it.
    pub began: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskStatus {
    pub entries: u64,
    /// Of the file.
    pub bytes: u64,
    pub most: u64,
    /// Why nothing is kept on disk, where nothing is.
    pub trouble: Option<String>,
    /// Another process has the file, and nothing is wrong with it.
    pub is_locked: bool,
    /// Entries that could not be written.
    pub dropped: u64,
    /// How often a damaged file was set aside.
    pub healed: u64,
}

/// What went when something was thrown away, by tier; what was in both is counted in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleared {
    pub memory: u64,
    pub disk: u64,
}

/// What is to go.
#[derive(Clone, Debug)]
pub struct Clear {
    pub pattern: Pattern,
    pub space: Option<String>,
    pub expired_only: bool,
}

impl Cache {
    /// Entries whose names fit, by name, and no more than so many.
    pub fn entries(&self, pattern: &Pattern, most: usize) -> Vec<Listed> {
        let now = self.0.clock.now();
        let mut found: HashMap<Key, Listed> = HashMap::new();
        let spaces: HashMap<String, Space> = {
            let core = self.core();
            for (key, held) in core.memory.iter().filter(|(_, held)| pattern.fits(&held.name)) {
                let room = &core.rooms[held.space];
                let mut listed = listed(&held.name, held.bytes.len() as u64, &held.stamp, &room.space, now);
                (listed.in_memory, listed.uses) = (true, held.uses);
                found.insert(*key, listed);
            }
            core.rooms.iter().map(|room| (room.space.name.clone(), room.space.clone())).collect()
        };
        if let Some(disk) = &self.0.disk {
            disk.heads(|key, head| {
                if pattern.fits(&head.name) {
                    let space = spaces.get(Space::of(&head.name)).cloned();
                    let space = space.unwrap_or_else(|| Space::new(Space::of(&head.name)));
                    let fresh = || listed(&head.name, head.len, &head.stamp, &space, now);
                    found.entry(key).or_insert_with(fresh).on_disk = true;
                }
                // More than anybody reads; what is beyond is not sorted in.
                found.len() < most.saturating_mul(4).max(LISTED)
            });
        }
        let mut found: Vec<Listed> = found.into_values().collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found.truncate(most);
        found
    }

    /// An entry with its bytes, by its name or the end of it.
    pub fn find(&self, name: &str) -> Option<(Listed, Vec<u8>)> {
        let wanted = |full: &str| full == name || full.rsplit(':').next() == Some(name);
        let in_memory = {
            let core = self.core();
            core.memory.iter().find(|(_, held)| wanted(&held.name)).map(|(key, held)| (*key, held.clone()))
        };
        let (key, held) = match in_memory {
            Some((key, held)) => (key, Some(held)),
            None => {
                let mut there = None;
                self.0.disk.as_ref()?.heads(|key, head| {
                    there = wanted(&head.name).then_some(key);
                    there.is_none()
                });
                (there?, None)
            }
        };
        let row = self.0.disk.as_ref().and_then(|disk| disk.get(&key));
        let (on_disk, in_memory) = (row.is_some(), held.is_some());
        let (name, stamp, bytes, uses) = match (held, row) {
            (Some(held), _) => (held.name.to_string(), held.stamp, held.bytes.to_vec(), held.uses),
            (None, Some(row)) => (row.name, row.stamp, row.bytes, 0),
            (None, None) => return None,
        };
        let space = self.space_of(&name);
        let listed = listed(&name, bytes.len() as u64, &stamp, &space, self.0.clock.now());
        Some((Listed { in_memory, on_disk, uses, ..listed }, bytes))
    }

    pub fn clear(&self, what: &Clear) -> Cleared {
        let now = self.0.clock.now();
        let spaces: Vec<Space> = self.core().rooms.iter().map(|room| room.space.clone()).collect();
        let Clear { pattern, space, expired_only } = what.clone();
        let is_everything = pattern.is_everything() && space.is_none() && !expired_only;
        let chosen = move |name: &str, stamp: &Stamp| {
            let here = Space::of(name);
            let is_learned = |space: &&Space| space.name == here && space.is_learned;
            if is_everything && spaces.iter().any(|space| is_learned(&space)) {
                return false;
            }
            let is_over = || {
                let space = spaces.iter().find(|space| space.name == here);
                space.is_some_and(|space| matches!(stamp.age(now, space), Age::Expired(_)))
            };
            space.as_ref().is_none_or(|space| space == here) && pattern.fits(name) && (!expired_only || is_over())
        };
        let memory = self.core().memory.retain(|held| !chosen(&held.name, &held.stamp));
        let disk = self.0.disk.as_ref();
        let disk = disk.map_or(0, |disk| disk.clear(Box::new(move |head: &Head| chosen(&head.name, &head.stamp))));
        Cleared { memory, disk }
    }

    /// Throws away what is too old. For whoever has time, now and then.
    pub fn sweep(&self) -> Cleared {
        let memory = self.core().sweep(self.0.clock.now());
        let expired = Clear { pattern: Pattern::everything(), space: None, expired_only: true };
        let Cleared { disk, .. } = self.clear(&expired);
        Cleared { memory, disk }
    }

    pub fn status(&self) -> Status {
        let core = self.core();
        let mut spaces: Vec<SpaceStatus> = core
            .rooms
            .iter()
            .map(|room| SpaceStatus {
                space: room.space.clone(),
                tally: room.tally.clone(),
                entries: 0,
                memory_bytes: 0,
            })
            .collect();
        for (_, held) in core.memory.iter() {
            spaces[held.space].entries += 1;
            spaces[held.space].memory_bytes += held.bytes.len() as u64;
        }
        let (memory_entries, memory_bytes) = (core.memory.len() as u64, core.memory.bytes());
        let memory_most = core.memory.most();
        drop(core);
        let disk = self.0.disk.as_ref().map(|disk| DiskStatus::of(disk.condition()));
        Status { spaces, memory_entries, memory_bytes, memory_most, disk, began: self.0.began }
    }

    /// What is wrong with it, where something is; it works all the same.
    pub fn trouble(&self) -> Option<String> {
        self.0.disk.as_ref().and_then(|disk| DiskStatus::of(disk.condition()).trouble)
    }

    fn space_of(&self, name: &str) -> Space {
        let core = self.core();
        let room = core.rooms.iter().find(|room| room.space.name == Space::of(name));
        room.map_or_else(|| Space::new(Space::of(name)), |room| room.space.clone())
    }
}

/// Entries of which a list is sorted at least.
const LISTED: usize = 100_000;

impl DiskStatus {
    fn of(condition: Condition) -> DiskStatus {
        let Condition { why, entries, bytes, most, dropped, healed } = condition;
        let is_locked = why == Some(Why::Locked);
        let trouble = why.and_then(|why| match why {
            Why::NotYet => None,
            Why::Locked => Some("another docent uses the cache's file; this one remembers in memory only".to_owned()),
            Why::Refused(kind) => {
                Some(format!("the cache's file cannot be used: {kind}; docent remembers in memory only"))
            }
            Why::Damaged => Some("the cache's file is damaged; docent remembers in memory only".to_owned()),
        });
        DiskStatus { entries, bytes, most, trouble, is_locked, dropped, healed }
    }
}

fn listed(name: &str, bytes: u64, stamp: &Stamp, space: &Space, now: Timestamp) -> Listed {
    Listed {
        name: name.to_owned(),
        space: Space::of(name).to_owned(),
        in_memory: false,
        on_disk: false,
        bytes,
        made: Timestamp(stamp.made),
        expires: stamp.expires(space),
        is_expired: matches!(stamp.age(now, space), Age::Expired(_)),
        is_negative: stamp.is_negative,
        cost: Duration::from_micros(stamp.cost),
        uses: 0,
    }
}

/// The counts as they are kept over a restart.
pub(super) fn written(core: &Core) -> Vec<(String, Vec<u8>)> {
    let write = |tally: &Tally| postcard::to_stdvec(tally).expect("numbers can always be written");
    core.rooms.iter().map(|room| (room.space.name.clone(), write(&room.tally))).collect()
}

/// Goes on counting from there.
pub(super) fn remember(core: &mut Core, tallies: Vec<(String, Vec<u8>)>) {
    for (name, bytes) in tallies {
        if let Ok(tally) = postcard::from_bytes::<Tally>(&bytes) {
            let place = core.place(&name);
            core.rooms[place].tally.absorb(&tally);
        }
    }
}
