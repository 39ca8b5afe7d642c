//! One row times a whole tile: what writing a token waits for. The weights stream from memory through the registers, once;
//! nothing is spread out in between.

use std::arch::x86_64::*;

use super::super::layout::{Layout, Scales};
use super::super::left::{Coarse, Fine};
use super::super::{Strip, TILE};

/// While scales are read nothing else asks for memory, so the next lines are asked for in good time. Much further ahead they
/// would be in the way of what is needed first.
const AHEAD: usize = 768;

/// Whether there is a stream for it.
pub(in crate::simd::quant) fn knows(layout: &Layout) -> bool {
    layout.low >= 4
}

/// The row's part of the inputs' block `at` is `row(at)`.
#[derive(Clone, Copy)]
pub(in crate::simd::quant) enum Row<'a> {
    Coarse(&'a [Coarse], usize),
    Fine(&'a [Fine], usize),
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
pub(in crate::simd::quant) fn tile(layout: &Layout, weights: &[u8], row: Row<'_>, out: &mut Strip) {
    match (row, layout.low, layout.high, layout.zero == 0) {
        (Row::Fine(row, step), 8, ..) => fine::<8, 0, false>(layout, weights, row, step, out),
        (Row::Fine(row, step), _, 0, false) => fine::<4, 0, false>(layout, weights, row, step, out),
        (Row::Fine(row, step), _, 0, true) => fine::<4, 0, true>(layout, weights, row, step, out),
        (Row::Fine(row, step), _, _, false) => fine::<4, 1, false>(layout, weights, row, step, out),
        (Row::Fine(row, step), _, _, true) => fine::<4, 1, true>(layout, weights, row, step, out),
        (Row::Coarse(row, step), _, 0, _) => sixes::<0>(layout, weights, row, step, out),
        (Row::Coarse(row, step), _, 1, _) => sixes::<1>(layout, weights, row, step, out),
        (Row::Coarse(row, step), ..) => bytes(layout, weights, row, step, out),
    }
}

// SAFETY, for every block below: a tile has whole blocks, planes and scales lie in them as the layout says, and loads need no
// alignment. Memory that is asked for ahead may be anywhere.

/// Both halves of the columns of a quad.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
unsafe fn quad<const LOW: usize, const HIGH: usize>(low: *const u8, high: *const u8, quad: usize) -> [__m512i; 2] {
    unsafe {
        if LOW == 8 {
            let at = low.add(128 * quad);
            return [_mm512_loadu_si512(at.cast()), _mm512_loadu_si512(at.add(64).cast())];
        }
        _mm_prefetch::<_MM_HINT_T0>(low.wrapping_add(64 * quad + AHEAD).cast());
        let both = _mm512_loadu_si512(low.add(64 * quad).cast());
        let nibble = _mm512_set1_epi8(15);
        let numbers = [_mm512_and_si512(both, nibble), _mm512_and_si512(_mm512_srli_epi16::<4>(both), nibble)];
        if HIGH == 0 {
            return numbers;
        }
        let share = 4 / HIGH;
        let bits = _mm512_loadu_si512(high.add(64 * (quad / share)).cast());
        let first = 2 * HIGH * (quad % share);
        let mask = _mm512_set1_epi8(((1 << HIGH) - 1) << 4);
        // The first, and of the second what the mask lets through.
        const JOIN: i32 = 0b1111_1000;
        [
            _mm512_ternarylogic_epi32::<JOIN>(numbers[0], moved(bits, 4 - first as i32), mask),
            _mm512_ternarylogic_epi32::<JOIN>(numbers[1], moved(bits, 4 - (first + HIGH) as i32), mask),
        ]
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn moved(bits: __m512i, by: i32) -> __m512i {
    if by >= 0 { _mm512_sll_epi16(bits, _mm_cvtsi32_si128(by)) } else { _mm512_srl_epi16(bits, _mm_cvtsi32_si128(-by)) }
}

/// The sums of some quads of 32 inputs.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn dots<const LOW: usize, const HIGH: usize, const FIRST: usize, const QUADS: usize>(
    planes: *const u8,
    x: *const i8,
    start: __m512i,
) -> [__m512i; 2] {
    let mut sums = [[start, _mm512_setzero_si512()], [start, _mm512_setzero_si512()]];
    for at in 0..QUADS {
        unsafe {
            let [w0, w1] = quad::<LOW, HIGH>(planes, planes.add(128 * LOW), FIRST + at);
            let x = _mm512_set1_epi32(x.add(4 * at).cast::<i32>().read_unaligned());
            sums[0][at % 2] = _mm512_dpbusd_epi32(sums[0][at % 2], w0, x);
            sums[1][at % 2] = _mm512_dpbusd_epi32(sums[1][at % 2], w1, x);
        }
    }
    [_mm512_add_epi32(sums[0][0], sums[0][1]), _mm512_add_epi32(sums[1][0], sums[1][1])]
}

#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn halves(at: *const u8) -> [__m512; 2] {
    unsafe {
        [_mm512_cvtph_ps(_mm256_loadu_si256(at.cast())), _mm512_cvtph_ps(_mm256_loadu_si256(at.add(TILE).cast()))]
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
fn fine<const LOW: usize, const HIGH: usize, const OFFSETS: bool>(
    layout: &Layout,
    weights: &[u8],
    row: &[Fine],
    step: usize,
    out: &mut Strip,
) {
    let before = 2 * TILE * (1 + usize::from(OFFSETS));
    let mut totals = [_mm512_setzero_ps(); 2];
    for (group, block) in weights.chunks_exact(layout.bytes()).enumerate() {
        let (row, group) = (&row[group / 8 * step], group % 8);
        unsafe {
            let at = block.as_ptr();
            let start = if OFFSETS { 0 } else { -i32::from(layout.zero) * row.sums[group] };
            let x = row.bytes.as_ptr().add(32 * group);
            let dots = dots::<LOW, HIGH, 0, 8>(at.add(before), x, _mm512_set1_epi32(start));
            let scales = halves(at);
            for c in 0..2 {
                let scale = _mm512_mul_ps(scales[c], _mm512_set1_ps(row.scales[group]));
                totals[c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[c]), scale, totals[c]);
            }
            if OFFSETS {
                let offsets = halves(at.add(2 * TILE));
                for c in 0..2 {
                    totals[c] = _mm512_fmadd_ps(offsets[c], _mm512_set1_ps(row.scaled_sums[group]), totals[c]);
                }
            }
        }
    }
    store(totals, out);
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(totals: [__m512; 2], out: &mut Strip) {
    unsafe {
        _mm512_storeu_ps(out.as_mut_ptr(), totals[0]);
        _mm512_storeu_ps(out.as_mut_ptr().add(16), totals[1]);
    }
}

/// Four groups' numbers of six bits.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2")]
unsafe fn four_sixes(at: *const u8) -> [__m256i; 4] {
    unsafe {
        let rows = [0, 1, 2].map(|row| _mm256_loadu_si256(at.add(TILE * row).cast()));
        let six = _mm256_set1_epi8(63);
        // Of each row its two upper bits.
        let top = |row: __m256i, by: i32| {
            let mask = _mm256_set1_epi8((3 << by) as i8);
            _mm256_and_si256(_mm256_srl_epi16(row, _mm_cvtsi32_si128(6 - by)), mask)
        };
        let last = _mm256_or_si256(top(rows[0], 0), _mm256_or_si256(top(rows[1], 2), top(rows[2], 4)));
        let [a, b, c] = rows.map(|row| _mm256_and_si256(row, six));
        [a, b, c, last]
    }
}

/// One byte of each column as 32 bits.
#[inline]
#[target_feature(enable = "avx512f")]
fn widened(bytes: __m256i) -> [__m512i; 2] {
    [_mm512_cvtepu8_epi32(_mm256_castsi256_si128(bytes)), _mm512_cvtepu8_epi32(_mm256_extracti128_si256::<1>(bytes))]
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,avx2,f16c")]
fn sixes<const HIGH: usize>(layout: &Layout, weights: &[u8], row: &[Coarse], step: usize, out: &mut Strip) {
    debug_assert_eq!(layout.scales, Scales::Sixes);
    let planes = 128 * (4 + HIGH);
    let mut totals = [_mm512_setzero_ps(); 2];
    for (at, block) in weights.chunks_exact(layout.bytes()).enumerate() {
        let row = &row[at * step];
        unsafe {
            let at = block.as_ptr();
            let (scales, at) = (at, at.add(16 * TILE));
            let (mut sum, mut less) = ([_mm512_setzero_si512(); 2], [_mm512_setzero_si512(); 2]);
            for half in 0..2 {
                let (four, offsets) =
                    (four_sixes(scales.add(3 * TILE * half)), four_sixes(scales.add(3 * TILE * (2 + half))));
                for part in 0..4 {
                    let group = 4 * half + part;
                    let x = row.bytes.as_ptr().add(32 * group);
                    let dots = dots::<4, HIGH, 0, 8>(at.add(planes * group), x, _mm512_setzero_si512());
                    let scale = widened(four[part]);
                    for c in 0..2 {
                        sum[c] = _mm512_add_epi32(sum[c], _mm512_mullo_epi32(dots[c], scale[c]));
                    }
                }
                for pair in 0..2 {
                    let sums = row.sums.as_ptr().add(4 * half + 2 * pair);
                    let sums = _mm512_set1_epi32(sums.cast::<i32>().read_unaligned());
                    let (first, second) = (widened(offsets[2 * pair]), widened(offsets[2 * pair + 1]));
                    for c in 0..2 {
                        let both = _mm512_or_si512(first[c], _mm512_slli_epi32::<16>(second[c]));
                        less[c] = _mm512_dpwssd_epi32(less[c], both, sums);
                    }
                }
            }
            let (scales, offsets) = (halves(scales.add(12 * TILE)), halves(scales.add(14 * TILE)));
            let x = _mm512_set1_ps(row.scale);
            for c in 0..2 {
                totals[c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[c]), _mm512_mul_ps(scales[c], x), totals[c]);
                totals[c] = _mm512_fnmadd_ps(_mm512_cvtepi32_ps(less[c]), _mm512_mul_ps(offsets[c], x), totals[c]);
            }
        }
    }
    store(totals, out);
}

/// Numbers of six bits with a signed byte for every 16 inputs.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni,f16c")]
fn bytes(layout: &Layout, weights: &[u8], row: &[Coarse], step: usize, out: &mut Strip) {
    debug_assert_eq!(layout.scales, Scales::Bytes);
    let planes = 128 * 6;
    let mut totals = [_mm512_setzero_ps(); 2];
    for (at, block) in weights.chunks_exact(layout.bytes()).enumerate() {
        let row = &row[at * step];
        unsafe {
            let at = block.as_ptr();
            let (scales, at) = (at, at.add(18 * TILE));
            let mut sum = [_mm512_setzero_si512(); 2];
            for pair in 0..8 {
                let start = |group: usize| {
                    _mm512_set1_epi32(-i32::from(layout.zero) * i32::from(row.short_sums[2 * pair + group]))
                };
                let (at, x) = (at.add(planes * pair), row.bytes.as_ptr().add(32 * pair));
                let dots = [dots::<4, 2, 0, 4>(at, x, start(0)), dots::<4, 2, 4, 4>(at, x.add(16), start(1))];
                for (group, dots) in dots.iter().enumerate() {
                    for c in 0..2 {
                        let scale = _mm_loadu_si128(scales.add(TILE * (2 * pair + group) + 16 * c).cast());
                        sum[c] = _mm512_add_epi32(sum[c], _mm512_mullo_epi32(dots[c], _mm512_cvtepi8_epi32(scale)));
                    }
                }
            }
            let scales = halves(scales.add(16 * TILE));
            let x = _mm512_set1_ps(row.scale);
            for c in 0..2 {
                totals[c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[c]), _mm512_mul_ps(scales[c], x), totals[c]);
            }
        }
    }
    store(totals, out);
}
