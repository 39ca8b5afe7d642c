//! How much there is and whether the parts agree: what `doctor` and `/stats` show.

use std::fs;
use std::path::Path;

use super::error::{LibraryError, Result};
use super::open::Library;
use super::tables::FORMAT;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    pub format: u64,
    pub revision: u64,
    pub collections: u64,
    pub documents: u64,
    pub chunks: u64,
    /// Of the original files.
    pub bytes: u64,
    /// On disk: the truth, and the index derived from it.
    pub file_bytes: u64,
    pub lexical_bytes: u64,
    pub lexical_segments: u64,
    /// The same as `chunks` in a sound library.
    pub lexical_chunks: u64,
}

impl Stats {
    /// Whether every chunk can be found, and nothing else.
    pub fn agree(&self) -> bool {
        self.chunks == self.lexical_chunks
    }
}

/// Of what is published.
pub fn stats(library: &Library) -> Result<Stats> {
    let snapshot = library.snapshot();
    let collections = snapshot.collections()?;
    let path = library.store().path();
    let file = fs::metadata(path).map_err(|error| LibraryError::refused(path, "look at", error))?;
    Ok(Stats {
        format: FORMAT,
        revision: snapshot.revision(),
        collections: collections.len() as u64,
        documents: snapshot.document_count()?,
        chunks: snapshot.view().chunk_count().map_err(|error| library.store().error(error))?,
        bytes: collections.iter().map(|collection| collection.bytes).sum(),
        file_bytes: file.len(),
        lexical_bytes: folder_bytes(&library.lexical_folder())?,
        lexical_segments: snapshot.searcher().segments() as u64,
        lexical_chunks: snapshot.chunk_count(),
    })
}

fn folder_bytes(folder: &Path) -> Result<u64> {
    let refused = |error| LibraryError::refused(folder, "look at", error);
    let mut bytes = 0;
    for entry in fs::read_dir(folder).map_err(refused)? {
        // A merge may take a file away at any time.
        bytes += entry.map_err(refused)?.metadata().map_or(0, |metadata| metadata.len());
    }
    Ok(bytes)
}
