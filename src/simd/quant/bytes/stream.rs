//! One row times a whole tile: what writing a token waits for. The weights stream from memory through the registers, once;
//! nothing is spread out in between.
//!
//! Products of pairs, on every processor: products of four bytes wait for each other longer than memory does, and in wider
//! registers fewer bytes are on their way at once.

use std::arch::x86_64::*;

use super::super::layout::{Layout, Scales};
use super::super::left::{Coarse, Fine};
use super::super::{Strip, TILE};

/// How far ahead memory is asked for: what comes next is there in time, and is not in the way of what is needed first.
const AHEAD: usize = 768;

/// Asks for as many bytes as are about to be read, further on: the processor's own guesses stop at every page, and start
/// late whenever scales have been read.
#[inline(always)]
fn ask_for(at: *const u8, bytes: usize) {
    for line in 0..bytes / 64 {
        // SAFETY: a hint, which may be about any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.wrapping_add(AHEAD + 64 * line).cast()) };
    }
}

/// The row's part of the inputs' block `at` is `row(at)`.
#[derive(Clone, Copy)]
pub(super) enum Row<'a> {
    Coarse(&'a [Coarse], usize),
    Fine(&'a [Fine], usize),
}

/// Whether there is a stream for it.
pub(super) fn knows(layout: &Layout) -> bool {
    layout.low >= 4
}

#[target_feature(enable = "avx2,fma,f16c")]
pub(super) fn tile(layout: &Layout, weights: &[u8], row: Row<'_>, out: &mut Strip) {
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
// alignment.

/// The four parts of a quad's columns.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn quad<const LOW: usize, const HIGH: usize>(low: *const u8, high: *const u8, quad: usize) -> [__m256i; 4] {
    let mut numbers = [_mm256_setzero_si256(); 4];
    unsafe {
        if LOW == 8 {
            for c in 0..4 {
                numbers[c] = _mm256_loadu_si256(low.add(128 * quad + 32 * c).cast());
            }
            return numbers;
        }
        let nibble = _mm256_set1_epi8(15);
        for c in 0..2 {
            let both = _mm256_loadu_si256(low.add(64 * quad + 32 * c).cast());
            numbers[c] = _mm256_and_si256(both, nibble);
            numbers[c + 2] = _mm256_and_si256(_mm256_srli_epi16::<4>(both), nibble);
        }
        if HIGH == 0 {
            return numbers;
        }
        let share = 4 / HIGH;
        let mask = _mm256_set1_epi8(((1 << HIGH) - 1) << 4);
        let first = 2 * HIGH * (quad % share);
        for c in 0..2 {
            let bits = _mm256_loadu_si256(high.add(64 * (quad / share) + 32 * c).cast());
            for half in 0..2 {
                let bits = _mm256_and_si256(moved(bits, 4 - (first + HIGH * half) as i32), mask);
                numbers[c + 2 * half] = _mm256_or_si256(numbers[c + 2 * half], bits);
            }
        }
    }
    numbers
}

#[inline]
#[target_feature(enable = "avx2")]
fn moved(bits: __m256i, by: i32) -> __m256i {
    if by >= 0 { _mm256_sll_epi16(bits, _mm_cvtsi32_si128(by)) } else { _mm256_srl_epi16(bits, _mm_cvtsi32_si128(-by)) }
}

/// The sums of some quads of 32 inputs, times a pair of equal numbers of 16 bits for each column if `SCALED`. From products
/// of pairs, as many of which are added in 16 bits as fit.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn sums<const LOW: usize, const HIGH: usize, const FIRST: usize, const QUADS: usize, const SCALED: bool>(
    planes: *const u8,
    x: *const i8,
    times: [__m256i; 4],
) -> [__m256i; 4] {
    let chain = if LOW == 8 { 1 } else { 8 >> HIGH };
    let mut sums = [_mm256_setzero_si256(); 4];
    let mut pairs = [_mm256_setzero_si256(); 4];
    for at in 0..QUADS {
        unsafe {
            let numbers = quad::<LOW, HIGH>(planes, planes.add(128 * LOW), FIRST + at);
            let x = _mm256_set1_epi32(x.add(4 * at).cast::<i32>().read_unaligned());
            for c in 0..4 {
                let products = if LOW == 8 {
                    let signed = _mm256_xor_si256(numbers[c], _mm256_set1_epi8(-128));
                    _mm256_maddubs_epi16(_mm256_abs_epi8(signed), _mm256_sign_epi8(x, signed))
                } else {
                    _mm256_maddubs_epi16(numbers[c], x)
                };
                pairs[c] = if at % chain == 0 { products } else { _mm256_add_epi16(pairs[c], products) };
                if at % chain == chain - 1 || at == QUADS - 1 {
                    let times = if SCALED { times[c] } else { _mm256_set1_epi16(1) };
                    sums[c] = _mm256_add_epi32(sums[c], _mm256_madd_epi16(pairs[c], times));
                }
            }
        }
    }
    sums
}

/// Four groups' numbers of six bits.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn four_sixes(at: *const u8) -> [__m256i; 4] {
    let mut four = [_mm256_setzero_si256(); 4];
    let six = _mm256_set1_epi8(63);
    for (row, by) in [0, 2, 4].into_iter().enumerate() {
        unsafe {
            let bits = _mm256_loadu_si256(at.add(TILE * row).cast());
            four[row] = _mm256_and_si256(bits, six);
            // The last one's bits are the two upper ones of each row.
            let top = _mm256_srl_epi16(bits, _mm_cvtsi32_si128(6 - by));
            let top = _mm256_and_si256(top, _mm256_set1_epi8((3 << by) as i8));
            four[3] = _mm256_or_si256(four[3], top);
        }
    }
    four
}

/// Two bytes of each column beside each other, in 16 bits each.
#[inline]
#[target_feature(enable = "avx2")]
fn beside<const SIGNED: bool>(first: __m256i, second: __m256i) -> [__m256i; 4] {
    let (even, odd) = (_mm256_unpacklo_epi8(first, second), _mm256_unpackhi_epi8(first, second));
    [
        wider::<SIGNED>(_mm256_castsi256_si128(even)),
        wider::<SIGNED>(_mm256_castsi256_si128(odd)),
        wider::<SIGNED>(_mm256_extracti128_si256::<1>(even)),
        wider::<SIGNED>(_mm256_extracti128_si256::<1>(odd)),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn wider<const SIGNED: bool>(bytes: __m128i) -> __m256i {
    if SIGNED { _mm256_cvtepi8_epi16(bytes) } else { _mm256_cvtepu8_epi16(bytes) }
}

#[inline]
#[target_feature(enable = "avx2,f16c")]
unsafe fn halves(at: *const u8) -> [__m256; 4] {
    let mut halves = [_mm256_setzero_ps(); 4];
    for c in 0..4 {
        halves[c] = unsafe { _mm256_cvtph_ps(_mm_loadu_si128(at.add(16 * c).cast())) };
    }
    halves
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(totals: [__m256; 4], out: &mut Strip) {
    for c in 0..4 {
        unsafe { _mm256_storeu_ps(out.as_mut_ptr().add(8 * c), totals[c]) };
    }
}

#[target_feature(enable = "avx2,fma,f16c")]
fn fine<const LOW: usize, const HIGH: usize, const OFFSETS: bool>(
    layout: &Layout,
    weights: &[u8],
    row: &[Fine],
    step: usize,
    out: &mut Strip,
) {
    let before = 2 * TILE * (1 + usize::from(OFFSETS));
    let zero = if LOW == 8 { 0 } else { i32::from(layout.zero) };
    let mut totals = [_mm256_setzero_ps(); 4];
    for (group, block) in weights.chunks_exact(layout.bytes()).enumerate() {
        let (row, group) = (&row[group / 8 * step], group % 8);
        unsafe {
            let at = block.as_ptr();
            let x = row.bytes.as_ptr().add(32 * group);
            let none = [_mm256_setzero_si256(); 4];
            ask_for(at, before + 128 * (LOW + HIGH));
            let sums = sums::<LOW, HIGH, 0, 8, false>(at.add(before), x, none);
            let less = _mm256_set1_epi32(zero * row.sums[group]);
            let scales = halves(at);
            for c in 0..4 {
                let dot = _mm256_cvtepi32_ps(_mm256_sub_epi32(sums[c], less));
                let scale = _mm256_mul_ps(scales[c], _mm256_set1_ps(row.scales[group]));
                totals[c] = _mm256_fmadd_ps(dot, scale, totals[c]);
            }
            if OFFSETS {
                let offsets = halves(at.add(2 * TILE));
                for c in 0..4 {
                    let x = _mm256_set1_ps(row.scaled_sums[group]);
                    totals[c] = _mm256_fmadd_ps(offsets[c], x, totals[c]);
                }
            }
        }
    }
    store(totals, out);
}

#[target_feature(enable = "avx2,fma,f16c")]
fn sixes<const HIGH: usize>(layout: &Layout, weights: &[u8], row: &[Coarse], step: usize, out: &mut Strip) {
    debug_assert_eq!(layout.scales, Scales::Sixes);
    let planes = 128 * (4 + HIGH);
    let mut totals = [_mm256_setzero_ps(); 4];
    for (at, block) in weights.chunks_exact(layout.bytes()).enumerate() {
        let row = &row[at * step];
        unsafe {
            let (scales, at) = (block.as_ptr(), block.as_ptr().add(16 * TILE));
            ask_for(scales, 16 * TILE);
            let (mut sum, mut less) = ([_mm256_setzero_si256(); 4], [_mm256_setzero_si256(); 4]);
            for half in 0..2 {
                let offsets = four_sixes(scales.add(3 * TILE * (2 + half)));
                for pair in 0..2 {
                    let sums = row.sums.as_ptr().add(4 * half + 2 * pair);
                    let sums = _mm256_set1_epi32(sums.cast::<i32>().read_unaligned());
                    let both = beside::<false>(offsets[2 * pair], offsets[2 * pair + 1]);
                    for c in 0..4 {
                        less[c] = _mm256_add_epi32(less[c], _mm256_madd_epi16(both[c], sums));
                    }
                }
                let four = four_sixes(scales.add(3 * TILE * half));
                for part in 0..4 {
                    let group = 4 * half + part;
                    let x = row.bytes.as_ptr().add(32 * group);
                    let times = beside::<false>(four[part], four[part]);
                    ask_for(at.add(planes * group), planes);
                    let sums = sums::<4, HIGH, 0, 8, true>(at.add(planes * group), x, times);
                    for c in 0..4 {
                        sum[c] = _mm256_add_epi32(sum[c], sums[c]);
                    }
                }
            }
            let (scales, offsets) = (halves(scales.add(12 * TILE)), halves(scales.add(14 * TILE)));
            let x = _mm256_set1_ps(row.scale);
            for c in 0..4 {
                let (sum, less) = (_mm256_cvtepi32_ps(sum[c]), _mm256_cvtepi32_ps(less[c]));
                totals[c] = _mm256_fmadd_ps(sum, _mm256_mul_ps(scales[c], x), totals[c]);
                totals[c] = _mm256_fnmadd_ps(less, _mm256_mul_ps(offsets[c], x), totals[c]);
            }
        }
    }
    store(totals, out);
}

/// Numbers of six bits with a signed byte for every 16 inputs.
#[target_feature(enable = "avx2,fma,f16c")]
fn bytes(layout: &Layout, weights: &[u8], row: &[Coarse], step: usize, out: &mut Strip) {
    debug_assert_eq!(layout.scales, Scales::Bytes);
    let planes = 128 * 6;
    let mut totals = [_mm256_setzero_ps(); 4];
    for (at, block) in weights.chunks_exact(layout.bytes()).enumerate() {
        let row = &row[at * step];
        unsafe {
            let (scales, at) = (block.as_ptr(), block.as_ptr().add(18 * TILE));
            ask_for(scales, 18 * TILE);
            let (mut sum, mut less) = ([_mm256_setzero_si256(); 4], [_mm256_setzero_si256(); 4]);
            for pair in 0..8 {
                let two = scales.add(2 * TILE * pair);
                let two = [_mm256_loadu_si256(two.cast()), _mm256_loadu_si256(two.add(TILE).cast())];
                let (at, x) = (at.add(planes * pair), row.bytes.as_ptr().add(32 * pair));
                ask_for(at, planes);
                let first = sums::<4, 2, 0, 4, true>(at, x, beside::<true>(two[0], two[0]));
                let second = sums::<4, 2, 4, 4, true>(at, x.add(16), beside::<true>(two[1], two[1]));
                let sums = row.short_sums.as_ptr().add(2 * pair);
                let sums = _mm256_set1_epi32(sums.cast::<i32>().read_unaligned());
                let both = beside::<true>(two[0], two[1]);
                for c in 0..4 {
                    sum[c] = _mm256_add_epi32(sum[c], _mm256_add_epi32(first[c], second[c]));
                    less[c] = _mm256_add_epi32(less[c], _mm256_madd_epi16(both[c], sums));
                }
            }
            let scales = halves(scales.add(16 * TILE));
            let (x, zero) = (_mm256_set1_ps(row.scale), _mm256_set1_epi32(layout.zero.into()));
            for c in 0..4 {
                let sum = _mm256_sub_epi32(sum[c], _mm256_mullo_epi32(less[c], zero));
                let sum = _mm256_cvtepi32_ps(sum);
                totals[c] = _mm256_fmadd_ps(sum, _mm256_mul_ps(scales[c], x), totals[c]);
            }
        }
    }
    store(totals, out);
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{coarse_rows, fine_rows};
    use super::super::{Block, plain};
    use super::*;
    use crate::gguf::Kind;
    use crate::simd::Level;
    use crate::simd::quant::unpack::{Scaling, Spread, spread};

    #[test]
    fn a_stream_gives_what_spreading_the_blocks_gives() {
        if Level::best() == Level::scalar() {
            return;
        }
        for kind in [Kind::Q4_0, Kind::Q4_1, Kind::Q5_0, Kind::Q5_1, Kind::Q8_0, Kind::Q4K, Kind::Q5K, Kind::Q6K] {
            let layout = Layout::of(kind).unwrap();
            // Three times 256 inputs; halves of bytes like these are small numbers, and signed ones are of both signs.
            let step = 256 / layout.inputs * layout.bytes();
            let weights: Vec<u8> = (0..3 * step).map(|at| (at * 37 % 59 + at % 5 / 4 * 128) as u8).collect();
            let (coarse, fine) = (coarse_rows(), fine_rows());
            let mut expected = [[0.0; TILE]];
            for (at, blocks) in weights.chunks_exact(step).enumerate() {
                let mut block = Spread::new();
                spread(Level::scalar(), &layout, blocks, Scaling::Once, &mut block);
                let block = Block {
                    spread: &block,
                    zero: layout.zero.into(),
                    bits: layout.low + layout.high,
                    has_offsets: layout.zero == 0,
                    is_short: layout.is_short(),
                };
                if layout.is_coarse() {
                    plain::coarse(block, &[coarse[at].clone()], &mut expected);
                } else {
                    plain::fine(block, &[fine[at].clone()], 8, &mut expected);
                }
            }
            assert!(expected[0].iter().any(|sum| sum.abs() > 1e-3), "{kind:?} says nothing");
            let row = if layout.is_coarse() { Row::Coarse(&coarse, 1) } else { Row::Fine(&fine, 1) };
            let mut got = [0.0; TILE];
            // SAFETY: every level above the first has AVX2.
            unsafe { tile(&layout, &weights, row, &mut got) };
            assert_eq!(got.map(f32::to_bits), expected[0].map(f32::to_bits), "{kind:?}");
        }
    }
}
