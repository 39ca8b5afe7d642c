//! How fast is the cache: from memory, from disk, and for two who ask at once?

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::samples::Measured;
use crate::assistant::{self, Query, Question, find_context};
use crate::cache::{Cache, Entry, Key, Setup, Space};
use crate::cli::desk::Desk;
use crate::cli::ending::Failure;
use crate::clock::SystemClock;
use crate::fault::Fault;

const SUITE: &str = "cache";
/// Of one value: a page of text.
const BYTES: usize = 4096;
/// Values in memory, and on disk.
const HELD: usize = 4000;
const KEPT: usize = 10_000;
const GETS: usize = 20_000;
const THREADS: usize = 2;
const JOURNEYS: usize = 200;

/// In a folder of its own that is gone afterwards.
pub(super) fn run(texts: &[String], desk: &Desk<'_>) -> Result<Vec<Measured>, Failure> {
    let folder = tempfile::tempdir().map_err(|error| {
        let what = format!("cannot make a temporary folder: {}", error.kind());
        Fault::machine("no_temporary_folder", what).hint("check TMPDIR and whether the disk is full")
    })?;
    let setup = |memory| Setup { memory, ..Setup::new(Some(folder.path().to_owned())) };
    let open = |memory| Cache::open(setup(memory), Arc::new(SystemClock));
    let keys: Vec<Key> = (0..KEPT).map(|n| Key::of("bench", 1).number(n as u64).finish()).collect();
    let cache = open(Setup::MEMORY);
    let mut puts = Vec::with_capacity(KEPT);
    for (n, key) in keys.iter().enumerate() {
        let entry = Entry { bytes: text(n), cost: Duration::from_millis(1), ..Entry::default() };
        puts.push(micros(desk, || cache.put(Space::ANSWER, *key, "bench", entry)));
        if n % 1000 == 999 {
            // The file is to have all of them, however fast they come.
            cache.settle();
        }
    }
    // The newest are in memory.
    let held = &keys[KEPT - HELD..];
    let get = |cache: &Cache, key: &Key| micros(desk, || drop(cache.get(Space::ANSWER, key)));
    let memory: Vec<f64> = (0..GETS).map(|n| get(&cache, &held[n * 7919 % HELD])).collect();
    let both = together(&cache, held, desk);
    cache.settle();
    drop(cache);

    // With next to no memory, every look goes to the file.
    let began = desk.clock.instant();
    let cold = open(1);
    let opening = (desk.clock.instant() - began).as_secs_f64() * 1e3;
    let disk: Vec<f64> = (0..GETS).map(|n| get(&cold, &keys[KEPT - 1 - n * 7919 % (KEPT / 2)])).collect();
    let found = cold.status().spaces.iter().map(|space| space.tally.disk_hits).sum::<u64>();
    if found < GETS as u64 {
        return Err(Fault::bug("bench_failed", format!("{found} of {GETS} entries were found on disk")).into());
    }
    let mut measured = vec![
        Measured::of(SUITE, "cache_memory_hit", "us", &memory),
        Measured::of(SUITE, "cache_memory_hits_x2", "hits/s", &both),
        Measured::of(SUITE, "cache_disk_hit", "us", &disk),
        Measured::of(SUITE, "cache_put", "us", &puts),
        Measured::of(SUITE, "cache_open", "ms", &[opening]),
    ];
    measured.extend(journeys(texts, desk)?);
    Ok(measured)
}

/// Searches, contexts and answers of the library that is there: the first time, and again.
fn journeys(texts: &[String], desk: &Desk<'_>) -> Result<Vec<Measured>, Failure> {
    let snapshot = desk.snapshot()?;
    if snapshot.document_count()? == 0 {
        return Ok(Vec::new());
    }
    let engines = desk.engines_with(Cache::in_memory(Arc::new(SystemClock)));
    let mut took: [Vec<f64>; 6] = Default::default();
    for text in texts.iter().take(JOURNEYS) {
        let text: String = text.chars().take(200).collect();
        let query = Query { text: text.clone(), collection: None, k: 5, mode: desk.settings.search_mode.value };
        let question = Question { writing: None, ..desk.settings.question(text) };
        // Vectors and pages that are read on first use are not what is measured.
        find_context(&snapshot, &engines, &Query { k: 6, ..query.clone() })?;
        for again in [0, 1] {
            let began = desk.clock.instant();
            assistant::search(&snapshot, &engines, &query)?;
            let searched = desk.clock.instant();
            find_context(&snapshot, &engines, &query)?;
            let found = desk.clock.instant();
            assistant::ask(&snapshot, &engines, &question, desk.clock, &mut |_| ControlFlow::Continue(()))?;
            let answered = desk.clock.instant();
            for (at, time) in [searched - began, found - searched, answered - found].into_iter().enumerate() {
                took[at * 2 + again].push(time.as_secs_f64() * 1e3);
            }
        }
    }
    let names = ["search_first", "search_again", "context_first", "context_again", "answer_first", "answer_again"];
    Ok(names.iter().zip(&took).map(|(name, took)| Measured::of(SUITE, &format!("cache_{name}"), "ms", took)).collect())
}

/// Hits per second of all threads, over several rounds.
fn together(cache: &Cache, keys: &[Key], desk: &Desk<'_>) -> Vec<f64> {
    const ROUNDS: usize = 5;
    const EACH: usize = 400_000;
    (0..ROUNDS)
        .map(|_| {
            let began = desk.clock.instant();
            thread::scope(|scope| {
                for thread in 0..THREADS {
                    scope.spawn(move || {
                        for n in 0..EACH {
                            drop(cache.get(Space::ANSWER, &keys[(n * 7919 + thread * 31) % keys.len()]));
                        }
                    });
                }
            });
            (THREADS * EACH) as f64 / (desk.clock.instant() - began).as_secs_f64()
        })
        .collect()
}

fn micros(desk: &Desk<'_>, work: impl FnOnce()) -> f64 {
    let began = desk.clock.instant();
    work();
    (desk.clock.instant() - began).as_secs_f64() * 1e6
}

/// Words, as passages and answers are made of.
fn text(n: usize) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "the",
        "derivative",
        "of",
        "a",
        "function",
        "measures",
        "how",
        "its",
        "value",
        "changes",
        "when",
        "input",
        "moves",
        "slope",
        "limit",
        "rate",
    ];
    let mut text = String::with_capacity(BYTES + 16);
    let mut state = n as u64 + 1;
    while text.len() < BYTES {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(WORDS[(state >> 60) as usize]);
        text.push(' ');
    }
    text.truncate(BYTES);
    text.into_bytes()
}
