//! What does the environment say? Copied once at the start; nothing looks at it again.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use super::error::SettingsError;
use super::keys::{KEYS, Key, nearest};
use super::layers::{Given, Layers, Origin};

/// What other programs' variables say about the network, strongest first. `DOCENT_*` is stronger than all of them.
const SHARED: [(&str, &[&str]); 5] = [
    ("models.endpoint", &["HF_ENDPOINT"]),
    ("models.token", &["HF_TOKEN"]),
    ("models.https_proxy", &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
    ("models.http_proxy", &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]),
    ("models.no_proxy", &["no_proxy", "NO_PROXY"]),
];

#[derive(Clone, Default)]
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

    /// What a service manager says; empty is as good as not there.
    pub fn word(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|word| !word.is_empty())
    }

    /// Variables that begin as ours do and are nearly one of ours are typing errors; others may belong to anybody.
    pub(super) fn put_into(&self, layers: &mut Layers) -> Result<(), SettingsError> {
        for (key, names) in SHARED {
            let set = |name: &&str| self.variables.get(OsStr::new(name))?.to_str().filter(|value| !value.is_empty());
            if let Some((name, value)) = names.iter().find_map(|name| Some((name, set(name)?))) {
                let origin = Origin::Environment((*name).to_owned());
                layers.put(key, Given { text: value.into(), origin });
            }
        }
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

/// Names only: among the values are tokens.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// The common beginning says nothing about likeness.
fn nearest_variable<'a>(name: &str, ours: &'a [(String, &Key)]) -> Option<&'a str> {
    let rest = |name: &'a str| name.trim_start_matches("DOCENT_");
    let found = nearest(name.trim_start_matches("DOCENT_"), ours.iter().map(|(variable, _)| rest(variable)))?;
    ours.iter().map(|(variable, _)| variable.as_str()).find(|variable| rest(variable) == found)
}
