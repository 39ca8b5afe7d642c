//! Rows of bytes to try kernels on.

use super::{Coarse, Fine};

/// From -127 to 127, as rounding makes them.
fn bytes(row: usize) -> [i8; 256] {
    std::array::from_fn(|at| ((at * 31 + row * 7) % 255).wrapping_sub(127) as i8)
}

pub(super) fn coarse_rows() -> [Coarse; 3] {
    std::array::from_fn(|row| {
        let bytes = bytes(row);
        let sum = |at: usize, width: usize| bytes[at * width..][..width].iter().map(|&byte| i16::from(byte)).sum();
        Coarse {
            bytes,
            short_sums: std::array::from_fn(|at| sum(at, 16)),
            sums: std::array::from_fn(|at| sum(at, 32)),
            scale: 0.01,
        }
    })
}

pub(super) fn fine_rows() -> [Fine; 3] {
    std::array::from_fn(|row| {
        let bytes = bytes(row);
        let sums = std::array::from_fn(|at| bytes[at * 32..][..32].iter().map(|&byte| i32::from(byte)).sum());
        let scales = std::array::from_fn(|at| 0.01 * at as f32);
        Fine { bytes, scales, sums, scaled_sums: std::array::from_fn(|at| scales[at] * sums[at] as f32) }
    })
}
