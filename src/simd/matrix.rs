//! Weights as bytes: every 64 of a column share one scale, laid out in the order in which a product reads them.

use std::fmt;
use std::ops::Range;

use super::lanes::Lanes;
use super::level::kernel;
use super::panels::{PANEL, Row, TALLEST, quarters};
use super::{Level, Rows8, tile};

/// Columns that a kernel takes at once.
pub(super) const BLOCK_COLUMNS: usize = 32;

/// One group of 32 columns. Four values of a column lie together, as the processor's products of bytes want them.
#[derive(Clone)]
#[repr(C, align(64))]
pub(super) struct Block {
    pub weights: [[i8; 4 * BLOCK_COLUMNS]; PANEL / 4],
    pub scales: [f32; BLOCK_COLUMNS],
    /// What the group's weights of each column add up to, for the low ends of the left side's spans.
    pub sums: [f32; BLOCK_COLUMNS],
}

/// The right side of a product.
#[derive(Clone)]
pub struct Matrix8 {
    inputs: usize,
    outputs: usize,
    /// All groups of the first 32 columns, then of the next.
    blocks: Vec<Block>,
}

/// Both sides must be multiples of [`PANEL`], and all weights numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadShape;

impl Matrix8 {
    /// `write(output, weights)` writes the weights of one output.
    pub fn pack(
        level: Level,
        inputs: usize,
        outputs: usize,
        mut write: impl FnMut(usize, &mut [f32]),
    ) -> Result<Matrix8, BadShape> {
        if inputs == 0 || outputs == 0 || !inputs.is_multiple_of(PANEL) || !outputs.is_multiple_of(PANEL) {
            return Err(BadShape);
        }
        let groups = inputs / PANEL;
        let empty = Block { weights: [[0; 4 * BLOCK_COLUMNS]; PANEL / 4], scales: [0.0; 32], sums: [0.0; 32] };
        let mut blocks = vec![empty; outputs / BLOCK_COLUMNS * groups];
        let mut weights = vec![0.0; inputs];
        let mut bytes = vec![[0; PANEL]; groups];
        let mut scales = vec![0.0; groups];
        for output in 0..outputs {
            write(output, &mut weights);
            round(level, weights.as_chunks().0, &mut bytes, &mut scales);
            let (panel, column) = (output / BLOCK_COLUMNS, output % BLOCK_COLUMNS);
            for ((block, bytes), scale) in blocks[panel * groups..].iter_mut().zip(&bytes).zip(&scales) {
                if !scale.is_finite() {
                    return Err(BadShape);
                }
                block.put(column, bytes, *scale);
            }
        }
        Ok(Matrix8 { inputs, outputs, blocks })
    }

    pub fn inputs(&self) -> usize {
        self.inputs
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    pub fn panels(&self) -> usize {
        self.outputs / PANEL
    }

    /// What it stands for.
    pub fn weight(&self, output: usize, input: usize) -> f32 {
        let block = &self.panel(output / BLOCK_COLUMNS)[input / PANEL];
        let (column, k) = (output % BLOCK_COLUMNS, input % PANEL);
        f32::from(block.weights[k / 4][4 * column + k % 4]) * block.scales[column]
    }

    /// The 64 outputs of a panel for a few rows: at most six, see [`pieces`](super::pieces).
    pub fn multiply(&self, level: Level, left: &Rows8, rows: Range<usize>, panel: usize, out: &mut [Row]) {
        assert!(left.groups() * PANEL == self.inputs, "a product of sides that do not fit");
        assert!(rows.end <= left.rows() && rows.len() <= TALLEST && out.len() == rows.len(), "rows that are not there");
        for half in 0..2 {
            tile::multiply(level, left, rows.clone(), self.panel(2 * panel + half), half, out);
        }
    }

    pub(super) fn panel(&self, panel: usize) -> &[Block] {
        let groups = self.inputs / PANEL;
        &self.blocks[panel * groups..(panel + 1) * groups]
    }
}

impl Block {
    fn put(&mut self, column: usize, bytes: &[u8; PANEL], scale: f32) {
        let mut sum = 0;
        for (quad, weights) in bytes.as_chunks::<4>().0.iter().zip(&mut self.weights) {
            let quad = quad.map(|byte| (byte ^ 0x80) as i8);
            sum += quad.iter().map(|&weight| i32::from(weight)).sum::<i32>();
            weights[4 * column..4 * column + 4].copy_from_slice(&quad);
        }
        self.scales[column] = scale;
        self.sums[column] = scale * sum as f32;
    }
}

kernel! {
    /// Bytes from 1 to 255 stand for weights from -127 to 127 times the group's scale, which is no number where a weight is
    /// none.
    fn round(weights: &[Row], bytes: &mut [[u8; PANEL]], scales: &mut [f32]); round_body
}

#[inline(always)]
fn round_body<L: Lanes>(weights: &[Row], bytes: &mut [[u8; PANEL]], scales: &mut [f32]) {
    for ((row, bytes), scale) in weights.iter().zip(bytes).zip(scales) {
        let parts: [L; 4] = std::array::from_fn(|i| L::load(&quarters(row)[i]));
        let most = parts[0].at_least(parts[1]).at_least(parts[2].at_least(parts[3])).largest();
        let least = parts[0].at_most(parts[1]).at_most(parts[2].at_most(parts[3])).smallest();
        let most = most.max(-least);
        let sum = parts[0].plus(parts[1]).plus(parts[2].plus(parts[3])).sum();
        *scale = if sum.is_finite() { most / 127.0 } else { f32::NAN };
        let (factor, zero) = (L::splat(127.0 / most.max(f32::MIN_POSITIVE)), L::splat(128.0));
        let (low, high) = (L::splat(1.0), L::splat(255.0));
        let to: &mut [[u8; 16]; 4] = bytes.as_chunks_mut().0.try_into().expect("64 is four times 16");
        for (part, to) in parts.iter().zip(to) {
            part.times_plus(factor, zero).at_least(low).at_most(high).store_bytes(to);
        }
    }
}

impl fmt::Debug for Matrix8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matrix8({} to {})", self.inputs, self.outputs)
    }
}
