//! One register of sixteen numbers, or two of eight.

// SAFETY, for every block below: loads and stores go through references to arrays of the exact size, and the other
// instructions touch registers only. That the processor has them is what a level promises.

use std::arch::x86_64::*;

use super::Lanes;

#[derive(Clone, Copy)]
pub(in crate::simd) struct Avx512(__m512);

impl Lanes for Avx512 {
    #[inline(always)]
    fn splat(value: f32) -> Avx512 {
        unsafe { Avx512(_mm512_set1_ps(value)) }
    }
    #[inline(always)]
    fn load(from: &[f32; 16]) -> Avx512 {
        unsafe { Avx512(_mm512_loadu_ps(from.as_ptr())) }
    }
    #[inline(always)]
    fn store(self, to: &mut [f32; 16]) {
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn plus(self, other: Avx512) -> Avx512 {
        unsafe { Avx512(_mm512_add_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn minus(self, other: Avx512) -> Avx512 {
        unsafe { Avx512(_mm512_sub_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn times(self, other: Avx512) -> Avx512 {
        unsafe { Avx512(_mm512_mul_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn load_half(from: &[u16; 16]) -> Avx512 {
        unsafe { Avx512(_mm512_cvtph_ps(_mm256_loadu_si256(from.as_ptr().cast()))) }
    }
    #[inline(always)]
    fn over(self, other: Avx512) -> Avx512 {
        unsafe { Avx512(_mm512_div_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn largest(self) -> f32 {
        unsafe { _mm512_reduce_max_ps(self.0) }
    }
    #[inline(always)]
    fn smallest(self) -> f32 {
        unsafe { _mm512_reduce_min_ps(self.0) }
    }
    #[inline(always)]
    fn times_plus(self, by: Avx512, plus: Avx512) -> Avx512 {
        unsafe { Avx512(_mm512_fmadd_ps(self.0, by.0, plus.0)) }
    }
    #[inline(always)]
    fn at_least(self, other: Avx512) -> Avx512 {
        unsafe { Avx512(_mm512_max_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn at_most(self, other: Avx512) -> Avx512 {
        unsafe { Avx512(_mm512_min_ps(self.0, other.0)) }
    }
    #[inline(always)]
    fn round(self) -> Avx512 {
        unsafe { Avx512(_mm512_roundscale_ps::<0>(self.0)) }
    }
    #[inline(always)]
    fn pow2(self) -> Avx512 {
        unsafe {
            let biased = _mm512_add_epi32(_mm512_cvtps_epi32(self.0), _mm512_set1_epi32(127));
            Avx512(_mm512_castsi512_ps(_mm512_slli_epi32::<23>(biased)))
        }
    }
    #[inline(always)]
    fn store_bytes(self, to: &mut [u8; 16]) {
        unsafe {
            let bytes = _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(self.0));
            _mm_storeu_si128(to.as_mut_ptr().cast(), bytes);
        }
    }
    #[inline(always)]
    fn store_signed(self, to: &mut [i8; 16]) {
        unsafe {
            let bytes = _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(self.0));
            _mm_storeu_si128(to.as_mut_ptr().cast(), bytes);
        }
    }
}

#[derive(Clone, Copy)]
pub(in crate::simd) struct Avx2(__m256, __m256);

impl Lanes for Avx2 {
    #[inline(always)]
    fn splat(value: f32) -> Avx2 {
        unsafe { Avx2(_mm256_set1_ps(value), _mm256_set1_ps(value)) }
    }
    #[inline(always)]
    fn load(from: &[f32; 16]) -> Avx2 {
        unsafe { Avx2(_mm256_loadu_ps(from.as_ptr()), _mm256_loadu_ps(from.as_ptr().add(8))) }
    }
    #[inline(always)]
    fn store(self, to: &mut [f32; 16]) {
        unsafe {
            _mm256_storeu_ps(to.as_mut_ptr(), self.0);
            _mm256_storeu_ps(to.as_mut_ptr().add(8), self.1);
        }
    }
    #[inline(always)]
    fn plus(self, other: Avx2) -> Avx2 {
        unsafe { Avx2(_mm256_add_ps(self.0, other.0), _mm256_add_ps(self.1, other.1)) }
    }
    #[inline(always)]
    fn minus(self, other: Avx2) -> Avx2 {
        unsafe { Avx2(_mm256_sub_ps(self.0, other.0), _mm256_sub_ps(self.1, other.1)) }
    }
    #[inline(always)]
    fn times(self, other: Avx2) -> Avx2 {
        unsafe { Avx2(_mm256_mul_ps(self.0, other.0), _mm256_mul_ps(self.1, other.1)) }
    }
    #[inline(always)]
    fn load_half(from: &[u16; 16]) -> Avx2 {
        let at = from.as_ptr();
        unsafe { Avx2(_mm256_cvtph_ps(_mm_loadu_si128(at.cast())), _mm256_cvtph_ps(_mm_loadu_si128(at.add(8).cast()))) }
    }
    #[inline(always)]
    fn over(self, other: Avx2) -> Avx2 {
        unsafe { Avx2(_mm256_div_ps(self.0, other.0), _mm256_div_ps(self.1, other.1)) }
    }
    #[inline(always)]
    fn times_plus(self, by: Avx2, plus: Avx2) -> Avx2 {
        unsafe { Avx2(_mm256_fmadd_ps(self.0, by.0, plus.0), _mm256_fmadd_ps(self.1, by.1, plus.1)) }
    }
    #[inline(always)]
    fn at_least(self, other: Avx2) -> Avx2 {
        unsafe { Avx2(_mm256_max_ps(self.0, other.0), _mm256_max_ps(self.1, other.1)) }
    }
    #[inline(always)]
    fn at_most(self, other: Avx2) -> Avx2 {
        unsafe { Avx2(_mm256_min_ps(self.0, other.0), _mm256_min_ps(self.1, other.1)) }
    }
    #[inline(always)]
    fn round(self) -> Avx2 {
        unsafe { Avx2(_mm256_round_ps::<8>(self.0), _mm256_round_ps::<8>(self.1)) }
    }
    #[inline(always)]
    fn pow2(self) -> Avx2 {
        unsafe {
            let one = |x: __m256| {
                let biased = _mm256_add_epi32(_mm256_cvtps_epi32(x), _mm256_set1_epi32(127));
                _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
            };
            Avx2(one(self.0), one(self.1))
        }
    }
    #[inline(always)]
    fn store_bytes(self, to: &mut [u8; 16]) {
        unsafe {
            let words = _mm256_packs_epi32(_mm256_cvtps_epi32(self.0), _mm256_cvtps_epi32(self.1));
            // Packing works in halves of the register: put their quarters into order.
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
            let bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(to.as_mut_ptr().cast(), bytes);
        }
    }
    #[inline(always)]
    fn store_signed(self, to: &mut [i8; 16]) {
        unsafe {
            let words = _mm256_packs_epi32(_mm256_cvtps_epi32(self.0), _mm256_cvtps_epi32(self.1));
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
            let bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(to.as_mut_ptr().cast(), bytes);
        }
    }
}
