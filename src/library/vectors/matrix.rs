//! All vectors of one embedder as one revision has them, in memory. The next revision shares what did not change.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::blocks::{self, Block};
use super::segment::{Segment, SegmentBuilder, Span};
use crate::library::rows::EmbedderRow;
use crate::library::view::View;

type Stored<T> = Result<T, redb::Error>;

pub(in crate::library) struct Matrix {
    pub revision: u64,
    pub dimensions: usize,
    pub parts: Vec<Arc<Part>>,
}

/// A segment and what of it still counts.
pub(in crate::library) struct Part {
    pub segment: Arc<Segment>,
    /// For each of the segment's spans; nothing when all are alive.
    dead: Vec<bool>,
    dead_rows: usize,
    /// Rows that are alive, neighbours joined.
    pub live: Vec<Range<usize>>,
}

impl Part {
    fn new(segment: Segment) -> Part {
        Part {
            live: joined(std::iter::once(0..segment.len())),
            segment: Arc::new(segment),
            dead: Vec::new(),
            dead_rows: 0,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.segment.len() - self.dead_rows
    }

    pub(super) fn spans(&self) -> impl Iterator<Item = &Span> {
        let is_dead = |at: usize| self.dead.get(at).copied().unwrap_or(false);
        self.segment.spans.iter().enumerate().filter(move |&(at, _)| !is_dead(at)).map(|(_, span)| span)
    }

    /// Without these documents; `None` when none of them is in it.
    fn without(&self, documents: &BTreeSet<u64>) -> Option<Part> {
        let mut dead = self.dead.clone();
        dead.resize(self.segment.spans.len(), false);
        let before = dead.iter().filter(|&&is_dead| is_dead).count();
        for (is_dead, span) in dead.iter_mut().zip(&self.segment.spans) {
            *is_dead |= documents.contains(&span.document);
        }
        if dead.iter().filter(|&&is_dead| is_dead).count() == before {
            return None;
        }
        let mut part = Part { segment: Arc::clone(&self.segment), dead, dead_rows: 0, live: Vec::new() };
        let live = joined(part.spans().map(Span::range));
        part.dead_rows = part.segment.len() - live.iter().map(Range::len).sum::<usize>();
        part.live = live;
        Some(part)
    }
}

/// Ranges in order, those that touch as one.
pub(super) fn joined(ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => joined.push(range),
        }
    }
    joined
}

impl Matrix {
    /// From redb alone.
    pub(super) fn load(view: &View, embedder: &EmbedderRow) -> Stored<Matrix> {
        let mut matrix = Matrix::empty(view, embedder);
        let mut filling = Filling::new(&mut matrix.parts, matrix.dimensions, embedder.vectors as usize);
        let all = (embedder.number, 0, 0)..=(embedder.number, u64::MAX, u32::MAX);
        for entry in view.vectors.range(all)? {
            let (key, row) = entry?;
            let (_, document, number) = key.value();
            filling.take(document, number, &Block::read(row.value(), embedder.dimensions as usize)?)?;
        }
        filling.finish();
        Ok(matrix)
    }

    /// From the matrix of another revision, earlier or later, when nothing but these documents differs.
    pub(super) fn derive(&self, view: &View, embedder: &EmbedderRow, changed: &BTreeSet<u64>) -> Stored<Matrix> {
        let mut matrix = Matrix::empty(view, embedder);
        if changed.is_empty() {
            matrix.parts = self.parts.clone();
            return Ok(matrix);
        }
        for part in &self.parts {
            match part.without(changed) {
                None => matrix.parts.push(Arc::clone(part)),
                Some(part) if part.live.is_empty() => {}
                Some(part) => matrix.parts.push(Arc::new(part)),
            }
        }
        let mut rows = Vec::new();
        for &document in changed {
            let all = (embedder.number, document, 0)..=(embedder.number, document, u32::MAX);
            for entry in view.vectors.range(all)? {
                let (key, row) = entry?;
                rows.push((document, key.value().2, row.value().to_vec()));
            }
        }
        let count = rows.iter().map(|(.., row)| blocks::count(row) as usize).sum();
        let mut filling = Filling::new(&mut matrix.parts, matrix.dimensions, count);
        for (document, number, row) in &rows {
            filling.take(*document, *number, &Block::read(row, embedder.dimensions as usize)?)?;
        }
        filling.finish();
        matrix.compact()?;
        Ok(matrix)
    }

    fn empty(view: &View, embedder: &EmbedderRow) -> Matrix {
        Matrix { revision: view.meta.revision, dimensions: embedder.dimensions as usize, parts: Vec::new() }
    }

    /// Many small segments become few large ones, and rows that nobody can find go away.
    ///
    /// A segment is joined to the one before it when it is at least half as large: each row is then copied only about as
    /// often as the number of rows doubles.
    fn compact(&mut self) -> Stored<()> {
        let most = Segment::most_rows(self.dimensions);
        let mut compacted: Vec<Arc<Part>> = Vec::new();
        for part in std::mem::take(&mut self.parts) {
            let mut part = if part.dead_rows * 4 > part.segment.len() { self.merged(&[part])? } else { part };
            while let Some(last) = compacted.last()
                && part.rows() * 2 >= last.rows()
                && part.rows() + last.rows() <= most
            {
                part = self.merged(&[Arc::clone(last), part])?;
                compacted.pop();
            }
            compacted.push(part);
        }
        self.parts = compacted;
        Ok(())
    }

    fn merged(&self, parts: &[Arc<Part>]) -> Stored<Arc<Part>> {
        let rows = parts.iter().map(|part| part.rows()).sum();
        let mut builder = SegmentBuilder::new(self.dimensions, rows)?;
        for part in parts {
            part.spans().for_each(|span| builder.copy(&part.segment, span));
        }
        let segment = builder.finish().expect("parts without rows are not kept");
        Ok(Arc::new(Part::new(segment)))
    }
}

/// Blocks of documents in order, into as many segments as they need.
struct Filling<'a> {
    parts: &'a mut Vec<Arc<Part>>,
    dimensions: usize,
    builder: Option<SegmentBuilder>,
    /// About how many are still to come.
    expected: usize,
}

impl<'a> Filling<'a> {
    fn new(parts: &'a mut Vec<Arc<Part>>, dimensions: usize, expected: usize) -> Filling<'a> {
        Filling { parts, dimensions, builder: None, expected }
    }

    fn take(&mut self, document: u64, number: u32, block: &Block<'_>) -> Stored<()> {
        let before = number as usize * blocks::capacity(self.dimensions);
        let mut taken = 0;
        while taken < block.len() {
            let builder = match &mut self.builder {
                Some(builder) if builder.room() > 0 => builder,
                _ => {
                    let full = self.builder.take();
                    self.keep(full);
                    self.builder.insert(SegmentBuilder::new(self.dimensions, self.expected.max(256))?)
                }
            };
            let offset = u32::try_from(before + taken)
                .map_err(|_| redb::Error::Corrupted(format!("document {document} has too many vectors")))?;
            let count = builder.take(document, offset, block, taken);
            taken += count;
            self.expected = self.expected.saturating_sub(count);
        }
        Ok(())
    }

    fn finish(mut self) {
        let last = self.builder.take();
        self.keep(last);
    }

    fn keep(&mut self, builder: Option<SegmentBuilder>) {
        self.parts.extend(builder.and_then(SegmentBuilder::finish).map(|segment| Arc::new(Part::new(segment))));
    }
}
