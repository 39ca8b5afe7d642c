//! Is the cache worth having, and what would make it better? Told from its own numbers.

use std::time::Duration;

use super::look::{SpaceStatus, Status};
use super::tally::Tally;

#[derive(Clone, Debug, PartialEq)]
pub struct Performance {
    /// Of everything that was asked for itself.
    pub total: Rates,
    pub by_space: Vec<(String, Rates)>,
    pub memory_hits: u64,
    pub disk_hits: u64,
    pub memory_bytes: u64,
    pub disk_bytes: u64,
    pub efficiency: Efficiency,
    pub recommendations: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// In percent.
    pub hit_rate: f64,
    pub requests: u64,
    pub hits: u64,
    pub misses: u64,
    pub saved: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Efficiency {
    Excellent,
    Good,
    NeedsImprovement,
}

impl Efficiency {
    pub fn of(hit_rate: f64) -> Efficiency {
        match hit_rate {
            rate if rate >= 80.0 => Efficiency::Excellent,
            rate if rate >= 60.0 => Efficiency::Good,
            _ => Efficiency::NeedsImprovement,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Efficiency::Excellent => "excellent",
            Efficiency::Good => "good",
            Efficiency::NeedsImprovement => "needs improvement",
        }
    }
}

impl Rates {
    fn of(tally: &Tally) -> Rates {
        Rates {
            hit_rate: tally.hit_rate(),
            requests: tally.requests(),
            hits: tally.hits(),
            misses: tally.misses,
            saved: tally.saved(),
        }
    }
}

/// Fewer than this say nothing.
const ENOUGH: u64 = 20;
/// How far beyond its time an entry would still have been found with a little more of it.
const NEARLY: [u64; 4] = [90, 600, 3600, 6 * 3600];
/// Percent of the misses from which something is worth changing.
const MANY: u64 = 30;
const SOME: u64 = 15;

pub fn performance(status: &Status) -> Performance {
    let mut total = Tally::default();
    for space in status.spaces.iter().filter(|space| !space.space.is_part) {
        total.absorb(&space.tally);
    }
    let rates = Rates::of(&total);
    let used = status.spaces.iter().filter(|space| space.tally.requests() > 0);
    Performance {
        total: rates,
        by_space: used.map(|space| (space.space.name.clone(), Rates::of(&space.tally))).collect(),
        memory_hits: total.memory_hits,
        disk_hits: total.disk_hits,
        memory_bytes: status.memory_bytes,
        disk_bytes: status.disk.as_ref().map_or(0, |disk| disk.bytes),
        efficiency: Efficiency::of(rates.hit_rate),
        recommendations: recommendations(status, &total),
    }
}

fn recommendations(status: &Status, total: &Tally) -> Vec<String> {
    let mut found: Vec<String> = status.spaces.iter().flat_map(of_space).collect();
    if let Some(trouble) = status.disk.as_ref().and_then(|disk| disk.trouble.as_ref()) {
        found.push(format!("{trouble}: what is remembered is lost when docent ends"));
    }
    if let Some(disk) = status.disk.as_ref().filter(|disk| disk.dropped >= ENOUGH) {
        let what = format!("{} entries could not be written to disk in time", disk.dropped);
        found.push(format!("{what}: the disk is too slow or too full for what is put in"));
    }
    let evicted: u64 = status.spaces.iter().map(|space| space.tally.memory_evictions).sum();
    if total.disk_hits >= ENOUGH && evicted > 0 && total.disk_hits > total.memory_hits {
        let share = percent(total.disk_hits, total.hits());
        let what = format!("{share}% of the hits had to be read from disk because memory was full");
        found.push(format!("{what}; raise cache.memory, which is {}", size(status.memory_most)));
    }
    let is_known = total.requests() >= 5 * ENOUGH;
    if is_known && total.hit_rate() < 60.0 && found.is_empty() {
        let what = format!("{:.0}% of what is asked was asked before", total.hit_rate());
        found.push(format!("{what}; set topics and prefetch them, or warm the cache up with the usual questions"));
    }
    found
}

fn of_space(status: &SpaceStatus) -> Vec<String> {
    let SpaceStatus { space, tally, .. } = status;
    let name = &space.name;
    let mut found = Vec::new();
    let is_off = space.ttl.is_some_and(|ttl| ttl.is_zero());
    if is_off && tally.misses >= ENOUGH {
        found.push(format!(
            "namespace `{name}` keeps nothing, and {} requests were made again; give it a time to live",
            tally.misses
        ));
    }
    if tally.misses >= ENOUGH && !is_off {
        let nearly = NEARLY.into_iter().find_map(|seconds| {
            let share = percent(tally.late.below(Duration::from_secs(seconds)), tally.misses);
            (share >= MANY).then_some((seconds, share))
        });
        if let Some((seconds, share)) = nearly {
            let within = plain(seconds);
            let now = space.ttl.map_or_else(String::new, |ttl| format!(" above {}", plain(ttl.as_secs())));
            found.push(format!(
                "namespace `{name}`: {share}% of misses are expiries within {within} of their time-to-live; raise it{now}"
            ));
        }
        let share = percent(tally.driven_out, tally.misses);
        if share >= SOME {
            found.push(format!(
                "namespace `{name}`: {share}% of misses had been there and had to make room; raise cache.disk or cache.memory"
            ));
        }
    }
    if tally.puts >= 10 * ENOUGH && tally.hits() == 0 && !space.is_part {
        found.push(format!(
            "namespace `{name}`: {} entries were written and none was ever read; a time-to-live of 0 switches it off",
            tally.puts
        ));
    }
    let (hit, made) = (tally.memory_took.mean(), tally.made.mean());
    if tally.memory_took.count() >= ENOUGH && tally.made.count() >= ENOUGH && hit > made {
        found.push(format!(
            "namespace `{name}`: finding an entry takes {hit:?}, making it {made:?}; a time-to-live of 0 switches it off"
        ));
    }
    found
}

fn percent(part: u64, whole: u64) -> u64 {
    (part.saturating_mul(100)).checked_div(whole).unwrap_or(0).min(100)
}

fn plain(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

fn size(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::look::DiskStatus;
    use crate::cache::space::Space;
    use crate::clock::Timestamp;
    use crate::domain::Tier;

    fn status(name: &str, change: impl FnOnce(&mut Tally)) -> Status {
        let mut tally = Tally::default();
        change(&mut tally);
        let space = Space::usual().into_iter().find(|space| space.name == name).unwrap();
        let spaces = vec![SpaceStatus { space, tally, entries: 0, memory_bytes: 0 }];
        let disk =
            Some(DiskStatus { entries: 0, bytes: 5, most: 9, trouble: None, is_locked: false, dropped: 0, healed: 0 });
        Status { spaces, memory_entries: 1, memory_bytes: 7, memory_most: 64 << 20, disk, began: Timestamp(0) }
    }

    fn told(status: &Status) -> Vec<String> {
        performance(status).recommendations
    }

    #[test]
    fn efficiency_has_three_names() {
        for (rate, name) in [
            (100.0, "excellent"),
            (80.0, "excellent"),
            (79.9, "good"),
            (60.0, "good"),
            (59.9, "needs improvement"),
            (0.0, "needs improvement"),
        ] {
            assert_eq!(Efficiency::of(rate).name(), name);
        }
    }

    #[test]
    fn totals_leave_out_what_is_only_a_part() {
        let mut both = status("answer", |tally| {
            (0..9).for_each(|_| tally.hit(Tier::Memory, Some(Duration::from_micros(1))));
            tally.misses = 3;
            tally.saved = 5_000_000;
        });
        both.spaces.extend(status("embedding", |tally| tally.misses = 100_000).spaces);
        let found = performance(&both);
        assert_eq!((found.total.requests, found.total.hits, found.total.misses), (12, 9, 3));
        assert_eq!((found.total.hit_rate, found.total.saved), (75.0, Duration::from_secs(5)));
        assert_eq!((found.memory_bytes, found.disk_bytes, found.efficiency), (7, 5, Efficiency::Good));
        assert_eq!(found.by_space.len(), 2);
    }

    #[test]
    fn a_sound_cache_and_one_that_was_hardly_asked_are_left_alone() {
        let good = status("answer", |tally| {
            (0..900).for_each(|_| tally.hit(Tier::Memory, Some(Duration::from_micros(1))));
            tally.misses = 100;
            (0..100).for_each(|_| tally.made.add(Duration::from_secs(2)));
        });
        assert!(told(&good).is_empty());
        assert!(told(&status("answer", |tally| (tally.misses, tally.expired) = (3, 3))).is_empty());
    }

    #[test]
    fn misses_that_came_a_little_too_late_ask_for_a_longer_life() {
        let late = status("search", |tally| {
            tally.misses = 100;
            (0..61).for_each(|_| tally.late.add(Duration::from_secs(40)));
        });
        let expected =
            "namespace `search`: 61% of misses are expiries within 90 s of their time-to-live; raise it above 10 min";
        assert!(told(&late).contains(&expected.to_owned()), "{:?}", told(&late));
        let later = status("search", |tally| {
            tally.misses = 100;
            (0..61).for_each(|_| tally.late.add(Duration::from_secs(2000)));
        });
        assert!(told(&later)[0].contains("within 60 min"), "{:?}", told(&later));
        let much_later = status("search", |tally| {
            tally.misses = 99;
            (0..61).for_each(|_| tally.late.add(Duration::from_secs(90_000)));
        });
        assert!(told(&much_later).is_empty());
    }

    #[test]
    fn misses_for_lack_of_room_ask_for_room() {
        let small = status("answer", |tally| (tally.misses, tally.driven_out) = (100, 20));
        assert!(told(&small)[0].starts_with("namespace `answer`: 20% of misses had been there"), "{:?}", told(&small));
        let slow = status("answer", |tally| {
            (0..300).for_each(|_| tally.hit(Tier::Disk, Some(Duration::from_micros(30))));
            (0..100).for_each(|_| tally.hit(Tier::Memory, Some(Duration::from_micros(1))));
            tally.memory_evictions = 1;
        });
        assert_eq!(
            told(&slow),
            ["75% of the hits had to be read from disk because memory was full; raise cache.memory, which is 64 MiB"]
        );
    }

    #[test]
    fn what_does_not_pay_is_to_be_switched_off_and_what_is_off_on() {
        let unread = status("context", |tally| tally.puts = 200);
        assert!(told(&unread)[0].contains("200 entries were written and none was ever read"), "{:?}", told(&unread));
        let cheap = status("search", |tally| {
            (0..30).for_each(|_| tally.hit(Tier::Memory, Some(Duration::from_micros(9))));
            (0..30).for_each(|_| tally.made.add(Duration::from_micros(3)));
        });
        assert!(told(&cheap)[0].contains("finding an entry takes 9µs, making it 3µs"), "{:?}", told(&cheap));
        let mut off = status("answer", |tally| tally.misses = 50);
        off.spaces[0].space.ttl = Some(Duration::ZERO);
        assert!(told(&off)[0].contains("keeps nothing, and 50 requests were made again"), "{:?}", told(&off));
    }

    #[test]
    fn a_class_that_asks_new_things_is_told_to_prefetch_and_a_broken_disk_is_said() {
        let new = status("answer", |tally| tally.misses = 100);
        assert!(told(&new)[0].contains("set topics and prefetch them"), "{:?}", told(&new));
        let mut broken = status("answer", |_| ());
        broken.disk.as_mut().unwrap().trouble = Some("the cache's file is damaged".to_owned());
        broken.disk.as_mut().unwrap().dropped = 99;
        let told = told(&broken);
        assert!(told[0].starts_with("the cache's file is damaged") && told[1].starts_with("99 entries"), "{told:?}");
    }
}
