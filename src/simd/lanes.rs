//! Sixteen numbers at once, whatever the processor calls it.
//!
//! The values exist only inside functions that [`kernel!`](super::level) compiled for a level the processor has.

/// Sixteen `f32`. All are plain arithmetic, lane by lane.
pub(super) trait Lanes: Copy {
    fn splat(value: f32) -> Self;
    fn load(from: &[f32; 16]) -> Self;
    fn store(self, to: &mut [f32; 16]);
    /// Of sixteen-bit floats.
    #[inline(always)]
    fn load_half(from: &[u16; 16]) -> Self {
        Self::load(&from.map(super::quant::from_half))
    }
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn over(self, other: Self) -> Self;
    /// `self × by + plus`, rounded once where the processor can.
    fn times_plus(self, by: Self, plus: Self) -> Self;
    fn at_least(self, other: Self) -> Self;
    fn at_most(self, other: Self) -> Self;
    /// To the nearest whole number, halves to the even one.
    fn round(self) -> Self;
    /// 2 to the power of whole numbers from -126 to 127.
    fn pow2(self) -> Self;
    /// Rounded; every lane lies within 0 and 255.
    fn store_bytes(self, to: &mut [u8; 16]);
    /// Rounded; every lane lies within -127 and 127.
    fn store_signed(self, to: &mut [i8; 16]);

    #[inline(always)]
    fn array(self) -> [f32; 16] {
        let mut array = [0.0; 16];
        self.store(&mut array);
        array
    }

    /// Always added in the same order, so that every level has the same sum.
    #[inline(always)]
    fn sum(self) -> f32 {
        fold(self.array(), |a, b| a + b)
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        fold(self.array(), |a, b| if b > a { b } else { a })
    }

    #[inline(always)]
    fn smallest(self) -> f32 {
        fold(self.array(), |a, b| if b < a { b } else { a })
    }

    /// e to the power of numbers from -87 to 0; below that as good as zero. Relative error under 3e-7.
    #[inline(always)]
    fn exp(self) -> Self {
        let scaled = self.at_least(Self::splat(-87.0)).times(Self::splat(std::f32::consts::LOG2_E));
        let whole = scaled.round();
        let part = scaled.minus(whole);
        let mut power = Self::splat(1.327_636_1e-3);
        for coefficient in [9.675_52e-3, 5.550_713_3e-2, 2.402_212e-1, 6.931_469_4e-1, 1.000_000_1] {
            power = power.times_plus(part, Self::splat(coefficient));
        }
        power.times(whole.pow2())
    }

    /// x/2 (1 + erf(x/√2)). Absolute error under 6e-5, which is far below what the following quantization keeps.
    #[inline(always)]
    fn gelu(self) -> Self {
        let z = self.times(Self::splat(std::f32::consts::FRAC_1_SQRT_2));
        let z = z.at_least(Self::splat(-3.0)).at_most(Self::splat(3.0));
        let square = z.times(z);
        // Fitted to erf(z)/z on 0..3.
        let mut p = Self::splat(4.074_202_7e-8);
        for coefficient in [
            -1.944_82e-6,
            4.106_048_4e-5,
            -5.110_366e-4,
            4.235_426_4e-3,
            -2.510_286e-2,
            1.110_793_3e-1,
            -3.753_148_6e-1,
            1.128_268_5,
        ] {
            p = p.times_plus(square, Self::splat(coefficient));
        }
        let half = self.times(Self::splat(0.5));
        half.times_plus(p.times(z), half)
    }
}

#[inline(always)]
fn fold(lanes: [f32; 16], join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = lanes;
    for width in [8, 4, 2, 1] {
        for i in 0..width {
            lanes[i] = join(lanes[i], lanes[i + width]);
        }
    }
    lanes[0]
}

/// What every processor can do.
#[derive(Clone, Copy)]
pub(super) struct Plain([f32; 16]);

impl Plain {
    #[inline(always)]
    fn each(self, other: Plain, f: impl Fn(f32, f32) -> f32) -> Plain {
        Plain(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

impl Lanes for Plain {
    #[inline(always)]
    fn splat(value: f32) -> Plain {
        Plain([value; 16])
    }
    #[inline(always)]
    fn load(from: &[f32; 16]) -> Plain {
        Plain(*from)
    }
    #[inline(always)]
    fn store(self, to: &mut [f32; 16]) {
        *to = self.0;
    }
    #[inline(always)]
    fn plus(self, other: Plain) -> Plain {
        self.each(other, |a, b| a + b)
    }
    #[inline(always)]
    fn minus(self, other: Plain) -> Plain {
        self.each(other, |a, b| a - b)
    }
    #[inline(always)]
    fn times(self, other: Plain) -> Plain {
        self.each(other, |a, b| a * b)
    }
    #[inline(always)]
    fn over(self, other: Plain) -> Plain {
        self.each(other, |a, b| a / b)
    }
    #[inline(always)]
    fn times_plus(self, by: Plain, plus: Plain) -> Plain {
        self.times(by).plus(plus)
    }
    #[inline(always)]
    fn at_least(self, other: Plain) -> Plain {
        self.each(other, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn at_most(self, other: Plain) -> Plain {
        self.each(other, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn round(self) -> Plain {
        Plain(self.0.map(f32::round_ties_even))
    }
    #[inline(always)]
    fn pow2(self) -> Plain {
        Plain(self.0.map(|x| f32::from_bits(((x as i32 + 127) << 23) as u32)))
    }
    #[inline(always)]
    fn store_bytes(self, to: &mut [u8; 16]) {
        *to = self.0.map(|x| x.round_ties_even() as u8);
    }
    #[inline(always)]
    fn store_signed(self, to: &mut [i8; 16]) {
        *to = self.0.map(|x| x.round_ties_even() as i8);
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512};

// SAFETY, for every block below: loads and stores go through references to arrays of the exact size, and the other
// instructions touch registers only. That the processor has them is what a level promises.
#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::Lanes;

    #[derive(Clone, Copy)]
    pub(in super::super) struct Avx512(__m512);

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
    pub(in super::super) struct Avx2(__m256, __m256);

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
            unsafe {
                Avx2(_mm256_cvtph_ps(_mm_loadu_si128(at.cast())), _mm256_cvtph_ps(_mm_loadu_si128(at.add(8).cast())))
            }
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
}

#[cfg(target_arch = "aarch64")]
pub(super) use arm::Neon;

// SAFETY: as above.
#[cfg(target_arch = "aarch64")]
mod arm {
    use std::arch::aarch64::*;

    use super::Lanes;

    #[derive(Clone, Copy)]
    pub(in super::super) struct Neon([float32x4_t; 4]);

    impl Neon {
        #[inline(always)]
        fn each(self, other: Neon, f: impl Fn(float32x4_t, float32x4_t) -> float32x4_t) -> Neon {
            Neon([
                f(self.0[0], other.0[0]),
                f(self.0[1], other.0[1]),
                f(self.0[2], other.0[2]),
                f(self.0[3], other.0[3]),
            ])
        }
    }

    impl Lanes for Neon {
        #[inline(always)]
        fn splat(value: f32) -> Neon {
            unsafe { Neon([vdupq_n_f32(value); 4]) }
        }
        #[inline(always)]
        fn load(from: &[f32; 16]) -> Neon {
            let at = from.as_ptr();
            unsafe { Neon([vld1q_f32(at), vld1q_f32(at.add(4)), vld1q_f32(at.add(8)), vld1q_f32(at.add(12))]) }
        }
        #[inline(always)]
        fn store(self, to: &mut [f32; 16]) {
            for (i, part) in self.0.into_iter().enumerate() {
                unsafe { vst1q_f32(to.as_mut_ptr().add(4 * i), part) }
            }
        }
        #[inline(always)]
        fn plus(self, other: Neon) -> Neon {
            self.each(other, |a, b| unsafe { vaddq_f32(a, b) })
        }
        #[inline(always)]
        fn minus(self, other: Neon) -> Neon {
            self.each(other, |a, b| unsafe { vsubq_f32(a, b) })
        }
        #[inline(always)]
        fn times(self, other: Neon) -> Neon {
            self.each(other, |a, b| unsafe { vmulq_f32(a, b) })
        }
        #[inline(always)]
        fn over(self, other: Neon) -> Neon {
            self.each(other, |a, b| unsafe { vdivq_f32(a, b) })
        }
        #[inline(always)]
        fn times_plus(self, by: Neon, plus: Neon) -> Neon {
            let part = |i: usize| unsafe { vfmaq_f32(plus.0[i], self.0[i], by.0[i]) };
            Neon([part(0), part(1), part(2), part(3)])
        }
        #[inline(always)]
        fn at_least(self, other: Neon) -> Neon {
            self.each(other, |a, b| unsafe { vmaxq_f32(a, b) })
        }
        #[inline(always)]
        fn at_most(self, other: Neon) -> Neon {
            self.each(other, |a, b| unsafe { vminq_f32(a, b) })
        }
        #[inline(always)]
        fn round(self) -> Neon {
            self.each(self, |a, _| unsafe { vrndnq_f32(a) })
        }
        #[inline(always)]
        fn pow2(self) -> Neon {
            self.each(self, |a, _| unsafe {
                let biased = vaddq_s32(vcvtnq_s32_f32(a), vdupq_n_s32(127));
                vreinterpretq_f32_s32(vshlq_n_s32::<23>(biased))
            })
        }
        #[inline(always)]
        fn store_bytes(self, to: &mut [u8; 16]) {
            let whole = |i: usize| unsafe { vqmovun_s32(vcvtnq_s32_f32(self.0[i])) };
            unsafe {
                let low = vqmovn_u16(vcombine_u16(whole(0), whole(1)));
                let high = vqmovn_u16(vcombine_u16(whole(2), whole(3)));
                vst1q_u8(to.as_mut_ptr(), vcombine_u8(low, high));
            }
        }
        #[inline(always)]
        fn store_signed(self, to: &mut [i8; 16]) {
            let whole = |i: usize| unsafe { vqmovn_s32(vcvtnq_s32_f32(self.0[i])) };
            unsafe {
                let low = vqmovn_s16(vcombine_s16(whole(0), whole(1)));
                let high = vqmovn_s16(vcombine_s16(whole(2), whole(3)));
                vst1q_s8(to.as_mut_ptr(), vcombine_s8(low, high));
            }
        }
    }
}
