//! Who writes when? One thread owns a model, and all who write go forward together, a token each step.
//!
//! Prompts are read one after the other, in slices beside those who write, so that a later one finds what an earlier one
//! has read. Whoever is more urgent stops the others between two steps. The line is bounded: who comes when it is full is
//! told at once. Knows tokens; what they say is the [`Writer`]'s.

mod callers;
mod desk;
mod mail;
mod pace;
mod sequence;
mod thread;
mod turn;

use std::ops::ControlFlow;
use std::time::Instant;

pub(super) use callers::Engine;

use crate::inference::Urgency;

/// What one caller wants.
pub(super) struct Request {
    pub(super) prompt: Vec<u32>,
    pub(super) max_tokens: usize,
    pub(super) deadline: Option<Instant>,
    pub(super) urgency: Urgency,
    /// When the caller came.
    pub(super) called: Instant,
    /// `None`: the prompt is read and not answered.
    pub(super) writer: Option<Box<dyn Writer>>,
}

/// Chooses the tokens of one answer and says them in text. Lives on the engine's thread: it must not wait for anybody.
pub(super) trait Writer: Send {
    /// The token that follows those `before`.
    fn choose(&mut self, logits: &mut [f32], before: &[u32]) -> Result<u32, Unchosen>;

    /// Adds what can be said by now. Breaks when the answer is over.
    fn write(&mut self, token: u32, text: &mut String) -> ControlFlow<()>;

    /// Adds what was held back, if it belongs to the answer.
    fn finish(&mut self, text: &mut String);
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unchosen {
    /// These are no numbers to choose by.
    NoNumbers,
    /// None goes on with the shape of the answer.
    NoShape,
}

#[cfg(test)]
mod tests;
