//! What do vocabularies, templates and tokens make of each other? With small ones of our own, and real ones where there are
//! some.

mod cutting;
mod files;
mod fixture;
mod hostile;
mod prompts;
pub(in crate::inference::generator) mod real;
mod streams;
mod templates;
