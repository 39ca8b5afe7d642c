//! Names and small files on disk: which names are safe, and how a file is replaced whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{ModelsError, Result};

/// A model's name is a folder's name on every system.
pub(super) fn is_model_name(name: &str) -> bool {
    const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];
    let ordinary = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let edges = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && !name.ends_with('.');
    ordinary && edges && name.len() <= 100 && !RESERVED.contains(&stem.as_str())
}

/// A name from outside that stays inside whatever folder it is put in: `1_Pooling/config.json`.
pub(super) fn is_inside(name: &str) -> bool {
    let parts = name.split('/').collect::<Vec<_>>();
    name.len() <= 250 && parts.len() <= 4 && parts.into_iter().all(is_model_name)
}

/// `name` under `folder`; names that lead out of it are refused.
pub(super) fn inside(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    let stays =
        path.strip_prefix(folder).is_ok_and(|rest| rest.components().all(|c| matches!(c, Component::Normal(_))));
    if stays && is_inside(name) { Ok(path) } else { Err(ModelsError::BadName { name: name.to_owned() }) }
}

/// Small files only: more than `limit` bytes are an error.
pub(super) fn read_small(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "larger than such a file can be"));
    }
    Ok(bytes)
}

/// None where there is no such file.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path, limit: u64) -> Result<Option<T>> {
    let bytes = match read_small(path, limit) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ModelsError::refused(path, "read", error)),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| ModelsError::Unreadable {
        path: path.to_owned(),
        why: format!("line {} is not what docent writes there", error.line()),
    })
}

/// Whole or not at all, also when the machine stops in between.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let refused = |error| ModelsError::refused(path, "write", error);
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(refused)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(refused)?;
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| refused(error.into()))?;
    text.push(b'\n');
    file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(refused)?;
    file.persist(path).map_err(|error| refused(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_of_the_folder_are_refused() {
        for good in ["config.json", "1_Pooling/config.json", "model-00001-of-2.gguf"] {
            assert!(inside(Path::new("shelf"), good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../x",
            "a/../../x",
            "a//b",
            "a/",
            "./a",
            "a\\b",
            "C:x",
            "a\0b",
            ".hidden",
            "a/b/c/d/e",
            "nul",
            "NUL.txt",
            "x.",
            "a b",
            "ñ",
        ] {
            assert!(inside(Path::new("shelf"), bad).is_err(), "{bad:?}");
        }
        assert!(!is_model_name("a/b") && !is_model_name(&"a".repeat(101)) && is_model_name("Qwen2.5-0.5B-Instruct"));
    }
}
