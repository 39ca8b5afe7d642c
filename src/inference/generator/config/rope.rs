//! How fast does each pair turn? Formulas only.

use std::f64::consts::TAU;

use super::shape::Rope;

/// What a rotation is made of.
#[derive(Clone, Debug)]
pub(super) struct Turning {
    pub(super) base: f64,
    /// So many numbers of a head turn.
    pub(super) numbers: usize,
    /// One for each pair: it turns so many times slower.
    pub(super) factors: Option<Vec<f32>>,
    pub(super) scaling: Scaling,
    pub(super) magnitude: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scaling {
    None,
    /// Everything turns so many times slower.
    Linear(f64),
    /// What turns fast over the original context stays, what turns slowly is slowed down, and between is between.
    Yarn {
        factor: f64,
        original: f64,
        fast: f64,
        slow: f64,
    },
}

impl Turning {
    pub(super) fn rope(&self) -> Rope {
        let magnitude = match self.scaling {
            Scaling::Yarn { factor, .. } => self.magnitude * (1.0 + 0.1 * factor.max(1.0).ln()),
            _ => self.magnitude,
        };
        let frequency = |pair: usize| {
            let factor = self.factors.as_ref().map_or(1.0, |factors| f64::from(factors[pair]));
            let plain = self.base.powf(-2.0 * pair as f64 / self.numbers as f64) / factor;
            let scaled = match self.scaling {
                Scaling::None => plain,
                Scaling::Linear(factor) => plain / factor,
                Scaling::Yarn { factor, .. } => {
                    let kept = self.kept(pair);
                    plain * kept + plain / factor * (1.0 - kept)
                }
            };
            scaled as f32
        };
        Rope { frequencies: (0..self.numbers / 2).map(frequency).collect(), magnitude: magnitude as f32 }
    }

    /// How much of a pair's own speed stays, from 0 to 1.
    fn kept(&self, pair: usize) -> f64 {
        let Scaling::Yarn { original, fast, slow, .. } = self.scaling else { return 1.0 };
        let numbers = self.numbers as f64;
        // The pair that turns so many times round over the original context.
        let pair_of = |turns: f64| numbers * (original / (turns * TAU)).ln() / (2.0 * self.base.ln());
        let first = pair_of(fast).floor().max(0.0);
        let last = pair_of(slow).ceil().min(numbers - 1.0);
        1.0 - ((pair as f64 - first) / (last - first).max(0.001)).clamp(0.0, 1.0)
    }
}
