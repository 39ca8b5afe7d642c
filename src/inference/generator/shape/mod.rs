//! How does an answer become JSON that fits a schema? Of all tokens only those are let through that can still become it.
//!
//! In reading order: `schema` reads what is asked for and writes it in the few keywords that can be kept to, its
//! `pattern`s in the dialect that is compiled; `tokens` makes a tree of a model's vocabulary, once; `guide` walks along
//! with one answer. The crate llguidance does the work between: a schema becomes a grammar, a grammar and the tree the
//! tokens that may come next.

mod guide;
mod pattern;
mod place;
mod schema;
mod tokens;
mod unfit;

pub(super) use guide::{Guide, Lost};
pub(super) use tokens::Shapes;

#[cfg(test)]
pub(super) mod tests;
