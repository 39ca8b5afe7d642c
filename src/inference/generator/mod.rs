//! Writes text: from a GGUF file to a stream of characters, for many callers at once.
//!
//! In reading order: `file` is what was read of the model's file, `words` goes from text to tokens and back, `config` says
//! what the model's shape is, `model` what the engine's thread owns, `blocks` who may use what was read before, `decoder`
//! is the fast one, `candle` the one for everything else; `sampling` and `stops` choose and end, `shape` lets only through
//! what becomes the JSON that was asked for, `pen` writes with them, `engine` does it for everybody who calls, and `open`
//! puts it together.

mod blocks;
mod candle;
mod config;
mod decoder;
mod engine;
mod file;
mod model;
mod open;
mod pen;
mod sampling;
mod shape;
mod stops;
mod words;

use std::path::PathBuf;

pub use open::open_generator;

/// What is needed to open a generator: its file, and what the file does not say.
#[derive(Clone, Debug)]
pub struct GeneratorSource {
    /// The name with the sum of its files.
    pub id: String,
    /// A GGUF file.
    pub weights: PathBuf,
    /// Instead of the tokenizer inside the file.
    pub tokenizer: Option<PathBuf>,
    /// Instead of the template inside the file.
    pub chat_template: Option<String>,
    /// Texts that end an answer, beside those the file knows.
    pub stop: Vec<String>,
    /// The longest prompt with its answer; never more than the model was made for.
    pub context: usize,
    /// How much memory what was read may take, of those who write and those who may come back.
    pub memory: u64,
}

#[cfg(test)]
mod tests;
