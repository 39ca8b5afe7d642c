//! Files and folders into the library, read by whoever has it open.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::documents::named;
use super::{FaultJson, Holder, Line, Needs, Task, Tell};
use crate::assistant::{self, AddEvent, AddOptions, AddReport, Depth, Outcome};
use crate::fault::{Fault, Result};
use crate::wire::{FailedJson, ReportJson};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Add {
    /// As they were typed.
    pub paths: Vec<PathBuf>,
    /// Where they were typed.
    pub folder: PathBuf,
    /// As the settings have it where nothing is said.
    pub collection: Option<String>,
    /// Folders inside folders too.
    pub recursive: bool,
    /// Removes what is gone, too.
    pub sync: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Added {
    pub report: ReportJson,
    /// The library failed in the middle of it.
    pub broken: Option<FaultJson>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum AddTold {
    Started { files: u64, bytes: u64 },
    Done { path: String, bytes: u64, outcome: String },
    Failed { bytes: u64, what: FailedJson },
    Embedded { passages: u64 },
    Publishing,
}

impl Task for Add {
    const NAME: &'static str = "add";
    const LINE: Line = Line::Change;
    type Told = AddTold;
    type Done = Added;

    fn needs(&self) -> Needs {
        Needs::ToWrite
    }

    fn run(self, holder: &Holder<'_>, stop: &AtomicBool, tell: Tell<'_, AddTold>) -> Result<Added> {
        let collection = self.collection.as_deref().map(named).transpose()?;
        let options = AddOptions {
            depth: if self.recursive { Depth::All } else { Depth::Direct },
            ..holder.settings.adding(collection, holder.engines())
        };
        let paths: Vec<PathBuf> = match holder.is_here {
            true => self.paths.clone(),
            false => self.paths.iter().map(|path| self.folder.join(path)).collect(),
        };
        let mut progress = |event: AddEvent<'_>| {
            let _ = tell(Some(self.told(&event)));
        };
        let work = if self.sync { assistant::sync } else { assistant::add };
        let mut report = work(holder.library()?, &paths, &options, holder.clock, &mut progress, stop)?;
        for (path, fault) in &mut report.failed {
            let failed = self.failed(path, fault);
            (*path, fault.what) = (failed.path.into(), failed.error);
        }
        let broken = report.broken.take().map(|fault| FaultJson::from(&fault));
        Ok(Added { report: ReportJson::from(&report), broken })
    }
}

impl Add {
    /// Whoever typed relative paths reads relative paths.
    fn as_typed<'a>(&self, path: &'a Path) -> &'a Path {
        let inside = path.strip_prefix(&self.folder).unwrap_or(path);
        let is_typed = self.paths.iter().any(|typed| typed.is_relative() && inside.starts_with(typed));
        if is_typed { inside } else { path }
    }

    /// What is not there at all is called in the words it was typed in.
    fn failed(&self, path: &Path, fault: &Fault) -> FailedJson {
        let typed = self.as_typed(path).display().to_string();
        let told = FailedJson::new(typed, fault);
        if fault.code != "file_not_found" {
            return told;
        }
        FailedJson { error: told.error.replace(&path.display().to_string(), &told.path), ..told }
    }

    fn told(&self, event: &AddEvent<'_>) -> AddTold {
        let shown = |path: &Path| self.as_typed(path).display().to_string();
        match event {
            AddEvent::Started { files, bytes } => AddTold::Started { files: *files, bytes: *bytes },
            AddEvent::Done { path, bytes, outcome } => {
                let outcome = OUTCOMES.iter().find(|(known, _)| known == outcome).map_or("added", |(_, name)| name);
                AddTold::Done { path: shown(path), bytes: *bytes, outcome: outcome.to_owned() }
            }
            AddEvent::Failed { path, bytes, fault } => {
                AddTold::Failed { bytes: *bytes, what: self.failed(path, fault) }
            }
            AddEvent::Embedded { passages } => AddTold::Embedded { passages: *passages },
            AddEvent::Publishing => AddTold::Publishing,
        }
    }
}

const OUTCOMES: [(Outcome, &str); 5] = [
    (Outcome::Added, "added"),
    (Outcome::Updated, "updated"),
    (Outcome::Unchanged, "unchanged"),
    (Outcome::Renamed, "renamed"),
    (Outcome::Removed, "removed"),
];

impl AddTold {
    /// As whoever added it here would have been told.
    pub fn hear(&self, listener: &mut dyn FnMut(&AddEvent<'_>)) {
        match self {
            AddTold::Started { files, bytes } => listener(&AddEvent::Started { files: *files, bytes: *bytes }),
            AddTold::Done { path, bytes, outcome } => {
                let outcome =
                    OUTCOMES.iter().find(|(_, name)| name == outcome).map_or(Outcome::Added, |(known, _)| *known);
                listener(&AddEvent::Done { path: Path::new(path), bytes: *bytes, outcome });
            }
            AddTold::Failed { bytes, what } => {
                let fault = Fault::from(FaultJson::of(what));
                listener(&AddEvent::Failed { path: Path::new(&what.path), bytes: *bytes, fault: &fault });
            }
            AddTold::Embedded { passages } => listener(&AddEvent::Embedded { passages: *passages }),
            AddTold::Publishing => listener(&AddEvent::Publishing),
        }
    }

    /// Adds it to what was done so far.
    pub fn count(&self, so_far: &mut AddReport) {
        match self {
            AddTold::Done { outcome, .. } => {
                let count = match outcome.as_str() {
                    "added" => &mut so_far.added,
                    "updated" => &mut so_far.updated,
                    "renamed" => &mut so_far.renamed,
                    "removed" => &mut so_far.removed,
                    _ => &mut so_far.unchanged,
                };
                *count += 1;
            }
            AddTold::Failed { what, .. } => {
                so_far.failed.push(((&what.path).into(), Fault::from(FaultJson::of(what))));
            }
            AddTold::Started { .. } | AddTold::Embedded { .. } | AddTold::Publishing => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_are_told_as_they_were_typed() {
        let add = |typed: &str| Add {
            paths: vec![typed.into()],
            folder: "/home/ana".into(),
            collection: None,
            recursive: false,
            sync: false,
        };
        for (typed, path, shown) in [
            ("notes", "/home/ana/notes/a.md", "notes/a.md"),
            ("notes/a.md", "/home/ana/notes/a.md", "notes/a.md"),
            ("/home/ana/notes", "/home/ana/notes/a.md", "/home/ana/notes/a.md"),
            ("notes", "/elsewhere/a.md", "/elsewhere/a.md"),
            ("notes", "notes/a.md", "notes/a.md"),
        ] {
            assert_eq!(add(typed).as_typed(Path::new(path)), Path::new(shown), "{typed}");
        }
    }
}
