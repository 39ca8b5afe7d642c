//! The scan in plain Rust: the twin that every other kernel is held against, written so that compilers can vectorize it.

use super::{HALF, LANE, Probe};

pub(super) fn bounds(probe: &Probe, upper: &[u8], scales: &[f32], bounds: &mut [f32]) {
    let bound = probe.bound();
    for ((upper, &scale), result) in upper.chunks_exact(probe.stride()).zip(scales).zip(bounds) {
        let mut sum = 0;
        for (bytes, probe) in upper.chunks_exact(HALF).zip(probe.coarse.chunks_exact(LANE)) {
            let (first, second) = probe.split_at(HALF);
            for at in 0..HALF {
                sum += i32::from(bytes[at] & 0x0f) * i32::from(first[at]);
                sum += i32::from(bytes[at] >> 4) * i32::from(second[at]);
            }
        }
        *result = bound.of(sum, scale);
    }
}

pub(super) fn score(probe: &Probe, upper: &[u8], lower: &[u8], scale: f32) -> f32 {
    let (mut coarse, mut fine) = (0, 0);
    let planes = probe.coarse.chunks_exact(LANE).zip(probe.fine.chunks_exact(LANE));
    for ((upper, lower), (near, rest)) in upper.chunks_exact(HALF).zip(lower.chunks_exact(HALF)).zip(planes) {
        for at in 0..HALF {
            let first = i32::from(upper[at] << 4 | lower[at] & 0x0f);
            let second = i32::from(upper[at] & 0xf0 | lower[at] >> 4);
            coarse += first * i32::from(near[at]) + second * i32::from(near[HALF + at]);
            fine += first * i32::from(rest[at]) + second * i32::from(rest[HALF + at]);
        }
    }
    probe.score(coarse, fine, scale)
}
