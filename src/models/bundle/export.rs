//! Installed models into one file. What is written was verified while it was read: a damaged model does not travel.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use super::format::{Head, write_head};
use crate::models::error::{ModelsError, Result};
use crate::models::files::inside;
use crate::models::manifest::Manifest;
use crate::models::sum::{BLOCK, Summing};
use crate::models::{Held, Installed};

/// What becomes of a file that is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    Refuse,
    Replace,
}

/// Says how many bytes the file has. `listener` is told of every block that was written.
pub fn export(models: &[Installed], file: &Path, overwrite: Overwrite, listener: &mut dyn FnMut(u64)) -> Result<u64> {
    if overwrite == Overwrite::Refuse && file.exists() {
        return Err(ModelsError::Exists { path: file.to_owned() });
    }
    let refused = |error| ModelsError::refused(file, "write", error);
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(refused)?;
    let head = Head { models: models.iter().map(Manifest::of).collect() };
    {
        let mut to = BufWriter::with_capacity(BLOCK, temporary.as_file_mut());
        write_head(&head, &mut to).map_err(refused)?;
        for model in models {
            for held in &model.files {
                copy(model, held, &mut to, &refused, listener)?;
            }
        }
        to.flush().map_err(refused)?;
    }
    temporary.as_file().sync_all().map_err(refused)?;
    match overwrite {
        Overwrite::Replace => temporary.persist(file).map(drop).map_err(|error| refused(error.error))?,
        Overwrite::Refuse => temporary.persist_noclobber(file).map(drop).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => ModelsError::Exists { path: file.to_owned() },
            _ => refused(error.error),
        })?,
    }
    readable_by_others(file);
    fs::metadata(file).map(|found| found.len()).map_err(refused)
}

/// Temporary files are their maker's alone; a bundle is made to be handed on.
fn readable_by_others(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if let Err(error) = fs::set_permissions(file, fs::Permissions::from_mode(0o644)) {
            tracing::debug!(%error, "the bundle stays readable by its owner only");
        }
    }
    #[cfg(not(unix))]
    let _ = file;
}

fn copy(
    model: &Installed,
    held: &Held,
    to: &mut impl Write,
    refused: &dyn Fn(io::Error) -> ModelsError,
    listener: &mut dyn FnMut(u64),
) -> Result<()> {
    let path = inside(&model.folder, &held.name)?;
    let damaged = |why| ModelsError::Damaged { name: model.name.clone(), path: path.clone(), why };
    let from = File::open(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => damaged("is gone"),
        _ => ModelsError::refused(&path, "read", error),
    })?;
    // One byte more than it should have shows that it has more.
    let mut from = from.take(held.bytes.saturating_add(1));
    let mut summing = Summing::default();
    let mut block = vec![0; BLOCK];
    loop {
        let read = from.read(&mut block).map_err(|error| ModelsError::refused(&path, "read", error))?;
        if read == 0 {
            break;
        }
        summing.add(&block[..read]);
        if summing.bytes > held.bytes {
            return Err(damaged("has another length than it had"));
        }
        to.write_all(&block[..read]).map_err(refused)?;
        listener(read as u64);
    }
    match summing.bytes == held.bytes && summing.sum() == held.sha256 {
        true => Ok(()),
        false => Err(damaged("is not what was installed")),
    }
}
