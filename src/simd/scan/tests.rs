//! Every kernel against its plain twin, and bounds against what they bound.

use proptest::prelude::*;

use super::*;

pub(super) type Bounds = fn(&Probe, &[u8], &[f32], &mut [f32]);
pub(super) type Score = fn(&Probe, &[u8], &[u8], f32) -> f32;

fn kernels() -> Vec<(&'static str, Bounds, Score)> {
    let mut kernels: Vec<(&'static str, Bounds, Score)> =
        vec![("dispatched", bounds, score), ("plain", plain::bounds, plain::score)];
    #[cfg(target_arch = "x86_64")]
    kernels.extend(x86::all());
    kernels
}

/// Rows begin `shift` bytes into a buffer: nothing may rely on their alignment.
fn check(vector: &[f32], rows: &[Vec<i8>], shift: usize) {
    let probe = Probe::new(vector);
    let stride = probe.stride();
    let (mut upper, mut lower) = (vec![0; shift + rows.len() * stride], vec![0; shift + rows.len() * stride]);
    for (at, row) in rows.iter().enumerate() {
        let bytes: Vec<u8> = row.iter().map(|&number| number as u8).collect();
        let place = shift + at * stride..shift + (at + 1) * stride;
        pack(&bytes, &mut upper[place.clone()], &mut lower[place]);
    }
    let (upper, lower) = (&upper[shift..], &lower[shift..]);
    let scales: Vec<f32> = (0..rows.len()).map(|row| 0.5 + row as f32 / 8.0).collect();
    let size: f64 = vector.iter().map(|&number| f64::from(number).abs()).fold(0.0, f64::max);
    let mut expected = vec![0.0; rows.len()];
    plain::bounds(&probe, upper, &scales, &mut expected);
    for (name, bounds, score) in kernels() {
        let mut found = vec![f32::NAN; rows.len()];
        bounds(&probe, upper, &scales, &mut found);
        for (found, expected) in found.iter().zip(&expected) {
            let tolerance = size as f32 * 1e-3 * probe.stride() as f32 + expected.abs() * 1e-5;
            assert!((found - expected).abs() <= tolerance, "{name}: a bound of {found} for {expected}");
        }
        for (at, (row, scale)) in rows.iter().zip(&scales).enumerate() {
            let place = at * stride..(at + 1) * stride;
            let score = score(&probe, &upper[place.clone()], &lower[place], *scale);
            let dot: f64 = row.iter().zip(vector).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            // Each number of the probe is off by at most half a fine step.
            let off: f64 = row.iter().map(|&number| f64::from(number).abs()).sum::<f64>() * size / 127.0 / 254.0;
            let tolerance = f64::from(*scale) * (off * 0.51 + dot.abs() * 1e-6 + size * 1e-4);
            let expected = dot * f64::from(*scale);
            assert!((f64::from(score) - expected).abs() <= tolerance, "{name}: {score} for {expected}");
        }
    }
}

#[test]
fn all_lengths_at_all_counts_of_rows() {
    for length in (1..=130).chain([255, 256, 257, 384, 768, MOST_DIMENSIONS]) {
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
    bounds(&Probe::new(&[1.0; 128]), &[0; 63], &[1.0], &mut [0.0]);
}

#[test]
fn bounds_are_above_scores_and_not_far_above() {
    let mut state = 1_u64;
    let mut number = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    let mut unit = || {
        let vector: Vec<f32> = (0..384).map(|_| number() + number() + number()).collect();
        let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
        vector.into_iter().map(|number| number / length).collect::<Vec<f32>>()
    };
    let probe = Probe::new(&unit());
    let stride = probe.stride();
    let (mut upper, mut lower, mut bound) = (vec![0; stride], vec![0; stride], [0.0]);
    let (mut most, mut total) = (0.0_f32, 0.0);
    for _ in 0..20_000 {
        let vector = unit();
        let scale = vector.iter().fold(0.0_f32, |largest, number| largest.max(number.abs())) / 127.0;
        let bytes: Vec<u8> = vector.iter().map(|number| (number / scale).round() as i8 as u8).collect();
        pack(&bytes, &mut upper, &mut lower);
        bounds(&probe, &upper, &[scale], &mut bound);
        let above = bound[0] - score(&probe, &upper, &lower, scale);
        assert!(above > 0.0, "{above}");
        most = most.max(above);
        total += above;
    }
    assert!(most < 0.1 && total / 20_000.0 < 0.05, "{most} at most, {} on average", total / 20_000.0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_numbers(
        (vector, rows) in (1_usize..300).prop_flat_map(|length| (
            proptest::collection::vec(-2.0_f32..2.0, length),
            proptest::collection::vec(proptest::collection::vec(-127_i8..=127, length), 0..12),
        )),
        shift in 0_usize..64,
    ) {
        check(&vector, &rows, shift);
    }
}
