//! A stretch of the matrix: rows of numbers in one piece of memory, and whose they are. Never changes once it is made.

use std::ops::Range;

use super::blocks::Block;
use crate::simd::Pages;
use crate::simd::scan;

/// Bytes of rows in one segment: what is copied when segments are merged. Fewer in tests, so that they have several.
const MOST_BYTES: usize = if cfg!(test) { 2 << 10 } else { 64 << 20 };

pub(super) struct Segment {
    /// Bytes of a half row.
    stride: usize,
    upper: Pages,
    lower: Pages,
    pub scales: Vec<f32>,
    pub chunks: Vec<u64>,
    /// In the order of their rows.
    pub spans: Vec<Span>,
}

/// Rows of one document that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub document: u64,
    pub collection: u32,
    /// The first of them in the segment, and which it is of the document's vectors.
    pub start: u32,
    pub offset: u32,
    pub rows: u32,
}

impl Span {
    pub(super) fn range(&self) -> Range<usize> {
        self.start as usize..(self.start + self.rows) as usize
    }
}

impl Segment {
    pub(super) fn most_rows(dimensions: usize) -> usize {
        (MOST_BYTES / 2 / scan::stride(dimensions)).max(1)
    }

    pub(super) fn len(&self) -> usize {
        self.scales.len()
    }

    /// The upper halves of rows.
    pub(super) fn upper(&self, rows: Range<usize>) -> &[u8] {
        &self.upper[rows.start * self.stride..rows.end * self.stride]
    }

    pub(super) fn lower(&self, rows: Range<usize>) -> &[u8] {
        &self.lower[rows.start * self.stride..rows.end * self.stride]
    }

    /// The span that a row belongs to.
    pub(super) fn span_of(&self, row: u32) -> Span {
        let after = self.spans.partition_point(|span| span.start <= row);
        self.spans[after.checked_sub(1).expect("the first span begins at row 0")]
    }
}

/// Takes rows until it is full.
pub(super) struct SegmentBuilder {
    segment: Segment,
    room: usize,
}

impl SegmentBuilder {
    /// For about so many rows; at most [`Segment::most_rows`].
    pub(super) fn new(dimensions: usize, rows: usize) -> Result<SegmentBuilder, redb::Error> {
        let stride = scan::stride(dimensions);
        let room = rows.clamp(1, Segment::most_rows(dimensions));
        let segment = Segment {
            stride,
            upper: Pages::zeroed(room * stride).map_err(redb::Error::Io)?,
            lower: Pages::zeroed(room * stride).map_err(redb::Error::Io)?,
            scales: Vec::with_capacity(room),
            chunks: Vec::with_capacity(room),
            spans: Vec::new(),
        };
        Ok(SegmentBuilder { segment, room })
    }

    pub(super) fn room(&self) -> usize {
        self.room - self.segment.len()
    }

    /// Of a document, whose vectors before the first of these were `offset`. How many there was room for.
    pub(super) fn take(&mut self, document: u64, offset: u32, block: &Block<'_>, from: usize) -> usize {
        let count = self.room().min(block.len() - from);
        for at in from..from + count {
            let row = self.segment.len() * self.segment.stride..(self.segment.len() + 1) * self.segment.stride;
            let (upper, lower) = (&mut self.segment.upper[row.clone()], &mut self.segment.lower[row]);
            scan::pack(block.coarse(at), upper, lower);
            self.segment.scales.push(block.scale(at));
            self.segment.chunks.push(block.chunk(at));
        }
        self.span(document, block.collection, offset, count);
        count
    }

    /// Rows of another segment, all of one span. There is room for them.
    pub(super) fn copy(&mut self, from: &Segment, span: &Span) {
        let start = self.segment.len() * self.segment.stride;
        let end = start + span.rows as usize * self.segment.stride;
        self.segment.upper[start..end].copy_from_slice(from.upper(span.range()));
        self.segment.lower[start..end].copy_from_slice(from.lower(span.range()));
        self.segment.scales.extend_from_slice(&from.scales[span.range()]);
        self.segment.chunks.extend_from_slice(&from.chunks[span.range()]);
        self.span(span.document, span.collection, span.offset, span.rows as usize);
    }

    pub(super) fn finish(self) -> Option<Segment> {
        (!self.segment.scales.is_empty()).then_some(self.segment)
    }

    /// The rows that were just pushed.
    fn span(&mut self, document: u64, collection: u32, offset: u32, rows: usize) {
        let rows = rows as u32;
        match self.segment.spans.last_mut() {
            Some(last) if last.document == document && last.offset + last.rows == offset => last.rows += rows,
            _ if rows > 0 => {
                let start = self.segment.len() as u32 - rows;
                self.segment.spans.push(Span { document, collection, start, offset, rows });
            }
            _ => {}
        }
    }
}
