//! What a decoder does to rows of numbers between two products.
//!
//! Rows lie in strips of 32 columns, each strip with all its rows.

use super::lanes::Lanes;
use super::level::kernel;
use super::quant::{Strip, TILE};

/// Between the two sides of a gated feed-forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gating {
    Silu,
    /// The tanh form.
    Gelu,
}

kernel! {
    /// For each row, what its numbers are multiplied with so that their mean square is 1. The last strip is zero beyond
    /// `width` columns.
    pub fn norm_factors(values: &[Strip], width: usize, epsilon: f32, factors: &mut [f32]); norm_factors_body
}

#[inline(always)]
fn norm_factors_body<L: Lanes>(values: &[Strip], width: usize, epsilon: f32, factors: &mut [f32]) {
    let rows = factors.len();
    assert_eq!(values.len(), rows * width.div_ceil(TILE), "as many strips as the width fills");
    for (row, factor) in factors.iter_mut().enumerate() {
        let mut squares = [L::splat(0.0); 2];
        for strip in values[row..].iter().step_by(rows) {
            for (part, sum) in strip.as_chunks::<16>().0.iter().zip(&mut squares) {
                let part = L::load(part);
                *sum = part.times_plus(part, *sum);
            }
        }
        *factor = 1.0 / (squares[0].plus(squares[1]).sum() / width as f32 + epsilon).sqrt();
    }
}

kernel! {
    /// `gate` becomes its activation times `up`.
    pub fn gate(kind: Gating, gate: &mut [Strip], up: &[Strip]); gate_body
}

#[inline(always)]
fn gate_body<L: Lanes>(kind: Gating, gate: &mut [Strip], up: &[Strip]) {
    let zero = L::splat(0.0);
    for (gate, up) in gate.as_flattened_mut().as_chunks_mut::<16>().0.iter_mut().zip(up.as_flattened().as_chunks().0) {
        let x = L::load(gate);
        let y = match kind {
            Gating::Silu => x,
            Gating::Gelu => {
                let cube = x.times(x).times(x);
                cube.times_plus(L::splat(0.044_715), x).times(L::splat(2.0 * 0.797_884_6))
            }
        };
        // Of the two forms of a sigmoid the one whose power is not above 1.
        let power = zero.minus(y.at_least(zero.minus(y))).exp();
        let share = L::splat(1.0).over(power.plus(L::splat(1.0)));
        let value = x.at_least(zero).times(share).plus(x.at_most(zero).times(power).times(share));
        value.times(L::load(up)).store(gate);
    }
}

kernel! {
    /// Adds the second to the first.
    pub fn add_to(to: &mut [Strip], from: &[Strip]); add_to_body
}

#[inline(always)]
fn add_to_body<L: Lanes>(to: &mut [Strip], from: &[Strip]) {
    for (to, from) in to.as_flattened_mut().as_chunks_mut::<16>().0.iter_mut().zip(from.as_flattened().as_chunks().0) {
        L::load(to).plus(L::load(from)).store(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Level;

    fn strips(count: usize) -> Vec<Strip> {
        (0..count).map(|s| std::array::from_fn(|i| ((s * 37 + i * 11) % 97) as f32 / 8.0 - 6.0)).collect()
    }

    #[test]
    fn gates_are_their_formulas() {
        for level in Level::all() {
            for kind in [Gating::Silu, Gating::Gelu] {
                let (mut values, up) = (strips(5), strips(5));
                values[0][..6].copy_from_slice(&[-90.0, 90.0, 0.0, -1e9, 1e9, -20.0]);
                let before = values.clone();
                gate(level, kind, &mut values, &up);
                for ((got, x), up) in values.as_flattened().iter().zip(before.as_flattened()).zip(up.as_flattened()) {
                    let x = f64::from(*x);
                    let expected = match kind {
                        Gating::Silu => x / (1.0 + (-x).exp()),
                        Gating::Gelu => 0.5 * x * (1.0 + (0.797_884_560_8 * (x + 0.044_715 * x.powi(3))).tanh()),
                    } * f64::from(*up);
                    let off = (f64::from(*got) - expected).abs();
                    assert!(off <= 2e-6 * (1.0 + expected.abs()), "{kind:?} {level:?} {x}: {got} for {expected}");
                }
            }
        }
    }

    #[test]
    fn norms_are_their_formula() {
        for level in Level::all() {
            for (rows, width) in [(1, 32), (3, 96), (2, 172)] {
                let mut values = strips(rows * width_strips(width));
                if width % TILE > 0 {
                    for strip in values.iter_mut().rev().take(rows) {
                        strip[width % TILE..].fill(0.0);
                    }
                }
                let mut factors = vec![0.0; rows];
                norm_factors(level, &values, width, 1e-5, &mut factors);
                for (row, factor) in factors.iter().enumerate() {
                    let all = values[row..].iter().step_by(rows).flatten();
                    let square: f64 = all.map(|x| f64::from(*x).powi(2)).sum::<f64>() / width as f64;
                    let expected = 1.0 / (square + 1e-5).sqrt();
                    assert!((f64::from(*factor) / expected - 1.0).abs() < 1e-6);
                }
            }
        }
    }

    fn width_strips(width: usize) -> usize {
        width.div_ceil(TILE)
    }

    #[test]
    fn sums_are_sums() {
        for level in Level::all() {
            let (mut to, from) = (strips(3), strips(4));
            add_to(level, &mut to, &from[1..]);
            for (i, got) in to.as_flattened().iter().enumerate() {
                assert_eq!(*got, strips(3).as_flattened()[i] + from.as_flattened()[i + TILE]);
            }
        }
    }
}
