//! What goes into the first layer: for every token its word, its place and its type, brought to one scale.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::config::Config;
use super::weights::Weights;
use crate::inference::error::InferenceError;
use crate::inference::tokens::Tokens;

/// The table of words stays in the file; the others are small.
#[derive(Debug)]
pub(in crate::inference) struct Embeddings {
    weights: Arc<Weights>,
    positions: Vec<f32>,
    types: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    first_position: usize,
    epsilon: f64,
    is_large: bool,
    rows_read: AtomicUsize,
}

/// A large table's pages are given back after so many rows: the system maps sixteen pages for each that is read, so that
/// soon all of the table would be resident. Those in use come back at once, from the system's own cache.
const ROWS_KEPT: usize = 1 << 11;

/// A table of so many bytes may be resident as a whole.
const SMALL: usize = 64 << 20;

impl Embeddings {
    pub(in crate::inference) fn load(config: &Config, weights: &Arc<Weights>) -> Result<Embeddings, InferenceError> {
        let tables = weights.tables()?;
        Ok(Embeddings {
            positions: tables.positions.to_vec(),
            types: tables.types.to_vec(),
            weight: tables.norm.weight.to_vec(),
            bias: tables.norm.bias.to_vec(),
            weights: Arc::clone(weights),
            first_position: config.first_position,
            epsilon: config.epsilon,
            is_large: config.vocabulary * config.hidden * size_of::<f32>() > SMALL,
            rows_read: AtomicUsize::new(0),
        })
    }

    /// One row for each token. `out` has as many rows as there are tokens, at most as many as there are positions.
    pub(in crate::inference) fn write(&self, tokens: &Tokens, out: &mut [f32]) {
        let hidden = self.weight.len();
        for (at, (&id, row)) in tokens.ids.iter().zip(out.chunks_exact_mut(hidden)).enumerate() {
            self.weights.word(id, row);
            let position = &self.positions[(self.first_position + at) * hidden..][..hidden];
            let kind = usize::from(at >= tokens.second);
            let kind = &self.types[kind * hidden..][..hidden];
            for ((number, position), kind) in row.iter_mut().zip(position).zip(kind) {
                *number += position + kind;
            }
            self.normalize(row);
        }
        if self.is_large && self.rows_read.fetch_add(tokens.ids.len(), Ordering::Relaxed) >= ROWS_KEPT {
            self.rows_read.store(0, Ordering::Relaxed);
            self.weights.release();
        }
    }

    fn normalize(&self, row: &mut [f32]) {
        let count = row.len() as f64;
        let mean = row.iter().map(|&number| f64::from(number)).sum::<f64>() / count;
        let variance = row.iter().map(|&number| (f64::from(number) - mean).powi(2)).sum::<f64>() / count;
        let scale = 1.0 / (variance + self.epsilon).sqrt();
        for ((number, weight), bias) in row.iter_mut().zip(&self.weight).zip(&self.bias) {
            *number = ((f64::from(*number) - mean) * scale) as f32 * weight + bias;
        }
    }
}
