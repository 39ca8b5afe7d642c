//! Which tokens is a text made of, and which of them go into the model together?

mod file;
mod frame;
mod tokenizer;
mod unigram;
mod windows;
mod words;

pub(super) use tokenizer::{Fit, Tokenizer};

/// One text as the model reads it, marks included, or a pair of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tokens {
    pub(super) ids: Vec<u32>,
    /// Where the second text of a pair begins, for models that tell them apart; else how many tokens there are.
    pub(super) second: usize,
}
