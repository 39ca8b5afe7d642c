//! Weights as bytes: every 64 of a column share one scale, laid out in the order in which a product reads them.

use std::fmt;
use std::ops::Range;

use super::panels::{PANEL, Row, TALLEST};
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
    pub fn pack(inputs: usize, outputs: usize, mut write: impl FnMut(usize, &mut [f32])) -> Result<Matrix8, BadShape> {
        if inputs == 0 || outputs == 0 || !inputs.is_multiple_of(PANEL) || !outputs.is_multiple_of(PANEL) {
            return Err(BadShape);
        }
        let groups = inputs / PANEL;
        let empty = Block { weights: [[0; 4 * BLOCK_COLUMNS]; PANEL / 4], scales: [0.0; 32], sums: [0.0; 32] };
        let mut blocks = vec![empty; outputs / BLOCK_COLUMNS * groups];
        let mut weights = vec![0.0; inputs];
        for output in 0..outputs {
            write(output, &mut weights);
            let (panel, column) = (output / BLOCK_COLUMNS, output % BLOCK_COLUMNS);
            for (block, values) in blocks[panel * groups..].iter_mut().zip(weights.as_chunks::<PANEL>().0) {
                block.fill(column, values)?;
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
    fn fill(&mut self, column: usize, values: &[f32; PANEL]) -> Result<(), BadShape> {
        let most = values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        if !values.iter().sum::<f32>().is_finite() {
            return Err(BadShape);
        }
        let factor = 127.0 / most.max(f32::MIN_POSITIVE);
        let mut sum = 0i32;
        for (k, value) in values.iter().enumerate() {
            let byte = (value * factor).round_ties_even().clamp(-127.0, 127.0) as i8;
            self.weights[k / 4][4 * column + k % 4] = byte;
            sum += i32::from(byte);
        }
        self.scales[column] = most / 127.0;
        self.sums[column] = most / 127.0 * sum as f32;
        Ok(())
    }
}

impl fmt::Debug for Matrix8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matrix8({} to {})", self.inputs, self.outputs)
    }
}
