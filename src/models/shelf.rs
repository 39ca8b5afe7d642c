//! What is installed, and which of it is used. A folder for each model, in `models/` in the data folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::catalogue::{nearest, same_name};
use super::error::{ModelsError, Result};
use super::files::{inside, is_model_name, read_json, write_json};
use super::manifest::{self, Manifest};
use super::{Catalogue, Entry, Held, Kind};
use crate::clock::Timestamp;

#[derive(Clone, Debug)]
pub struct Shelf {
    data_dir: PathBuf,
    folder: PathBuf,
}

/// A model that is here.
#[derive(Clone, Debug)]
pub struct Installed {
    pub name: String,
    pub kind: Kind,
    /// Its name and the first 12 digits of its weights' sum: `all-MiniLM-L6-v2@53aa51172d14`.
    pub identity: String,
    pub folder: PathBuf,
    /// What its files take on disk.
    pub bytes: u64,
    /// What is known about it, as it was when it came here.
    pub entry: Entry,
    pub files: Vec<Held>,
    pub revision: Option<String>,
    pub installed_at: Timestamp,
}

/// A folder on the shelf that cannot be used.
#[derive(Debug)]
pub struct Unreadable {
    pub name: String,
    pub error: ModelsError,
}

/// Which was chosen, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Chosen {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    embedder: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reranker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    generator: Option<String>,
}

impl Chosen {
    fn of(&mut self, kind: Kind) -> &mut Option<String> {
        match kind {
            Kind::Embedder => &mut self.embedder,
            Kind::Reranker => &mut self.reranker,
            Kind::Generator => &mut self.generator,
        }
    }
}

impl Shelf {
    /// Touches nothing: a shelf without a folder is empty.
    pub fn open(data_dir: &Path) -> Shelf {
        Shelf { data_dir: data_dir.to_owned(), folder: data_dir.join("models") }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Those that can be used, by name.
    pub fn installed(&self) -> Vec<Installed> {
        let (installed, unreadable) = self.survey();
        for Unreadable { name, error } in unreadable {
            tracing::warn!(name, %error, "a model on the shelf cannot be used");
        }
        installed
    }

    /// Those that can be used, and the folders that cannot.
    pub fn survey(&self) -> (Vec<Installed>, Vec<Unreadable>) {
        let (mut installed, mut unreadable) = (Vec::new(), Vec::new());
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (installed, unreadable),
            Err(error) => {
                let error = ModelsError::refused(&self.folder, "read", error);
                return (installed, vec![Unreadable { name: "models".to_owned(), error }]);
            }
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| is_model_name(name)).collect();
        names.sort();
        for name in names {
            match self.read(&name) {
                Ok(Some(found)) => installed.push(found),
                Ok(None) => {}
                Err(error) => unreadable.push(Unreadable { name, error }),
            }
        }
        (installed, unreadable)
    }

    /// None where no model lies under this name.
    fn read(&self, name: &str) -> Result<Option<Installed>> {
        let folder = inside(&self.folder, name)?;
        if !folder.is_dir() {
            return Ok(None);
        }
        let Some(mut manifest) = Manifest::read(&folder)? else {
            return Err(ModelsError::Unreadable {
                path: folder.join(manifest::FILE),
                why: "it is not there, so that nobody knows what the folder holds".to_owned(),
            });
        };
        // The folder's name is the one that is typed and found again.
        name.clone_into(&mut manifest.entry.name);
        Ok(Some(Installed {
            identity: manifest.identity(),
            bytes: manifest.bytes(),
            name: name.to_owned(),
            kind: manifest.entry.kind,
            folder,
            entry: manifest.entry,
            files: manifest.files,
            revision: manifest.revision,
            installed_at: Timestamp(manifest.installed_at),
        }))
    }

    /// The one that lies under exactly this name.
    pub(super) fn get(&self, name: &str) -> Result<Installed> {
        self.read(name)?.ok_or_else(|| ModelsError::NotInstalled { name: name.to_owned() })
    }

    /// As people write it. An error names the nearest, or says how to get it.
    pub fn named(&self, name: &str, catalogue: &Catalogue) -> Result<Installed> {
        let (installed, unreadable) = self.survey();
        // A repository's whole name means the model that comes from it.
        let known = catalogue.find(name).map_or(name, |entry| entry.name.as_str());
        if let Some(broken) = unreadable.into_iter().find(|broken| same_name(&broken.name, known)) {
            return Err(broken.error);
        }
        if let Some(found) = installed.iter().find(|found| same_name(&found.name, known)) {
            return Ok(found.clone());
        }
        if let Some(entry) = catalogue.find(name) {
            return Err(ModelsError::NotInstalled { name: entry.name.clone() });
        }
        let names = installed.iter().map(|found| found.name.as_str());
        let names = names.chain(catalogue.entries().iter().map(|entry| entry.name.as_str()));
        Err(ModelsError::Unknown { name: name.to_owned(), nearest: nearest(name, names) })
    }

    /// The one that is used: what `models use` chose, else the catalogue's default, else the only one of its kind; and
    /// none where none of these is installed. An error where its files are not whole.
    pub fn chosen(&self, kind: Kind) -> Result<Option<Installed>> {
        let Some(found) = self.choice(kind)? else { return Ok(None) };
        found.has_its_files()?;
        Ok(Some(found))
    }

    /// As [`Shelf::chosen`], whole or not.
    pub fn choice(&self, kind: Kind) -> Result<Option<Installed>> {
        let mut of_kind: Vec<Installed> = self.installed().into_iter().filter(|found| found.kind == kind).collect();
        if let Some(name) = self.chosen_names()?.of(kind).take() {
            if let Some(at) = of_kind.iter().position(|found| found.name == name) {
                return Ok(Some(of_kind.swap_remove(at)));
            }
            tracing::warn!(name, %kind, "the chosen model is not installed");
        }
        // A local catalogue that cannot be read costs the commands that need it, and nothing else.
        let catalogue = Catalogue::load(&self.data_dir).unwrap_or_else(|error| {
            tracing::warn!(%error, "the local catalogue is left out");
            Catalogue::built_in()
        });
        let default = catalogue.default_of(kind).map(|entry| entry.name.as_str());
        if let Some(at) = of_kind.iter().position(|found| Some(found.name.as_str()) == default) {
            return Ok(Some(of_kind.swap_remove(at)));
        }
        Ok(if of_kind.len() == 1 { of_kind.pop() } else { None })
    }

    /// From now on this one is used among its kind.
    pub fn use_(&self, model: &Installed) -> Result<()> {
        model.has_its_files()?;
        let mut chosen = self.chosen_names()?;
        *chosen.of(model.kind) = Some(model.name.clone());
        write_json(&self.chosen_file(), &chosen)
    }

    /// Takes it off the shelf. What was remembered about its sums stays.
    pub fn remove(&self, model: &Installed) -> Result<()> {
        let mut chosen = self.chosen_names()?;
        if chosen.of(model.kind).as_deref() == Some(model.name.as_str()) {
            *chosen.of(model.kind) = None;
            write_json(&self.chosen_file(), &chosen)?;
        }
        // Without its note a folder is no model, even when the rest of it cannot be removed.
        let note = model.folder.join(manifest::FILE);
        fs::remove_file(&note).map_err(|error| ModelsError::refused(&note, "remove", error))?;
        fs::remove_dir_all(&model.folder).map_err(|error| ModelsError::refused(&model.folder, "remove", error))
    }

    fn chosen_file(&self) -> PathBuf {
        self.folder.join("chosen.json")
    }

    fn chosen_names(&self) -> Result<Chosen> {
        Ok(read_json(&self.chosen_file(), manifest::MOST_BYTES)?.unwrap_or_default())
    }
}

impl Installed {
    /// A quick look: every file is there and as long as it was. Sums are for `verify`.
    pub fn has_its_files(&self) -> Result<()> {
        for file in &self.files {
            let path = inside(&self.folder, &file.name)?;
            let damaged = |why| Err(ModelsError::Damaged { name: self.name.clone(), path: path.clone(), why });
            match fs::metadata(&path) {
                Ok(found) if found.is_file() && found.len() == file.bytes => {}
                Ok(found) if found.is_file() && found.len() < file.bytes => return damaged("is cut short"),
                Ok(_) => return damaged("is not the file that was installed"),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return damaged("is gone"),
                Err(error) => return Err(ModelsError::refused(&path, "read", error)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
