//! Four registers of four numbers.

// SAFETY, for every block below: loads and stores go through references to arrays of the exact size, and the other
// instructions touch registers only. That the processor has them is what a level promises.

use std::arch::aarch64::*;

use super::Lanes;

#[derive(Clone, Copy)]
pub(in crate::simd) struct Neon([float32x4_t; 4]);

impl Neon {
    #[inline(always)]
    fn each(self, other: Neon, f: impl Fn(float32x4_t, float32x4_t) -> float32x4_t) -> Neon {
        Neon([f(self.0[0], other.0[0]), f(self.0[1], other.0[1]), f(self.0[2], other.0[2]), f(self.0[3], other.0[3])])
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
