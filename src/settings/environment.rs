//! What does the environment say? Copied once at the start; nothing looks at it again.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::error::SettingsError;
use super::keys::{KEYS, Key, nearest};
use super::layers::{Given, Layers, Origin};

#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// This process's own.
    pub fn of_process() -> Environment {
        Environment::of(std::env::vars_os())
    }

    pub fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Environment {
        Environment { variables: variables.into_iter().collect() }
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        // XDG: what is not absolute is to be ignored.
        self.variables.get(OsStr::new(name)).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// Variables that begin as ours do and are nearly one of ours are typing errors; others may belong to anybody.
    pub(super) fn put_into(&self, layers: &mut Layers) -> Result<(), SettingsError> {
        let ours: Vec<(String, &Key)> = KEYS.iter().map(|key| (key.variable(), key)).collect();
        for (name, value) in &self.variables {
            let Some(name) = name.to_str().filter(|name| name.starts_with("DOCENT_")) else { continue };
            if let Some((_, key)) = ours.iter().find(|(variable, _)| variable == name) {
                let origin = Origin::Environment(name.to_owned());
                layers.put(key.name, Given { text: value.clone(), origin });
            } else if let Some(nearest) = nearest_variable(name, &ours) {
                return Err(SettingsError::UnknownVariable { name: name.to_owned(), nearest: nearest.to_owned() });
            }
        }
        Ok(())
    }
}

/// The common beginning says nothing about likeness.
fn nearest_variable<'a>(name: &str, ours: &'a [(String, &Key)]) -> Option<&'a str> {
    let rest = |name: &'a str| name.trim_start_matches("DOCENT_");
    let found = nearest(name.trim_start_matches("DOCENT_"), ours.iter().map(|(variable, _)| rest(variable)))?;
    ours.iter().map(|(variable, _)| variable.as_str()).find(|variable| rest(variable) == found)
}
