//! What the engine's thread owns: sequences begin, go forward together a step at a time, and end.
//!
//! Knows tokens and logits; no text, no callers, no time.

use crate::inference::error::InferenceError;

/// Whatever is in a step beside it, and however its tokens are spread over steps: a token's logits are the same numbers.
pub(super) trait Model: Send {
    /// How many logits there are for each token.
    fn vocabulary(&self) -> usize;

    /// The longest sequence.
    fn context(&self) -> usize;

    /// How many tokens a step takes at best.
    fn slice(&self) -> usize;

    /// A place for a sequence that begins with `tokens` and will not grow beyond `most`. `None`: no room until another
    /// ends.
    fn begin(&mut self, tokens: &[u32], most: usize) -> Option<Begun>;

    /// Takes every piece forward. `logits` gets, one behind the other, those that the pieces want, in their order.
    fn step(&mut self, pieces: &[Piece<'_>], logits: &mut Vec<f32>) -> Result<(), InferenceError>;

    /// Forgets what came after the first `tokens` of a sequence. False when there is no room to write anew what others
    /// share; then nothing is forgotten.
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever has several tokens verified in one step"))]
    fn roll_back(&mut self, slot: Slot, tokens: usize) -> bool;

    /// Gives the place up. What was read is kept as long as there is room, for a sequence that begins alike.
    fn end(&mut self, slot: Slot);
}

/// A sequence's place, given up by [`Model::end`] only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Slot(pub(super) usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Begun {
    pub(super) slot: Slot,
    /// So many of its tokens were read before and must not be given again; fewer than all.
    pub(super) reused: usize,
}

/// The next tokens of one sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) slot: Slot,
    pub(super) tokens: &'a [u32],
    pub(super) wants: Wants,
}

/// Whose logits are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    Nothing,
    Last,
    All,
}
