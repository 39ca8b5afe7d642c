//! What is due now that nobody asked for: sweeping, and making ready what will be asked. Whoever has a clock that ticks asks
//! this now and then.

use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;

/// When topics are made ready by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Schedule {
    #[default]
    Never,
    Every(Duration),
    /// Minutes after midnight, in UTC.
    Daily(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chore {
    /// Take away what is too old.
    Sweep,
    /// Make all topics ready.
    Topics,
    /// The documents changed: make ready what was asked most before.
    Popular,
}

/// Remembers what was done when.
#[derive(Clone, Debug)]
pub struct Keeper {
    schedule: Schedule,
    swept: Timestamp,
    prefetched: Timestamp,
    revision: u64,
    changed: Option<Timestamp>,
}

const SWEEP: u64 = 10 * 60 * 1000;
/// Documents come in rows: what is popular is made ready when none came for so long.
const QUIET: u64 = 20 * 1000;
const DAY: u64 = 24 * 3600 * 1000;

impl Keeper {
    pub fn new(schedule: Schedule, now: Timestamp, revision: u64) -> Keeper {
        Keeper { schedule, swept: now, prefetched: now, revision, changed: None }
    }

    /// What is to be done now; it counts as done.
    pub fn due(&mut self, now: Timestamp, revision: u64) -> Vec<Chore> {
        let mut due = Vec::new();
        // A clock that was set back starts all waiting anew.
        for then in [&mut self.swept, &mut self.prefetched].into_iter().chain(self.changed.as_mut()) {
            *then = (*then).min(now);
        }
        if now.0 - self.swept.0 >= SWEEP {
            self.swept = now;
            due.push(Chore::Sweep);
        }
        if revision != self.revision {
            self.revision = revision;
            self.changed = Some(now);
        }
        if self.changed.is_some_and(|changed| now.0 - changed.0 >= QUIET) {
            self.changed = None;
            due.push(Chore::Popular);
        }
        if self.is_time(now) {
            self.prefetched = now;
            due.push(Chore::Topics);
        }
        due
    }

    fn is_time(&self, now: Timestamp) -> bool {
        match self.schedule {
            Schedule::Never => false,
            Schedule::Every(interval) => {
                let interval = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
                now.0 - self.prefetched.0 >= interval.max(1000)
            }
            Schedule::Daily(minute) => {
                // The days whose hour has come.
                let days = |at: Timestamp| (at.0 + DAY - u64::from(minute) * 60_000) / DAY;
                days(now) > days(self.prefetched)
            }
        }
    }
}

impl Schedule {
    /// `off`, `30m`, `daily 06:30`.
    pub fn read(text: &str, interval: impl Fn(&str) -> Option<Duration>) -> Option<Schedule> {
        let text = text.trim().to_ascii_lowercase();
        if matches!(text.as_str(), "off" | "never") {
            return Some(Schedule::Never);
        }
        let Some(time) = text.strip_prefix("daily") else { return interval(&text).map(Schedule::Every) };
        let (hour, minute) = time.trim().split_once(':')?;
        let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(Schedule::Daily(hour * 60 + minute))
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Schedule::Never => f.write_str("off"),
            Schedule::Every(interval) => write!(f, "{}s", interval.as_secs()),
            Schedule::Daily(minute) => write!(f, "daily {:02}:{:02}", minute / 60, minute % 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;
    const MIDNIGHT: u64 = 20_000 * DAY;

    fn at(minute: u64) -> Timestamp {
        Timestamp(MIDNIGHT + minute * MINUTE)
    }

    #[test]
    fn sweeping_comes_round_and_popular_questions_follow_a_change_when_it_is_quiet() {
        let mut keeper = Keeper::new(Schedule::Never, at(0), 7);
        assert!(keeper.due(at(9), 7).is_empty());
        assert_eq!(keeper.due(at(10), 7), [Chore::Sweep]);
        assert!(keeper.due(at(11), 8).is_empty(), "more may come");
        assert!(keeper.due(Timestamp(at(11).0 + 10_000), 9).is_empty());
        assert_eq!(keeper.due(at(12), 9), [Chore::Popular]);
        assert!(keeper.due(at(13), 9).is_empty());
    }

    #[test]
    fn topics_come_at_their_interval_or_hour_and_once() {
        let mut every = Keeper::new(Schedule::Every(Duration::from_secs(300)), at(0), 0);
        let due: Vec<u64> = (0..=20).filter(|&minute| every.due(at(minute), 0).contains(&Chore::Topics)).collect();
        assert_eq!(due, [5, 10, 15, 20]);
        for start in [0, 400, 1000] {
            let mut daily = Keeper::new(Schedule::Daily(390), at(start), 0);
            let due: Vec<u64> =
                (start..4000).filter(|&minute| daily.due(at(minute), 0).contains(&Chore::Topics)).collect();
            let expected: Vec<u64> = [390, 1830, 3270].into_iter().filter(|&minute| minute > start).collect();
            assert_eq!(due, expected, "from {start}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_only_starts_the_wait_anew() {
        let mut keeper = Keeper::new(Schedule::Every(Duration::from_secs(300)), at(1000), 0);
        assert!(keeper.due(at(3), 1).is_empty());
        assert!(keeper.due(at(1), 1).is_empty());
        assert_eq!(keeper.due(at(6), 1), [Chore::Popular, Chore::Topics]);
    }

    #[test]
    fn schedules_are_read_as_they_are_shown() {
        let seconds = |text: &str| text.strip_suffix('s')?.parse().ok().map(Duration::from_secs);
        for text in ["off", "90s", "daily 06:30", "daily 00:00"] {
            assert_eq!(Schedule::read(text, seconds).unwrap().to_string(), text);
        }
        for bad in ["", "daily", "daily 24:00", "daily 6", "daily 06:60", "x", "-5s"] {
            assert_eq!(Schedule::read(bad, seconds), None, "{bad}");
        }
    }
}
