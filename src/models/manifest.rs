//! The note that lies beside an installed model's files: what it is, where it came from, and what each file's sum was.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::{ModelsError, Result};
use super::files::{is_inside, read_json, write_json};
use super::{Entry, Installed, Sum};
use crate::clock::Timestamp;

pub(super) const FILE: &str = "docent-model.json";
/// Ours are a few kilobytes.
pub(super) const MOST_BYTES: u64 = 1 << 20;
const VERSION: u32 = 1;

/// Who vouches for a file's sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// `models.toml` names it.
    Catalogue,
    /// It is the one of an earlier pull.
    Remembered,
    /// The hub named it before the file came.
    Hub,
    /// The sender's note named it: a bundle, or a cache that names files by their sums.
    Sender,
    /// Nobody: it was taken as it came, and is remembered.
    FirstUse,
}

/// A file of an installed model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub name: String,
    pub bytes: u64,
    pub sha256: Sum,
    pub trust: Trust,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    version: u32,
    pub entry: Entry,
    /// The commit it was pulled at, where it came from a hub.
    pub revision: Option<String>,
    pub files: Vec<Held>,
    /// Milliseconds since 1970.
    pub installed_at: u64,
}

impl Manifest {
    pub(super) fn new(entry: Entry, revision: Option<String>, files: Vec<Held>, now: Timestamp) -> Manifest {
        Manifest { version: VERSION, entry, revision, files, installed_at: now.0 }
    }

    /// As the shelf has it now.
    pub(super) fn of(model: &Installed) -> Manifest {
        Manifest::new(model.entry.clone(), model.revision.clone(), model.files.clone(), model.installed_at)
    }

    /// None where the folder holds none.
    pub(super) fn read(folder: &Path) -> Result<Option<Manifest>> {
        let path = folder.join(FILE);
        let Some(manifest) = read_json::<Manifest>(&path, MOST_BYTES)? else { return Ok(None) };
        manifest.check().map_err(|why| ModelsError::Unreadable { path, why })?;
        Ok(Some(manifest))
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        write_json(&folder.join(FILE), self)
    }

    /// It may come from somebody else's disk.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.version > VERSION {
            return Err(format!("it has version {}, and this docent knows {VERSION}", self.version));
        }
        if let Some(file) = self.files.iter().find(|file| !is_inside(&file.name) || file.name == FILE) {
            return Err(format!("it names a file {:?}", file.name));
        }
        let mut names: Vec<&str> = self.files.iter().map(|file| file.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0].eq_ignore_ascii_case(pair[1])) {
            return Err("it names a file twice".to_owned());
        }
        match self.weights() {
            Some(_) => Ok(()),
            None => Err("it names no file with weights".to_owned()),
        }
    }

    fn weights(&self) -> Option<&Held> {
        let name = self.entry.weights()?;
        self.files.iter().find(|file| file.name == name)
    }

    /// What vectors are kept under: the name and the weights' sum.
    pub(super) fn identity(&self) -> String {
        let sum = self.weights().map(|file| file.sha256.short()).unwrap_or_default();
        format!("{}@{sum}", self.entry.name)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |all, file| all.saturating_add(file.bytes))
    }
}
