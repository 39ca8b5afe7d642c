//! How alike is one vector to each of many? Dot products of a finely quantized probe with rows of 8-bit numbers.
//!
//! A row holds its numbers as bytes, each raised by 128, and is filled up with [`ZERO`] to a multiple of [`LANE`].

mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

/// Rows are a multiple of this many bytes long.
pub const LANE: usize = 64;
/// The byte that stands for the number 0.
pub const ZERO: u8 = 128;
/// Sums of longer rows would not fit 32 bits.
pub const MOST_DIMENSIONS: usize = 4096;

/// Steps of the second plane in one step of the first.
const FINE: f32 = 254.0;

/// A vector that is compared with rows, to about 16 bits: `scale · (coarse + fine / 254)`.
#[derive(Clone, Debug)]
pub struct Probe {
    coarse: Vec<i8>,
    fine: Vec<i8>,
    /// `254 · coarse + fine`
    both: Vec<i16>,
    scale: f32,
    sums: (i32, i32),
}

/// Bytes of a row of this many numbers.
pub fn stride(dimensions: usize) -> usize {
    dimensions.next_multiple_of(LANE)
}

impl Probe {
    /// `vector` is finite and has 1 to [`MOST_DIMENSIONS`] numbers.
    pub fn new(vector: &[f32]) -> Probe {
        assert!((1..=MOST_DIMENSIONS).contains(&vector.len()), "a probe has 1 to {MOST_DIMENSIONS} numbers");
        let largest = vector.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        let length = stride(vector.len());
        let (mut coarse, mut fine, mut both) = (vec![0; length], vec![0; length], vec![0; length]);
        for (at, number) in vector.iter().enumerate() {
            let steps = number / scale;
            let near = steps.round().clamp(-127.0, 127.0);
            let rest = ((steps - near) * FINE).round().clamp(-127.0, 127.0);
            coarse[at] = near as i8;
            fine[at] = rest as i8;
            both[at] = near as i16 * 254 + rest as i16;
        }
        let sum = |plane: &[i8]| plane.iter().map(|&number| i32::from(number)).sum();
        let sums = (sum(&coarse), sum(&fine));
        Probe { coarse, fine, both, scale, sums }
    }

    /// Bytes of the rows that it is compared with.
    pub fn stride(&self) -> usize {
        self.both.len()
    }
}

/// The dot product of the probe with each row, times the row's scale.
pub fn score(probe: &Probe, rows: &[u8], scales: &[f32], scores: &mut [f32]) {
    assert_eq!(rows.len(), scales.len() * probe.stride(), "rows are as long as the probe, and each has a scale");
    assert_eq!(scales.len(), scores.len(), "each row gets a score");
    #[cfg(target_arch = "x86_64")]
    if x86::score(probe, rows, scales, scores) {
        return;
    }
    plain::score(probe, rows, scales, scores);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Kernel = fn(&Probe, &[u8], &[f32], &mut [f32]);

    fn kernels() -> Vec<(&'static str, Kernel)> {
        let mut kernels: Vec<(&'static str, Kernel)> = vec![("dispatched", score), ("plain", plain::score)];
        #[cfg(target_arch = "x86_64")]
        kernels.extend(x86::all());
        kernels
    }

    /// Rows begin `shift` bytes into a buffer: nothing may rely on their alignment.
    fn check(vector: &[f32], rows: &[Vec<i8>], shift: usize) {
        let probe = Probe::new(vector);
        let mut bytes = vec![0; shift];
        for row in rows {
            bytes.extend(row.iter().map(|&number| number as u8 ^ ZERO));
            bytes.resize(bytes.len() + probe.stride() - row.len(), ZERO);
        }
        let scales: Vec<f32> = (0..rows.len()).map(|row| 0.5 + row as f32 / 8.0).collect();
        let size: f64 = vector.iter().map(|&number| f64::from(number).abs()).fold(0.0, f64::max);
        for (name, kernel) in kernels() {
            let mut scores = vec![f32::NAN; rows.len()];
            kernel(&probe, &bytes[shift..], &scales, &mut scores);
            for ((row, scale), score) in rows.iter().zip(&scales).zip(&scores) {
                let dot: f64 = row.iter().zip(vector).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
                // Each number of the probe is off by at most half a fine step.
                let off: f64 = row.iter().map(|&number| f64::from(number).abs()).sum::<f64>() * size / 127.0 / 254.0;
                let tolerance = f64::from(*scale) * (off * 0.51 + dot.abs() * 1e-6 + size * 1e-4);
                let expected = dot * f64::from(*scale);
                assert!((f64::from(*score) - expected).abs() <= tolerance, "{name}: {score} for {expected}");
            }
        }
    }

    #[test]
    fn all_lengths_at_all_counts_of_rows() {
        for length in (1..=130).chain([383, 384, 385, 768, MOST_DIMENSIONS]) {
            let vector: Vec<f32> = (0..length).map(|at| ((at * 37 % 101) as f32 - 50.0) / 33.0).collect();
            let row = |n: usize| (0..length).map(move |at| ((at * 53 + n * 29) % 255) as u8 as i8).map(|n| n.max(-127));
            let rows: Vec<Vec<i8>> = (0..length % 9 + 1).map(|n| row(n).collect()).collect();
            check(&vector, &rows, length % 64);
        }
        check(&[1.0], &[], 0);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        for sign in [1.0, -1.0] {
            check(&vec![sign * 3.0e30; MOST_DIMENSIONS], &[vec![127; MOST_DIMENSIONS], vec![-127; MOST_DIMENSIONS]], 0);
        }
        check(&[0.0; 70], &[vec![127; 70]], 3);
    }

    #[test]
    #[should_panic(expected = "rows are as long as the probe")]
    fn rows_of_another_length_are_refused() {
        score(&Probe::new(&[1.0; 64]), &[0; 63], &[1.0], &mut [0.0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_numbers(
            (vector, rows) in (1_usize..200).prop_flat_map(|length| (
                proptest::collection::vec(-2.0_f32..2.0, length),
                proptest::collection::vec(proptest::collection::vec(-127_i8..=127, length), 0..20),
            )),
            shift in 0_usize..64,
        ) {
            check(&vector, &rows, shift);
        }
    }
}
