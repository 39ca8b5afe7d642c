//! Writes text: from a GGUF file to a stream of characters, for many callers at once.
//!
//! In reading order: `file` is what was read of the model's file, `words` goes from text to tokens and back, `config` says
//! what the model's shape is, `model` what the engine's thread owns, `blocks` who may use what was read before, `decoder`
//! is the fast one, `candle` the one for everything else.

#[allow(dead_code)]
mod blocks;
#[allow(dead_code, unused_imports)]
mod candle;
#[allow(dead_code, unused_imports)]
mod config;
#[allow(dead_code)]
mod decoder;
#[allow(dead_code)]
mod file;
#[allow(dead_code)]
mod model;
#[allow(dead_code)]
mod sampling;
#[allow(dead_code)]
mod stops;
#[allow(dead_code, unused_imports)]
mod words;

#[allow(dead_code)]
mod engine;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use super::Generator;
use super::error::InferenceError;
use crate::clock::Clock;

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

/// Loads the model, which takes as long as reading its weights once, and starts the thread that runs it.
pub fn open_generator(
    source: GeneratorSource,
    threads: NonZeroUsize,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Generator>, InferenceError> {
    let _ = (threads, clock);
    let why = "this docent cannot run generators".to_owned();
    Err(InferenceError::Unsupported { model: source.id, why })
}

#[cfg(test)]
mod tests;
