//! Models from a disk onto the shelf. Everything is copied first, then looked at where it lies, and put in place only when all
//! of it is sound.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::folder::Folder;
use super::format::{MAGIC, read_head};
use crate::clock::Timestamp;
use crate::models::error::{ModelsError, Result};
use crate::models::files::{is_model_name, read_small};
use crate::models::manifest::Manifest;
use crate::models::recognise::{self, Header};
use crate::models::staging::Staging;
use crate::models::sum::BLOCK;
use crate::models::{Catalogue, Entry, FileFact, Held, Installed, Kind, Shelf, Sum, Trust};

const MOST_NOTE: u64 = 16 << 20;

/// A bundle, a GGUF file, a folder of an encoder, or a snapshot in a hub's cache. `name` in place of its own.
pub fn import(
    shelf: &Shelf,
    catalogue: &Catalogue,
    path: &Path,
    name: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Installed>> {
    let refused = |error| ModelsError::refused(path, "read", error);
    if let Some(name) = name.filter(|name| !is_model_name(name)) {
        return Err(ModelsError::BadName { name: name.to_owned() });
    }
    let desk = Desk { shelf, catalogue, name, now };
    let found = std::fs::metadata(path).map_err(refused)?;
    if found.is_dir() {
        return desk.folder(&Folder::open(path)?).map(|model| vec![model]);
    }
    if !found.is_file() {
        return Err(not_a_model(path, "it is neither a file nor a folder"));
    }
    let mut magic = Vec::new();
    File::open(path).map_err(refused)?.take(MAGIC.len() as u64).read_to_end(&mut magic).map_err(refused)?;
    if magic.starts_with(b"GGUF") {
        return desk.gguf(path, None).map(|model| vec![model]);
    }
    if magic.starts_with(b"docent models") {
        return desk.bundle(path);
    }
    Err(not_a_model(path, "it is neither a GGUF file nor a bundle that `docent models export` wrote"))
}

fn not_a_model(path: &Path, why: impl Into<String>) -> ModelsError {
    ModelsError::NotAModel { path: path.to_owned(), why: why.into() }
}

struct Desk<'a> {
    shelf: &'a Shelf,
    catalogue: &'a Catalogue,
    name: Option<&'a str>,
    now: Timestamp,
}

impl Desk<'_> {
    fn folder(&self, folder: &Folder) -> Result<Installed> {
        if folder.file("config.json")?.is_none() {
            let ggufs = folder.ggufs()?;
            return match &ggufs[..] {
                [name] => {
                    let found = folder.file(name)?.ok_or_else(|| not_a_model(folder.path(), "its file is gone"))?;
                    self.gguf(&found.path, Some((name, found.sum, folder)))
                }
                [] => Err(not_a_model(folder.path(), "it holds neither a config.json nor a GGUF file")),
                _ => Err(not_a_model(folder.path(), "it holds several GGUF files; name the one you mean")),
            };
        }
        let read = |name: &str| read_small(&folder.file(name).ok()??.path, MOST_NOTE).ok();
        let facts = recognise::facts(&read).map_err(|why| not_a_model(folder.path(), why))?;
        let mut entry = self.entry(folder.repo.as_deref(), folder.name(), facts.kind);
        if entry.repo.is_none()
            && let Some(known) = self.by_weights(folder)?
        {
            entry = known;
        }
        if entry.repo.is_none() {
            entry.repo.clone_from(&folder.repo);
            entry.dimensions = facts.dimensions;
            entry.max_tokens = facts.max_tokens;
            entry.pooling = facts.pooling;
            entry.query_prefix = facts.query_prefix;
            entry.passage_prefix = facts.passage_prefix;
        }
        if entry.files.is_empty() {
            entry.files = Entry::encoder_files(facts.kind);
        }
        let staging = self.staging(&entry)?;
        let mut held = Vec::new();
        for fact in &entry.files {
            let Some(found) = folder.file(&fact.name)? else {
                if fact.optional {
                    continue;
                }
                let mut why = format!("it has no {}", fact.name);
                if fact.name == "model.safetensors" && folder.file("pytorch_model.bin")?.is_some() {
                    why.push_str("; weights in pytorch_model.bin are programs, which docent does not run");
                }
                return Err(not_a_model(folder.path(), why));
            };
            held.push(take(&staging, fact, &found.path, found.sum)?);
        }
        self.put(staging, entry, folder.revision.clone(), held)
    }

    /// `inside`: the name it has in its folder, and what that folder knows.
    fn gguf(&self, path: &Path, inside: Option<(&str, Option<Sum>, &Folder)>) -> Result<Installed> {
        let header = recognise::gguf_file(path).map_err(|why| not_a_model(path, why))?;
        let own_name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let file_name = inside.map_or(own_name, |(name, ..)| name);
        let repo = inside.and_then(|(_, _, folder)| folder.repo.as_deref());
        let known = self.catalogue.entries().iter().find(|entry| entry.weights() == Some(file_name));
        let stem = file_name.strip_suffix(".gguf").unwrap_or(file_name);
        // Some files are named after nothing but their architecture.
        let told = header.name.as_deref().filter(|name| Some(*name) != header.architecture.as_deref());
        let own = known.map_or_else(|| told.unwrap_or(stem), |entry| &entry.name);
        let mut entry = self.entry(repo, own, Kind::Generator);
        describe(&mut entry, header);
        // A file that is not the catalogue's is still this model, in another size: its name is what tells.
        let name = if is_model_name(file_name) { file_name.to_owned() } else { "model.gguf".to_owned() };
        let fact = entry.files.iter().find(|fact| fact.name == name).cloned();
        let fact = fact.unwrap_or_else(|| FileFact::named(&name, false));
        entry.files = vec![fact.clone()];
        let staging = self.staging(&entry)?;
        let held = take(&staging, &fact, path, inside.and_then(|(_, sum, _)| sum))?;
        let revision = inside.and_then(|(_, _, folder)| folder.revision.clone());
        self.put(staging, entry, revision, vec![held])
    }

    fn bundle(&self, path: &Path) -> Result<Vec<Installed>> {
        let file = File::open(path).map_err(|error| ModelsError::refused(path, "read", error))?;
        let mut from = BufReader::with_capacity(BLOCK, file);
        let bad = |why: String| ModelsError::Bundle { path: path.to_owned(), why };
        let head = read_head(&mut from).map_err(bad)?;
        if self.name.is_some() && head.models.len() > 1 {
            return Err(bad("`--name` names one model, and it holds several".to_owned()));
        }
        let mut staged: Vec<(Staging, Manifest)> = Vec::new();
        for mut manifest in head.models {
            if let Some(name) = self.name {
                name.clone_into(&mut manifest.entry.name);
            }
            let staging = self.staging(&manifest.entry)?;
            for held in &manifest.files {
                let (sum, bytes) = staging.write(&held.name, (&mut from).take(held.bytes))?;
                if bytes != held.bytes {
                    return Err(bad(format!("it is cut short in {} of {}", held.name, manifest.entry.name)));
                }
                if sum != held.sha256 {
                    return Err(bad(format!("{} of {} was altered", held.name, manifest.entry.name)));
                }
            }
            recognise::check(staging.folder(), &manifest.entry)?;
            manifest.installed_at = self.now.0;
            manifest.files.iter_mut().for_each(|held| held.trust = Trust::Sender);
            staged.push((staging, manifest));
        }
        if from.read(&mut [0]).map_err(|error| ModelsError::refused(path, "read", error))? != 0 {
            return Err(bad("there is more in it than its head lists".to_owned()));
        }
        staged.into_iter().map(|(staging, manifest)| self.publish(staging, &manifest)).collect()
    }

    /// What the catalogue knows about it, under the name it gets here.
    fn entry(&self, repo: Option<&str>, own_name: &str, kind: Kind) -> Entry {
        let known = match self.name {
            Some(name) => self.catalogue.find(name),
            None => repo.and_then(|repo| self.catalogue.find(repo)).or_else(|| self.catalogue.find(own_name)),
        };
        if let Some(known) = known {
            return known.clone();
        }
        Entry::new(&self.name.map_or_else(|| as_name(own_name), str::to_owned), kind)
    }

    /// What the catalogue knows about these very weights, whatever their folder is called. Its other files may be of a later
    /// revision, so their sums say nothing here.
    fn by_weights(&self, folder: &Folder) -> Result<Option<Entry>> {
        const WEIGHTS: &str = "model.safetensors";
        let Some(found) = folder.file(WEIGHTS)? else { return Ok(None) };
        let bytes = std::fs::metadata(&found.path).map_or(0, |metadata| metadata.len());
        let pinned = |entry: &&Entry| entry.files.iter().any(|file| file.name == WEIGHTS && file.bytes == Some(bytes));
        let alike: Vec<&Entry> = self.catalogue.entries().iter().filter(pinned).collect();
        if alike.is_empty() {
            return Ok(None);
        }
        let refused = |error| ModelsError::refused(&found.path, "read", error);
        let (sum, _) = Sum::of(File::open(&found.path).map_err(refused)?).map_err(refused)?;
        let is_same = |entry: &&Entry| entry.files.iter().any(|file| file.sha256 == Some(sum));
        Ok(alike.into_iter().find(is_same).map(|known| Entry {
            name: self.name.unwrap_or(&known.name).to_owned(),
            files: Entry::encoder_files(known.kind),
            ..known.clone()
        }))
    }

    fn staging(&self, entry: &Entry) -> Result<Staging> {
        let target = self.shelf.folder().join(&entry.name);
        if target.exists() {
            return Err(ModelsError::AlreadyInstalled { name: entry.name.clone() });
        }
        Staging::open_empty(self.shelf, &entry.name)
    }

    fn put(&self, staging: Staging, mut entry: Entry, revision: Option<String>, files: Vec<Held>) -> Result<Installed> {
        entry.files.retain(|fact| files.iter().any(|held| held.name == fact.name));
        recognise::check(staging.folder(), &entry)?;
        self.publish(staging, &Manifest::new(entry, revision, files, self.now))
    }

    fn publish(&self, staging: Staging, manifest: &Manifest) -> Result<Installed> {
        staging.publish(manifest)?;
        self.shelf.get(&manifest.entry.name)
    }
}

/// Where the catalogue says nothing, the file's own word counts.
fn describe(entry: &mut Entry, header: Header) {
    entry.architecture = header.architecture.or(entry.architecture.take());
    entry.context = entry.context.or(header.context);
    entry.licence = entry.licence.take().or(header.licence);
    if entry.languages.is_empty() {
        entry.languages = header.languages;
    }
}

fn take(staging: &Staging, fact: &FileFact, path: &Path, cache_sum: Option<Sum>) -> Result<Held> {
    let file = File::open(path).map_err(|error| ModelsError::refused(path, "read", error))?;
    let (sha256, bytes) = staging.write(&fact.name, file)?;
    let mut trust = Trust::FirstUse;
    for (expected, who) in [(cache_sum, Trust::Sender), (fact.sha256, Trust::Catalogue)] {
        if let Some(expected) = expected {
            if expected != sha256 {
                return Err(ModelsError::SumDiffers { path: path.to_owned(), expected, found: sha256, who });
            }
            trust = who;
        }
    }
    Ok(Held { name: fact.name.clone(), bytes, sha256, trust })
}

/// `Llama 3.2 1B Instruct` → `Llama-3.2-1B-Instruct`.
fn as_name(text: &str) -> String {
    let words =
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_').filter(|word| !word.is_empty());
    let mut name = words.collect::<Vec<_>>().join("-");
    name.truncate(100);
    let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    if is_model_name(&name) { name } else { "imported".to_owned() }
}
