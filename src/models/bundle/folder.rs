//! A folder that another tool filled. Only files that a model needs are looked at, and links may not lead out of it; in a
//! hub's cache they lead to the blobs that lie beside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::models::Sum;
use crate::models::catalogue::is_commit;
use crate::models::error::{ModelsError, Result};
use crate::models::files::inside;

pub(super) struct Folder {
    root: PathBuf,
    /// Where a hub's cache keeps what its snapshots link to.
    blobs: Option<PathBuf>,
    /// `owner/name`, as the cache's folder says.
    pub repo: Option<String>,
    pub revision: Option<String>,
    name: String,
}

pub(super) struct Found {
    pub path: PathBuf,
    /// A cache names large files by their sums.
    pub sum: Option<Sum>,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Folder> {
        let refused = |error| ModelsError::refused(path, "read", error);
        let mut root = fs::canonicalize(path).map_err(refused)?;
        if repo_of(&root).is_some() {
            root = newest(&root)?;
        }
        let name = last(&root).to_owned();
        let cache = root.parent().filter(|parent| last(parent) == "snapshots").and_then(Path::parent);
        let Some((cache, repo)) = cache.and_then(|cache| Some((cache, repo_of(cache)?))) else {
            return Ok(Folder { root, blobs: None, repo: None, revision: None, name });
        };
        let revision = is_commit(&name).then_some(name);
        let name = repo.rsplit('/').next().unwrap_or(&repo).to_owned();
        let blobs = fs::canonicalize(cache.join("blobs")).ok().filter(|blobs| blobs.starts_with(cache));
        Ok(Folder { blobs, repo: Some(repo), revision, name, root })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn path(&self) -> &Path {
        &self.root
    }

    /// None where there is no such file.
    pub(super) fn file(&self, name: &str) -> Result<Option<Found>> {
        let path = inside(&self.root, name)?;
        let refused = |error| ModelsError::refused(&path, "read", error);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(error)),
            Ok(_) => {}
        }
        let real = fs::canonicalize(&path).map_err(refused)?;
        let blob = self.blobs.as_ref().is_some_and(|blobs| real.parent() == Some(blobs));
        if !blob && !real.starts_with(&self.root) {
            return Err(ModelsError::Outside { path, leads_to: real });
        }
        if !fs::metadata(&real).map_err(refused)?.is_file() {
            return Err(ModelsError::NotAModel { path, why: "this is no file".to_owned() });
        }
        let sum = if blob { Sum::parse(last(&real)) } else { None };
        Ok(Some(Found { path: real, sum }))
    }

    /// Names of the GGUF files that lie in it.
    pub(super) fn ggufs(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.root).map_err(|error| ModelsError::refused(&self.root, "read", error))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| name.to_ascii_lowercase().ends_with(".gguf")).collect();
        names.sort();
        Ok(names)
    }
}

fn last(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// `models--owner--name` is how a cache writes `owner/name`.
fn repo_of(path: &Path) -> Option<String> {
    last(path).strip_prefix("models--").map(|rest| rest.replacen("--", "/", 1))
}

/// The snapshot that `main` is, or the only one.
fn newest(cache: &Path) -> Result<PathBuf> {
    let snapshots = cache.join("snapshots");
    let main = fs::read_to_string(cache.join("refs").join("main")).unwrap_or_default();
    if is_commit(main.trim()) && snapshots.join(main.trim()).is_dir() {
        return Ok(snapshots.join(main.trim()));
    }
    let entries = fs::read_dir(&snapshots).map_err(|error| ModelsError::refused(&snapshots, "read", error))?;
    let mut folders = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir());
    match (folders.next(), folders.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(ModelsError::NotAModel {
            path: snapshots,
            why: "it does not hold exactly one snapshot; name the one you mean".to_owned(),
        }),
    }
}
