//! A bundle: a line that says what it is, a head that lists models, files and sums, its own sum, and then the files' bytes one
//! after another. It is read from front to back, so that it may come through a pipe, and nothing in it is a path.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use crate::models::Sum;
use crate::models::manifest::Manifest;

pub(super) const MAGIC: &[u8; 16] = b"docent models 1\n";
const MAGIC_OF_ANY: &[u8; 14] = b"docent models ";
const MOST_HEAD: u64 = 4 << 20;
const MOST_MODELS: usize = 1000;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub models: Vec<Manifest>,
}

pub(super) fn write_head(head: &Head, to: &mut impl Write) -> io::Result<()> {
    let text = serde_json::to_vec(head)?;
    to.write_all(MAGIC)?;
    to.write_all(&(text.len() as u64).to_le_bytes())?;
    let (sum, _) = Sum::of(&text[..])?;
    to.write_all(sum.to_string().as_bytes())?;
    to.write_all(&text)
}

/// In words what is wrong with it.
pub(super) fn read_head(from: &mut impl Read) -> Result<Head, String> {
    let cut = |_| "it is cut short in its head".to_owned();
    let mut magic = [0; MAGIC.len()];
    from.read_exact(&mut magic).map_err(cut)?;
    if &magic != MAGIC {
        return Err(if magic.starts_with(MAGIC_OF_ANY) {
            "it was written by a newer docent".to_owned()
        } else {
            "it is no bundle of models".to_owned()
        });
    }
    let mut length = [0; 8];
    let mut sum = [0; 64];
    from.read_exact(&mut length).and_then(|()| from.read_exact(&mut sum)).map_err(cut)?;
    let length = u64::from_le_bytes(length);
    if length > MOST_HEAD {
        return Err("its head is damaged".to_owned());
    }
    let mut text = Vec::new();
    from.take(length).read_to_end(&mut text).map_err(cut)?;
    if text.len() as u64 != length {
        return Err("it is cut short in its head".to_owned());
    }
    let found = Sum::of(&text[..]).map_err(cut)?.0;
    let said = std::str::from_utf8(&sum).ok().and_then(Sum::parse);
    if said != Some(found) {
        return Err("its head was altered".to_owned());
    }
    let head: Head = serde_json::from_slice(&text).map_err(|_| "its head does not list models".to_owned())?;
    if head.models.is_empty() || head.models.len() > MOST_MODELS {
        return Err(format!("it holds {} models", head.models.len()));
    }
    for manifest in &head.models {
        manifest.check().map_err(|why| format!("of {:?}: {why}", manifest.entry.name))?;
    }
    Ok(head)
}
