//! Which neighbouring units share a chunk?
//!
//! The cheapest way through the whole section: as few chunks as fit, then of similar size, and cut where a reader
//! would.

use std::ops::Range;

use super::units::Unit;

/// Each chunk more.
const CHUNK: f64 = 4.0;
/// A chunk that runs over a page's end: its place is less exact. Dearer than a chunk more, unless that is a stub.
const PAGE: f64 = 5.0;
const STUB: f64 = 2.0;
/// A chunk below this share of the room is a stub.
const STUB_SHARE: f64 = 0.2;
/// A cut inside a paragraph rather than between two.
const INSIDE: f64 = 0.1;
/// A heading at the end of a chunk, away from what it heads: only where nothing else fits.
const LONE_HEADING: f64 = 1000.0;

/// Units of no size must not make the search quadratic.
const MOST_UNITS: usize = 512;

/// Units that share a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pack {
    pub(super) units: Range<usize>,
    /// The first of the units before them that the chunk repeats; `units.start` when it repeats none.
    pub(super) lead: usize,
}

#[derive(Clone, Copy)]
struct Step {
    cost: f64,
    from: usize,
}

/// Distributes `units` over packs of at most `room`, each repeating at most `overlap` of the pack before.
pub(super) fn pack(units: &[Unit], room: usize, overlap: usize) -> Vec<Pack> {
    let mut best = vec![Step { cost: f64::INFINITY, from: 0 }; units.len() + 1];
    best[0].cost = 0.0;
    for first in 0..units.len() {
        let (_, mut size) = lead(units, first, room, overlap);
        let mut pages = 0.0;
        let is_inside = first > 0 && units[first - 1].block == units[first].block;
        let before = best[first].cost + CHUNK + if is_inside { INSIDE } else { 0.0 };
        for last in first..units.len().min(first + MOST_UNITS) {
            let unit = &units[last];
            size = size.saturating_add(unit.size);
            if last > first {
                if size > room {
                    break;
                }
                pages += f64::from(u8::from(units[last - 1].page != unit.page));
            }
            let share = size as f64 / room as f64;
            let stub = if share < STUB_SHARE { STUB } else { 0.0 };
            let is_lone = unit.is_heading && last + 1 < units.len();
            let heading = if is_lone { LONE_HEADING } else { 0.0 };
            let cost = before + share * share + pages * PAGE + stub + heading;
            if cost < best[last + 1].cost {
                best[last + 1] = Step { cost, from: first };
            }
        }
    }
    let mut packs = Vec::new();
    let mut end = units.len();
    while end > 0 {
        let first = best[end].from;
        packs.push(Pack { units: first..end, lead: lead(units, first, room, overlap).0 });
        end = first;
    }
    packs.reverse();
    packs
}

/// From which unit on a chunk that begins with `first` repeats what stands before, and how much that is.
fn lead(units: &[Unit], first: usize, room: usize, overlap: usize) -> (usize, usize) {
    let mut start = first;
    let mut size: usize = 0;
    while start > 0 {
        let before = &units[start - 1];
        let with = size.saturating_add(before.size);
        let belongs = before.may_repeat && before.block == units[first].block;
        if !belongs || with > overlap || with.saturating_add(units[first].size) > room || first - start >= MOST_UNITS {
            break;
        }
        start -= 1;
        size = with;
    }
    (start, size)
}
