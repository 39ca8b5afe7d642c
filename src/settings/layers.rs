//! Who said what, and who wins?

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use super::environment::Environment;
use super::error::SettingsError;
use super::folder::platform_folder;
use super::value::Value;
use super::{Settings, file};

/// A checked value, and who chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File { path: PathBuf, line: usize },
    Environment(String),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { path, line } => write!(f, "{}:{line}", path.display()),
            Origin::Environment(name) => f.write_str(name),
            Origin::Flag(flag) => f.write_str(flag),
        }
    }
}

/// What was typed for every command.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub data_dir: Option<PathBuf>,
    pub config: Option<PathBuf>,
    pub offline: bool,
}

/// A value that was written somewhere, not yet checked.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub text: OsString,
    pub origin: Origin,
}

/// What was written for each key, the strongest only.
#[derive(Debug, Default)]
pub(super) struct Layers {
    given: BTreeMap<&'static str, Given>,
}

impl Layers {
    /// Later calls win over earlier ones.
    pub(super) fn put(&mut self, key: &'static str, given: Given) {
        self.given.insert(key, given);
    }

    pub(super) fn take<T: Value>(
        &mut self,
        key: &'static str,
        default: impl FnOnce() -> Option<T>,
    ) -> Result<Setting<T>, SettingsError> {
        let Some(given) = self.given.remove(key) else {
            let value = default().ok_or(SettingsError::NoDefault { key })?;
            return Ok(Setting { value, origin: Origin::Default });
        };
        match T::read_os(&given.text) {
            Some(value) => Ok(Setting { value, origin: given.origin }),
            None => Err(SettingsError::BadValue {
                key,
                value: given.text.to_string_lossy().into_owned(),
                origin: given.origin,
                expects: T::expects(),
            }),
        }
    }
}

impl Settings {
    pub fn load(flags: &Flags, environment: &Environment) -> Result<Settings, SettingsError> {
        let mut stronger = Layers::default();
        environment.put_into(&mut stronger)?;
        if let Some(folder) = &flags.data_dir {
            let origin = Origin::Flag("--data-dir");
            stronger.put("data_dir", Given { text: folder.clone().into(), origin });
        }
        if flags.offline {
            stronger.put("offline", Given { text: "true".into(), origin: Origin::Flag("--offline") });
        }

        // The data folder comes first: the file is looked for in it.
        let folder = stronger.take("data_dir", || platform_folder(environment))?;
        let (path, must_exist) = match &flags.config {
            Some(path) => (path.clone(), true),
            None => (folder.value.join("docent.toml"), false),
        };
        let mut layers = Layers::default();
        let found = file::put_into(&mut layers, &path, must_exist)?;
        layers.given.append(&mut stronger.given);

        let settings = Settings::resolve(&mut layers, folder, path, found)?;
        settings.check()?;
        Ok(settings)
    }

    /// What no single value can know.
    fn check(&self) -> Result<(), SettingsError> {
        let (words, overlap) = (&self.chunk_words, &self.chunk_overlap);
        if overlap.value.get() * 2 > words.value.get() {
            let origin = if overlap.origin == Origin::Default { &words.origin } else { &overlap.origin };
            return Err(SettingsError::Clash {
                what: format!(
                    "chunk.overlap ({}) is more than half of chunk.words ({})",
                    overlap.value.get(),
                    words.value.get()
                ),
                origin: origin.clone(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment::of(pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))))
    }

    fn folder_with(toml: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("docent.toml"), toml).unwrap();
        folder
    }

    fn load(toml: &str, pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let folder = folder_with(toml);
        let flags = Flags { data_dir: Some(folder.path().to_owned()), ..Flags::default() };
        Settings::load(&flags, &environment(pairs))
    }

    #[test]
    fn the_later_layer_wins_and_every_value_knows_its_origin() {
        let settings = load("search.k = 7\n[chunk]\nwords = 90\n", &[("DOCENT_CHUNK_WORDS", "100")]).unwrap();
        assert_eq!(settings.search_k.value.get(), 7);
        assert!(matches!(settings.search_k.origin, Origin::File { line: 1, .. }));
        assert_eq!(settings.chunk_words.value.get(), 100);
        assert_eq!(settings.chunk_words.origin, Origin::Environment("DOCENT_CHUNK_WORDS".into()));
        assert_eq!(settings.data_dir.origin, Origin::Flag("--data-dir"));
        assert_eq!(settings.offline.origin, Origin::Default);
    }

    #[test]
    fn a_typing_error_in_the_file_is_named_with_its_line_and_the_nearest_key() {
        let error = load("offline = true\n[serach]\nk = 3\n", &[]).unwrap_err();
        assert!(
            matches!(&error, SettingsError::UnknownKey { key, line: 3, nearest: Some("search.k"), .. }
            if key == "serach.k"),
            "{error:?}"
        );
    }

    #[test]
    fn a_bad_value_names_where_it_was_written() {
        let error = load("\n\nsearch.k = 0\n", &[]).unwrap_err().to_string();
        assert!(error.ends_with("docent.toml:3: search.k is \"0\""), "{error}");
        let error = load("", &[("DOCENT_SEARCH_K", "many")]).unwrap_err().to_string();
        assert_eq!(error, "DOCENT_SEARCH_K is \"many\"");
    }

    #[test]
    fn values_that_contradict_each_other_are_refused() {
        let error = load("[chunk]\nwords = 50\noverlap = 40\n", &[]).unwrap_err().to_string();
        assert!(error.contains("docent.toml:3") && error.contains("chunk.overlap (40)"), "{error}");
    }

    #[test]
    fn a_named_file_must_be_there_and_the_data_folders_need_not() {
        let folder = tempfile::tempdir().unwrap();
        let flags = Flags { data_dir: Some(folder.path().to_owned()), ..Flags::default() };
        assert!(Settings::load(&flags, &environment(&[])).is_ok());
        let flags = Flags { config: Some(folder.path().join("gone.toml")), ..flags };
        let error = Settings::load(&flags, &environment(&[])).unwrap_err().to_string();
        assert!(error.contains("gone.toml"), "{error}");
    }

    #[test]
    fn a_variable_that_looks_like_ours_is_a_typing_error_and_others_are_left_alone() {
        let error = load("", &[("DOCENT_SERCH_K", "3")]).unwrap_err();
        assert!(matches!(&error, SettingsError::UnknownVariable { nearest, .. } if nearest == "DOCENT_SEARCH_K"));
        assert!(load("", &[("DOCENT_EVAL_DATA", "/somewhere"), ("DOCENTRY", "x")]).is_ok());
    }

    #[test]
    fn the_data_folder_cannot_be_set_in_the_file_that_lies_in_it() {
        let error = load("data_dir = \"/elsewhere\"\n", &[]).unwrap_err().to_string();
        assert!(error.contains("docent.toml:1"), "{error}");
    }
}
