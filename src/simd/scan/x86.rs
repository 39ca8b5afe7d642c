//! The scan on x86-64: with AVX-512 VNNI, AVX-VNNI or AVX2, whichever the processor has.
#![allow(unsafe_code, reason = "dot products of bytes, which no plain code compiles to on a portable build")]

use std::arch::x86_64::*;

use super::{FINE, LANE, Probe};

/// False when the processor has none of what is needed.
pub(super) fn score(probe: &Probe, rows: &[u8], scales: &[f32], scores: &mut [f32]) -> bool {
    if has_avx512() {
        // SAFETY: the processor has what the kernel is compiled for.
        unsafe { avx512(probe, rows, scales, scores) };
    } else if is_x86_feature_detected!("avxvnni") && is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the kernel is compiled for.
        unsafe { avxvnni(probe, rows, scales, scores) };
    } else if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the kernel is compiled for.
        unsafe { avx2(probe, rows, scales, scores) };
    } else {
        return false;
    }
    true
}

fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni")
        && is_x86_feature_detected!("avx2")
}

#[cfg(test)]
type Kernel = fn(&Probe, &[u8], &[f32], &mut [f32]);

/// What this processor can run.
#[cfg(test)]
pub(super) fn all() -> Vec<(&'static str, Kernel)> {
    let mut kernels: Vec<(&'static str, Kernel)> = Vec::new();
    if has_avx512() {
        // SAFETY: the processor has what the kernel is compiled for.
        kernels.push(("avx512", |probe, rows, scales, scores| unsafe { avx512(probe, rows, scales, scores) }));
    }
    if is_x86_feature_detected!("avxvnni") && is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the kernel is compiled for.
        kernels.push(("avxvnni", |probe, rows, scales, scores| unsafe { avxvnni(probe, rows, scales, scores) }));
    }
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the kernel is compiled for.
        kernels.push(("avx2", |probe, rows, scales, scores| unsafe { avx2(probe, rows, scales, scores) }));
    }
    kernels
}

/// What a probe's sums count too much because a row's bytes are raised by 128, and what a fine step is worth.
struct Correction {
    raised: (i32, i32),
    step: f32,
}

impl Correction {
    fn of(probe: &Probe) -> Correction {
        Correction { raised: (128 * probe.sums.0, 128 * probe.sums.1), step: probe.scale / FINE }
    }

    fn score(&self, coarse: i32, fine: i32, scale: f32) -> f32 {
        ((coarse - self.raised.0) as f32 * FINE + (fine - self.raised.1) as f32) * self.step * scale
    }
}

#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vnni")]
fn avx512(probe: &Probe, rows: &[u8], scales: &[f32], scores: &mut [f32]) {
    let stride = probe.stride();
    let correction = Correction::of(probe);
    let four = scales.len() / 4 * 4;
    let (rows_of_four, rest) = rows.split_at(four * stride);
    let groups = rows_of_four.chunks_exact(4 * stride).zip(scales.chunks_exact(4)).zip(scores.chunks_exact_mut(4));
    for ((rows, scales), scores) in groups {
        let mut coarse = [_mm512_setzero_si512(); 4];
        let mut fine = [_mm512_setzero_si512(); 4];
        for at in (0..stride).step_by(LANE) {
            // SAFETY: both planes are `stride` long, a multiple of LANE, and so is each of the four rows.
            unsafe {
                let near = _mm512_loadu_si512(probe.coarse.as_ptr().add(at).cast());
                let rest = _mm512_loadu_si512(probe.fine.as_ptr().add(at).cast());
                for row in 0..4 {
                    let bytes = _mm512_loadu_si512(rows.as_ptr().add(row * stride + at).cast());
                    coarse[row] = _mm512_dpbusd_epi32(coarse[row], bytes, near);
                    fine[row] = _mm512_dpbusd_epi32(fine[row], bytes, rest);
                }
            }
        }
        let coarse = _mm_sub_epi32(sums512(coarse), _mm_set1_epi32(correction.raised.0));
        let fine = _mm_sub_epi32(sums512(fine), _mm_set1_epi32(correction.raised.1));
        let steps = _mm_add_ps(_mm_mul_ps(_mm_cvtepi32_ps(coarse), _mm_set1_ps(FINE)), _mm_cvtepi32_ps(fine));
        // SAFETY: there are four scales and four scores.
        unsafe {
            let scale = _mm_mul_ps(_mm_loadu_ps(scales.as_ptr()), _mm_set1_ps(correction.step));
            _mm_storeu_ps(scores.as_mut_ptr(), _mm_mul_ps(steps, scale));
        }
    }
    for ((row, scale), score) in rest.chunks_exact(stride).zip(&scales[four..]).zip(&mut scores[four..]) {
        let mut sums = (_mm512_setzero_si512(), _mm512_setzero_si512());
        for at in (0..stride).step_by(LANE) {
            // SAFETY: both planes and the row are `stride` long, a multiple of LANE.
            unsafe {
                let bytes = _mm512_loadu_si512(row.as_ptr().add(at).cast());
                let near = _mm512_loadu_si512(probe.coarse.as_ptr().add(at).cast());
                let rest = _mm512_loadu_si512(probe.fine.as_ptr().add(at).cast());
                sums = (_mm512_dpbusd_epi32(sums.0, bytes, near), _mm512_dpbusd_epi32(sums.1, bytes, rest));
            }
        }
        *score = correction.score(_mm512_reduce_add_epi32(sums.0), _mm512_reduce_add_epi32(sums.1), *scale);
    }
}

/// The sum of each of four registers.
#[target_feature(enable = "avx2,avx512f,avx512bw")]
fn sums512(of: [__m512i; 4]) -> __m128i {
    let [a, b, c, d] = of.map(|sums| {
        let (low, high) = (_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64::<1>(sums));
        _mm256_add_epi32(low, high)
    });
    sums256([a, b, c, d])
}

#[target_feature(enable = "avx2")]
fn sums256(of: [__m256i; 4]) -> __m128i {
    let [a, b, c, d] = of;
    let pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256::<1>(pairs))
}

#[target_feature(enable = "avx2,avxvnni")]
fn avxvnni(probe: &Probe, rows: &[u8], scales: &[f32], scores: &mut [f32]) {
    let stride = probe.stride();
    let correction = Correction::of(probe);
    for ((row, scale), score) in rows.chunks_exact(stride).zip(scales).zip(scores) {
        let mut sums = [_mm256_setzero_si256(); 4];
        for at in (0..stride).step_by(LANE) {
            for half in 0..2 {
                let at = at + half * 32;
                // SAFETY: both planes and the row are `stride` long, a multiple of twice 32.
                unsafe {
                    let bytes = _mm256_loadu_si256(row.as_ptr().add(at).cast());
                    let near = _mm256_loadu_si256(probe.coarse.as_ptr().add(at).cast());
                    let rest = _mm256_loadu_si256(probe.fine.as_ptr().add(at).cast());
                    sums[half] = _mm256_dpbusd_avx_epi32(sums[half], bytes, near);
                    sums[2 + half] = _mm256_dpbusd_avx_epi32(sums[2 + half], bytes, rest);
                }
            }
        }
        let sums = sums256(sums);
        let coarse = _mm_extract_epi32::<0>(sums) + _mm_extract_epi32::<1>(sums);
        let fine = _mm_extract_epi32::<2>(sums) + _mm_extract_epi32::<3>(sums);
        *score = correction.score(coarse, fine, *scale);
    }
}

/// Without a dot product of bytes, 16-bit numbers take the probe whole: as fine, and one product instead of two.
#[target_feature(enable = "avx2")]
fn avx2(probe: &Probe, rows: &[u8], scales: &[f32], scores: &mut [f32]) {
    let stride = probe.stride();
    let raised = _mm_set1_epi8(128_u8 as i8);
    for ((row, scale), score) in rows.chunks_exact(stride).zip(scales).zip(scores) {
        let mut sums = [_mm256_setzero_si256(); 4];
        for at in (0..stride).step_by(LANE) {
            for (quarter, sum) in sums.iter_mut().enumerate() {
                let at = at + quarter * 16;
                // SAFETY: the probe and the row are `stride` long, a multiple of four times 16.
                unsafe {
                    let bytes = _mm_xor_si128(_mm_loadu_si128(row.as_ptr().add(at).cast()), raised);
                    let numbers = _mm256_loadu_si256(probe.both.as_ptr().add(at).cast());
                    *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(_mm256_cvtepi8_epi16(bytes), numbers));
                }
            }
        }
        // One lane of one sum fits 32 bits up to MOST_DIMENSIONS; all of them together may not.
        let wide = sums.map(|sum| {
            let (low, high) = (_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
            _mm256_add_epi64(_mm256_cvtepi32_epi64(low), _mm256_cvtepi32_epi64(high))
        });
        let wide = _mm256_add_epi64(_mm256_add_epi64(wide[0], wide[1]), _mm256_add_epi64(wide[2], wide[3]));
        let two = _mm_add_epi64(_mm256_castsi256_si128(wide), _mm256_extracti128_si256::<1>(wide));
        let sum = _mm_extract_epi64::<0>(two) + _mm_extract_epi64::<1>(two);
        *score = sum as f32 * (probe.scale / FINE) * scale;
    }
}
