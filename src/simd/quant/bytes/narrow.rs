//! Four times eight columns, four rows: AVX2, with and without products of four bytes.

use std::arch::x86_64::*;

use super::super::Strip;
use super::super::left::{Coarse, Fine};
use super::Block;

// SAFETY, for every block below: addresses lie inside arrays whose sizes are in their types (16 vectors of 64 bytes for a
// group of 32 inputs, of eight groups), and loads need no alignment.

/// The kernels with a way to add up a group: `$sum::<R, CHAIN, QUADS, SIGNED>(numbers, rows, times)` gives the sums of eight
/// columns for R rows, times what is in `times` if `SCALED`.
macro_rules! kernels {
    ($name:ident, $features:literal, $sum:ident, $has_sign:literal) => {
        pub(super) mod $name {
            use super::*;

            #[target_feature(enable = $features)]
            pub(in super::super) fn coarse<const R: usize>(block: Block<'_>, rows: &[Coarse; R], out: &mut [Strip; R]) {
                // How many products of pairs fit 16 bits together.
                match (block.is_short, block.bits) {
                    (false, 4) => groups::<R, 8, 8>(block, rows, out),
                    (false, _) => groups::<R, 8, 4>(block, rows, out),
                    (true, 6) => groups::<R, 16, 2>(block, rows, out),
                    (true, _) => groups::<R, 16, 4>(block, rows, out),
                }
            }

            #[target_feature(enable = $features)]
            fn groups<const R: usize, const GROUPS: usize, const CHAIN: usize>(
                block: Block<'_>,
                rows: &[Coarse; R],
                out: &mut [Strip; R],
            ) {
                let scales = &block.spread.coarse;
                for c in 0..4 {
                    let mut totals = [_mm256_setzero_si256(); R];
                    unsafe {
                        for group in 0..GROUPS {
                            let quads = 64 / GROUPS;
                            let numbers =
                                block.spread.numbers.as_flattened().as_ptr().add(128 * quads * group + 32 * c);
                            let scale = _mm256_loadu_si256(scales.scales[group].as_ptr().add(8 * c).cast());
                            let mut x = [std::ptr::null(); R];
                            for r in 0..R {
                                x[r] = rows[r].bytes.as_ptr().add(4 * quads * group);
                            }
                            let sums = if GROUPS == 8 {
                                $sum::<R, CHAIN, 8, false, true>(numbers, x, scale)
                            } else {
                                $sum::<R, CHAIN, 4, false, true>(numbers, x, scale)
                            };
                            for r in 0..R {
                                totals[r] = _mm256_add_epi32(totals[r], sums[r]);
                            }
                        }
                        let scale = _mm256_loadu_ps(scales.scale.as_ptr().add(8 * c));
                        let offset = _mm256_loadu_ps(scales.offset.as_ptr().add(8 * c));
                        for r in 0..R {
                            let mut less = _mm256_setzero_si256();
                            for pair in 0..GROUPS / 2 {
                                let sums =
                                    if GROUPS == 8 { rows[r].sums.as_ptr() } else { rows[r].short_sums.as_ptr() };
                                let sums = _mm256_set1_epi32(sums.add(2 * pair).cast::<i32>().read_unaligned());
                                let offsets = _mm256_loadu_si256(scales.offsets[pair].as_ptr().add(8 * c).cast());
                                less = _mm256_add_epi32(less, _mm256_madd_epi16(offsets, sums));
                            }
                            let x = _mm256_set1_ps(rows[r].scale);
                            let at = out[r].as_mut_ptr().add(8 * c);
                            let mut sum = _mm256_loadu_ps(at);
                            if block.has_offsets {
                                sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(totals[r]), _mm256_mul_ps(scale, x), sum);
                                sum = _mm256_fnmadd_ps(_mm256_cvtepi32_ps(less), _mm256_mul_ps(offset, x), sum);
                            } else {
                                let total = _mm256_cvtepi32_ps(_mm256_sub_epi32(totals[r], less));
                                sum = _mm256_fmadd_ps(total, _mm256_mul_ps(scale, x), sum);
                            }
                            _mm256_storeu_ps(at, sum);
                        }
                    }
                }
            }

            #[target_feature(enable = $features)]
            pub(in super::super) fn fine<const R: usize>(
                block: Block<'_>,
                rows: &[Fine; R],
                count: usize,
                out: &mut [Strip; R],
            ) {
                match block.bits {
                    4 => fine_groups::<R, 8, false>(block, rows, count, out),
                    5 => fine_groups::<R, 4, false>(block, rows, count, out),
                    _ => fine_groups::<R, 1, true>(block, rows, count, out),
                }
            }

            #[target_feature(enable = $features)]
            fn fine_groups<const R: usize, const CHAIN: usize, const SIGNED: bool>(
                block: Block<'_>,
                rows: &[Fine; R],
                count: usize,
                out: &mut [Strip; R],
            ) {
                let zero = if SIGNED && $has_sign { 0 } else { block.zero };
                for c in 0..4 {
                    unsafe {
                        let mut sums = [_mm256_setzero_ps(); R];
                        for r in 0..R {
                            sums[r] = _mm256_loadu_ps(out[r].as_ptr().add(8 * c));
                        }
                        for group in 0..count {
                            let numbers = block.spread.numbers.as_flattened().as_ptr().add(1024 * group + 32 * c);
                            let mut x = [std::ptr::null(); R];
                            for r in 0..R {
                                x[r] = rows[r].bytes.as_ptr().add(32 * group);
                            }
                            let ones = _mm256_set1_epi16(1);
                            let dots = $sum::<R, CHAIN, 8, SIGNED, false>(numbers, x, ones);
                            let scale = _mm256_loadu_ps(block.spread.scales[group].as_ptr().add(8 * c));
                            let offset = _mm256_loadu_ps(block.spread.offsets[group].as_ptr().add(8 * c));
                            for r in 0..R {
                                let less = _mm256_set1_epi32(zero * rows[r].sums[group]);
                                let dot = _mm256_cvtepi32_ps(_mm256_sub_epi32(dots[r], less));
                                let scale = _mm256_mul_ps(scale, _mm256_set1_ps(rows[r].scales[group]));
                                sums[r] = _mm256_fmadd_ps(dot, scale, sums[r]);
                                if block.has_offsets {
                                    let x = _mm256_set1_ps(rows[r].scaled_sums[group]);
                                    sums[r] = _mm256_fmadd_ps(offset, x, sums[r]);
                                }
                            }
                        }
                        for r in 0..R {
                            _mm256_storeu_ps(out[r].as_mut_ptr().add(8 * c), sums[r]);
                        }
                    }
                }
            }
        }
    };
}

kernels!(pairs, "avx2,fma", sum_pairs, true);
kernels!(vnni, "avx2,fma,avxvnni", sum_vnni, false);
#[cfg(test)]
kernels!(other_vnni, "avx2,fma,avx512f,avx512vl,avx512vnni", sum_other_vnni, false);

/// From products of pairs, `CHAIN` of which are added in 16 bits.
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn sum_pairs<const R: usize, const CHAIN: usize, const QUADS: usize, const SIGNED: bool, const SCALED: bool>(
    numbers: *const u8,
    x: [*const i8; R],
    times: __m256i,
) -> [__m256i; R] {
    let mut sums = [_mm256_setzero_si256(); R];
    for chain in 0..QUADS / CHAIN {
        let mut pairs = [_mm256_setzero_si256(); R];
        for quad in chain * CHAIN..(chain + 1) * CHAIN {
            unsafe {
                let mut w = _mm256_loadu_si256(numbers.add(128 * quad).cast());
                let mut signed = w;
                if SIGNED {
                    signed = _mm256_xor_si256(w, _mm256_set1_epi8(-128));
                    w = _mm256_abs_epi8(signed);
                }
                for r in 0..R {
                    let mut x = _mm256_set1_epi32(x[r].add(4 * quad).cast::<i32>().read_unaligned());
                    if SIGNED {
                        x = _mm256_sign_epi8(x, signed);
                    }
                    let products = _mm256_maddubs_epi16(w, x);
                    pairs[r] = if quad == chain * CHAIN { products } else { _mm256_add_epi16(pairs[r], products) };
                }
            }
        }
        for r in 0..R {
            sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(pairs[r], times));
        }
    }
    sums
}

macro_rules! sum_of_quads {
    ($(#[$test:meta])? $name:ident, $features:literal, $dot:ident) => {
        $(#[$test])?
        #[target_feature(enable = $features)]
        #[inline]
        unsafe fn $name<
            const R: usize,
            const CHAIN: usize,
            const QUADS: usize,
            const SIGNED: bool,
            const SCALED: bool,
        >(
            numbers: *const u8,
            x: [*const i8; R],
            times: __m256i,
        ) -> [__m256i; R] {
            let mut sums = [_mm256_setzero_si256(); R];
            for quad in 0..QUADS {
                unsafe {
                    let w = _mm256_loadu_si256(numbers.add(128 * quad).cast());
                    for r in 0..R {
                        let x = _mm256_set1_epi32(x[r].add(4 * quad).cast::<i32>().read_unaligned());
                        sums[r] = $dot(sums[r], w, x);
                    }
                }
            }
            if SCALED {
                for sum in &mut sums {
                    *sum = _mm256_mullo_epi32(*sum, times);
                }
            }
            sums
        }
    };
}

sum_of_quads!(sum_vnni, "avx2,fma,avxvnni", _mm256_dpbusd_avx_epi32);
sum_of_quads!(
    #[cfg(test)]
    sum_other_vnni,
    "avx2,fma,avx512f,avx512vl,avx512vnni",
    _mm256_dpbusd_epi32
);

#[cfg(test)]
mod tests {
    use super::super::fixture::{coarse_rows, fine_rows};
    use super::super::{Rows, plain};
    use super::*;
    use crate::gguf::Kind;
    use crate::simd::Level;
    use crate::simd::quant::layout::Layout;
    use crate::simd::quant::unpack::{Scaling, Spread, spread};

    /// Processors with AVX-512 have the other products of four bytes for registers of the same width: the same kernel with
    /// those.
    #[test]
    fn products_of_four_bytes_are_those_of_the_plain_twin() {
        if !Level::all().iter().any(|level| level.name() == "avx512-vnni") {
            return;
        }
        for kind in [Kind::Q4_0, Kind::Q4_1, Kind::Q5_0, Kind::Q8_0, Kind::Q2K, Kind::Q3K, Kind::Q4K, Kind::Q6K] {
            let layout = Layout::of(kind).unwrap();
            let blocks = 256 / layout.inputs;
            // Halves of bytes like these are small numbers.
            let bytes: Vec<u8> = (0..blocks * layout.bytes()).map(|at| (at * 37 % 59) as u8).collect();
            let mut block = Spread::new();
            spread(Level::scalar(), &layout, &bytes, Scaling::Once, &mut block);
            let (coarse, fine) = (coarse_rows(), fine_rows());
            let (mut got, mut expected) = ([[1.0; 32]; 3], [[1.0; 32]; 3]);
            let block = Block {
                spread: &block,
                zero: layout.zero.into(),
                bits: layout.low + layout.high,
                has_offsets: layout.zero == 0,
                is_short: layout.is_short(),
            };
            let rows = if layout.is_coarse() { Rows::Coarse(&coarse) } else { Rows::Fine(&fine, 8) };
            // SAFETY: the level was found above.
            match rows {
                Rows::Coarse(_) => {
                    plain::coarse(block, &coarse, &mut expected);
                    unsafe { other_vnni::coarse(block, &coarse, &mut got) };
                }
                Rows::Fine(..) => {
                    plain::fine(block, &fine, 8, &mut expected);
                    unsafe { other_vnni::fine(block, &fine, 8, &mut got) };
                }
            }
            assert_eq!(got, expected, "{kind:?}");
            assert!(got.as_flattened().iter().any(|sum| (sum - 1.0).abs() > 1e-3), "{kind:?} says nothing");
        }
    }
}
