//! Runs the models: text into vectors, pairs into scores.
//!
//! Knows files and numbers; not which models there are, nor what the vectors are for.

mod contain;
mod embedder;
mod encoder;
mod engine;
mod error;
mod mapped;
mod reranker;
mod source;
mod tokens;

use std::fmt;

pub use embedder::open_embedder;
pub use error::InferenceError;
pub use reranker::open_reranker;
pub use source::{EncoderSource, Pooling};

/// Turns text into vectors whose cosine says how alike two texts are in meaning.
pub trait Embedder: Send + Sync + fmt::Debug {
    /// What its vectors are kept under: two embedders with the same name give the same vectors.
    fn id(&self) -> &str;

    fn dimensions(&self) -> usize;

    /// How many tokens of a text it reads at once, its prefix and marks not counted.
    fn max_tokens(&self) -> usize;

    /// The tokens of a text, without prefix and marks.
    fn count_tokens(&self, text: &str) -> usize;

    /// One vector for each text, in order, of length 1 unless its source says that lengths mean something. Of a text longer than [`Embedder::max_tokens`] every part counts.
    fn embed(&self, texts: &[&str], role: Role, urgency: Urgency) -> Result<Vec<Vec<f32>>, InferenceError>;
}

/// Reads a question and a passage together, which finds more than comparing two vectors and costs more.
pub trait Reranker: Send + Sync + fmt::Debug {
    fn id(&self) -> &str;

    /// How well each passage answers: the model's own score, higher is better.
    fn score(&self, question: &str, passages: &[&str], urgency: Urgency) -> Result<Vec<f32>, InferenceError>;
}

/// Some embedders want to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Question,
    Passage,
}

/// Who goes first when several wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nobody waits for it.
    Prefetch,
    Add,
    /// A person waits.
    Ask,
}

#[cfg(test)]
mod tests;
