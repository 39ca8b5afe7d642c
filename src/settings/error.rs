//! What can be wrong with settings: always with the place where it was written.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use super::layers::Origin;
use crate::fault::Fault;

#[derive(Debug)]
pub enum SettingsError {
    Unreadable { path: PathBuf, source: io::Error },
    Syntax { path: PathBuf, line: usize, source: toml_edit::TomlError },
    UnknownKey { path: PathBuf, line: usize, key: String, nearest: Option<&'static str> },
    FolderInFile { path: PathBuf, line: usize },
    UnknownVariable { name: String, nearest: String },
    BadValue { key: &'static str, value: String, origin: Origin, expects: String },
    Clash { what: String, origin: Origin },
    NoDefault { key: &'static str },
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingsError::Unreadable { path, source } => {
                write!(f, "cannot read the settings in {}: {}", path.display(), source.kind())
            }
            SettingsError::Syntax { path, line, .. } => write!(f, "{}:{line}: this is not TOML", path.display()),
            SettingsError::UnknownKey { path, line, key, .. } => {
                write!(f, "{}:{line}: there is no setting \"{key}\"", path.display())
            }
            SettingsError::FolderInFile { path, line } => {
                write!(f, "{}:{line}: data_dir cannot be set in a file that is looked for in it", path.display())
            }
            SettingsError::UnknownVariable { name, .. } => write!(f, "there is no setting {name}"),
            SettingsError::BadValue { key, value, origin: origin @ Origin::File { .. }, .. } => {
                write!(f, "{origin}: {key} is {value:?}")
            }
            SettingsError::BadValue { value, origin, .. } => write!(f, "{origin} is {value:?}"),
            SettingsError::Clash { what, origin: Origin::Default } => f.write_str(what),
            SettingsError::Clash { what, origin } => write!(f, "{origin}: {what}"),
            SettingsError::NoDefault { key } => write!(f, "this machine names no folder for {key}"),
        }
    }
}

impl Error for SettingsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            SettingsError::Unreadable { source, .. } => Some(source),
            SettingsError::Syntax { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl SettingsError {
    fn next_step(&self) -> String {
        match self {
            SettingsError::Unreadable { .. } => {
                "name a file that can be read with `--config FILE`, or leave the flag out".to_owned()
            }
            SettingsError::Syntax { .. } => {
                "a line looks like `search.k = 5` or `read.max_file_bytes = \"64 MiB\"`; texts stand in quotes"
                    .to_owned()
            }
            SettingsError::UnknownKey { nearest: Some(nearest), .. } => format!("did you mean \"{nearest}\"?"),
            SettingsError::UnknownKey { .. } => "`docent config show` lists every setting".to_owned(),
            SettingsError::FolderInFile { .. } => "use `--data-dir DIR` or DOCENT_DATA_DIR".to_owned(),
            SettingsError::UnknownVariable { nearest, .. } => format!("did you mean {nearest}?"),
            SettingsError::BadValue { key, expects, .. } => format!("{key} takes {expects}"),
            SettingsError::Clash { .. } => "change one of the two".to_owned(),
            SettingsError::NoDefault { .. } => "set `--data-dir DIR` or DOCENT_DATA_DIR".to_owned(),
        }
    }
}

impl From<SettingsError> for Fault {
    fn from(error: SettingsError) -> Fault {
        Fault::caller("settings", error.to_string()).hint(error.next_step()).because_of(error)
    }
}
