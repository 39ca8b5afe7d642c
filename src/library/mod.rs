//! Keeps the documents: redb is the truth, the lexical index is derived from it.
//!
//! [`Library::open`] → [`Library::begin`] writes → [`Library::snapshot`] searches. Documents that a [`Writer`] has
//! committed survive any end of the process; what is found always comes from one revision.

mod backup;
mod catch_up;
mod draft;
mod error;
mod lexical;
mod open;
mod rows;
mod snapshot;
mod stats;
mod store;
mod tables;
mod transaction;
mod vectors;
mod view;
mod writer;

pub use backup::{Overwrite, backup, restore};
pub use draft::{Content, Draft, SourceFile};
pub use error::LibraryError;
pub use lexical::{Hit, LexicalQuery};
pub use open::Library;
pub use snapshot::{CollectionSummary, Known, Snapshot, StoredChunk};
pub use stats::{Stats, stats};
pub use vectors::{ChunkVectors, VectorQuery};
pub use writer::{Put, Writer};

#[cfg(test)]
mod tests;
