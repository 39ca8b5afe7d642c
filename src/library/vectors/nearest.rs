//! Which chunks mean what a question means: every row is bounded by half its bits, what may be among the best is scored by
//! all of them, and the best of those by both planes in redb.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use super::blocks::{self, Block};
use super::matrix::{Matrix, joined};
use super::quantize::dot;
use super::shelf::{Matrices, Shelf};
use crate::domain::{ChunkNumber, CollectionName};
use crate::library::Hit;
use crate::library::rows::EmbedderRow;
use crate::library::view::View;
use crate::simd::scan::{self, Probe};

type Stored<T> = Result<T, redb::Error>;

/// What is looked for: a vector of the same embedder.
#[derive(Clone, Copy, Debug)]
pub struct VectorQuery<'a> {
    pub embedder: &'a str,
    pub vector: &'a [f32],
    /// All collections when there is none.
    pub collection: Option<&'a CollectionName>,
}

/// Rows that are bounded in one go.
const BATCH: usize = if cfg!(test) { 8 } else { 512 };
/// Bytes to be read that are worth a thread; fewer in tests, so that they have several.
const WORTH_A_THREAD: usize = if cfg!(test) { 1 << 10 } else { 16 << 20 };
const MOST_THREADS: usize = 8;
/// Beyond this many times what a scan is usually off, a row does not get among the best by being looked at closely.
const SURELY: f32 = 6.0;

/// A row that the scan found.
#[derive(Clone, Copy, Debug)]
struct Found {
    score: f32,
    part: u32,
    row: u32,
    chunk: u64,
}

impl Found {
    /// The same order whichever thread found what first.
    fn rank(&self, other: &Found) -> Ordering {
        let place = |found: &Found| (found.chunk, found.part, found.row);
        other.score.total_cmp(&self.score).then_with(|| place(self).cmp(&place(other)))
    }
}

/// Best first; the earlier chunk first where scores are the same. `vector` has length 1 and the embedder's dimensions.
pub(in crate::library) fn nearest(
    view: &View,
    (shelf, matrices): (&Shelf, &Matrices),
    embedder: &EmbedderRow,
    vector: &[f32],
    collection: Option<u32>,
    limit: usize,
) -> Stored<Vec<Hit>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let matrix = matrices.get(shelf, view, embedder)?;
    let ranges = ranges(&matrix, collection);
    let rows: usize = ranges.iter().map(|(_, range)| range.len()).sum();
    let probe = Probe::new(vector);
    let mut keep = limit.saturating_mul(2).saturating_add(16);
    loop {
        let mut found = scan(&matrix, &ranges, &probe, keep.min(rows));
        found.sort_unstable_by(Found::rank);
        let hits = rescored(view, &matrix, embedder, vector, &found, limit)?;
        // Many stretches of few chunks: there are more chunks to be found.
        if hits.len() == limit.min(rows) || keep >= rows {
            return Ok(hits);
        }
        keep = keep.saturating_mul(4);
    }
}

/// The rows to be scanned, in pieces that several threads can share.
fn ranges(matrix: &Matrix, collection: Option<u32>) -> Vec<(u32, Range<usize>)> {
    let mut pieces = Vec::new();
    for (number, part) in (0..).zip(&matrix.parts) {
        let wanted;
        let live = match collection {
            None => &part.live,
            Some(collection) => {
                wanted = joined(part.spans().filter(|span| span.collection == collection).map(|span| span.range()));
                &wanted
            }
        };
        for range in live {
            let starts = range.clone().step_by(BATCH);
            pieces.extend(starts.map(|start| (number, start..(start + BATCH).min(range.end))));
        }
    }
    pieces
}

/// The best `keep` rows, in no order.
fn scan(matrix: &Matrix, ranges: &[(u32, Range<usize>)], probe: &Probe, keep: usize) -> Vec<Found> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut best = Best::new(keep);
        let mut bounds = [0.0; BATCH];
        // A stretch of neighbouring pieces at a time.
        const STRETCH: usize = 16;
        loop {
            let start = next.fetch_add(STRETCH, Relaxed);
            if start >= ranges.len() {
                return best.found;
            }
            for (part, range) in &ranges[start..(start + STRETCH).min(ranges.len())] {
                let segment = &matrix.parts[*part as usize].segment;
                let bounds = &mut bounds[..range.len()];
                scan::bounds(probe, segment.upper(range.clone()), &segment.scales[range.clone()], bounds);
                for (&bound, row) in bounds.iter().zip(range.clone()) {
                    if bound < best.bar {
                        continue;
                    }
                    let (upper, lower) = (segment.upper(row..row + 1), segment.lower(row..row + 1));
                    let score = scan::score(probe, upper, lower, segment.scales[row]);
                    if score >= best.bar {
                        best.push(Found { score, part: *part, row: row as u32, chunk: segment.chunks[row] });
                    }
                }
            }
        }
    };
    let bytes = ranges.len() * BATCH * probe.stride();
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS).min(bytes / WORTH_A_THREAD);
    if threads <= 1 {
        return work();
    }
    let mut best = Best::new(keep);
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        work().into_iter().for_each(|found| best.push(found));
        for other in others {
            let found = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            found.into_iter().for_each(|found| best.push(found));
        }
    });
    best.prune();
    best.found
}

/// Keeps the best, and drops the rest now and then.
struct Best {
    keep: usize,
    found: Vec<Found>,
    /// The least score that still counts.
    bar: f32,
}

impl Best {
    fn new(keep: usize) -> Best {
        Best { keep, found: Vec::with_capacity(2 * keep.min(4096)), bar: f32::NEG_INFINITY }
    }

    fn push(&mut self, found: Found) {
        self.found.push(found);
        if self.found.len() >= 2 * self.keep.max(16) {
            self.prune();
        }
    }

    fn prune(&mut self) {
        if self.found.len() <= self.keep {
            return;
        }
        self.found.select_nth_unstable_by(self.keep - 1, Found::rank);
        self.found.truncate(self.keep);
        self.bar = self.found[self.keep - 1].score;
    }
}

/// The best chunks among what was found, by both planes. `found` is best first.
fn rescored(
    view: &View,
    matrix: &Matrix,
    embedder: &EmbedderRow,
    vector: &[f32],
    found: &[Found],
    limit: usize,
) -> Stored<Vec<Hit>> {
    let mut planes = Planes { view, embedder, dimensions: matrix.dimensions };
    let mut best = HashMap::<u64, f32>::new();
    let mut scores: Vec<f32> = Vec::new();
    for found in found {
        let segment = &matrix.parts[found.part as usize].segment;
        // A number is off by up to half a step in either direction, evenly: the sum of many is nearly normal.
        let usually = segment.scales[found.row as usize] / 12.0_f32.sqrt();
        if scores.len() >= limit && found.score + SURELY * usually < scores[limit - 1] {
            break;
        }
        let span = segment.span_of(found.row);
        let score = planes.score(span.document, span.offset + (found.row - span.start), vector)?;
        let known = best.entry(found.chunk).or_insert(f32::NEG_INFINITY);
        if score > *known {
            if known.is_finite() {
                let at = scores.partition_point(|other| other > known);
                scores.remove(at);
            }
            *known = score;
            scores.insert(scores.partition_point(|other| *other > score), score);
        }
    }
    let mut hits: Vec<Hit> = best.into_iter().map(|(chunk, score)| Hit { chunk: ChunkNumber(chunk), score }).collect();
    hits.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk.cmp(&b.chunk)));
    hits.truncate(limit);
    Ok(hits)
}

/// Both planes of single vectors, from redb.
struct Planes<'a> {
    view: &'a View,
    embedder: &'a EmbedderRow,
    dimensions: usize,
}

impl Planes<'_> {
    fn score(&mut self, document: u64, number: u32, vector: &[f32]) -> Stored<f32> {
        let missing = || redb::Error::Corrupted(format!("vector {number} of document {document} is not there"));
        let capacity = blocks::capacity(self.dimensions) as u32;
        let (row, at) = ((self.embedder.number, document, number / capacity), (number % capacity) as usize);
        let coarse = self.view.vectors.get(row)?.ok_or_else(missing)?;
        let block = Block::read(coarse.value(), self.dimensions)?;
        let fine = self.view.residues.get(row)?.ok_or_else(missing)?;
        if at >= block.len() || fine.value().len() != block.len() * self.dimensions {
            return Err(missing());
        }
        let fine = &fine.value()[at * self.dimensions..][..self.dimensions];
        Ok(dot(vector, block.scale(at), block.coarse(at), fine))
    }
}
