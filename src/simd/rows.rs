//! Activations as bytes: every 64 of a row share one span of values.

use super::Level;
use super::lanes::Lanes;
use super::level::kernel;
use super::panels::{PANEL, Row, quarters};

/// The left side of a product. A value is `low + scale × byte`: a group uses all of a byte wherever it lies.
#[derive(Clone, Debug, Default)]
pub struct Rows8 {
    rows: usize,
    groups: usize,
    /// Group by group, each with all its rows.
    pub(super) bytes: Vec<[u8; PANEL]>,
    pub(super) spans: Vec<Span>,
}

/// Which values the bytes of a group stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Span {
    pub low: f32,
    pub scale: f32,
}

/// One group of all rows, to be filled.
#[derive(Debug)]
pub struct Group<'a> {
    bytes: &'a mut [[u8; PANEL]],
    spans: &'a mut [Span],
}

impl Rows8 {
    /// Room for so many; what was in it is of no meaning any more.
    pub fn shape(&mut self, rows: usize, groups: usize) {
        (self.rows, self.groups) = (rows, groups);
        self.bytes.resize(rows * groups, [0; PANEL]);
        self.spans.resize(rows * groups, Span::default());
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn groups(&self) -> usize {
        self.groups
    }

    pub fn group(&mut self, group: usize) -> Group<'_> {
        let range = group * self.rows..(group + 1) * self.rows;
        Group { bytes: &mut self.bytes[range.clone()], spans: &mut self.spans[range] }
    }

    /// All groups, for threads that share them.
    pub fn each_group(&mut self) -> impl Iterator<Item = Group<'_>> {
        let rows = self.rows.max(1);
        let spans = self.spans.chunks_exact_mut(rows);
        self.bytes.chunks_exact_mut(rows).zip(spans).map(|(bytes, spans)| Group { bytes, spans })
    }

    /// What it stands for.
    pub fn value(&self, row: usize, column: usize) -> f32 {
        let at = column / PANEL * self.rows + row;
        let Span { low, scale } = self.spans[at];
        low + scale * f32::from(self.bytes[at][column % PANEL])
    }
}

impl Group<'_> {
    /// Rounds `values` into the rows from `first` on.
    pub fn fill(&mut self, level: Level, first: usize, values: &[Row]) {
        let rows = first..first + values.len();
        fill(level, values, &mut self.bytes[rows.clone()], &mut self.spans[rows]);
    }

    /// GELU of `values` + `bias`.
    pub fn fill_gelu(&mut self, level: Level, first: usize, values: &[Row], bias: &Row) {
        let rows = first..first + values.len();
        fill_gelu(level, values, bias, &mut self.bytes[rows.clone()], &mut self.spans[rows]);
    }
}

kernel! { fn fill(values: &[Row], bytes: &mut [[u8; PANEL]], spans: &mut [Span]); fill_body }
kernel! { fn fill_gelu(values: &[Row], bias: &Row, bytes: &mut [[u8; PANEL]], spans: &mut [Span]); fill_gelu_body }

#[inline(always)]
fn fill_body<L: Lanes>(values: &[Row], bytes: &mut [[u8; PANEL]], spans: &mut [Span]) {
    for ((row, bytes), span) in values.iter().zip(bytes).zip(spans) {
        *span = store(std::array::from_fn(|i| L::load(&quarters(row)[i])), bytes);
    }
}

#[inline(always)]
fn fill_gelu_body<L: Lanes>(values: &[Row], bias: &Row, bytes: &mut [[u8; PANEL]], spans: &mut [Span]) {
    let bias: [L; 4] = std::array::from_fn(|i| L::load(&quarters(bias)[i]));
    for ((row, bytes), span) in values.iter().zip(bytes).zip(spans) {
        // A closure this size would not be inlined, and then not be compiled for the level.
        let mut parts = bias;
        for (part, from) in parts.iter_mut().zip(quarters(row)) {
            *part = L::load(from).plus(*part).gelu();
        }
        *span = store(parts, bytes);
    }
}

#[inline(always)]
fn store<L: Lanes>(parts: [L; 4], bytes: &mut [u8; PANEL]) -> Span {
    let most = parts[0].at_least(parts[1]).at_least(parts[2].at_least(parts[3])).largest();
    let low = parts[0].at_most(parts[1]).at_most(parts[2].at_most(parts[3])).smallest();
    let scale = (most - low) / 255.0;
    let (factor, offset) = (L::splat(255.0 / (most - low).max(f32::MIN_POSITIVE)), L::splat(low));
    let (first, last) = (L::splat(0.0), L::splat(255.0));
    let to: &mut [[u8; 16]; 4] = bytes.as_chunks_mut().0.try_into().expect("64 is four times 16");
    for (part, to) in parts.iter().zip(to) {
        part.minus(offset).times(factor).at_least(first).at_most(last).store_bytes(to);
    }
    Span { low, scale }
}
