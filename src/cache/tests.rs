//! The cache as its users see it, under a clock that can be set.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::domain::Tier;

/// Starts at noon of some day, and moves when it is told to.
pub(super) struct SetClock {
    pub now: AtomicU64,
    base: Instant,
}

const NOON: u64 = 1_700_000_000_000;
const SECOND: u64 = 1000;

impl SetClock {
    pub(super) fn new() -> Arc<SetClock> {
        Arc::new(SetClock { now: AtomicU64::new(NOON), base: SystemClock.instant() })
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds * SECOND, SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(SeqCst))
    }

    fn instant(&self) -> Instant {
        self.base + Duration::from_millis(self.now.load(SeqCst).saturating_sub(NOON))
    }
}

fn key(text: &str) -> Key {
    Key::of("n", 1).text(text).finish()
}

fn entry(bytes: &[u8]) -> Entry {
    Entry { bytes: bytes.to_vec(), cost: Duration::from_millis(5), ..Entry::default() }
}

fn open(folder: &Path, clock: &Arc<SetClock>) -> Cache {
    let setup = Setup { memory: 1 << 20, disk: 40 << 20, ..Setup::new(Some(folder.to_owned())) };
    Cache::open(setup, Arc::clone(clock) as _)
}

fn tally(cache: &Cache, name: &str) -> Tally {
    cache.status().spaces.into_iter().find(|space| space.space.name == name).unwrap().tally
}

fn found(cache: &Cache, space: &str, text: &str) -> Option<(Vec<u8>, Tier)> {
    cache.get(space, &key(text)).map(|hit| (hit.bytes.to_vec(), hit.tier))
}

#[test]
fn what_was_put_is_in_memory_and_after_a_restart_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let clock = SetClock::new();
    let cache = open(folder.path(), &clock);
    assert_eq!(found(&cache, "answer", "a"), None);
    cache.put("answer", key("a"), "lab/what is it?", entry(b"42"));
    assert_eq!(found(&cache, "answer", "a"), Some((b"42".to_vec(), Tier::Memory)));
    drop(cache);
    let cache = open(folder.path(), &clock);
    assert_eq!(found(&cache, "answer", "a"), Some((b"42".to_vec(), Tier::Disk)));
    assert_eq!(found(&cache, "answer", "a"), Some((b"42".to_vec(), Tier::Memory)));
    let counted = tally(&cache, "answer");
    let numbers = (counted.memory_hits, counted.disk_hits, counted.misses, counted.puts);
    assert_eq!(numbers, (2, 1, 1, 1), "counts outlive the process too");
    assert_eq!(counted.saved(), Duration::from_millis(15));
    let listed = cache.entries(&Pattern::new("answer:lab/*"), 10);
    assert!(listed[0].in_memory && listed[0].on_disk && listed[0].bytes == 2, "{listed:?}");
    let (same, bytes) = cache.find(&listed[0].name).unwrap();
    assert_eq!((same.name, bytes), (listed[0].name.clone(), b"42".to_vec()));
    assert!(cache.find("answer:nothing").is_none());
}

#[test]
fn entries_end_with_their_time_and_a_sweep_takes_them_away() {
    let folder = tempfile::tempdir().unwrap();
    let clock = SetClock::new();
    let cache = open(folder.path(), &clock);
    cache.put("search", key("usual"), "", entry(b"1"));
    cache.put("search", key("own"), "", Entry { ttl: Some(Duration::from_secs(5)), ..entry(b"2") });
    cache.put("search", key("none"), "", Entry { is_negative: true, ..entry(b"") });
    cache.put("search", key("zero"), "", Entry { ttl: Some(Duration::ZERO), ..entry(b"4") });
    cache.put("embedding", key("ever"), "", entry(b"5"));
    let there = |cache: &Cache| ["usual", "own", "none", "zero"].map(|name| cache.get("search", &key(name)).is_some());
    assert_eq!(there(&cache), [true, true, true, false]);
    clock.pass(5);
    assert_eq!(there(&cache), [true, false, true, false]);
    clock.pass(55);
    assert_eq!(there(&cache), [true, false, false, false], "that there is nothing is not believed for long");
    clock.pass(540);
    cache.settle();
    let swept = cache.sweep();
    assert_eq!((swept.memory, swept.disk), (1, 3), "the others went out of memory when they were asked for");
    assert_eq!(there(&cache), [false; 4]);
    assert!(cache.get("embedding", &key("ever")).is_some());
    clock.now.store(1, SeqCst);
    assert!(cache.get("embedding", &key("ever")).is_some(), "for ever, whatever the clock says");
    let counted = tally(&cache, "search");
    assert_eq!((counted.expired, counted.refused), (2, 1));
}

#[test]
fn a_clock_that_is_set_back_makes_misses_and_nothing_worse() {
    let folder = tempfile::tempdir().unwrap();
    let clock = SetClock::new();
    let cache = open(folder.path(), &clock);
    cache.put("answer", key("a"), "", entry(b"1"));
    clock.now.fetch_sub(30 * SECOND, SeqCst);
    assert!(cache.get("answer", &key("a")).is_some());
    clock.now.fetch_sub(3600 * SECOND, SeqCst);
    assert!(cache.get("answer", &key("a")).is_none());
    cache.put("answer", key("a"), "", entry(b"2"));
    assert_eq!(found(&cache, "answer", "a").unwrap().0, b"2");
}

#[test]
fn times_and_limits_change_at_once_for_good_and_only_within_reason() {
    let folder = tempfile::tempdir().unwrap();
    let clock = SetClock::new();
    let cache = open(folder.path(), &clock);
    cache.put("search", key("a"), "", entry(b"1"));
    clock.pass(300);
    let ttl = |seconds| Wish { ttl: vec![("search".to_owned(), seconds)], ..Wish::default() };
    cache.change(&ttl(Some(60))).unwrap();
    assert!(cache.get("search", &key("a")).is_none(), "what is there already is older than that");
    for (wish, code) in [
        (ttl(Some(-1)), "bad_ttl"),
        (Wish { memory: Some(-5), ..Wish::default() }, "bad_limit"),
        (Wish { ttl: vec![("serach".to_owned(), Some(1))], ..Wish::default() }, "unknown_namespace"),
    ] {
        assert_eq!(cache.change(&wish).unwrap_err().code, code);
    }
    cache.change(&Wish { memory: Some(4096), ..ttl(Some(i64::MAX)) }).unwrap();
    drop(cache);
    let cache = open(folder.path(), &clock);
    let config = cache.config();
    let search = |config: &Config| config.spaces.iter().find(|space| space.name == "search").unwrap().ttl;
    assert_eq!((config.memory, search(&config)), (4096, Some(Duration::from_secs(i64::MAX as u64))));
    cache.put("search", key("b"), "", entry(b"1"));
    clock.pass(1_000_000_000);
    assert!(cache.get("search", &key("b")).is_some());
    cache.change(&ttl(Some(0))).unwrap();
    cache.put("search", key("c"), "", entry(b"1"));
    assert!(cache.get("search", &key("b")).is_none() && cache.get("search", &key("c")).is_none());
    assert_eq!(search(&cache.change(&ttl(None)).unwrap()), Some(Duration::from_secs(600)));
    fs::write(folder.path().join("cache-1.json"), "nonsense").unwrap();
    drop(cache);
    assert_eq!(open(folder.path(), &clock).config().memory, 1 << 20, "what cannot be read was never changed");
}

#[test]
fn what_fits_a_pattern_is_cleared_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let clock = SetClock::new();
    let cache = open(folder.path(), &clock);
    for (space, text) in [("context", "calculus/a"), ("context", "biology/b"), ("answer", "calculus/c")] {
        cache.put(space, key(text), text, entry(b"1"));
    }
    cache.settle();
    let clear = |pattern: &str, space: Option<&str>, expired_only| {
        let pattern = Pattern::new(pattern);
        let cleared = cache.clear(&Clear { pattern, space: space.map(str::to_owned), expired_only });
        (cleared.memory, cleared.disk)
    };
    assert_eq!(clear("nothing*", None, false), (0, 0));
    assert_eq!(clear("*", None, true), (0, 0));
    assert_eq!(clear("*calculus*", Some("context"), false), (1, 1));
    assert_eq!(cache.entries(&Pattern::everything(), 10).len(), 2);
    assert_eq!(clear("*", None, false), (2, 2));
    assert!(cache.entries(&Pattern::everything(), 10).is_empty());
}

#[test]
fn values_and_keys_of_any_kind_and_size_are_kept_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let clock = SetClock::new();
    let cache = open(folder.path(), &clock);
    let huge = vec![7u8; 200 << 20];
    cache.put("answer", key("huge"), "", entry(&huge));
    assert!(cache.get("answer", &key("huge")).is_none());
    assert_eq!(tally(&cache, "answer").refused, 1);
    let noise: Vec<u8> = (0..30_000u32).flat_map(|n| *blake3::hash(&n.to_le_bytes()).as_bytes()).collect();
    cache.put("answer", key("large"), "\0\u{1b}[31m*?:\n", entry(&noise));
    cache.put("answer", Key::of("", 0).bytes(&[0, 255, 10]).finish(), "", entry(&[]));
    cache.settle();
    assert_eq!(found(&cache, "answer", "large").unwrap(), (noise, Tier::Disk), "too large for memory");
    assert_eq!(cache.get("answer", &Key::of("", 0).bytes(&[0, 255, 10]).finish()).unwrap().bytes.len(), 0);
    cache.put("named by a caller/ñ", key("x"), "", entry(b"1"));
    assert!(cache.get("named by a caller/ñ", &key("x")).is_some());
}

#[test]
fn many_at_once_go_to_disk_and_come_back_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let clock = SetClock::new();
    let cache = open(folder.path(), &clock);
    let keys: Vec<Key> = (0..300).map(|n| key(&n.to_string())).collect();
    cache.put_all("embedding", keys.iter().take(200).map(|key| (*key, entry(&key.0))).collect());
    cache.settle();
    let found = cache.get_all("embedding", &keys);
    for (at, (key, bytes)) in keys.iter().zip(found).enumerate() {
        assert_eq!(bytes.as_deref(), (at < 200).then_some(&key.0[..]));
    }
    assert_eq!(cache.status().memory_entries, 0);
    let counted = tally(&cache, "embedding");
    assert_eq!((counted.disk_hits, counted.misses, counted.puts), (200, 100, 200));
    let only_memory = Cache::in_memory(clock);
    only_memory.put_all("embedding", vec![(keys[0], entry(b"1"))]);
    assert!(only_memory.get_all("embedding", &keys[..1])[0].is_some(), "memory is better than nothing");
}

#[test]
fn a_hundred_who_want_the_same_make_it_once() {
    let cache = Cache::in_memory(SetClock::new());
    let (made, all_here) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(100)));
    thread::scope(|scope| {
        for _ in 0..100 {
            let (cache, made, all_here) = (&cache, Arc::clone(&made), Arc::clone(&all_here));
            scope.spawn(move || {
                all_here.wait();
                let wanted = Wanted { space: "recipe", key: key("same"), label: "", deadline: None };
                let make = move || {
                    made.fetch_add(1, SeqCst);
                    Ok::<_, ()>(entry(b"made"))
                };
                assert_eq!(&*cache.fetch(&wanted, Arc::new(make)).unwrap().bytes, b"made");
            });
        }
    });
    assert_eq!(made.load(SeqCst), 1);
}

#[test]
fn who_waits_keeps_a_deadline_and_a_failed_leader_lets_another_try() {
    let clock = SetClock::new();
    let cache = Cache::in_memory(Arc::clone(&clock) as _);
    let (begun, is_begun) = crossbeam_channel::bounded::<()>(10);
    let (go_on, goes_on) = crossbeam_channel::bounded::<()>(10);
    let tries = Arc::new(AtomicUsize::new(0));
    let make: Arc<dyn Fn() -> Result<Entry, &'static str> + Send + Sync> = {
        let tries = Arc::clone(&tries);
        Arc::new(move || {
            begun.send(()).unwrap();
            goes_on.recv().unwrap();
            if tries.fetch_add(1, SeqCst) == 0 { Err("the first fails") } else { Ok(entry(b"second")) }
        })
    };
    let wanted = |deadline| Wanted { space: "recipe", key: key("x"), label: "", deadline };
    thread::scope(|scope| {
        let leader = scope.spawn(|| cache.fetch(&wanted(None), Arc::clone(&make)));
        is_begun.recv().unwrap();
        let late = cache.fetch(&wanted(Some(clock.instant())), Arc::clone(&make));
        assert_eq!(late.unwrap_err(), NotFetched::Late);
        let waiting = scope.spawn(|| cache.fetch(&wanted(None), Arc::clone(&make)));
        go_on.send(()).unwrap();
        assert_eq!(leader.join().unwrap().unwrap_err(), NotFetched::Failed("the first fails"));
        is_begun.recv().unwrap();
        go_on.send(()).unwrap();
        assert_eq!(&*waiting.join().unwrap().unwrap().bytes, b"second");
    });
    assert_eq!(tries.load(SeqCst), 2);
}

#[test]
fn something_a_little_old_is_given_out_while_it_is_made_anew() {
    let clock = SetClock::new();
    let cache = Cache::in_memory(Arc::clone(&clock) as _);
    let lasting = Space::new("recipe").lasting(Duration::from_secs(10));
    cache.declare(Space { stale: Duration::from_secs(60), ..lasting });
    let (done, is_done) = crossbeam_channel::bounded(1);
    let wanted = Wanted { space: "recipe", key: key("x"), label: "", deadline: None };
    let make: Arc<dyn Fn() -> Result<Entry, ()> + Send + Sync> = Arc::new(move || {
        let _ = done.try_send(());
        Ok(entry(b"new"))
    });
    cache.put("recipe", key("x"), "", entry(b"old"));
    clock.pass(30);
    assert_eq!(&*cache.fetch(&wanted, Arc::clone(&make)).unwrap().bytes, b"old");
    is_done.recv().unwrap();
    // The new one is put in right after it was made.
    while cache.get("recipe", &key("x")).is_some_and(|hit| hit.is_stale) {
        thread::yield_now();
    }
    assert_eq!(&*cache.fetch(&wanted, Arc::clone(&make)).unwrap().bytes, b"new");
    assert!(tally(&cache, "recipe").stale_hits >= 1);
    clock.pass(71);
    assert!(cache.get("recipe", &key("x")).is_none(), "not for ever");
}

#[test]
fn what_had_to_make_room_is_known_to_be_missed_for_that() {
    let clock = SetClock::new();
    let cache = Cache::open(Setup { memory: 64 << 10, ..Setup::new(None) }, clock);
    for n in 0..500 {
        cache.put("answer", key(&n.to_string()), "", entry(&[1; 1000]));
    }
    assert!(cache.status().memory_bytes <= 64 << 10);
    (0..30).for_each(|n| assert!(cache.get("answer", &key(&n.to_string())).is_none()));
    let counted = tally(&cache, "answer");
    assert_eq!((counted.misses, counted.driven_out), (30, 30));
    let told = performance(&cache.status()).recommendations;
    assert!(told.iter().any(|line| line.contains("raise cache.disk or cache.memory")), "{told:?}");
}
