//! Is this a model that docent can use, and what does it say about itself? Every byte may be wrong, and nothing is believed
//! about lengths before it was compared with what is there.

mod encoder;
mod gguf;
mod tensors;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

pub(super) use encoder::facts;
pub(super) use gguf::{Header, read_header};

use super::error::{ModelsError, Result};
use super::files::read_small;
use super::{Entry, Format};

/// What is wrong with a file, for people.
pub(super) type Why = String;

/// A tokenizer with 250,000 pieces takes 17 MB.
const MOST_JSON: u64 = 128 << 20;

/// Are these files what their names promise? A page that says "log in first" also has a name and a length.
pub(super) fn check(folder: &Path, entry: &Entry) -> Result<()> {
    for file in &entry.files {
        let path = folder.join(&file.name);
        if !file.optional || path.exists() {
            check_file(&path).map_err(|why| ModelsError::NotAModel { path, why })?;
        }
    }
    if entry.format == Format::Safetensors {
        let found = facts(&|name| read_small(&folder.join(name), MOST_JSON).ok())
            .map_err(|why| ModelsError::NotAModel { path: folder.join("config.json"), why })?;
        if found.kind != entry.kind {
            let why = format!("this is a {}, and {} is a {}", found.kind, entry.name, entry.kind);
            return Err(ModelsError::NotAModel { path: folder.join("config.json"), why });
        }
    }
    Ok(())
}

fn check_file(path: &Path) -> Result<(), Why> {
    let unread = |error: std::io::Error| super::error::reason(&error);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("json") => {
            let bytes = read_small(path, MOST_JSON).map_err(unread)?;
            serde_json::from_slice::<serde::de::IgnoredAny>(&bytes)
                .map(|_| ())
                .map_err(|error| format!("line {} is not JSON", error.line()))
        }
        Some("safetensors") => {
            let file = File::open(path).map_err(unread)?;
            let length = file.metadata().map_err(unread)?.len();
            tensors::check(BufReader::new(file), length)
        }
        Some("gguf") => gguf_file(path).map(|_| ()),
        _ => Ok(()),
    }
}

pub(super) fn gguf_file(path: &Path) -> Result<Header, Why> {
    let unread = |error: std::io::Error| super::error::reason(&error);
    let file = File::open(path).map_err(unread)?;
    let length = file.metadata().map_err(unread)?.len();
    read_header(BufReader::new(file), length)
}

#[cfg(test)]
pub(super) mod tests;
