//! The scan in plain Rust: the twin that every other kernel is held against, written so that compilers can vectorize it.

use super::{FINE, Probe, ZERO};

/// Numbers whose products with a probe's surely fit 32 bits.
const STEP: usize = 512;

pub(super) fn score(probe: &Probe, rows: &[u8], scales: &[f32], scores: &mut [f32]) {
    for ((row, scale), score) in rows.chunks_exact(probe.stride()).zip(scales).zip(scores) {
        let sum: i64 =
            row.chunks(STEP).zip(probe.both.chunks(STEP)).map(|(row, probe)| i64::from(dot(row, probe))).sum();
        *score = sum as f32 * (probe.scale / FINE) * scale;
    }
}

fn dot(row: &[u8], probe: &[i16]) -> i32 {
    row.iter().zip(probe).map(|(&byte, &number)| i32::from((byte ^ ZERO) as i8) * i32::from(number)).sum()
}
