//! How alike is one vector to each of many? An upper bound from half of every row's bits, and the dot product itself from
//! all of them, for the few rows whose bound says that they may be among the best.
//!
//! A row is a vector's numbers as bytes, each raised by 128. Its upper halves and its lower halves lie apart: a scan is as
//! fast as memory, and reads only the upper ones. [`pack`] puts two numbers that lie half a lane
//! apart into one byte.

mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

/// A row's numbers are a multiple of this many.
const LANE: usize = 128;
/// How far apart the two numbers are whose halves share a byte.
const HALF: usize = 64;
/// Sums of longer rows would not fit 32 bits.
pub const MOST_DIMENSIONS: usize = 4096;

/// Steps of the probe's second plane in one step of the first.
const FINE: f32 = 254.0;
/// The byte that stands for the number 0.
const ZERO: u8 = 128;
/// What an upper half says of its number, on average: 16 times itself, less this.
const MIDDLE: f32 = 128.0 - 7.5;
/// How many times what it is usually off a bound allows for. A sum of many independent errors exceeds that once in three
/// million times.
const SURELY: f32 = 5.0;

/// A vector that is compared with rows, to about 16 bits: `scale · (coarse + fine / 254)`.
#[derive(Clone, Debug)]
pub struct Probe {
    coarse: Vec<i8>,
    fine: Vec<i8>,
    scale: f32,
    /// Of each plane.
    sums: (i32, i32),
    /// What a bound adds: for each step of the row, and besides.
    margins: (f32, f32),
}

/// Bytes of the upper halves of a row of this many numbers, and of the lower ones.
pub fn stride(dimensions: usize) -> usize {
    dimensions.next_multiple_of(LANE) / 2
}

impl Probe {
    /// `vector` is finite and has 1 to [`MOST_DIMENSIONS`] numbers; rows are about of length 1.
    pub fn new(vector: &[f32]) -> Probe {
        assert!((1..=MOST_DIMENSIONS).contains(&vector.len()), "a probe has 1 to {MOST_DIMENSIONS} numbers");
        let largest = vector.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        let length = 2 * stride(vector.len());
        let (mut coarse, mut fine) = (vec![0; length], vec![0; length]);
        for (at, number) in vector.iter().enumerate() {
            let steps = number / scale;
            let near = steps.round().clamp(-127.0, 127.0);
            coarse[at] = near as i8;
            fine[at] = ((steps - near) * FINE).round().clamp(-127.0, 127.0) as i8;
        }
        let sum = |plane: &[i8]| plane.iter().map(|&number| i32::from(number)).sum();
        // A lower half is one of 16 equally likely ones; what the first plane lacks is anything up to half a step.
        let length = scale * coarse.iter().map(|&number| f32::from(number).powi(2)).sum::<f32>().sqrt();
        let margins = (SURELY * length * (255.0_f32 / 12.0).sqrt(), SURELY * scale / 12.0_f32.sqrt());
        Probe { sums: (sum(&coarse), sum(&fine)), coarse, fine, scale, margins }
    }

    /// Bytes of each half of the rows that it is compared with.
    pub fn stride(&self) -> usize {
        self.coarse.len() / 2
    }

    /// A bound from the sum of the products of upper halves with the first plane.
    fn bound(&self) -> Bound {
        let base = self.margins.0 - MIDDLE * self.scale * self.sums.0 as f32;
        Bound { step: 16.0 * self.scale, base, besides: self.margins.1 }
    }

    /// The score from the sums of a row's bytes with both planes.
    fn score(&self, coarse: i32, fine: i32, scale: f32) -> f32 {
        let raised = i32::from(ZERO);
        let (coarse, fine) = (coarse - raised * self.sums.0, fine - raised * self.sums.1);
        (coarse as f32 * FINE + fine as f32) * (self.scale / FINE) * scale
    }
}

/// `scale · (step · sum + base) + besides`
#[derive(Clone, Copy)]
struct Bound {
    step: f32,
    base: f32,
    besides: f32,
}

impl Bound {
    fn of(&self, sum: i32, scale: f32) -> f32 {
        scale * (self.step * sum as f32 + self.base) + self.besides
    }
}

/// Splits a row of signed numbers into its halves.
pub fn pack(numbers: &[u8], upper: &mut [u8], lower: &mut [u8]) {
    assert!(upper.len() == stride(numbers.len()) && lower.len() == upper.len(), "each half has room for its row");
    let halves = upper.chunks_exact_mut(HALF).zip(lower.chunks_exact_mut(HALF));
    for (numbers, (upper, lower)) in numbers.chunks(LANE).zip(halves) {
        let mut row = [ZERO; LANE];
        for (byte, number) in row.iter_mut().zip(numbers) {
            *byte = number ^ ZERO;
        }
        let (first, second) = row.split_at(HALF);
        for at in 0..HALF {
            upper[at] = first[at] >> 4 | second[at] & 0xf0;
            lower[at] = first[at] & 0x0f | second[at] << 4;
        }
    }
}

/// What the dot product of the probe with each row, times the row's scale, surely does not exceed.
pub fn bounds(probe: &Probe, upper: &[u8], scales: &[f32], bounds: &mut [f32]) {
    assert_eq!(upper.len(), scales.len() * probe.stride(), "rows are as long as the probe, and each has a scale");
    assert_eq!(scales.len(), bounds.len(), "each row gets a bound");
    #[cfg(target_arch = "x86_64")]
    if x86::bounds(probe, upper, scales, bounds) {
        return;
    }
    plain::bounds(probe, upper, scales, bounds);
}

/// The dot product of the probe with one row, times the row's scale.
pub fn score(probe: &Probe, upper: &[u8], lower: &[u8], scale: f32) -> f32 {
    assert!(upper.len() == probe.stride() && lower.len() == upper.len(), "the row is as long as the probe");
    #[cfg(target_arch = "x86_64")]
    if let Some(score) = x86::score(probe, upper, lower, scale) {
        return score;
    }
    plain::score(probe, upper, lower, scale)
}

#[cfg(test)]
mod tests;
