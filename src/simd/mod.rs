//! Numbers at the speed of the processor: kernels that are chosen when the program runs.
//!
//! Every kernel has a scalar twin and a door that checks lengths and features. Knows no models and no files.
#![allow(unsafe_code, reason = "the processor's own instructions; every block says why it is sound")]

mod attention;
mod context;
mod decoding;
mod lanes;
mod level;
mod matrix;
mod pages;
mod panels;
pub mod quant;
mod rows;
pub mod scan;
#[cfg(target_arch = "aarch64")]
mod sdot;
mod tile;

pub use attention::{Heads, Scores, attend};
pub use context::{Asked, Context, ContextRoom, ContextShape, POSITIONS};
pub use decoding::{Gating, add_to, gate, norm_factors};
pub use level::Level;
pub use matrix::{BadShape, Matrix8};
pub use pages::Pages;
pub use panels::{PANEL, Row, TALLEST, add, norm, pieces};
pub use rows::{Group, Rows8};

#[cfg(test)]
mod tests;
