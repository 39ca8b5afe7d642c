//! A few rows times 32 columns of floats.

use super::half::{from_bf16, from_half};
use super::{Strip, TILE};
use crate::gguf::Kind;
use crate::simd::Level;
use crate::simd::lanes::Lanes;
use crate::simd::level::kernel;

/// Inputs whose weights are converted together.
pub(super) const STEP: usize = 64;

/// Weights as floats, the 32 outputs of an input beside each other.
pub(super) type Room = [Strip; STEP];

kernel! { pub(super) fn convert(kind: Kind, from: &[u8], to: &mut [Strip]); convert_body }

#[inline(always)]
fn convert_body<L: Lanes>(kind: Kind, from: &[u8], to: &mut [Strip]) {
    let to = to.as_flattened_mut();
    match kind {
        Kind::F32 => {
            for (to, from) in to.iter_mut().zip(from.as_chunks().0) {
                *to = f32::from_le_bytes(*from);
            }
        }
        Kind::F16 => {
            for (to, from) in to.iter_mut().zip(from.as_chunks().0) {
                *to = from_half(u16::from_le_bytes(*from));
            }
        }
        _ => {
            for (to, from) in to.iter_mut().zip(from.as_chunks().0) {
                *to = from_bf16(u16::from_le_bytes(*from));
            }
        }
    }
}

/// Adds to `out` what inputs from `first` on give; `left` has `step` strips for each row.
pub(super) fn multiply(level: Level, left: &[Strip], step: usize, first: usize, weights: &[Strip], out: &mut [Strip]) {
    let mut row = 0;
    while row < out.len() {
        let rows = (out.len() - row).min(6);
        let (left, out) = (&left[row * step..(row + rows) * step], &mut out[row..row + rows]);
        match rows {
            1 => multiply_1(level, left, step, first, weights, out),
            2 => multiply_2(level, left, step, first, weights, out),
            3 => multiply_3(level, left, step, first, weights, out),
            4 => multiply_4(level, left, step, first, weights, out),
            5 => multiply_5(level, left, step, first, weights, out),
            _ => multiply_6(level, left, step, first, weights, out),
        }
        row += rows;
    }
}

macro_rules! rows {
    ($($name:ident $body:ident $count:literal),*) => {$(
        kernel! {
            fn $name(left: &[Strip], step: usize, first: usize, weights: &[Strip], out: &mut [Strip]); $body
        }

        #[inline(always)]
        fn $body<L: Lanes>(left: &[Strip], step: usize, first: usize, weights: &[Strip], out: &mut [Strip]) {
            multiply_rows::<L, $count>(left, step, first, weights, out);
        }
    )*};
}

rows! {
    multiply_1 body_1 1, multiply_2 body_2 2, multiply_3 body_3 3,
    multiply_4 body_4 4, multiply_5 body_5 5, multiply_6 body_6 6
}

#[inline(always)]
fn multiply_rows<L: Lanes, const R: usize>(
    left: &[Strip],
    step: usize,
    first: usize,
    weights: &[Strip],
    out: &mut [Strip],
) {
    let out: &mut [Strip; R] = out.try_into().expect("as many rows go out as come in");
    let left = left.as_flattened();
    let rows: [&[f32]; R] = std::array::from_fn(|r| &left[r * step * TILE + first..][..weights.len()]);
    let mut sums = [[L::splat(0.0); 2]; R];
    for r in 0..R {
        let from = out[r].as_chunks::<16>().0;
        sums[r] = [L::load(&from[0]), L::load(&from[1])];
    }
    for (at, weights) in weights.iter().enumerate() {
        let weights = weights.as_chunks::<16>().0;
        let weights = [L::load(&weights[0]), L::load(&weights[1])];
        for r in 0..R {
            let x = L::splat(rows[r][at]);
            sums[r][0] = x.times_plus(weights[0], sums[r][0]);
            sums[r][1] = x.times_plus(weights[1], sums[r][1]);
        }
    }
    for r in 0..R {
        let to = out[r].as_chunks_mut::<16>().0;
        sums[r][0].store(&mut to[0]);
        sums[r][1].store(&mut to[1]);
    }
}
