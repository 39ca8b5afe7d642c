//! From single measurements to the figures that are shown.

/// What was measured under one name.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Measured {
    pub suite: &'static str,
    pub name: String,
    pub unit: &'static str,
    pub n: usize,
    pub min: f64,
    pub median: f64,
    pub mean: f64,
    pub p95: f64,
    pub p99: f64,
    pub max: f64,
    /// The standard deviation.
    pub deviation: f64,
}

impl Measured {
    /// There is at least one sample.
    pub(super) fn of(suite: &'static str, name: &str, unit: &'static str, samples: &[f64]) -> Measured {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        let at = |share: f64| sorted[((n as f64 * share).ceil() as usize).clamp(1, n) - 1];
        let mean = sorted.iter().sum::<f64>() / n as f64;
        let squares: f64 = sorted.iter().map(|sample| (sample - mean).powi(2)).sum();
        Measured {
            suite,
            name: name.to_owned(),
            unit,
            n,
            min: sorted[0],
            median: (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0,
            mean,
            p95: at(0.95),
            p99: at(0.99),
            max: sorted[n - 1],
            deviation: if n > 1 { (squares / (n - 1) as f64).sqrt() } else { 0.0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_samples() {
        let samples: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        let measured = Measured::of("suite", "name", "ms", &samples);
        assert_eq!((measured.n, measured.min, measured.max), (100, 1.0, 100.0));
        assert_eq!((measured.median, measured.mean), (50.5, 50.5));
        assert_eq!((measured.p95, measured.p99), (95.0, 99.0));
        assert!((measured.deviation - 29.011).abs() < 1e-3, "{}", measured.deviation);
        let one = Measured::of("suite", "name", "ms", &[7.0]);
        assert_eq!((one.median, one.p99, one.deviation), (7.0, 7.0, 0.0));
    }
}
