//! Times and limits that people change while docent runs, and that stay changed: kept in the data folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::space::Space;
use super::tiers::{Cache, lock};
use crate::fault::{Fault, Result};

/// Counts up when the file is written in another way.
const FILE: &str = "cache-1.json";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Changes {
    /// In seconds, by namespace.
    ttl: BTreeMap<String, u64>,
    pub memory: Option<u64>,
    pub disk: Option<u64>,
}

/// What somebody wants to be otherwise. What is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Seconds by namespace; 0 keeps nothing, none is as it was set up.
    pub ttl: Vec<(String, Option<i64>)>,
    pub memory: Option<i64>,
    pub disk: Option<i64>,
}

/// As it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub spaces: Vec<Space>,
    pub memory: u64,
    pub disk: u64,
}

impl Changes {
    /// What cannot be read was never changed.
    pub(super) fn load(folder: Option<&Path>) -> Changes {
        let Some(path) = folder.map(|folder| folder.join(FILE)) else { return Changes::default() };
        let read = fs::read(&path).ok().map(|bytes| serde_json::from_slice(&bytes));
        read.unwrap_or_else(|| Ok(Changes::default())).unwrap_or_else(|error| {
            tracing::warn!(?error, file = %path.display(), "changes of the cache cannot be read and are left out");
            Changes::default()
        })
    }

    pub(super) fn applied(&self, spaces: &[Space]) -> Vec<Space> {
        let changed = |space: &Space| match self.ttl.get(&space.name) {
            Some(seconds) => Space { ttl: Some(Duration::from_secs(*seconds)), ..space.clone() },
            None => space.clone(),
        };
        spaces.iter().map(changed).collect()
    }

    fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        let refused = |error: std::io::Error| {
            Fault::machine("cache_config", format!("cannot write {}: {}", path.display(), error.kind()))
                .hint("the change holds until docent ends; check who owns the data folder")
        };
        let text = serde_json::to_vec_pretty(self).expect("names and numbers can always be written");
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(refused)?;
        file.write_all(&text).map_err(refused)?;
        file.persist(&path).map_err(|error| refused(error.error))?;
        Ok(())
    }
}

impl Cache {
    /// Counts at once, for what is there already too. All of it or nothing.
    pub fn change(&self, wish: &Wish) -> Result<Config> {
        let mut changes = lock(&self.0.changes);
        let mut wanted = changes.clone();
        for (name, seconds) in &wish.ttl {
            self.must_be_known(name)?;
            match seconds {
                Some(seconds) => {
                    let bad = || {
                        Fault::caller("bad_ttl", format!("a time to live of {seconds} seconds is asked for {name}"))
                            .hint("0 keeps nothing; more keeps entries for so many seconds")
                    };
                    wanted.ttl.insert(name.clone(), u64::try_from(*seconds).map_err(|_| bad())?);
                }
                None => drop(wanted.ttl.remove(name)),
            }
        }
        let bytes = |what: &str, bytes: i64| {
            let bad = || {
                Fault::caller("bad_limit", format!("{bytes} bytes are asked for as the limit of the cache's {what}"))
                    .hint("0 switches it off; more bounds it to so many bytes")
            };
            u64::try_from(bytes).map_err(|_| bad())
        };
        wanted.memory = wish.memory.map(|most| bytes("memory", most)).transpose()?.or(wanted.memory);
        wanted.disk = wish.disk.map(|most| bytes("disk", most)).transpose()?.or(wanted.disk);
        *changes = wanted.clone();
        drop(changes);
        self.apply(&wanted);
        match &self.0.setup.folder {
            Some(folder) if wanted != Changes::load(Some(folder)) => wanted.save(folder)?,
            _ => {}
        }
        Ok(self.config())
    }

    pub fn config(&self) -> Config {
        let changes = lock(&self.0.changes).clone();
        let core = self.core();
        Config {
            spaces: core.rooms.iter().map(|room| room.space.clone()).collect(),
            memory: core.memory.most(),
            disk: changes.disk.unwrap_or(self.0.setup.disk),
        }
    }

    fn must_be_known(&self, name: &str) -> Result<()> {
        let core = self.core();
        if core.rooms.iter().any(|room| room.space.name == name) {
            return Ok(());
        }
        let names: Vec<&str> = core.rooms.iter().map(|room| room.space.name.as_str()).collect();
        let what = format!("the cache has no namespace {name:?}");
        Err(Fault::caller("unknown_namespace", what).hint(format!("there is: {}", names.join(", "))))
    }

    fn apply(&self, changes: &Changes) {
        let mut core = self.core();
        for room in &mut core.rooms {
            let setup = self.0.setup.spaces.iter().find(|space| space.name == room.space.name);
            let as_set_up = setup.cloned().unwrap_or_else(|| room.space.clone());
            room.space = changes.applied(&[as_set_up]).remove(0);
        }
        core.bound(changes.memory.unwrap_or(self.0.setup.memory));
        drop(core);
        if let Some(disk) = &self.0.disk {
            disk.bound(changes.disk.unwrap_or(self.0.setup.disk));
        }
    }
}
