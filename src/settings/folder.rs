//! Where does this platform keep a program's data?

use std::path::PathBuf;

use super::environment::Environment;

#[cfg(target_os = "macos")]
pub(super) fn platform_folder(environment: &Environment) -> Option<PathBuf> {
    Some(environment.path("HOME")?.join("Library/Application Support/docent"))
}

#[cfg(windows)]
pub(super) fn platform_folder(environment: &Environment) -> Option<PathBuf> {
    Some(environment.path("APPDATA")?.join("docent"))
}

#[cfg(not(any(target_os = "macos", windows)))]
pub(super) fn platform_folder(environment: &Environment) -> Option<PathBuf> {
    let data = environment.path("XDG_DATA_HOME").or_else(|| Some(environment.path("HOME")?.join(".local/share")))?;
    Some(data.join("docent"))
}

#[cfg(all(test, not(any(target_os = "macos", windows))))]
mod tests {
    use super::*;

    #[test]
    fn the_home_folder_is_used_unless_a_data_folder_is_named() {
        let of = |pairs: &[(&str, &str)]| {
            platform_folder(&Environment::of(pairs.iter().map(|(name, value)| (name.into(), value.into()))))
        };
        assert_eq!(of(&[("HOME", "/home/ana")]), Some("/home/ana/.local/share/docent".into()));
        assert_eq!(of(&[("HOME", "/home/ana"), ("XDG_DATA_HOME", "/data")]), Some("/data/docent".into()));
        assert_eq!(
            of(&[("HOME", "/home/ana"), ("XDG_DATA_HOME", "data")]),
            Some("/home/ana/.local/share/docent".into())
        );
        assert_eq!(of(&[]), None);
    }
}
