//! Where a model waits until it is whole: a folder beside the shelf, held by one process, that becomes the model's folder in
//! one step.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::error::{ModelsError, Result};
use super::files::inside;
use super::manifest::Manifest;
use super::sum::{BLOCK, Summing};
use super::{Held, Shelf, Sum};

const FOLDER: &str = ".staging";

#[derive(Debug)]
pub(super) struct Staging {
    name: String,
    folder: PathBuf,
    /// Where the model of this name that is replaced waits to be removed.
    old: PathBuf,
    target: PathBuf,
    life: Life,
    /// Let go by the system however this process ends.
    _lock: File,
}

/// What becomes of it when it does not become a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// Its parts are taken up next time.
    Long,
    /// It is removed.
    Short,
}

impl Staging {
    /// What an earlier attempt left is still in it.
    pub(super) fn open(shelf: &Shelf, name: &str) -> Result<Staging> {
        let target = inside(shelf.folder(), name)?;
        let all = shelf.folder().join(FOLDER);
        let folder = all.join(name);
        fs::create_dir_all(&folder).map_err(|error| ModelsError::refused(&folder, "make", error))?;
        let lock_path = all.join(format!("{name}.lock"));
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(|error| ModelsError::refused(&lock_path, "open", error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ModelsError::Busy { name: name.to_owned() }),
            // A file system that knows no locks: two at once are then found by their sums.
            Err(TryLockError::Error(error)) => tracing::debug!(%error, "no lock on {}", lock_path.display()),
        }
        let (name, old, life) = (name.to_owned(), all.join(format!("{name}.old")), Life::Long);
        let staging = Staging { name, folder, old, target, life, _lock: lock };
        staging.undo_half_a_swap();
        Ok(staging)
    }

    /// With nothing in it, and removed unless it becomes a model.
    pub(super) fn open_empty(shelf: &Shelf, name: &str) -> Result<Staging> {
        let mut staging = Staging::open(shelf, name)?;
        staging.life = Life::Short;
        staging.empty()?;
        Ok(staging)
    }

    pub(super) fn empty(&self) -> Result<()> {
        let refused = |error| ModelsError::refused(&self.folder, "empty", error);
        fs::remove_dir_all(&self.folder).and_then(|()| fs::create_dir_all(&self.folder)).map_err(refused)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a file of the model goes; its folder is made.
    pub(super) fn path(&self, name: &str) -> Result<PathBuf> {
        let path = inside(&self.folder, name)?;
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder).map_err(|error| ModelsError::refused(folder, "make", error))?;
        Ok(path)
    }

    /// Writes a file of the model, and says what it was.
    pub(super) fn write(&self, name: &str, mut from: impl Read) -> Result<(Sum, u64)> {
        let path = self.path(name)?;
        let refused = |error| ModelsError::refused(&path, "write", error);
        let mut to = File::create(&path).map_err(refused)?;
        let mut summing = Summing::default();
        let mut block = vec![0; BLOCK];
        loop {
            let read = match from.read(&mut block) {
                Ok(0) => break,
                Ok(read) => &block[..read],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(ModelsError::refused(Path::new(name), "read", error)),
            };
            summing.add(read);
            to.write_all(read).map_err(refused)?;
        }
        to.sync_all().map_err(refused)?;
        Ok((summing.sum(), summing.bytes))
    }

    /// The model is on the shelf, whole, or everything is as it was.
    pub(super) fn publish(self, manifest: &Manifest) -> Result<()> {
        self.keep_only(&manifest.files)?;
        manifest.write(&self.folder)?;
        let refused = |error| ModelsError::refused(&self.target, "put in place", error);
        if self.target.exists() {
            self.remove_old()?;
            fs::rename(&self.target, &self.old).map_err(refused)?;
        }
        if let Err(error) = fs::rename(&self.folder, &self.target) {
            self.undo_half_a_swap();
            return Err(refused(error));
        }
        #[cfg(unix)]
        if let Some(shelf) = self.target.parent() {
            // The name itself reaches the disk; where that cannot be asked for, it will a little later.
            let _ = File::open(shelf).and_then(|folder| folder.sync_all());
        }
        self.remove_old()
    }

    /// Parts and notes of the way here are not the model.
    fn keep_only(&self, files: &[Held]) -> Result<()> {
        let mut waiting = vec![(self.folder.clone(), String::new())];
        while let Some((folder, prefix)) = waiting.pop() {
            let refused = |error| ModelsError::refused(&folder, "read", error);
            for entry in fs::read_dir(&folder).map_err(refused)? {
                let path = entry.map_err(refused)?.path();
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let name = format!("{prefix}{name}");
                if path.is_dir() {
                    waiting.push((path, format!("{name}/")));
                } else if !files.iter().any(|file| file.name == name) {
                    fs::remove_file(&path).map_err(|error| ModelsError::refused(&path, "remove", error))?;
                }
            }
        }
        Ok(())
    }

    fn remove_old(&self) -> Result<()> {
        match fs::remove_dir_all(&self.old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(ModelsError::refused(&self.old, "remove", error))
            }
            _ => Ok(()),
        }
    }

    /// After a stop between the two renames the old model is the one there is.
    fn undo_half_a_swap(&self) {
        if self.old.exists()
            && !self.target.exists()
            && let Err(error) = fs::rename(&self.old, &self.target)
        {
            tracing::warn!(name = self.name, %error, "the model that was to be replaced could not be put back");
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.life == Life::Short
            && let Err(error) = fs::remove_dir_all(&self.folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(name = self.name, %error, "what was staged could not be removed");
        }
    }
}
