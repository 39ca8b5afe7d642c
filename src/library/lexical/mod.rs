//! The index that finds chunks by their terms. Derived: whatever happens to it, redb builds it again.
//!
//! It is given terms, never text, and keeps nothing but postings and each chunk's number. Outside this folder nobody
//! knows tantivy.

mod index;
mod search;
mod spaces;

pub(super) use index::{Index, IndexWriter, Stamp};
pub(super) use search::Searcher;
pub use search::{Hit, LexicalQuery};
