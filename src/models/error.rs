//! What can go wrong on the shelf, and what a person can do about it.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::{Hubs, Kind, Sum, Trust};
use crate::fault::{Fault, Whose};

pub(super) type Result<T, E = ModelsError> = std::result::Result<T, E>;

#[derive(Debug)]
pub enum ModelsError {
    /// A line of a catalogue is not as it must be.
    Catalogue {
        path: PathBuf,
        line: usize,
        why: String,
    },
    /// No catalogue knows it and none is installed.
    Unknown {
        name: String,
        nearest: Option<String>,
    },
    /// In the catalogue, and not here.
    NotInstalled {
        name: String,
    },
    /// Not a name that a model or its file can have.
    BadName {
        name: String,
    },
    /// A file of an installed model is gone or has another size.
    Damaged {
        name: String,
        path: PathBuf,
        why: &'static str,
    },
    /// One of docent's own notes cannot be read.
    Unreadable {
        path: PathBuf,
        why: String,
    },
    /// What was to be brought here cannot be a model.
    NotAModel {
        path: PathBuf,
        why: String,
    },
    /// A file is not the one that was promised.
    SumDiffers {
        path: PathBuf,
        expected: Sum,
        found: Sum,
        who: Trust,
    },
    /// The hub announces another length than was promised.
    LengthDiffers {
        path: PathBuf,
        expected: u64,
        found: u64,
        who: Trust,
    },
    /// A link leads out of the folder.
    Outside {
        path: PathBuf,
        leads_to: PathBuf,
    },
    /// A bundle that was cut short or altered.
    Bundle {
        path: PathBuf,
        why: String,
    },
    AlreadyInstalled {
        name: String,
    },
    /// Will not overwrite.
    Exists {
        path: PathBuf,
    },
    /// Another process brings the same model.
    Busy {
        name: String,
    },
    /// Somebody asked that no connection be opened.
    Offline {
        name: String,
    },
    /// The catalogue does not say where it comes from.
    NoRepository {
        name: String,
    },
    /// What the hub said, or did not say.
    Hub(Hubs),
    /// It was asked to end.
    Stopped,
    /// The thread that brings a model did not start, or did not come to its end.
    Thread {
        source: io::Error,
    },
    /// The machine refused: disk full, no rights, a failing disk.
    Refused {
        path: PathBuf,
        doing: &'static str,
        source: io::Error,
    },
}

impl ModelsError {
    pub(super) fn refused(path: &Path, doing: &'static str, source: io::Error) -> ModelsError {
        ModelsError::Refused { path: path.to_owned(), doing, source }
    }
}

impl fmt::Display for ModelsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModelsError::Catalogue { path, line, why } => write!(f, "{}:{line}: {why}", path.display()),
            ModelsError::Unknown { name, .. } => write!(f, "there is no model {name:?}"),
            ModelsError::NotInstalled { name } => write!(f, "the model {name} is not installed"),
            ModelsError::BadName { name } => write!(f, "{name:?} cannot be the name of a model or of its file"),
            ModelsError::Damaged { name, path, why } => {
                write!(f, "the model {name} is damaged: {} {why}", path.display())
            }
            ModelsError::Unreadable { path, why } => write!(f, "{} cannot be read: {why}", path.display()),
            ModelsError::NotAModel { path, why } => write!(f, "{} cannot be used as a model: {why}", path.display()),
            ModelsError::SumDiffers { path, expected, found, who } => write!(
                f,
                "{} is not the file that {}: its SHA-256 is {}…, and {}… was expected",
                path.display(),
                promised(*who),
                found.short(),
                expected.short()
            ),
            ModelsError::LengthDiffers { path, expected, found, who } => write!(
                f,
                "{} is not the file that {}: it has {found} bytes, and {expected} were expected",
                path.display(),
                promised(*who)
            ),
            ModelsError::Outside { path, leads_to } => {
                write!(f, "{} is a link out of its folder, to {}", path.display(), leads_to.display())
            }
            ModelsError::Bundle { path, why } => write!(f, "{} cannot be imported: {why}", path.display()),
            ModelsError::AlreadyInstalled { name } => write!(f, "a model {name} is already installed"),
            ModelsError::Exists { path } => write!(f, "{} is already there", path.display()),
            ModelsError::Busy { name } => write!(f, "another docent is bringing {name} right now"),
            ModelsError::Offline { name } => write!(f, "{name} is not here, and docent was told to stay offline"),
            ModelsError::NoRepository { name } => write!(f, "the catalogue names no repository for {name}"),
            ModelsError::Hub(hubs) => hubs.fmt(f),
            ModelsError::Stopped => f.write_str("it was stopped"),
            ModelsError::Thread { .. } => f.write_str("the thread that brings the model ended early"),
            ModelsError::Refused { path, doing, source } => {
                write!(f, "cannot {doing} {}: {}", path.display(), reason(source))
            }
        }
    }
}

fn promised(who: Trust) -> &'static str {
    match who {
        Trust::Catalogue => "the catalogue names",
        Trust::Remembered => "was pulled before",
        Trust::Hub => "the hub announced",
        Trust::Sender | Trust::FirstUse => "its sender promised",
    }
}

/// The kind in plain words, without the operating system's number.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "the disk quota is used up".to_owned(),
        kind => kind.to_string(),
    }
}

impl Error for ModelsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ModelsError::Refused { source, .. } | ModelsError::Thread { source } => Some(source),
            _ => None,
        }
    }
}

impl ModelsError {
    fn whose(&self) -> Whose {
        match self {
            ModelsError::Damaged { .. } | ModelsError::Unreadable { .. } | ModelsError::Refused { .. } => {
                Whose::Machine
            }
            ModelsError::Busy { .. } | ModelsError::Stopped => Whose::Busy,
            ModelsError::Thread { .. } => Whose::Bug,
            _ => Whose::Caller,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            ModelsError::Catalogue { .. } => "bad_catalogue",
            ModelsError::Unknown { .. } => "no_such_model",
            ModelsError::NotInstalled { .. } => "model_not_installed",
            ModelsError::BadName { .. } => "bad_model_name",
            ModelsError::Damaged { .. } => "model_damaged",
            ModelsError::Unreadable { .. } => "model_unreadable",
            ModelsError::NotAModel { .. } => "not_a_model",
            ModelsError::SumDiffers { .. } | ModelsError::LengthDiffers { .. } => "sum_differs",
            ModelsError::Outside { .. } => "link_outside",
            ModelsError::Bundle { .. } => "bad_bundle",
            ModelsError::AlreadyInstalled { .. } => "already_installed",
            ModelsError::Exists { .. } => "file_exists",
            ModelsError::Busy { .. } => "model_busy",
            ModelsError::Offline { .. } => "offline",
            ModelsError::NoRepository { .. } => "no_repository",
            ModelsError::Hub(hubs) => hubs.code(),
            ModelsError::Stopped => "stopped",
            ModelsError::Thread { .. } => "pull_thread",
            ModelsError::Refused { .. } => "models_refused",
        }
    }

    fn next_step(&self) -> String {
        match self {
            ModelsError::Catalogue { .. } => {
                let kinds = Kind::ALL.map(Kind::name).join(", ");
                format!("mend that line, or move the file away; `kind` is one of {kinds}")
            }
            ModelsError::Unknown { nearest: Some(nearest), .. } => format!("did you mean {nearest}?"),
            ModelsError::Unknown { .. } => "`docent models list` shows those there are".to_owned(),
            ModelsError::NotInstalled { name } => format!("`docent models pull {name}` brings it"),
            ModelsError::BadName { .. } => "up to 100 letters, digits, '-', '_' and '.'".to_owned(),
            ModelsError::Damaged { name, .. } => {
                format!("`docent models pull {name}` brings it anew, or import it again")
            }
            ModelsError::Unreadable { path, .. } => {
                let folder = path.parent().unwrap_or(path).display();
                format!("remove {folder}, and pull or import the model again")
            }
            ModelsError::NotAModel { .. } => {
                "docent takes BERT and XLM-R encoders with model.safetensors, and generators as one GGUF file"
                    .to_owned()
            }
            ModelsError::SumDiffers { who: Trust::Remembered, .. }
            | ModelsError::LengthDiffers { who: Trust::Remembered, .. } => {
                "the hub has another file now; if you want it, add `--latest`".to_owned()
            }
            ModelsError::SumDiffers { .. } | ModelsError::LengthDiffers { .. } => {
                "bring it again from a source you trust".to_owned()
            }
            ModelsError::Outside { .. } => "copy the folder so that it holds the files themselves".to_owned(),
            ModelsError::Bundle { .. } => "copy it again, or write it anew with `docent models export`".to_owned(),
            ModelsError::AlreadyInstalled { name } => {
                format!("`docent models remove {name}` makes room, or `--name` gives the new one another name")
            }
            ModelsError::Exists { .. } => "choose another name, or replace it with `--force`".to_owned(),
            ModelsError::Busy { .. } => "wait until it is done".to_owned(),
            ModelsError::Offline { .. } => {
                "leave `--offline` and DOCENT_OFFLINE out, or bring it in a file with `docent models \
                                            export` and `docent models import`"
                    .to_owned()
            }
            ModelsError::NoRepository { .. } => {
                "give it a `repo` in models.toml, or take it with `docent models import`".to_owned()
            }
            ModelsError::Hub(hubs) => hubs.next_step(),
            ModelsError::Stopped | ModelsError::Thread { .. } => "run it again; it goes on where it was".to_owned(),
            ModelsError::Refused { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "make room and run it again; what is already here is not brought twice".to_owned()
                }
                io::ErrorKind::NotFound => "check the path".to_owned(),
                _ => "check who owns the file and its folder".to_owned(),
            },
        }
    }
}

impl From<ModelsError> for Fault {
    fn from(error: ModelsError) -> Fault {
        Fault::new(error.whose(), error.code(), error.to_string()).hint(error.next_step()).because_of(error)
    }
}
