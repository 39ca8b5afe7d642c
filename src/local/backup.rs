//! The whole library as one file, written by whoever has it open.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::{Holder, Line, Task, Tell};
use crate::fault::{Fault, Result};
use crate::library::{Overwrite, backup};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Backup {
    /// As it was typed.
    pub file: PathBuf,
    /// Where it was typed.
    pub folder: PathBuf,
    /// Replaces a file that is there.
    pub force: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackupJson {
    pub file: String,
    pub bytes: u64,
}

impl Task for Backup {
    const NAME: &'static str = "backup";
    const LINE: Line = Line::Change;
    type Told = ();
    type Done = BackupJson;

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, _: Tell<'_, ()>) -> Result<BackupJson> {
        let overwrite = if self.force { Overwrite::Replace } else { Overwrite::Refuse };
        let path = if holder.is_here { self.file.clone() } else { self.folder.join(&self.file) };
        let file = self.file.display().to_string();
        let bytes = backup(holder.library()?, &path, overwrite).map_err(|error| {
            let mut fault = Fault::from(error);
            // In the words it was typed in.
            fault.what = fault.what.replace(&path.display().to_string(), &file);
            fault
        })?;
        Ok(BackupJson { file, bytes })
    }
}
