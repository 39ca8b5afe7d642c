//! How long will reading so many tokens take? By what the last slices took.

use std::collections::VecDeque;
use std::time::Duration;

/// Seconds for each token of the last slices, so that one that took long for reasons of its own is soon forgotten.
#[derive(Debug, Default)]
pub(super) struct Pace(VecDeque<f64>);

const REMEMBERED: usize = 8;

/// Of fewer tokens in a step each costs more, which says nothing about slices.
const TELLING: usize = 16;

impl Pace {
    pub(super) fn measure(&mut self, tokens: usize, took: Duration) {
        if tokens < TELLING || took.is_zero() {
            return;
        }
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(took.as_secs_f64() / tokens as f64);
    }

    pub(super) fn is_known(&self) -> bool {
        !self.0.is_empty()
    }

    /// Not less than this, as far as one knows.
    pub(super) fn at_best(&self, tokens: usize) -> Duration {
        let best = self.0.iter().copied().reduce(f64::min).unwrap_or(0.0);
        Duration::try_from_secs_f64(best * tokens as f64).unwrap_or(Duration::MAX)
    }

    /// How many tokens can be read by then, even if it goes as slowly as it did lately.
    pub(super) fn surely(&self, left: Duration) -> usize {
        let worst = self.0.iter().copied().reduce(f64::max).unwrap_or(0.0);
        (left.as_secs_f64() / worst) as usize
    }
}
