//! The twin that says what is right.

use super::super::left::{Coarse, Fine};
use super::super::{Strip, TILE};
use super::Block;

/// What output `output` has in the quads of a group.
fn dot(block: &Block<'_>, quads: std::ops::Range<usize>, output: usize, x: &[i8]) -> i32 {
    let vectors = &block.spread.numbers[2 * quads.start..2 * quads.end];
    let lane = 4 * (output % 16);
    vectors
        .chunks_exact(2)
        .zip(x.chunks_exact(4))
        .map(|(pair, x)| {
            let numbers = &pair[output / 16][lane..lane + 4];
            numbers.iter().zip(x).map(|(&number, &x)| i32::from(number) * i32::from(x)).sum::<i32>()
        })
        .sum()
}

pub(super) fn coarse<const R: usize>(block: Block<'_>, rows: &[Coarse; R], out: &mut [Strip; R]) {
    let scales = &block.spread.coarse;
    let groups = if block.is_short { 16 } else { 8 };
    let quads = 64 / groups;
    for (row, out) in rows.iter().zip(out) {
        let sums: &[i16] = if block.is_short { &row.short_sums } else { &row.sums };
        for output in 0..TILE {
            let (mut total, mut offset) = (0, 0);
            for group in 0..groups {
                let x = &row.bytes[4 * quads * group..4 * quads * (group + 1)];
                total +=
                    scales.scales[group][output] as i32 * dot(&block, quads * group..quads * (group + 1), output, x);
                offset += i32::from(scales.offsets[group / 2][output][group % 2]) * i32::from(sums[group]);
            }
            if block.has_offsets {
                out[output] = (total as f32).mul_add(scales.scale[output] * row.scale, out[output]);
                out[output] = (-offset as f32).mul_add(scales.offset[output] * row.scale, out[output]);
            } else {
                out[output] = ((total - offset) as f32).mul_add(scales.scale[output] * row.scale, out[output]);
            }
        }
    }
}

pub(super) fn fine<const R: usize>(block: Block<'_>, rows: &[Fine; R], groups: usize, out: &mut [Strip; R]) {
    for (row, out) in rows.iter().zip(out) {
        for group in 0..groups {
            for output in 0..TILE {
                let x = &row.bytes[32 * group..32 * (group + 1)];
                let total = dot(&block, 8 * group..8 * (group + 1), output, x) - block.zero * row.sums[group];
                let scale = block.spread.scales[group][output] * row.scales[group];
                out[output] = (total as f32).mul_add(scale, out[output]);
                if block.has_offsets {
                    let offset = block.spread.offsets[group][output];
                    out[output] = offset.mul_add(row.scaled_sums[group], out[output]);
                }
            }
        }
    }
}
