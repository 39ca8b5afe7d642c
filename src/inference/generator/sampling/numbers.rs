//! Arithmetic over many scores at once, and numbers that nobody can foresee without the seed.

/// So many scores are looked at together.
pub(super) const BLOCK: usize = 64;

/// Probabilities are told apart by which of these they fall into, so many for each time they halve.
pub(super) const BUCKETS: usize = 1024;
const FINENESS: f32 = 24.0;

/// Whatever is not finite is not nothing when it is multiplied with nothing.
pub(super) fn all_numbers(scores: &[f32]) -> bool {
    let mut sums = [0.0; 16];
    let (blocks, rest) = scores.as_chunks::<16>();
    for block in blocks {
        for (sum, score) in sums.iter_mut().zip(block) {
            *sum += score * 0.0;
        }
    }
    sums.iter().sum::<f32>() == 0.0 && rest.iter().all(|score| score.is_finite())
}

pub(super) fn highest(scores: &[f32]) -> f32 {
    let mut highest = [f32::NEG_INFINITY; 16];
    let (blocks, rest) = scores.as_chunks::<16>();
    for block in blocks {
        for (high, &score) in highest.iter_mut().zip(block) {
            *high = if score > *high { score } else { *high };
        }
    }
    highest.iter().chain(rest).fold(f32::NEG_INFINITY, |high, &score| if score > high { score } else { high })
}

pub(super) fn sum(numbers: &[f32]) -> f32 {
    let mut sums = [0.0; 16];
    let (blocks, rest) = numbers.as_chunks::<16>();
    for block in blocks {
        for (sum, number) in sums.iter_mut().zip(block) {
            *sum += number;
        }
    }
    sums.iter().chain(rest).sum()
}

/// For what is not above 0; to within some millionths of the result. Below -126 it is not exact, and as good as nothing.
pub(super) fn power_of_two(exponent: f32) -> f32 {
    // Adding this leaves the nearest whole number in the lowest bits.
    const ROUNDING: f32 = 12_582_912.0;
    let exponent = if exponent > -126.0 { exponent } else { -126.0 };
    let rounded = exponent + ROUNDING;
    let whole = rounded.to_bits().wrapping_sub(ROUNDING.to_bits());
    let part = (exponent - (rounded - ROUNDING)) * std::f32::consts::LN_2;
    // The series of e to the power of at most ln(2) / 2.
    let series = 1.0 + part * (1.0 + part * (0.5 + part * (1.0 / 6.0 + part * (1.0 / 24.0 + part * (1.0 / 120.0)))));
    series * f32::from_bits(whole.wrapping_add(127) << 23)
}

/// What two is raised to for the probability of each, compared with the highest.
pub(super) fn powers(scores: &[f32], highest: f32, temperature: f32) -> [f32; BLOCK] {
    let scale = std::f32::consts::LOG2_E / temperature;
    let whole = <[f32; BLOCK]>::try_from(scores).unwrap_or_else(|_| {
        let mut whole = [f32::NEG_INFINITY; BLOCK];
        whole[..scores.len()].copy_from_slice(scores);
        whole
    });
    whole.map(|score| (score - highest) * scale)
}

/// The likelier, the lower.
pub(super) fn bucket(power: f32) -> usize {
    ((power * -FINENESS) as usize).min(BUCKETS - 1)
}

/// SplitMix64, as Steele, Lea and Flood published it in 2014.
#[derive(Debug)]
pub(super) struct Random(pub(super) u64);

impl Random {
    /// From 0 up to, but not including, 1.
    pub(super) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}
