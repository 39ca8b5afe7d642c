//! Twice sixteen columns, six rows: AVX-512 with its products of bytes.

use std::arch::x86_64::*;

use super::super::Strip;
use super::super::left::{Coarse, Fine};
use super::Block;

// SAFETY, for every block below: addresses lie inside arrays whose sizes are in their types (16 vectors of a group of 32
// inputs, of eight groups), and loads need no alignment.

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn coarse<const R: usize>(block: Block<'_>, rows: &[Coarse; R], out: &mut [Strip; R]) {
    match (block.is_short, block.has_offsets) {
        (false, true) => groups::<R, 8, true>(block, rows, out),
        (false, false) => groups::<R, 8, false>(block, rows, out),
        (true, true) => groups::<R, 16, true>(block, rows, out),
        (true, false) => groups::<R, 16, false>(block, rows, out),
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn groups<const R: usize, const GROUPS: usize, const OFFSETS: bool>(
    block: Block<'_>,
    rows: &[Coarse; R],
    out: &mut [Strip; R],
) {
    let scales = &block.spread.coarse;
    let mut totals = [[_mm512_setzero_si512(); 2]; R];
    unsafe {
        let mut numbers = block.spread.numbers.as_ptr();
        for group in 0..GROUPS {
            let mut dots = [[_mm512_setzero_si512(); 2]; R];
            for quad in 0..64 / GROUPS {
                let w0 = _mm512_loadu_si512(numbers.cast());
                let w1 = _mm512_loadu_si512(numbers.add(1).cast());
                numbers = numbers.add(2);
                for r in 0..R {
                    let at = rows[r].bytes.as_ptr().add(4 * (64 / GROUPS * group + quad));
                    let x = _mm512_set1_epi32(at.cast::<i32>().read_unaligned());
                    dots[r][0] = _mm512_dpbusd_epi32(dots[r][0], w0, x);
                    dots[r][1] = _mm512_dpbusd_epi32(dots[r][1], w1, x);
                }
            }
            for c in 0..2 {
                let scale = _mm512_loadu_si512(scales.scales[group].as_ptr().add(16 * c).cast());
                for r in 0..R {
                    totals[r][c] = _mm512_add_epi32(totals[r][c], _mm512_mullo_epi32(dots[r][c], scale));
                }
            }
        }
        for c in 0..2 {
            let scale = _mm512_loadu_ps(scales.scale.as_ptr().add(16 * c));
            let offset = _mm512_loadu_ps(scales.offset.as_ptr().add(16 * c));
            for r in 0..R {
                let mut less = _mm512_setzero_si512();
                for pair in 0..GROUPS / 2 {
                    let sums = if GROUPS == 8 { rows[r].sums.as_ptr() } else { rows[r].short_sums.as_ptr() };
                    let sums = _mm512_set1_epi32(sums.add(2 * pair).cast::<i32>().read_unaligned());
                    let offsets = _mm512_loadu_si512(scales.offsets[pair].as_ptr().add(16 * c).cast());
                    less = _mm512_dpwssd_epi32(less, offsets, sums);
                }
                let x = _mm512_set1_ps(rows[r].scale);
                let at = out[r].as_mut_ptr().add(16 * c);
                let mut sum = _mm512_loadu_ps(at);
                if OFFSETS {
                    sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(totals[r][c]), _mm512_mul_ps(scale, x), sum);
                    sum = _mm512_fnmadd_ps(_mm512_cvtepi32_ps(less), _mm512_mul_ps(offset, x), sum);
                } else {
                    let total = _mm512_cvtepi32_ps(_mm512_sub_epi32(totals[r][c], less));
                    sum = _mm512_fmadd_ps(total, _mm512_mul_ps(scale, x), sum);
                }
                _mm512_storeu_ps(at, sum);
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) fn fine<const R: usize>(block: Block<'_>, rows: &[Fine; R], count: usize, out: &mut [Strip; R]) {
    if block.has_offsets {
        fine_groups::<R, true>(block, rows, count, out);
    } else {
        fine_groups::<R, false>(block, rows, count, out);
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn fine_groups<const R: usize, const OFFSETS: bool>(
    block: Block<'_>,
    rows: &[Fine; R],
    count: usize,
    out: &mut [Strip; R],
) {
    let mut sums = [[_mm512_setzero_ps(); 2]; R];
    unsafe {
        for r in 0..R {
            sums[r] = [_mm512_loadu_ps(out[r].as_ptr()), _mm512_loadu_ps(out[r].as_ptr().add(16))];
        }
        let mut numbers = block.spread.numbers.as_ptr();
        for group in 0..count {
            let mut dots = [[_mm512_setzero_si512(); 2]; R];
            if !OFFSETS {
                for r in 0..R {
                    dots[r] = [_mm512_set1_epi32(-block.zero * rows[r].sums[group]); 2];
                }
            }
            for quad in 0..8 {
                let w0 = _mm512_loadu_si512(numbers.cast());
                let w1 = _mm512_loadu_si512(numbers.add(1).cast());
                numbers = numbers.add(2);
                for r in 0..R {
                    let at = rows[r].bytes.as_ptr().add(32 * group + 4 * quad);
                    let x = _mm512_set1_epi32(at.cast::<i32>().read_unaligned());
                    dots[r][0] = _mm512_dpbusd_epi32(dots[r][0], w0, x);
                    dots[r][1] = _mm512_dpbusd_epi32(dots[r][1], w1, x);
                }
            }
            for c in 0..2 {
                let scale = _mm512_loadu_ps(block.spread.scales[group].as_ptr().add(16 * c));
                for r in 0..R {
                    let scale = _mm512_mul_ps(scale, _mm512_set1_ps(rows[r].scales[group]));
                    sums[r][c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[r][c]), scale, sums[r][c]);
                }
                if OFFSETS {
                    let offset = _mm512_loadu_ps(block.spread.offsets[group].as_ptr().add(16 * c));
                    for r in 0..R {
                        sums[r][c] = _mm512_fmadd_ps(offset, _mm512_set1_ps(rows[r].scaled_sums[group]), sums[r][c]);
                    }
                }
            }
        }
        for r in 0..R {
            _mm512_storeu_ps(out[r].as_mut_ptr(), sums[r][0]);
            _mm512_storeu_ps(out[r].as_mut_ptr().add(16), sums[r][1]);
        }
    }
}
