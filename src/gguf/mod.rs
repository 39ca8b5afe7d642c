//! What does a GGUF file say about itself, and is it whole? Notes and tensors, read within a budget.
//!
//! Knows the format; not what a model is.

mod budget;
mod contents;
mod error;
mod kind;
mod read;

pub use contents::{Contents, Tensor, Value};
pub use error::BadGguf;
pub use kind::Kind;
pub use read::read;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod written;
