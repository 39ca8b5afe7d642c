//! A few rows times 32 columns, all groups: the product that everything else waits for.
//!
//! Bytes are multiplied and added exactly; each group's sum becomes a float once, and the low end of the row's span is added
//! through the sum of the column's weights.

use std::ops::Range;

use super::level::Kind;
use super::matrix::{BLOCK_COLUMNS, Block};
use super::panels::{PANEL, Row};
use super::rows::Span;
use super::{Level, Rows8};

/// The rows' bytes and scales, group by group.
struct Left<'a> {
    rows: &'a Rows8,
    first: usize,
}

impl<'a> Left<'a> {
    #[inline(always)]
    fn group<const R: usize>(&self, group: usize) -> (&'a [[u8; PANEL]; R], &'a [Span; R]) {
        let start = group * self.rows.rows() + self.first;
        let bytes = self.rows.bytes[start..start + R].try_into().expect("a slice has the length it was cut to");
        (bytes, self.rows.spans[start..start + R].try_into().expect("a slice has the length it was cut to"))
    }
}

pub(super) fn multiply(level: Level, left: &Rows8, rows: Range<usize>, blocks: &[Block], half: usize, out: &mut [Row]) {
    let count = rows.len();
    let left = Left { rows: left, first: rows.start };
    match count {
        0 => {}
        1 => multiply_rows::<1>(level, &left, blocks, half, out),
        2 => multiply_rows::<2>(level, &left, blocks, half, out),
        3 => multiply_rows::<3>(level, &left, blocks, half, out),
        4 => multiply_rows::<4>(level, &left, blocks, half, out),
        5 => multiply_rows::<5>(level, &left, blocks, half, out),
        _ => multiply_rows::<6>(level, &left, blocks, half, out),
    }
}

fn multiply_rows<const R: usize>(level: Level, left: &Left<'_>, blocks: &[Block], half: usize, out: &mut [Row]) {
    let out: &mut [Row; R] = out.try_into().expect("as many rows go out as come in");
    match level.0 {
        Kind::Scalar => plain(left, blocks, half, out),
        // SAFETY: a level exists only where the processor was seen to have its instructions.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { x86::avx512(left, blocks, half, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::AvxVnni => unsafe { x86::avx_vnni(left, blocks, half, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => unsafe { x86::avx2(left, blocks, half, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => unsafe { arm::neon(left, blocks, half, out) },
    }
}

#[inline(always)]
fn plain<const R: usize>(left: &Left<'_>, blocks: &[Block], half: usize, out: &mut [Row; R]) {
    let mut totals = [[0.0f32; BLOCK_COLUMNS]; R];
    for (group, block) in blocks.iter().enumerate() {
        let (bytes, spans) = left.group::<R>(group);
        for r in 0..R {
            let mut sums = [0i32; BLOCK_COLUMNS];
            for (quad, weights) in bytes[r].as_chunks::<4>().0.iter().zip(&block.weights) {
                for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<4>().0) {
                    for i in 0..4 {
                        *sum += i32::from(quad[i]) * i32::from(weights[i]);
                    }
                }
            }
            for c in 0..BLOCK_COLUMNS {
                let product = sums[c] as f32 * (block.scales[c] * spans[r].scale);
                totals[r][c] += product + spans[r].low * block.sums[c];
            }
        }
    }
    for (row, totals) in out.iter_mut().zip(&totals) {
        row[BLOCK_COLUMNS * half..BLOCK_COLUMNS * (half + 1)].copy_from_slice(totals);
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::array::from_fn;

    use super::{BLOCK_COLUMNS, Block, Left, Row, Span};

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub(super) fn avx512<const R: usize>(left: &Left<'_>, blocks: &[Block], half: usize, out: &mut [Row; R]) {
        let mut totals = [[_mm512_setzero_ps(); 2]; R];
        for (group, block) in blocks.iter().enumerate() {
            let (bytes, spans) = left.group::<R>(group);
            // SAFETY: every address lies inside the arrays of `block` and `bytes`, whose sizes are in their types;
            // unaligned loads are used throughout.
            unsafe {
                let mut sums = [[_mm512_setzero_si512(); 2]; R];
                for (quad, weights) in block.weights.iter().enumerate() {
                    let w0 = _mm512_loadu_si512(weights.as_ptr().cast());
                    let w1 = _mm512_loadu_si512(weights.as_ptr().add(64).cast());
                    for r in 0..R {
                        let x = _mm512_set1_epi32(bytes[r].as_ptr().add(4 * quad).cast::<i32>().read_unaligned());
                        sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], x, w0);
                        sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], x, w1);
                    }
                }
                for c in 0..2 {
                    let scale = _mm512_loadu_ps(block.scales.as_ptr().add(16 * c));
                    let sum = _mm512_loadu_ps(block.sums.as_ptr().add(16 * c));
                    for r in 0..R {
                        let scale = _mm512_mul_ps(scale, _mm512_set1_ps(spans[r].scale));
                        totals[r][c] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[r][c]), scale, totals[r][c]);
                        totals[r][c] = _mm512_fmadd_ps(_mm512_set1_ps(spans[r].low), sum, totals[r][c]);
                    }
                }
            }
        }
        for (row, totals) in out.iter_mut().zip(&totals) {
            let row = &mut row[BLOCK_COLUMNS * half..][..BLOCK_COLUMNS];
            // SAFETY: the row was cut to 32 numbers.
            unsafe {
                _mm512_storeu_ps(row.as_mut_ptr(), totals[0]);
                _mm512_storeu_ps(row.as_mut_ptr().add(16), totals[1]);
            }
        }
    }

    /// Four times eight columns, and as many rows as leave the registers room.
    macro_rules! narrow {
        ($name:ident, $features:literal, $dot:expr) => {
            #[target_feature(enable = $features)]
            pub(super) fn $name<const R: usize>(left: &Left<'_>, blocks: &[Block], half: usize, out: &mut [Row; R]) {
                let mut totals = [[0.0f32; BLOCK_COLUMNS]; R];
                for (group, block) in blocks.iter().enumerate() {
                    let (bytes, spans) = left.group::<R>(group);
                    let mut row = 0;
                    while row < R {
                        let pair = if row + 1 < R { [row, row + 1] } else { [row, row] };
                        // SAFETY: every address lies inside the arrays of `block` and `bytes`, whose sizes are in
                        // their types; unaligned loads are used throughout.
                        unsafe {
                            let mut sums = [[_mm256_setzero_si256(); 4]; 2];
                            for (quad, weights) in block.weights.iter().enumerate() {
                                let x: [__m256i; 2] = from_fn(|r| {
                                    let bytes = bytes[pair[r]].as_ptr().add(4 * quad);
                                    $dot.left(_mm256_set1_epi32(bytes.cast::<i32>().read_unaligned()))
                                });
                                for c in 0..4 {
                                    let w = _mm256_loadu_si256(weights.as_ptr().add(32 * c).cast());
                                    sums[0][c] = $dot.add(sums[0][c], x[0], w);
                                    sums[1][c] = $dot.add(sums[1][c], x[1], w);
                                }
                            }
                            for r in 0..2 {
                                let total = &mut totals[pair[r]];
                                if r == 1 && pair[0] == pair[1] {
                                    break;
                                }
                                for c in 0..4 {
                                    let at = total.as_mut_ptr().add(8 * c);
                                    let Span { low, scale } = spans[pair[r]];
                                    // Bytes that were taken as signed are 128 too small.
                                    let low = _mm256_set1_ps(low + scale * $dot.zero());
                                    let scale = _mm256_set1_ps(scale);
                                    let scale = _mm256_mul_ps(scale, _mm256_loadu_ps(block.scales.as_ptr().add(8 * c)));
                                    let sum = _mm256_cvtepi32_ps(sums[r][c]);
                                    let total = _mm256_fmadd_ps(sum, scale, _mm256_loadu_ps(at));
                                    let sums = _mm256_loadu_ps(block.sums.as_ptr().add(8 * c));
                                    _mm256_storeu_ps(at, _mm256_fmadd_ps(low, sums, total));
                                }
                            }
                        }
                        row += 2;
                    }
                }
                for (row, totals) in out.iter_mut().zip(&totals) {
                    row[BLOCK_COLUMNS * half..BLOCK_COLUMNS * (half + 1)].copy_from_slice(totals);
                }
            }
        };
    }

    /// Products of unsigned with signed bytes, four at a time.
    #[derive(Clone, Copy)]
    struct Vnni;

    // SAFETY, for both: register arithmetic only, inlined into functions that enable the instructions.
    impl Vnni {
        #[inline(always)]
        fn zero(self) -> f32 {
            0.0
        }
        #[inline(always)]
        unsafe fn left(self, x: __m256i) -> __m256i {
            x
        }
        #[inline(always)]
        unsafe fn add(self, sum: __m256i, x: __m256i, w: __m256i) -> __m256i {
            unsafe { _mm256_dpbusd_avx_epi32(sum, x, w) }
        }
    }

    /// The same from AVX2's products of pairs, whose sums must fit 16 bits: so both sides are made signed, and the sign of
    /// the left goes to the right.
    #[derive(Clone, Copy)]
    struct Pairs;

    impl Pairs {
        #[inline(always)]
        fn zero(self) -> f32 {
            128.0
        }
        #[inline(always)]
        unsafe fn left(self, x: __m256i) -> __m256i {
            unsafe { _mm256_xor_si256(x, _mm256_set1_epi8(-128)) }
        }
        #[inline(always)]
        unsafe fn add(self, sum: __m256i, x: __m256i, w: __m256i) -> __m256i {
            unsafe {
                let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(x), _mm256_sign_epi8(w, x));
                _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
            }
        }
    }

    narrow!(avx_vnni, "avx2,fma,avxvnni", Vnni);
    narrow!(avx2, "avx2,fma", Pairs);

    /// AVX-VNNI's product in the coding of AVX-512: processors that have only the latter can test the path too.
    #[cfg(test)]
    #[derive(Clone, Copy)]
    struct OtherVnni;

    #[cfg(test)]
    impl OtherVnni {
        #[inline(always)]
        fn zero(self) -> f32 {
            0.0
        }
        #[inline(always)]
        unsafe fn left(self, x: __m256i) -> __m256i {
            x
        }
        #[inline(always)]
        unsafe fn add(self, sum: __m256i, x: __m256i, w: __m256i) -> __m256i {
            unsafe { _mm256_dpbusd_epi32(sum, x, w) }
        }
    }

    #[cfg(test)]
    narrow!(other_vnni, "avx2,fma,avx512f,avx512vl,avx512vnni", OtherVnni);
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use std::arch::aarch64::*;
    use std::array::from_fn;

    use crate::simd::sdot::dot;

    use super::{BLOCK_COLUMNS, Block, Left, Row, Span};

    /// Eight times four columns, two rows at once, both sides signed.
    #[target_feature(enable = "neon,dotprod")]
    pub(super) fn neon<const R: usize>(left: &Left<'_>, blocks: &[Block], half: usize, out: &mut [Row; R]) {
        let mut totals = [[0.0f32; BLOCK_COLUMNS]; R];
        for (group, block) in blocks.iter().enumerate() {
            let (bytes, spans) = left.group::<R>(group);
            for first in (0..R).step_by(2) {
                let pair = [first, (first + 1).min(R - 1)];
                // SAFETY: every address lies inside the arrays of `block`, `bytes` and `totals`, whose sizes are in their
                // types.
                unsafe {
                    let mut sums = [[vdupq_n_s32(0); 8]; 2];
                    for (quad, weights) in block.weights.iter().enumerate() {
                        let x: [int8x16_t; 2] = from_fn(|r| {
                            let quad = bytes[pair[r]].as_ptr().add(4 * quad).cast::<u32>().read_unaligned();
                            vreinterpretq_s8_u32(vdupq_n_u32(quad ^ 0x8080_8080))
                        });
                        for c in 0..8 {
                            let w = vld1q_s8(weights.as_ptr().add(16 * c));
                            sums[0][c] = dot(sums[0][c], w, x[0]);
                            sums[1][c] = dot(sums[1][c], w, x[1]);
                        }
                    }
                    for r in 0..if first + 1 < R { 2 } else { 1 } {
                        for c in 0..8 {
                            let at = totals[pair[r]].as_mut_ptr().add(4 * c);
                            let Span { low, scale } = spans[pair[r]];
                            let scales = vmulq_n_f32(vld1q_f32(block.scales.as_ptr().add(4 * c)), scale);
                            let total = vfmaq_f32(vld1q_f32(at), vcvtq_f32_s32(sums[r][c]), scales);
                            // Bytes that were taken as signed are 128 too small.
                            let sums = vld1q_f32(block.sums.as_ptr().add(4 * c));
                            vst1q_f32(at, vfmaq_n_f32(total, sums, low + 128.0 * scale));
                        }
                    }
                }
            }
        }
        for (row, totals) in out.iter_mut().zip(&totals) {
            row[BLOCK_COLUMNS * half..BLOCK_COLUMNS * (half + 1)].copy_from_slice(totals);
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn narrow_products_of_bytes_are_those_of_the_plain_twin() {
        use super::*;
        use crate::simd::Matrix8;
        if !Level::all().contains(&Level(Kind::Avx512)) {
            return;
        }
        let number = |i: usize| ((i * 7919 + 13) % 1009) as f32 / 504.0 - 1.0;
        let weights: Vec<f32> = (0..128 * 64).map(number).collect();
        let matrix = Matrix8::pack(Level::best(), 128, 64, |output, to| {
            to.copy_from_slice(&weights[output * 128..(output + 1) * 128])
        })
        .unwrap();
        let values: Vec<Row> = (0..10).map(|row| std::array::from_fn(|column| number(row * 64 + column))).collect();
        let mut rows = Rows8::default();
        rows.shape(5, 2);
        for group in 0..2 {
            rows.group(group).fill(Level::scalar(), 0, &values[5 * group..][..5]);
        }
        {
            let left = Left { rows: &rows, first: 0 };
            for half in 0..2 {
                let (mut got, mut expected) = ([[0.0; PANEL]; 5], [[0.0; PANEL]; 5]);
                plain(&left, matrix.panel(half), half, &mut expected);
                // SAFETY: the level was found above.
                unsafe { x86::other_vnni(&left, matrix.panel(half), half, &mut got) };
                for (got, expected) in got.as_flattened().iter().zip(expected.as_flattened()) {
                    assert!((got - expected).abs() < 1e-3, "{got} instead of {expected}");
                }
            }
        }
    }
}
