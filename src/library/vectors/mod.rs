//! Finds chunks by the meaning of a question: vectors in redb, and a matrix of them in memory that is scanned whole.
//!
//! redb keeps each vector in two planes of 8 bits ([`quantize`]). The matrix holds the first, and is derived: it is read
//! when somebody first asks, and then follows the library revision by revision ([`shelf`]). A scan reads half of its bits
//! and leaves few rows, all of them leave fewer, and the second plane decides among those.

mod blocks;
mod matrix;
mod nearest;
mod quantize;
mod segment;
mod shelf;
mod write;

pub(super) use nearest::nearest;
pub(super) use quantize::{Offered, unit};
pub(super) use shelf::{Matrices, Shelf};
pub(super) use write::{dimensions, erase, forget, put};

pub use nearest::VectorQuery;
pub use quantize::ChunkVectors;
