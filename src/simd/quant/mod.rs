//! Products with weights as a model's file has them: packed once into tiles, in as many bytes as the file has.
//!
//! In reading order: `layout` says how a tile lies in memory, `pack` fills it, `unpack` spreads a block of it over bytes,
//! `left` is what it is multiplied with, `bytes` and `floats` multiply.

#![allow(clippy::needless_range_loop, reason = "kernels go through several arrays at the same places")]

mod bytes;
mod floats;
mod half;
mod layout;
mod left;
mod matrix;
mod pack;
mod source;
mod store;
mod unpack;

pub use half::{from_half, to_half};
pub use left::{Change, Left, Part};
pub use matrix::{Matrix, Scratch};
pub use source::decode;
pub use store::{BadMatrix, Place, Store, TileShape};

/// Outputs of a tile.
pub const TILE: usize = 32;

/// Of one row, the outputs of one tile.
pub type Strip = [f32; TILE];

/// Inputs that go through a product at once.
pub(in crate::simd) const BLOCK: usize = 256;

#[cfg(test)]
mod tests;
