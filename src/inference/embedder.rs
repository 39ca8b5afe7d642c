//! Texts into vectors of length 1: prefixes, windows of long texts, and their mean.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::encoder::{Config, Encoder, Task};
use super::engine::Engine;
use super::error::InferenceError;
use super::source::EncoderSource;
use super::tokens::{Fit, Tokenizer};
use super::{Embedder, Pulse, Role, Urgency};
use crate::clock::Clock;

/// Loads the model, which takes as long as reading its weights once, and starts the thread that runs it.
pub fn open_embedder(
    source: EncoderSource,
    threads: NonZeroUsize,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Embedder>, InferenceError> {
    let config = Config::read(&source.id, &source.folder)?;
    let longest = source.longest(config.longest())?;
    let tokenizer = Tokenizer::load(&source.id, &source.folder, Fit { config: &config, longest })?;
    let mut room = usize::MAX;
    for prefix in [&source.query_prefix, &source.passage_prefix] {
        room = room.min(tokenizer.room(&tokenizer.encode(prefix)?)?);
    }
    let task = Task::Vector(source.pooling()?);
    let dimensions = config.hidden;
    let (id, folder) = (source.id.clone(), source.folder.clone());
    let engine = Engine::start(&source.id, threads, clock, move || Encoder::load(&id, &folder, &config, task))?;
    Ok(Arc::new(EncoderEmbedder { source, tokenizer, engine, dimensions, room }))
}

#[derive(Debug)]
struct EncoderEmbedder {
    source: EncoderSource,
    tokenizer: Tokenizer,
    engine: Engine,
    dimensions: usize,
    room: usize,
}

impl Embedder for EncoderEmbedder {
    fn id(&self) -> &str {
        &self.source.id
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn max_tokens(&self) -> usize {
        self.room
    }

    fn count_tokens(&self, text: &str) -> usize {
        // A token is at least a byte long: where the tokenizer fails, nothing is thought to be shorter than it is.
        self.tokenizer.encode(text).map_or(text.len(), |tokens| tokens.len())
    }

    fn embed(&self, texts: &[&str], role: Role, urgency: Urgency) -> Result<Vec<Vec<f32>>, InferenceError> {
        let prefix = match role {
            Role::Question => &self.source.query_prefix,
            Role::Passage => &self.source.passage_prefix,
        };
        let (mut all, mut parts) = (Vec::with_capacity(texts.len()), Vec::with_capacity(texts.len()));
        for text in texts {
            let windows = self.tokenizer.whole(prefix, text)?;
            parts.push(windows.iter().map(|tokens| tokens.ids.len() as f32).collect::<Vec<_>>());
            all.extend(windows);
        }
        let mut vectors = self.engine.run(all, urgency)?.into_iter();
        parts.into_iter().map(|weights| self.one(weights.into_iter().zip(vectors.by_ref()))).collect()
    }

    fn pulse(&self) -> Option<Pulse> {
        Some(self.engine.pulse())
    }
}

impl EncoderEmbedder {
    /// The mean of a text's windows, each counting for its tokens.
    fn one(&self, windows: impl Iterator<Item = (f32, Vec<f32>)>) -> Result<Vec<f32>, InferenceError> {
        let (mut sum, mut total) = (vec![0.0; self.dimensions], 0.0);
        for (weight, vector) in windows {
            total += weight;
            for (sum, number) in sum.iter_mut().zip(vector) {
                *sum += weight * number;
            }
        }
        let length = sum.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
        let scale = if self.source.normalize { length } else { f64::from(total) };
        if !(length > 0.0 && length.is_finite()) {
            let why = "it gave a vector without direction".to_owned();
            return Err(InferenceError::Failed { model: self.source.id.clone(), why });
        }
        sum.iter_mut().for_each(|number| *number = (f64::from(*number) / scale) as f32);
        Ok(sum)
    }
}
