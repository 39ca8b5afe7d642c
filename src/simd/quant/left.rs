//! Activations as a product wants them: bytes with scales as fine as the weights' own, or floats.

use std::ops::Range;

use super::half::{from_half, to_half};
use super::matrix::Matrix;
use super::{BLOCK, Strip, TILE};
use crate::simd::Level;
use crate::simd::lanes::Lanes;
use crate::simd::level::kernel;

/// The left side of products: rows of numbers in every form that the matrices on the right ask for.
#[derive(Clone, Debug, Default)]
pub struct Left {
    rows: usize,
    inputs: usize,
    /// Block by block, each with all its rows.
    pub(super) coarse: Vec<Coarse>,
    pub(super) fine: Vec<Fine>,
    /// Block by block, each row by row, whole strips.
    pub(super) floats: Vec<Strip>,
    wants: Wants,
}

/// Strips of a block.
const STRIPS: usize = BLOCK / TILE;

#[derive(Clone, Copy, Debug, Default)]
struct Wants {
    coarse: bool,
    fine: bool,
    floats: bool,
}

/// 256 numbers with one scale.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Coarse {
    pub bytes: [i8; BLOCK],
    /// Sums of 16.
    pub short_sums: [i16; 16],
    /// Sums of 32.
    pub sums: [i16; 8],
    pub scale: f32,
}

/// 256 numbers, a scale for every 32.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(super) struct Fine {
    pub bytes: [i8; BLOCK],
    pub scales: [f32; 8],
    pub sums: [i32; 8],
    pub scaled_sums: [f32; 8],
}

/// What becomes of a number before it is rounded.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    Nothing,
    /// Times the row's factor, times the column's weight.
    Norm {
        factors: &'a [f32],
        weights: &'a [Strip],
    },
}

/// 256 columns of all rows, to be filled.
#[derive(Debug)]
pub struct Part<'a> {
    rows: usize,
    /// Which strips they are.
    strips: Range<usize>,
    coarse: &'a mut [Coarse],
    fine: &'a mut [Fine],
    floats: &'a mut [Strip],
}

impl Left {
    /// Room for so many rows, in the forms that these matrices want; what was in it is of no meaning any more.
    pub fn shape<'m>(&mut self, rows: usize, inputs: usize, wanted_by: impl IntoIterator<Item = &'m Matrix>) {
        self.wants = Wants::default();
        for matrix in wanted_by {
            assert_eq!(matrix.inputs(), inputs, "a product of sides that do not fit");
            match matrix.is_coarse() {
                Some(true) => self.wants.coarse = true,
                Some(false) => self.wants.fine = true,
                None => self.wants.floats = true,
            }
        }
        (self.rows, self.inputs) = (rows, inputs);
        let blocks = inputs.div_ceil(BLOCK);
        self.coarse.resize_with(if self.wants.coarse { rows * blocks } else { 0 }, Coarse::zero);
        self.fine.resize_with(if self.wants.fine { rows * blocks } else { 0 }, Fine::zero);
        let floats = if self.wants.floats { rows * inputs.div_ceil(TILE) } else { 0 };
        self.floats.resize(floats, [0.0; TILE]);
    }

    /// All that is to be filled, for threads that share it.
    pub fn parts(&mut self) -> impl Iterator<Item = Part<'_>> {
        let (rows, strips) = (self.rows, self.inputs.div_ceil(TILE));
        let mut coarse = self.coarse.chunks_exact_mut(rows.max(1));
        let mut fine = self.fine.chunks_exact_mut(rows.max(1));
        let mut floats = self.floats.chunks_mut(rows.max(1) * STRIPS);
        (0..self.inputs.div_ceil(BLOCK)).map(move |block| Part {
            rows,
            strips: block * STRIPS..(block * STRIPS + STRIPS).min(strips),
            coarse: coarse.next().unwrap_or_default(),
            fine: fine.next().unwrap_or_default(),
            floats: floats.next().unwrap_or_default(),
        })
    }

    /// Some rows of a block of floats, and how many strips each has there.
    pub(super) fn floats(&self, block: usize, rows: &Range<usize>) -> (&[Strip], usize) {
        let strips = self.inputs.div_ceil(TILE);
        let here = (strips - block * STRIPS).min(STRIPS);
        let start = block * STRIPS * self.rows;
        (&self.floats[start + rows.start * here..start + rows.end * here], here)
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Whether it has what a matrix asks for.
    pub(super) fn suits(&self, matrix: &Matrix) -> bool {
        let has = match matrix.is_coarse() {
            Some(true) => self.wants.coarse,
            Some(false) => self.wants.fine,
            None => self.wants.floats,
        };
        has && self.inputs == matrix.inputs()
    }
}

impl Part<'_> {
    /// Reads its columns of `values`, which lie strip by strip, each with all rows, and are zero beyond the last input.
    pub fn fill(self, level: Level, values: &[Strip], change: Change<'_>) {
        let Part { rows, strips, coarse, fine, floats } = self;
        let values = &values[strips.start * rows..strips.end * rows];
        let change = match change {
            Change::Nothing => Change::Nothing,
            Change::Norm { factors, weights } => Change::Norm { factors, weights: &weights[strips] },
        };
        if !coarse.is_empty() {
            fill_coarse(level, values, change, coarse);
        }
        if !fine.is_empty() {
            fill_fine(level, values, change, fine);
        }
        if !floats.is_empty() {
            fill_floats(level, rows, values, change, floats);
        }
    }
}

impl Coarse {
    fn zero() -> Coarse {
        Coarse { bytes: [0; BLOCK], short_sums: [0; 16], sums: [0; 8], scale: 0.0 }
    }
}

impl Fine {
    fn zero() -> Fine {
        Fine { bytes: [0; BLOCK], scales: [0.0; 8], sums: [0; 8], scaled_sums: [0.0; 8] }
    }
}

kernel! { fn fill_coarse(values: &[Strip], change: Change<'_>, to: &mut [Coarse]); fill_coarse_body }
kernel! { fn fill_fine(values: &[Strip], change: Change<'_>, to: &mut [Fine]); fill_fine_body }
kernel! { fn fill_floats(rows: usize, values: &[Strip], change: Change<'_>, to: &mut [Strip]); fill_floats_body }

#[inline(always)]
fn changed<L: Lanes>(values: &[Strip], rows: usize, row: usize, strip: usize, change: Change<'_>) -> [L; 2] {
    let from: &[[f32; 16]; 2] = values[strip * rows + row].as_chunks().0.try_into().expect("32 is twice 16");
    let [low, high] = [L::load(&from[0]), L::load(&from[1])];
    match change {
        Change::Nothing => [low, high],
        Change::Norm { factors, weights } => {
            let weights: &[[f32; 16]; 2] = weights[strip].as_chunks().0.try_into().expect("32 is twice 16");
            let factor = L::splat(factors[row]);
            [low.times(factor).times(L::load(&weights[0])), high.times(factor).times(L::load(&weights[1]))]
        }
    }
}

#[inline(always)]
fn sum(bytes: &[i8]) -> i16 {
    bytes.iter().map(|&byte| i16::from(byte)).sum()
}

#[inline(always)]
fn fill_coarse_body<L: Lanes>(values: &[Strip], change: Change<'_>, to: &mut [Coarse]) {
    let rows = to.len();
    for (row, to) in to.iter_mut().enumerate() {
        let mut parts = [L::splat(0.0); 16];
        let (mut most, mut least) = (L::splat(0.0), L::splat(0.0));
        for strip in 0..values.len() / rows {
            let [low, high] = changed::<L>(values, rows, row, strip, change);
            (parts[2 * strip], parts[2 * strip + 1]) = (low, high);
            most = most.at_least(low).at_least(high);
            least = least.at_most(low).at_most(high);
        }
        let (most, least) = (most.largest(), least.smallest());
        let extreme = if most >= -least { most } else { least };
        // The extreme becomes -127, as in llama.cpp.
        let factor = if extreme == 0.0 { 0.0 } else { -127.0 / extreme };
        to.scale = if extreme == 0.0 { 0.0 } else { 1.0 / factor };
        for (part, to) in parts.iter().zip(to.bytes.as_chunks_mut::<16>().0) {
            part.times(L::splat(factor)).store_signed(to);
        }
        for (sum_of, bytes) in to.short_sums.iter_mut().zip(to.bytes.as_chunks::<16>().0) {
            *sum_of = sum(bytes);
        }
        for (sum, short) in to.sums.iter_mut().zip(to.short_sums.as_chunks::<2>().0) {
            *sum = short[0] + short[1];
        }
    }
}

#[inline(always)]
fn fill_fine_body<L: Lanes>(values: &[Strip], change: Change<'_>, to: &mut [Fine]) {
    let rows = to.len();
    for (row, to) in to.iter_mut().enumerate() {
        for strip in 0..values.len() / rows {
            let [low, high] = changed::<L>(values, rows, row, strip, change);
            let (most, least) = (low.at_least(high).largest(), low.at_most(high).smallest());
            let most = most.max(-least);
            let factor = if most == 0.0 { 0.0 } else { 127.0 / most };
            let scale = from_half(to_half(most / 127.0));
            let bytes: &mut [i8; 32] = &mut to.bytes.as_chunks_mut().0[strip];
            let halves = bytes.as_chunks_mut::<16>().0;
            low.times(L::splat(factor)).store_signed(&mut halves[0]);
            high.times(L::splat(factor)).store_signed(&mut halves[1]);
            let sum = i32::from(sum(bytes));
            (to.scales[strip], to.sums[strip], to.scaled_sums[strip]) = (scale, sum, scale * sum as f32);
        }
    }
}

#[inline(always)]
fn fill_floats_body<L: Lanes>(rows: usize, values: &[Strip], change: Change<'_>, to: &mut [Strip]) {
    let step = values.len() / rows;
    for strip in 0..step {
        for row in 0..rows {
            let [low, high] = changed::<L>(values, rows, row, strip, change);
            let to: &mut [[f32; 16]; 2] = to[row * step + strip].as_chunks_mut().0.try_into().expect("32 is twice 16");
            low.store(&mut to[0]);
            high.store(&mut to[1]);
        }
    }
}
