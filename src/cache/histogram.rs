//! How long things took, in buckets whose bounds double: a few numbers, whatever there is to count.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::stamp::micros;

/// The last bucket has no upper bound.
const BUCKETS: usize = 52;

/// In nanoseconds: bucket n counts what took less than 2^n, and not less than half of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    counts: Vec<u64>,
    /// In microseconds.
    sum: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { counts: vec![0; BUCKETS], sum: 0 }
    }
}

impl Histogram {
    pub(super) fn add(&mut self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let bucket = (u64::BITS - nanos.leading_zeros()) as usize;
        if let Some(count) = self.counts.get_mut(bucket.min(BUCKETS - 1)) {
            *count += 1;
        }
        self.sum = self.sum.saturating_add(micros(took));
    }

    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub fn sum(&self) -> Duration {
        Duration::from_micros(self.sum)
    }

    pub fn mean(&self) -> Duration {
        Duration::from_micros(self.sum.checked_div(self.count()).unwrap_or(0))
    }

    /// The upper bound of the bucket in which this share of all ends.
    pub fn quantile(&self, share: f64) -> Duration {
        let wanted = (self.count() as f64 * share).ceil().max(1.0) as u64;
        let mut so_far = 0;
        for (bucket, count) in self.buckets() {
            so_far += count;
            if so_far >= wanted {
                return bucket;
            }
        }
        Duration::ZERO
    }

    /// (upper bound, how many took less than it and no less than half)
    pub fn buckets(&self) -> impl Iterator<Item = (Duration, u64)> {
        self.counts.iter().enumerate().map(|(at, count)| (Duration::from_nanos(1 << at), *count))
    }

    /// How many took less than `bound`, to the bucket.
    pub fn below(&self, bound: Duration) -> u64 {
        self.buckets().take_while(|(upper, _)| *upper <= bound).map(|(_, count)| count).sum()
    }

    pub(super) fn absorb(&mut self, other: &Histogram) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_add(*more);
        }
        self.sum = self.sum.saturating_add(other.sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_fall_into_buckets_and_quantiles_come_out() {
        let mut histogram = Histogram::default();
        assert_eq!((histogram.count(), histogram.quantile(0.5)), (0, Duration::ZERO));
        (0..90).for_each(|_| histogram.add(Duration::from_nanos(700)));
        (0..10).for_each(|_| histogram.add(Duration::from_millis(3)));
        assert_eq!((histogram.count(), histogram.sum()), (100, Duration::from_millis(30)));
        assert_eq!(histogram.quantile(0.5), Duration::from_nanos(1024));
        assert_eq!(histogram.quantile(0.9), Duration::from_nanos(1024));
        assert_eq!(histogram.quantile(0.99), Duration::from_nanos(1 << 22));
        assert_eq!(histogram.below(Duration::from_micros(1025)), 90);
        histogram.add(Duration::ZERO);
        histogram.add(Duration::MAX);
        let mut twice = histogram.clone();
        twice.absorb(&histogram);
        assert_eq!(twice.count(), 204);
    }
}
