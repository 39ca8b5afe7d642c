//! Activations as bytes: every 64 of a row share one scale.

use super::Level;
use super::lanes::Lanes;
use super::level::kernel;
use super::panels::{PANEL, Row, quarters};

/// GELU never goes below -0.17: shifted by that its values use all of a byte.
const LOWEST_GELU: f32 = -0.17;

/// The left side of a product. A value is `scale × (byte - zero) + offset`.
#[derive(Clone, Debug, Default)]
pub struct Rows8 {
    rows: usize,
    groups: usize,
    pub(super) zero: u8,
    /// Group by group, each with all its rows.
    pub(super) bytes: Vec<[u8; PANEL]>,
    pub(super) scales: Vec<f32>,
}

/// One group of all rows, to be filled.
#[derive(Debug)]
pub struct Group<'a> {
    bytes: &'a mut [[u8; PANEL]],
    scales: &'a mut [f32],
}

impl Rows8 {
    /// For values around zero.
    pub fn balanced() -> Rows8 {
        Rows8 { zero: 128, ..Rows8::default() }
    }

    /// For what GELU gives: the offset is [`Rows8::OFFSET`].
    pub fn lifted() -> Rows8 {
        Rows8::default()
    }

    /// What [`Rows8::lifted`] leaves out of every value; who multiplies adds it through the columns' sums.
    pub const OFFSET: f32 = LOWEST_GELU;

    /// Room for so many; what was in it is of no meaning any more.
    pub fn shape(&mut self, rows: usize, groups: usize) {
        (self.rows, self.groups) = (rows, groups);
        self.bytes.resize(rows * groups, [0; PANEL]);
        self.scales.resize(rows * groups, 0.0);
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn groups(&self) -> usize {
        self.groups
    }

    pub fn group(&mut self, group: usize) -> Group<'_> {
        let range = group * self.rows..(group + 1) * self.rows;
        Group { bytes: &mut self.bytes[range.clone()], scales: &mut self.scales[range] }
    }

    /// All groups, for threads that share them.
    pub fn each_group(&mut self) -> impl Iterator<Item = Group<'_>> {
        let rows = self.rows.max(1);
        let scales = self.scales.chunks_exact_mut(rows);
        self.bytes.chunks_exact_mut(rows).zip(scales).map(|(bytes, scales)| Group { bytes, scales })
    }

    /// What it stands for.
    pub fn value(&self, row: usize, column: usize) -> f32 {
        let at = column / PANEL * self.rows + row;
        let offset = if self.zero == 0 { LOWEST_GELU } else { 0.0 };
        f32::from(i16::from(self.bytes[at][column % PANEL]) - i16::from(self.zero)) * self.scales[at] + offset
    }
}

impl Group<'_> {
    /// Rounds `values` into the rows from `first` on; the group must be of [`Rows8::balanced`].
    pub fn fill(&mut self, level: Level, first: usize, values: &[Row]) {
        let rows = first..first + values.len();
        fill(level, values, &mut self.bytes[rows.clone()], &mut self.scales[rows]);
    }

    /// GELU of `values` + `bias`; the group must be of [`Rows8::lifted`].
    pub fn fill_gelu(&mut self, level: Level, first: usize, values: &[Row], bias: &Row) {
        let rows = first..first + values.len();
        fill_gelu(level, values, bias, &mut self.bytes[rows.clone()], &mut self.scales[rows]);
    }
}

kernel! { fn fill(values: &[Row], bytes: &mut [[u8; PANEL]], scales: &mut [f32]); fill_body }
kernel! {
    fn fill_gelu(values: &[Row], bias: &Row, bytes: &mut [[u8; PANEL]], scales: &mut [f32]);
    fill_gelu_body
}

#[inline(always)]
fn fill_body<L: Lanes>(values: &[Row], bytes: &mut [[u8; PANEL]], scales: &mut [f32]) {
    for ((row, bytes), scale) in values.iter().zip(bytes).zip(scales) {
        let parts: [L; 4] = std::array::from_fn(|i| L::load(&quarters(row)[i]));
        let most = parts[0].abs().at_least(parts[1].abs()).at_least(parts[2].abs().at_least(parts[3].abs()));
        let most = most.largest();
        *scale = most / 127.0;
        store(&parts, 127.0 / most.max(f32::MIN_POSITIVE), 128.0, bytes);
    }
}

#[inline(always)]
fn fill_gelu_body<L: Lanes>(values: &[Row], bias: &Row, bytes: &mut [[u8; PANEL]], scales: &mut [f32]) {
    let bias: [L; 4] = std::array::from_fn(|i| L::load(&quarters(bias)[i]));
    for ((row, bytes), scale) in values.iter().zip(bytes).zip(scales) {
        let row = quarters(row);
        // A closure this size would not be inlined, and then not be compiled for the level.
        let mut parts = bias;
        for (part, from) in parts.iter_mut().zip(row.iter()) {
            *part = L::load(from).plus(*part).gelu().minus(L::splat(LOWEST_GELU));
        }
        let most = parts[0].at_least(parts[1]).at_least(parts[2].at_least(parts[3])).largest();
        *scale = most / 255.0;
        store(&parts, 255.0 / most.max(f32::MIN_POSITIVE), 0.0, bytes);
    }
}

#[inline(always)]
fn store<L: Lanes>(parts: &[L; 4], factor: f32, zero: f32, bytes: &mut [u8; PANEL]) {
    let (factor, zero) = (L::splat(factor), L::splat(zero));
    let (low, high) = (L::splat(0.0), L::splat(255.0));
    let to: &mut [[u8; 16]; 4] = bytes.as_chunks_mut().0.try_into().expect("64 is four times 16");
    for (part, to) in parts.iter().zip(to) {
        part.times_plus(factor, zero).at_least(low).at_most(high).store_bytes(to);
    }
}
