//! How times are spread, in a few numbers that any thread may add to.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds in microseconds; what is longer counts in a last bucket.
pub(super) const BOUNDS: [u64; 18] = [
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000,
    5_000_000, 10_000_000, 20_000_000, 60_000_000,
];

#[derive(Debug, Default)]
pub(super) struct Histogram {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum: AtomicU64,
}

/// At one moment.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    pub buckets: [u64; BOUNDS.len() + 1],
    pub sum: Duration,
}

impl Histogram {
    pub(super) fn add(&self, time: Duration) {
        let micros = super::micros(time);
        let bucket = BOUNDS.partition_point(|bound| *bound < micros);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(micros, Ordering::Relaxed);
    }

    pub(super) fn spread(&self) -> Spread {
        Spread {
            buckets: std::array::from_fn(|at| self.buckets[at].load(Ordering::Relaxed)),
            sum: Duration::from_micros(self.sum.load(Ordering::Relaxed)),
        }
    }
}

impl Spread {
    pub(super) fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    pub(super) fn mean(&self) -> Option<Duration> {
        let count = u32::try_from(self.count()).unwrap_or(u32::MAX);
        self.sum.checked_div(count)
    }

    /// As if times were spread evenly within a bucket.
    pub(super) fn percentile(&self, percent: u64) -> Option<Duration> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let wanted = (count * percent).div_ceil(100).max(1);
        let mut below = 0;
        for (at, &here) in self.buckets.iter().enumerate() {
            if below + here >= wanted {
                let from = if at == 0 { 0 } else { BOUNDS[at - 1] };
                let to = BOUNDS.get(at).copied().unwrap_or(from);
                let share = (wanted - below) as f64 / here as f64;
                return Some(Duration::from_micros(from + ((to - from) as f64 * share) as u64));
            }
            below += here;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_fall_into_their_buckets() {
        let histogram = Histogram::default();
        assert_eq!(histogram.spread().percentile(50), None);
        for millis in [1u64, 1, 1, 1, 1, 1, 1, 1, 1, 90_000] {
            histogram.add(Duration::from_millis(millis));
        }
        let spread = histogram.spread();
        assert_eq!((spread.count(), spread.buckets[3], spread.buckets[BOUNDS.len()]), (10, 9, 1));
        assert!(spread.percentile(50).unwrap() <= Duration::from_millis(1));
        assert_eq!(spread.percentile(99).unwrap(), Duration::from_secs(60));
        assert_eq!(spread.mean().unwrap(), Duration::from_micros(9_000_900));
    }
}
