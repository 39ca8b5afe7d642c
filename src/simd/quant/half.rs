//! Sixteen-bit floats, many at a time: arithmetic that compilers turn into the processor's vectors.

/// Infinities and what is no number become numbers beyond 65,504: a file can hold them, no product should.
#[inline(always)]
pub fn from_half(half: u16) -> f32 {
    let sign = u32::from(half & 0x8000) << 16;
    // Shifted into place the exponent is 112 too small, which a product mends for the smallest numbers, too.
    let magnitude = f32::from_bits(u32::from(half & 0x7fff) << 13) * f32::from_bits(0x7780_0000);
    f32::from_bits(magnitude.to_bits() | sign)
}

/// Rounded to the nearest, halves to the even one. What is too large becomes 65,504.
#[inline(always)]
pub fn to_half(value: f32) -> u16 {
    let sign = (value.to_bits() >> 16) & 0x8000;
    let magnitude = f32::from_bits(value.to_bits() & 0x7fff_ffff).min(65_504.0);
    let bits = magnitude.to_bits();
    // Adding this float pushes the bits below the last that is kept out, rounding them.
    let small = (magnitude + 0.5).to_bits() - 0.5_f32.to_bits();
    let odd = (bits >> 13) & 1;
    let normal = bits.wrapping_add(0xc800_0fff + odd) >> 13;
    let is_small = bits < 0x3880_0000;
    (sign | if is_small { small } else { normal }) as u16
}

#[inline(always)]
pub(super) fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_goes_there_and_back() {
        for bits in 0..=u16::MAX {
            let exact = ::half::f16::from_bits(bits);
            if exact.is_finite() {
                assert_eq!(from_half(bits).to_bits(), exact.to_f32().to_bits(), "{bits:#06x}");
                assert_eq!(to_half(exact.to_f32()), bits, "{bits:#06x}");
            } else {
                assert!(from_half(bits).is_finite());
            }
        }
    }

    #[test]
    fn floats_are_rounded_as_the_format_says() {
        let mut bits = 0x1234_5678_u32;
        for _ in 0..200_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = f32::from_bits(bits);
            if value.abs() < 65_504.0 {
                assert_eq!(to_half(value), ::half::f16::from_f32(value).to_bits(), "{value:e}");
            }
        }
        assert_eq!(to_half(1e9), to_half(65_504.0));
        assert_eq!(to_half(-1e9), to_half(-65_504.0));
        assert_eq!(to_half(f32::NAN), to_half(65_504.0));
    }
}
