//! Eight times four columns, a row at a time: NEON with its products of four signed bytes.

use std::arch::aarch64::*;

use super::super::Strip;
use super::super::left::{Coarse, Fine};
use super::Block;
use crate::simd::sdot::dot;

// SAFETY, for every block below: addresses lie inside arrays whose sizes are in their types (16 vectors of 64 bytes for a
// group of 32 inputs, of eight groups).

/// Of `QUADS` quads, the sums of 32 columns for two rows. Numbers of 8 bits are taken as signed, which makes them 128 smaller;
/// smaller ones are the same signed and unsigned.
#[target_feature(enable = "neon,dotprod")]
#[inline]
unsafe fn dots<const QUADS: usize, const SIGNED: bool>(numbers: *const u8, x: [*const i8; 2]) -> [[int32x4_t; 8]; 2] {
    unsafe {
        let mut sums = [[vdupq_n_s32(0); 8]; 2];
        for quad in 0..QUADS {
            let mut quads = [vdupq_n_s8(0); 2];
            for r in 0..2 {
                quads[r] = vreinterpretq_s8_u32(vdupq_n_u32(x[r].add(4 * quad).cast::<u32>().read_unaligned()));
            }
            for c in 0..8 {
                let mut w = vld1q_u8(numbers.add(128 * quad + 16 * c));
                if SIGNED {
                    w = veorq_u8(w, vdupq_n_u8(0x80));
                }
                for r in 0..2 {
                    sums[r][c] = dot(sums[r][c], vreinterpretq_s8_u8(w), quads[r]);
                }
            }
        }
        sums
    }
}

#[target_feature(enable = "neon,dotprod")]
pub(super) fn coarse<const R: usize>(block: Block<'_>, rows: &[Coarse; R], out: &mut [Strip; R]) {
    let scales = &block.spread.coarse;
    let groups = if block.is_short { 16 } else { 8 };
    let quads = 64 / groups;
    for first in (0..R).step_by(2) {
        let pair = [first, (first + 1).min(R - 1)];
        unsafe {
            let mut totals = [[vdupq_n_s32(0); 8]; 2];
            for group in 0..groups {
                let numbers = block.spread.numbers.as_flattened().as_ptr().add(128 * quads * group);
                let x = pair.map(|r| rows[r].bytes.as_ptr().add(4 * quads * group));
                let sums = if quads == 8 { dots::<8, false>(numbers, x) } else { dots::<4, false>(numbers, x) };
                for c in 0..8 {
                    let scale = vld1q_s32(scales.scales[group].as_ptr().add(4 * c).cast());
                    for r in 0..2 {
                        totals[r][c] = vmlaq_s32(totals[r][c], sums[r][c], scale);
                    }
                }
            }
            for r in 0..if first + 1 < R { 2 } else { 1 } {
                let row = &rows[pair[r]];
                let sums: &[i16] = if block.is_short { &row.short_sums } else { &row.sums };
                for c in 0..8 {
                    let mut less = vdupq_n_s32(0);
                    for two in 0..groups / 2 {
                        let offsets = vld2_s16(scales.offsets[two].as_ptr().add(4 * c).cast());
                        less = vmlal_s16(less, offsets.0, vdup_n_s16(sums[2 * two]));
                        less = vmlal_s16(less, offsets.1, vdup_n_s16(sums[2 * two + 1]));
                    }
                    let scale = vmulq_n_f32(vld1q_f32(scales.scale.as_ptr().add(4 * c)), row.scale);
                    let at = out[pair[r]].as_mut_ptr().add(4 * c);
                    let mut sum = vld1q_f32(at);
                    if block.has_offsets {
                        let offset = vmulq_n_f32(vld1q_f32(scales.offset.as_ptr().add(4 * c)), row.scale);
                        sum = vfmaq_f32(sum, vcvtq_f32_s32(totals[r][c]), scale);
                        sum = vfmsq_f32(sum, vcvtq_f32_s32(less), offset);
                    } else {
                        sum = vfmaq_f32(sum, vcvtq_f32_s32(vsubq_s32(totals[r][c], less)), scale);
                    }
                    vst1q_f32(at, sum);
                }
            }
        }
    }
}

#[target_feature(enable = "neon,dotprod")]
pub(super) fn fine<const R: usize>(block: Block<'_>, rows: &[Fine; R], count: usize, out: &mut [Strip; R]) {
    let is_signed = block.bits == 8;
    let zero = if is_signed { 0 } else { block.zero };
    for first in (0..R).step_by(2) {
        let pair = [first, (first + 1).min(R - 1)];
        for group in 0..count {
            unsafe {
                let numbers = block.spread.numbers.as_flattened().as_ptr().add(1024 * group);
                let x = pair.map(|r| rows[r].bytes.as_ptr().add(32 * group));
                let sums = if is_signed { dots::<8, true>(numbers, x) } else { dots::<8, false>(numbers, x) };
                for r in 0..if first + 1 < R { 2 } else { 1 } {
                    let row = &rows[pair[r]];
                    let less = vdupq_n_s32(zero * row.sums[group]);
                    for c in 0..8 {
                        let scale = vld1q_f32(block.spread.scales[group].as_ptr().add(4 * c));
                        let scale = vmulq_n_f32(scale, row.scales[group]);
                        let at = out[pair[r]].as_mut_ptr().add(4 * c);
                        let mut sum = vfmaq_f32(vld1q_f32(at), vcvtq_f32_s32(vsubq_s32(sums[r][c], less)), scale);
                        if block.has_offsets {
                            let offset = vld1q_f32(block.spread.offsets[group].as_ptr().add(4 * c));
                            sum = vfmaq_n_f32(sum, offset, row.scaled_sums[group]);
                        }
                        vst1q_f32(at, sum);
                    }
                }
            }
        }
    }
}
