//! Remembers what was costly to compute. Nothing is lost when it is: a broken cache is a logged miss and never an error.
//!
//! Knows keys and bytes; not what the library holds, nor how anything in it is made.

mod disk;
mod embeddings;

pub use embeddings::{EmbeddingCache, EmbeddingKey};
