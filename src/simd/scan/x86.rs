//! The scan on x86-64: with AVX-512 VNNI, AVX-VNNI or AVX2, whichever the processor has.
#![allow(unsafe_code, reason = "dot products of bytes, which no plain code compiles to on a portable build")]

use std::arch::x86_64::*;

use super::{HALF, Probe};

fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni")
        && is_x86_feature_detected!("avx2")
}

fn has_avxvnni() -> bool {
    is_x86_feature_detected!("avxvnni") && is_x86_feature_detected!("avx2")
}

/// False when the processor has none of what is needed.
pub(super) fn bounds(probe: &Probe, upper: &[u8], scales: &[f32], bounds: &mut [f32]) -> bool {
    if has_avx512() {
        // SAFETY: the processor has what the kernel is compiled for.
        unsafe { bounds512(probe, upper, scales, bounds) };
    } else if has_avxvnni() {
        // SAFETY: the processor has what the kernel is compiled for.
        unsafe { bounds_vnni(probe, upper, scales, bounds) };
    } else if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the kernel is compiled for.
        unsafe { bounds256(probe, upper, scales, bounds) };
    } else {
        return false;
    }
    true
}

/// Nothing when the processor has none of what is needed.
pub(super) fn score(probe: &Probe, upper: &[u8], lower: &[u8], scale: f32) -> Option<f32> {
    if has_avx512() {
        // SAFETY: the processor has what the kernel is compiled for.
        Some(unsafe { score512(probe, upper, lower, scale) })
    } else if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the kernel is compiled for.
        Some(unsafe { score256(probe, upper, lower, scale) })
    } else {
        None
    }
}

#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vnni")]
fn bounds512(probe: &Probe, upper: &[u8], scales: &[f32], bounds: &mut [f32]) {
    let stride = probe.stride();
    let bound = probe.bound();
    let nibble = _mm512_set1_epi8(0x0f);
    let four = scales.len() / 4 * 4;
    let (rows_of_four, rest) = upper.split_at(four * stride);
    let groups = rows_of_four.chunks_exact(4 * stride).zip(scales.chunks_exact(4)).zip(bounds.chunks_exact_mut(4));
    for ((rows, scales), bounds) in groups {
        let mut sums = [_mm512_setzero_si512(); 4];
        for at in (0..stride).step_by(HALF) {
            // SAFETY: the probe's plane is `2 · stride` long, a multiple of twice HALF, and each of the four rows `stride`.
            unsafe {
                let first = _mm512_loadu_si512(probe.coarse.as_ptr().add(2 * at).cast());
                let second = _mm512_loadu_si512(probe.coarse.as_ptr().add(2 * at + HALF).cast());
                for (row, sum) in sums.iter_mut().enumerate() {
                    let bytes = _mm512_loadu_si512(rows.as_ptr().add(row * stride + at).cast());
                    *sum = _mm512_dpbusd_epi32(*sum, _mm512_and_si512(bytes, nibble), first);
                    let high = _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), nibble);
                    *sum = _mm512_dpbusd_epi32(*sum, high, second);
                }
            }
        }
        let sums = _mm_cvtepi32_ps(sums256(
            sums.map(|sum| _mm256_add_epi32(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64::<1>(sum))),
        ));
        let steps = _mm_add_ps(_mm_mul_ps(sums, _mm_set1_ps(bound.step)), _mm_set1_ps(bound.base));
        // SAFETY: there are four scales and four bounds.
        unsafe {
            let scaled = _mm_mul_ps(_mm_loadu_ps(scales.as_ptr()), steps);
            _mm_storeu_ps(bounds.as_mut_ptr(), _mm_add_ps(scaled, _mm_set1_ps(bound.besides)));
        }
    }
    for ((row, &scale), result) in rest.chunks_exact(stride).zip(&scales[four..]).zip(&mut bounds[four..]) {
        let mut sum = _mm512_setzero_si512();
        for at in (0..stride).step_by(HALF) {
            // SAFETY: the probe's plane is `2 · stride` long, a multiple of twice HALF, and the row `stride`.
            unsafe {
                let bytes = _mm512_loadu_si512(row.as_ptr().add(at).cast());
                let first = _mm512_loadu_si512(probe.coarse.as_ptr().add(2 * at).cast());
                let second = _mm512_loadu_si512(probe.coarse.as_ptr().add(2 * at + HALF).cast());
                sum = _mm512_dpbusd_epi32(sum, _mm512_and_si512(bytes, nibble), first);
                sum = _mm512_dpbusd_epi32(sum, _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), nibble), second);
            }
        }
        *result = bound.of(_mm512_reduce_add_epi32(sum), scale);
    }
}

/// The sum of each of four registers.
#[target_feature(enable = "avx2")]
fn sums256(of: [__m256i; 4]) -> __m128i {
    let [a, b, c, d] = of;
    let pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256::<1>(pairs))
}

/// Both 256-bit kernels: they differ in how bytes are multiplied and added up.
macro_rules! bounds_in_halves {
    ($name:ident, $features:literal, |$sum:ident, $bytes:ident, $numbers:ident| $add:expr) => {
        #[target_feature(enable = $features)]
        fn $name(probe: &Probe, upper: &[u8], scales: &[f32], bounds: &mut [f32]) {
            let stride = probe.stride();
            let bound = probe.bound();
            let nibble = _mm256_set1_epi8(0x0f);
            for ((row, &scale), result) in upper.chunks_exact(stride).zip(scales).zip(bounds) {
                let mut sums = [_mm256_setzero_si256(); 4];
                for at in (0..stride).step_by(HALF) {
                    for half in 0..2 {
                        // SAFETY: the probe's plane is `2 · stride` long, a multiple of four times 32, and the row `stride`.
                        let (bytes, first, second) = unsafe {
                            let probe = probe.coarse.as_ptr().add(2 * at + 32 * half);
                            (
                                _mm256_loadu_si256(row.as_ptr().add(at + 32 * half).cast()),
                                _mm256_loadu_si256(probe.cast()),
                                _mm256_loadu_si256(probe.add(HALF).cast()),
                            )
                        };
                        let low = _mm256_and_si256(bytes, nibble);
                        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble);
                        for (part, $bytes, $numbers) in [(half, low, first), (2 + half, high, second)] {
                            let $sum = sums[part];
                            sums[part] = $add;
                        }
                    }
                }
                let sums = sums256(sums);
                let sums = _mm_hadd_epi32(sums, sums);
                *result = bound.of(_mm_extract_epi32::<0>(sums) + _mm_extract_epi32::<1>(sums), scale);
            }
        }
    };
}

bounds_in_halves!(bounds_vnni, "avx2,avxvnni", |sum, bytes, numbers| _mm256_dpbusd_avx_epi32(sum, bytes, numbers));
// Two products of a half byte with a number are at most 3810: they fit 16 bits.
bounds_in_halves!(bounds256, "avx2", |sum, bytes, numbers| {
    _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, numbers), _mm256_set1_epi16(1)))
});

#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vnni")]
fn score512(probe: &Probe, upper: &[u8], lower: &[u8], scale: f32) -> f32 {
    let nibble = _mm512_set1_epi8(0x0f);
    let mut sums = [_mm512_setzero_si512(); 4];
    for at in (0..probe.stride()).step_by(HALF) {
        // SAFETY: both planes are `2 · stride` long, a multiple of twice HALF, and both halves of the row `stride`.
        unsafe {
            let upper = _mm512_loadu_si512(upper.as_ptr().add(at).cast());
            let lower = _mm512_loadu_si512(lower.as_ptr().add(at).cast());
            let low = _mm512_and_si512(lower, nibble);
            let first = _mm512_or_si512(_mm512_slli_epi16::<4>(_mm512_and_si512(upper, nibble)), low);
            let high = _mm512_and_si512(_mm512_srli_epi16::<4>(lower), nibble);
            let second = _mm512_or_si512(_mm512_andnot_si512(nibble, upper), high);
            for (half, bytes) in [first, second].into_iter().enumerate() {
                let at = 2 * at + half * HALF;
                let near = _mm512_loadu_si512(probe.coarse.as_ptr().add(at).cast());
                let rest = _mm512_loadu_si512(probe.fine.as_ptr().add(at).cast());
                sums[half] = _mm512_dpbusd_epi32(sums[half], bytes, near);
                sums[2 + half] = _mm512_dpbusd_epi32(sums[2 + half], bytes, rest);
            }
        }
    }
    let coarse = _mm512_reduce_add_epi32(_mm512_add_epi32(sums[0], sums[1]));
    probe.score(coarse, _mm512_reduce_add_epi32(_mm512_add_epi32(sums[2], sums[3])), scale)
}

/// Whole bytes take products of 16 bits: two of them would not fit what is made for bytes.
#[target_feature(enable = "avx2")]
fn score256(probe: &Probe, upper: &[u8], lower: &[u8], scale: f32) -> f32 {
    let nibble = _mm_set1_epi8(0x0f);
    let (mut coarse, mut fine) = (_mm256_setzero_si256(), _mm256_setzero_si256());
    for at in (0..probe.stride()).step_by(16) {
        // Of the row's bytes, HALF at a time are the first of their pair; their partners follow HALF numbers behind.
        let probe_at = 2 * (at / HALF * HALF) + at % HALF;
        // SAFETY: both planes are `2 · stride` long, both halves of the row `stride`, a multiple of HALF, and 16 divides it.
        unsafe {
            let upper = _mm_loadu_si128(upper.as_ptr().add(at).cast());
            let lower = _mm_loadu_si128(lower.as_ptr().add(at).cast());
            let low = _mm_and_si128(lower, nibble);
            let first = _mm_or_si128(_mm_slli_epi16::<4>(_mm_and_si128(upper, nibble)), low);
            let high = _mm_and_si128(_mm_srli_epi16::<4>(lower), nibble);
            let second = _mm_or_si128(_mm_andnot_si128(nibble, upper), high);
            for (half, bytes) in [first, second].into_iter().enumerate() {
                let bytes = _mm256_cvtepu8_epi16(bytes);
                let near = _mm_loadu_si128(probe.coarse.as_ptr().add(probe_at + half * HALF).cast());
                let rest = _mm_loadu_si128(probe.fine.as_ptr().add(probe_at + half * HALF).cast());
                coarse = _mm256_add_epi32(coarse, _mm256_madd_epi16(bytes, _mm256_cvtepi8_epi16(near)));
                fine = _mm256_add_epi32(fine, _mm256_madd_epi16(bytes, _mm256_cvtepi8_epi16(rest)));
            }
        }
    }
    let zero = _mm256_setzero_si256();
    let sums = sums256([coarse, fine, zero, zero]);
    probe.score(_mm_extract_epi32::<0>(sums), _mm_extract_epi32::<1>(sums), scale)
}

#[cfg(test)]
pub(super) type Kernels = (&'static str, super::tests::Bounds, super::tests::Score);

/// What this processor can run.
#[cfg(test)]
pub(super) fn all() -> Vec<Kernels> {
    let mut kernels: Vec<Kernels> = Vec::new();
    if has_avx512() {
        // SAFETY: the processor has what the kernels are compiled for.
        kernels.push((
            "avx512",
            |p, u, s, b| unsafe { bounds512(p, u, s, b) },
            |p, u, l, s| unsafe { score512(p, u, l, s) },
        ));
    }
    if has_avxvnni() {
        // SAFETY: the processor has what the kernels are compiled for.
        kernels.push((
            "vnni",
            |p, u, s, b| unsafe { bounds_vnni(p, u, s, b) },
            |p, u, l, s| unsafe { score256(p, u, l, s) },
        ));
    }
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the kernels are compiled for.
        kernels.push((
            "avx2",
            |p, u, s, b| unsafe { bounds256(p, u, s, b) },
            |p, u, l, s| unsafe { score256(p, u, l, s) },
        ));
    }
    kernels
}
