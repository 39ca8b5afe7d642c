//! What was pulled before: the revision and the sums that were seen first are the ones that are accepted later, also after
//! the model was removed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::models::error::Result;
use crate::models::files::{read_json, write_json};
use crate::models::{Held, Shelf};

const MOST_BYTES: u64 = 16 << 20;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Remembered {
    models: BTreeMap<String, Known>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Known {
    pub repo: String,
    pub revision: String,
    pub files: Vec<Held>,
}

impl Remembered {
    pub(super) fn read(shelf: &Shelf) -> Result<Remembered> {
        Ok(read_json(&path(shelf), MOST_BYTES)?.unwrap_or_default())
    }

    /// What is known about the model, as long as it comes from the same repository.
    pub(super) fn of(mut self, name: &str, repo: &str) -> Option<Known> {
        self.models.remove(name).filter(|known| known.repo == repo)
    }

    pub(super) fn put(shelf: &Shelf, name: &str, known: Known) -> Result<()> {
        let mut all = Remembered::read(shelf)?;
        all.models.insert(name.to_owned(), known);
        write_json(&path(shelf), &all)
    }
}

fn path(shelf: &Shelf) -> PathBuf {
    shelf.folder().join("remembered.json")
}
