//! Rows of numbers in panels of 64 columns: how they are laid out, and what is done to them between two products.
//!
//! A matrix of `rows` × (64 · panels) lies panel by panel, each with all its rows: panel `p` is `[p * rows..][..rows]`. So
//! threads can share a product by panels, and a panel is at once a group of the next product.

use std::ops::Range;

use super::lanes::Lanes;
use super::level::kernel;

/// Columns of a panel, and values of a quantized group.
pub const PANEL: usize = 64;

pub type Row = [f32; PANEL];

/// At most so many rows go through a product together.
pub const TALLEST: usize = 6;

/// The rows in pieces for [`Matrix8::multiply`](super::Matrix8::multiply), none much smaller than another.
pub fn pieces(rows: usize) -> impl Iterator<Item = Range<usize>> {
    let count = rows.div_ceil(TALLEST);
    (0..count).map(move |i| rows * i / count..rows * (i + 1) / count)
}

/// The four quarters of a row.
#[inline(always)]
pub(super) fn quarters(row: &Row) -> &[[f32; 16]; 4] {
    row.as_chunks().0.try_into().expect("64 is four times 16")
}

#[inline(always)]
pub(super) fn quarters_mut(row: &mut Row) -> &mut [[f32; 16]; 4] {
    row.as_chunks_mut().0.try_into().expect("64 is four times 16")
}

kernel! {
    /// Adds `bias` to every row of `to`, and what `plus` has in the same place. `plus` is empty or as long as `to`.
    pub fn add(to: &mut [Row], bias: &Row, plus: &[Row]); add_body
}

#[inline(always)]
fn add_body<L: Lanes>(to: &mut [Row], bias: &Row, plus: &[Row]) {
    let bias: [L; 4] = std::array::from_fn(|i| L::load(&quarters(bias)[i]));
    for (at, row) in to.iter_mut().enumerate() {
        for (i, part) in quarters_mut(row).iter_mut().enumerate() {
            let mut sum = L::load(part).plus(bias[i]);
            if let Some(plus) = plus.get(at) {
                sum = sum.plus(L::load(&quarters(plus)[i]));
            }
            sum.store(part);
        }
    }
}

kernel! {
    /// Layer norm of every row: `values` has as many panels as `gamma` and `beta`, each of `rows` rows.
    pub fn norm(values: &mut [Row], rows: usize, gamma: &[Row], beta: &[Row], epsilon: f32); norm_body
}

#[inline(always)]
fn norm_body<L: Lanes>(values: &mut [Row], rows: usize, gamma: &[Row], beta: &[Row], epsilon: f32) {
    let panels = gamma.len();
    assert!(values.len() == rows * panels && beta.len() == panels, "a norm over other panels than its weights");
    let width = (panels * PANEL) as f32;
    for row in 0..rows {
        let mut sum = L::splat(0.0);
        for panel in 0..panels {
            for part in quarters(&values[panel * rows + row]) {
                sum = sum.plus(L::load(part));
            }
        }
        let mean = L::splat(sum.sum() / width);
        let mut squares = L::splat(0.0);
        for panel in 0..panels {
            for part in quarters(&values[panel * rows + row]) {
                let off = L::load(part).minus(mean);
                squares = off.times_plus(off, squares);
            }
        }
        let factor = L::splat(1.0 / (squares.sum() / width + epsilon).sqrt());
        for panel in 0..panels {
            let (gamma, beta) = (quarters(&gamma[panel]), quarters(&beta[panel]));
            for (i, part) in quarters_mut(&mut values[panel * rows + row]).iter_mut().enumerate() {
                let off = L::load(part).minus(mean).times(factor);
                off.times_plus(L::load(&gamma[i]), L::load(&beta[i])).store(part);
            }
        }
    }
}
