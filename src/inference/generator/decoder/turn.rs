//! Positions as rotations: pairs of a head's numbers turn by an angle that grows with the position.

use super::super::config::{Pairs, Rope};

/// Sines and cosines of every row of a step.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns {
    pairs: usize,
    /// Row by row.
    cosines: Vec<f32>,
    sines: Vec<f32>,
}

impl Turns {
    pub(super) fn fill(&mut self, rope: &Rope, positions: impl Iterator<Item = usize>) {
        self.pairs = rope.frequencies.len();
        self.cosines.clear();
        self.sines.clear();
        for position in positions {
            for frequency in rope.frequencies.iter() {
                let (sine, cosine) = (position as f32 * frequency).sin_cos();
                self.cosines.push(cosine * rope.magnitude);
                self.sines.push(sine * rope.magnitude);
            }
        }
    }

    pub(super) fn turn(&self, row: usize, pairs: Pairs, head: &mut [f32]) {
        let here = row * self.pairs..(row + 1) * self.pairs;
        let angles = self.cosines[here.clone()].iter().zip(&self.sines[here]);
        match pairs {
            Pairs::Adjacent => {
                for (pair, (cosine, sine)) in head.as_chunks_mut::<2>().0.iter_mut().zip(angles) {
                    *pair = [pair[0] * cosine - pair[1] * sine, pair[0] * sine + pair[1] * cosine];
                }
            }
            Pairs::Halves => {
                let (first, second) = head[..2 * self.pairs].split_at_mut(self.pairs);
                for ((a, b), (cosine, sine)) in first.iter_mut().zip(second).zip(angles) {
                    (*a, *b) = (*a * cosine - *b * sine, *a * sine + *b * cosine);
                }
            }
        }
    }
}
