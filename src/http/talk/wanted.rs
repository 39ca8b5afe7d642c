//! What a client wants written, in nobody's dialect.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use super::model::Asked;
use crate::inference::{Prompt, Sampling, Shape};

#[derive(Clone, Debug)]
pub(in crate::http) struct Wanted {
    pub asked: Asked,
    pub prompt: Prompt,
    /// `None`: as the settings have it.
    pub max_tokens: Option<usize>,
    /// For a generator.
    pub sampling: Sampling,
    /// What of the sampling was said, for answers from documents.
    pub temperature: Option<f32>,
    pub seed: Option<u64>,
    pub stop: Vec<String>,
    /// What form the text is to have.
    pub shape: Option<Shape>,
    /// `None`: as the settings have it.
    pub timeout: Option<Duration>,
}

/// Texts that end an answer; more than this is a mistake.
pub(in crate::http) const MOST_STOPS: usize = 16;
/// The longest time that a client may ask for, in milliseconds.
pub(in crate::http) const LONGEST: i64 = 600_000;

/// As many tokens as there is room for.
pub(in crate::http) fn tokens(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Different every time.
pub(in crate::http) fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// `chatcmpl-` and 24 letters and digits.
pub(in crate::http) fn identity(prefix: &str) -> String {
    format!("{prefix}-{:016x}{:08x}", chance(), chance() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_identities_are_alike() {
        let (one, other) = (identity("x"), identity("x"));
        assert_ne!(one, other);
        assert_eq!((one.len(), &one[..2]), (26, "x-"));
    }
}
