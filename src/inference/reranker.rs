//! How well does a passage answer a question? Both are read together, long ones in windows.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::encoder::{Config, Encoder, Task};
use super::engine::Engine;
use super::error::InferenceError;
use super::source::EncoderSource;
use super::tokens::{Fit, Tokenizer};
use super::{Pulse, Reranker, Urgency};
use crate::clock::Clock;

/// As [`open_embedder`](super::open_embedder), for cross-encoders. Prefixes and pooling of the source are not used.
pub fn open_reranker(
    source: EncoderSource,
    threads: NonZeroUsize,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Reranker>, InferenceError> {
    let config = Config::read(&source.id, &source.folder)?;
    let longest = source.longest(config.longest())?;
    let tokenizer = Tokenizer::load(&source.id, &source.folder, Fit { config: &config, longest })?;
    let (id, folder) = (source.id.clone(), source.folder);
    let engine = Engine::start(&source.id, threads, clock, move || Encoder::load(&id, &folder, &config, Task::Score))?;
    Ok(Arc::new(CrossEncoder { id: source.id, tokenizer, engine }))
}

#[derive(Debug)]
struct CrossEncoder {
    id: String,
    tokenizer: Tokenizer,
    engine: Engine,
}

impl Reranker for CrossEncoder {
    fn id(&self) -> &str {
        &self.id
    }

    fn score(&self, question: &str, passages: &[&str], urgency: Urgency) -> Result<Vec<f32>, InferenceError> {
        let question = self.tokenizer.encode(question)?;
        let (mut all, mut parts) = (Vec::with_capacity(passages.len()), Vec::with_capacity(passages.len()));
        for passage in passages {
            let pairs = self.tokenizer.pairs(&question, &self.tokenizer.encode(passage)?)?;
            parts.push(pairs.iter().map(Vec::len).collect::<Vec<_>>());
            all.extend(pairs.into_iter().flatten());
        }
        let scores: Vec<f32> = self.engine.run(all, urgency)?.into_iter().flatten().collect();
        let mut rest = &scores[..];
        Ok(parts.into_iter().map(|windows| one(&windows, &mut rest)).collect())
    }

    fn pulse(&self) -> Option<Pulse> {
        Some(self.engine.pulse())
    }
}

/// A passage is as good as its best window; a question that was read in parts, as good as they are answered on average.
fn one(windows: &[usize], scores: &mut &[f32]) -> f32 {
    let best = windows.iter().map(|&count| {
        let (these, rest) = scores.split_at(count);
        *scores = rest;
        these.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    });
    best.sum::<f32>() / windows.len() as f32
}
