//! Who runs when? One thread owns a model, and everybody's texts go through it in small slices, the most urgent first.
//!
//! Callers hand over texts and wait. What waits together runs together, the longest first, so that texts of one length
//! share a slice; between two slices whoever is more urgent steps in. The line is bounded: who comes when it is full is
//! told at once. Knows no model: [`Runner`] is all it sees.

mod callers;
mod desk;
mod thread;

pub(super) use callers::Engine;

use super::error::InferenceError;
use super::tokens::Tokens;

/// What the engine's thread owns.
pub(super) trait Runner: Send + Sync {
    /// How many tokens make a slice.
    fn slice(&self, threads: usize) -> usize;

    /// One row of numbers for each text, which depends on nothing but the text.
    fn run(&self, batch: &[&Tokens]) -> Result<Vec<Vec<f32>>, InferenceError>;
}

#[cfg(test)]
mod tests;
