//! Which forward pass runs a model here? Opens it, chooses, and makes scores of vectors for rerankers.

use std::path::Path;
use std::sync::Arc;

use candle_core::Device;

use super::config::Config;
use super::embeddings::Embeddings;
use super::fast::Fast;
use super::reference::{Reference, device};
use super::weights::{Head, Weights};
use crate::inference::engine::Runner;
use crate::inference::error::InferenceError;
use crate::inference::source::Pooling;
use crate::inference::tokens::Tokens;
use crate::simd::Level;

/// A model that is ready to run.
#[derive(Debug)]
pub(in crate::inference) struct Encoder {
    model: String,
    embeddings: Embeddings,
    forward: Forward,
    task: Task,
    head: Option<Score>,
}

/// What is made of the tokens' vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inference) enum Task {
    Vector(Pooling),
    /// One number for each text, through the model's own head.
    Score,
}

/// The ways through the layers. Each takes what [`Embeddings`] gives and pools what comes out of the last layer.
#[derive(Debug)]
enum Forward {
    Fast(Fast),
    Reference(Reference),
}

impl Encoder {
    pub(in crate::inference) fn load(
        model: &str,
        folder: &Path,
        config: &Config,
        task: Task,
    ) -> Result<Encoder, InferenceError> {
        let weights = Arc::new(Weights::open(model, folder, config)?);
        let head = if task == Task::Score { Some(Score::load(&weights.head()?)) } else { None };
        let embeddings = Embeddings::load(config, &weights)?;
        let forward = Forward::load(model, config, &weights)?;
        weights.release();
        Ok(Encoder { model: model.to_owned(), embeddings, forward, task, head })
    }
}

impl Runner for Encoder {
    /// Enough to keep every core busy, and few enough that nobody waits long.
    fn slice(&self, threads: usize) -> usize {
        match &self.forward {
            Forward::Reference(reference) if !reference.is_on_processor() => 1 << 14,
            Forward::Reference(_) => threads * 512,
            Forward::Fast(_) => threads * 1024,
        }
    }

    /// For each text its vector, as long as the hidden size; or its score alone.
    fn run(&self, batch: &[&Tokens]) -> Result<Vec<Vec<f32>>, InferenceError> {
        let pooling = match self.task {
            Task::Vector(pooling) => pooling,
            Task::Score => Pooling::Cls,
        };
        let mut vectors = match &self.forward {
            Forward::Fast(fast) => fast.pooled(batch, pooling, &self.embeddings),
            Forward::Reference(reference) => reference.pooled(batch, pooling, &self.embeddings).map_err(|error| {
                tracing::warn!(%error, model = self.model, "the forward pass stopped");
                self.failed("its computation stopped")
            })?,
        };
        if let Some(head) = &self.head {
            for vector in &mut vectors {
                *vector = vec![head.score(vector)];
            }
        }
        if vectors.iter().flatten().all(|number| number.is_finite()) {
            Ok(vectors)
        } else {
            Err(self.failed("it gave what is not a number"))
        }
    }
}

impl Encoder {
    fn failed(&self, why: &str) -> InferenceError {
        InferenceError::Failed { model: self.model.clone(), why: why.to_owned() }
    }
}

impl Forward {
    fn load(model: &str, config: &Config, weights: &Weights) -> Result<Forward, InferenceError> {
        let device = device();
        if device.is_cpu()
            && let Some(fast) = Fast::load(config, weights, Level::best())?
        {
            return Ok(Forward::Fast(fast));
        }
        match Reference::load(config, weights, &device)? {
            Ok(reference) => return Ok(Forward::Reference(reference)),
            Err(error) if device.is_cpu() => return Err(unloaded(model, error)),
            Err(error) => tracing::warn!(%error, model, "the model does not run on the graphics processor"),
        }
        Reference::load(config, weights, &Device::Cpu)?.map(Forward::Reference).map_err(|error| unloaded(model, error))
    }
}

fn unloaded(model: &str, error: candle_core::Error) -> InferenceError {
    tracing::warn!(%error, model, "the model's weights could not be taken over");
    InferenceError::Failed { model: model.to_owned(), why: "its weights could not be taken over".to_owned() }
}

/// A reranker's head, which is too small to be worth more than plain sums.
#[derive(Debug)]
struct Score {
    dense: Vec<f32>,
    dense_bias: Vec<f32>,
    weight: Vec<f32>,
    bias: f32,
}

impl Score {
    fn load(head: &Head<'_>) -> Score {
        Score {
            dense: head.dense.weight.to_vec(),
            dense_bias: head.dense.bias.to_vec(),
            weight: head.score.weight.to_vec(),
            bias: head.score.bias[0],
        }
    }

    fn score(&self, first: &[f32]) -> f32 {
        let rows = self.dense.chunks_exact(first.len()).zip(&self.dense_bias);
        let dense = rows.map(|(row, bias)| (dot(row, first) + bias).tanh());
        self.bias + dense.zip(&self.weight).map(|(number, weight)| number * weight).sum::<f32>()
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
