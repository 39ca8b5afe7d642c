//! How old is an entry, and is it still to be believed? By a clock that may be set at any time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::space::Space;
use crate::clock::Timestamp;

/// What is known of an entry beside its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// In milliseconds since 1970.
    pub made: u64,
    /// Its own time to live, in milliseconds, where it has one.
    pub ttl: Option<u64>,
    /// What it cost to make, in microseconds.
    pub cost: u64,
    pub is_negative: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    Fresh,
    /// Past its time, and still better than nothing.
    Stale,
    /// For so long.
    Expired(Duration),
}

/// A clock that was set back by less is believed: what was made "later" is young.
const SET_BACK: Duration = Duration::from_secs(60);

impl Stamp {
    /// None: for ever.
    pub(super) fn ttl(&self, space: &Space) -> Option<Duration> {
        let ttl = self.ttl.map(Duration::from_millis).or(space.ttl);
        if self.is_negative { Some(ttl.map_or(space.negative, |ttl| ttl.min(space.negative))) } else { ttl }
    }

    pub(super) fn age(&self, now: Timestamp, space: &Space) -> Age {
        let Some(ttl) = self.ttl(space) else { return Age::Fresh };
        let passed = match now.0.checked_sub(self.made) {
            Some(passed) => Duration::from_millis(passed),
            None if self.made - now.0 <= millis(SET_BACK) => Duration::ZERO,
            // Nobody knows how old it is.
            None => return Age::Expired(Duration::ZERO),
        };
        if passed < ttl {
            Age::Fresh
        } else if passed < ttl.saturating_add(space.stale) && !ttl.is_zero() && !self.is_negative {
            Age::Stale
        } else {
            Age::Expired(passed - ttl)
        }
    }

    /// When it expires, for people; none: never.
    pub(super) fn expires(&self, space: &Space) -> Option<Timestamp> {
        Some(Timestamp(self.made.saturating_add(millis(self.ttl(space)?))))
    }
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn made(at: u64) -> Stamp {
        Stamp { made: at, ttl: None, cost: 0, is_negative: false }
    }

    #[test]
    fn entries_live_as_long_as_their_namespace_says_or_they_themselves() {
        let space = Space::new("n").lasting(10 * SECOND);
        let at = |stamp: Stamp, now| stamp.age(Timestamp(now), &space);
        assert_eq!(at(made(5000), 14_999), Age::Fresh);
        assert_eq!(at(made(5000), 15_000), Age::Expired(Duration::ZERO));
        assert_eq!(at(made(5000), 18_000), Age::Expired(3 * SECOND));
        assert_eq!(at(Stamp { ttl: Some(1000), ..made(0) }, 999), Age::Fresh);
        assert_eq!(at(Stamp { ttl: Some(1000), ..made(0) }, 1000), Age::Expired(Duration::ZERO));
        assert_eq!(at(Stamp { ttl: Some(u64::MAX), ..made(u64::MAX - 1) }, u64::MAX), Age::Fresh);
        assert_eq!(at(Stamp { ttl: Some(0), ..made(7) }, 7), Age::Expired(Duration::ZERO));
        assert_eq!(made(1).age(Timestamp(u64::MAX), &Space::new("for-ever")), Age::Fresh);
    }

    #[test]
    fn nothing_negative_lives_long_and_nothing_stale_is_given_out_for_ever() {
        let space = Space { stale: 5 * SECOND, negative: 2 * SECOND, ..Space::new("n").lasting(10 * SECOND) };
        let at = |stamp: Stamp, now| stamp.age(Timestamp(now), &space);
        assert_eq!(at(made(0), 12_000), Age::Stale);
        assert_eq!(at(made(0), 15_000), Age::Expired(5 * SECOND));
        let negative = Stamp { is_negative: true, ..made(0) };
        assert_eq!(at(negative, 1_999), Age::Fresh);
        assert_eq!(at(negative, 2_000), Age::Expired(Duration::ZERO));
    }

    #[test]
    fn a_clock_that_jumps_back_makes_nothing_live_longer() {
        let space = Space::new("n").lasting(10 * SECOND);
        let at = |now| made(100_000_000).age(Timestamp(now), &space);
        assert_eq!(at(100_000_000 - 59_000), Age::Fresh, "a clock is put right by a little now and then");
        assert_eq!(at(100_000_000 - 61_000), Age::Expired(Duration::ZERO));
        assert_eq!(at(0), Age::Expired(Duration::ZERO));
    }
}
