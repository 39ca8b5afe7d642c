//! Sixteen numbers at once, whatever the processor calls it.
//!
//! The values exist only inside functions that [`kernel!`](super::level) compiled for a level the processor has.

#[cfg(target_arch = "aarch64")]
mod arm;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(target_arch = "aarch64")]
pub(super) use arm::Neon;
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Avx2, Avx512};

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
