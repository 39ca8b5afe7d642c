//! Which models are there? The catalogue that is compiled in, and what a local `models.toml` adds to it or replaces.

mod table;

use std::io;
use std::path::{Path, PathBuf};

use toml_edit::Document;

use self::table::Text;
pub(super) use self::table::is_commit;
use super::error::{ModelsError, Result};
use super::files::read_small;
use super::{Entry, Kind};

const BUILT_IN: &str = include_str!("../../../models.toml");
/// A person writes it by hand.
const MOST_BYTES: u64 = 4 << 20;

#[derive(Clone, Debug)]
pub struct Catalogue {
    entries: Vec<Entry>,
}

impl Catalogue {
    /// What docent knows by itself.
    pub fn built_in() -> Catalogue {
        let entries =
            parse(Path::new("models.toml"), BUILT_IN).expect("a test reads the catalogue that is compiled in");
        Catalogue { entries }
    }

    /// With the entries of `models.toml` in the data folder, where there is one.
    pub fn load(data_dir: &Path) -> Result<Catalogue> {
        let mut catalogue = Catalogue::built_in();
        let path = Catalogue::local_file(data_dir);
        let bytes = match read_small(&path, MOST_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(catalogue),
            Err(error) => return Err(ModelsError::refused(&path, "read", error)),
        };
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            ModelsError::Catalogue { path: path.clone(), line, why: "this is not text in UTF-8".to_owned() }
        })?;
        for entry in parse(&path, &text)? {
            catalogue.put(entry);
        }
        Ok(catalogue)
    }

    pub fn local_file(data_dir: &Path) -> PathBuf {
        data_dir.join("models.toml")
    }

    fn put(&mut self, entry: Entry) {
        if entry.is_default {
            for other in self.entries.iter_mut().filter(|other| other.kind == entry.kind) {
                other.is_default = false;
            }
        }
        match self.entries.iter_mut().find(|other| same_name(&other.name, &entry.name)) {
            Some(other) => *other = entry,
            None => self.entries.push(entry),
        }
    }

    /// In the order they are written.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn default_of(&self, kind: Kind) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.kind == kind && entry.is_default)
    }

    /// As people write it: capitals and hyphens do not matter, and a repository's owner may stand before it.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        let by_repo = |entry: &&Entry| entry.repo.as_deref().is_some_and(|repo| repo.eq_ignore_ascii_case(name));
        self.entries.iter().find(|entry| same_name(&entry.name, name)).or_else(|| self.entries.iter().find(by_repo))
    }

    /// The one with this name, or an error that names the nearest.
    pub fn named(&self, name: &str) -> Result<&Entry> {
        self.find(name).ok_or_else(|| ModelsError::Unknown {
            name: name.to_owned(),
            nearest: nearest(name, self.entries.iter().map(|entry| entry.name.as_str())),
        })
    }
}

pub(super) fn same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.chars().filter(|c| !"-_".contains(*c)).collect::<String>().to_ascii_lowercase();
    plain(one) == plain(other)
}

/// The name that a typing error probably meant.
pub(super) fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let typed = typed.to_ascii_lowercase();
    names
        .map(|name| (strsim::jaro_winkler(&typed, &name.to_ascii_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

fn parse(path: &Path, text: &str) -> Result<Vec<Entry>> {
    let whole = Text { path, text };
    let document = Document::parse(text).map_err(|error| {
        tracing::debug!(%error, "a catalogue is not TOML");
        whole.wrong(error.span().map_or(0, |span| span.start), "this is not TOML")
    })?;
    let mut entries: Vec<Entry> = Vec::new();
    for (name, item) in document.iter() {
        let at = document.key(name).and_then(|key| key.span()).or_else(|| item.span()).map_or(0, |span| span.start);
        let entry = whole.entry(name, item, at)?;
        if let Some(other) = entries.iter().find(|other| same_name(&other.name, name)) {
            return Err(whole.wrong(at, format!("{name} cannot be told from {}", other.name)));
        }
        entries.push(entry);
    }
    for kind in Kind::ALL {
        if entries.iter().filter(|entry| entry.kind == kind && entry.is_default).count() > 1 {
            return Err(whole.wrong(0, format!("only one {kind} can be the default")));
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests;
