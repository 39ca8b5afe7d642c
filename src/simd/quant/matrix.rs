//! The right side of a product, whole.

use std::fmt;
use std::io;
use std::ops::Range;

use super::bytes::{self, Rows};
use super::floats::{self, STEP};
use super::layout::Layout;
use super::left::Left;
use super::source::{self, Column};
use super::unpack::{Spread, spread};
use super::{BLOCK, Strip, TILE, pack};
use crate::gguf::Kind;
use crate::simd::{Level, Pages};

/// Weights in tiles of 32 outputs.
pub struct Matrix {
    kind: Kind,
    layout: Option<Layout>,
    inputs: usize,
    outputs: usize,
    tile: usize,
    pages: Pages,
}

#[derive(Debug)]
pub enum BadMatrix {
    /// A kind of numbers that there are no products for.
    Kind,
    /// The inputs do not fill whole blocks, or there are none.
    Shape,
    /// The system gave no memory.
    Memory(io::Error),
}

/// Room to work in, one for each thread.
#[derive(Clone, Debug)]
pub struct Scratch {
    spread: Box<Spread>,
    floats: Box<floats::Room>,
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch { spread: Spread::new(), floats: Box::new([[0.0; TILE]; STEP]) }
    }
}

impl Matrix {
    /// All zero, to be filled tile by tile with [`Matrix::pack`].
    pub fn zeroed(kind: Kind, inputs: usize, outputs: usize) -> Result<Matrix, BadMatrix> {
        let layout = Layout::of(kind);
        let bits = match (layout, kind) {
            (Some(layout), _) => layout.source * 8 / layout.inputs,
            (None, Kind::F32) => 32,
            (None, Kind::F16 | Kind::Bf16) => 16,
            (None, _) => return Err(BadMatrix::Kind),
        };
        let block = layout.map_or(1, |layout| layout.inputs);
        if inputs == 0 || outputs == 0 || !inputs.is_multiple_of(block) {
            return Err(BadMatrix::Shape);
        }
        let tile = match layout {
            Some(layout) => (inputs / layout.inputs).checked_mul(layout.bytes()),
            None => inputs.checked_mul(TILE * bits / 8),
        };
        let tile = tile.ok_or(BadMatrix::Shape)?;
        let bytes = tile.checked_mul(outputs.div_ceil(TILE)).ok_or(BadMatrix::Shape)?;
        let pages = Pages::zeroed(bytes).map_err(BadMatrix::Memory)?;
        Ok(Matrix { kind, layout, inputs, outputs, tile, pages })
    }

    /// One tile after the other, for threads that share them.
    pub fn tiles_mut(&mut self) -> impl Iterator<Item = (TileShape, &mut [u8])> {
        let shape = self.shape();
        self.pages.chunks_exact_mut(self.tile).enumerate().map(move |(tile, bytes)| {
            (TileShape { first: tile * TILE, ..shape }, bytes)
        })
    }

    fn shape(&self) -> TileShape {
        TileShape { kind: self.kind, layout: self.layout, inputs: self.inputs, outputs: self.outputs, first: 0 }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn inputs(&self) -> usize {
        self.inputs
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    pub fn tiles(&self) -> usize {
        self.outputs.div_ceil(TILE)
    }

    pub fn bytes(&self) -> usize {
        self.pages.len()
    }

    /// Whether bytes on the left share a scale over 256 inputs; `None` for floats.
    pub(super) fn is_coarse(&self) -> Option<bool> {
        self.layout.map(|layout| layout.is_coarse())
    }

    /// The outputs of a tile for a stretch of the left side's rows.
    pub fn multiply(
        &self,
        level: Level,
        left: &Left,
        rows: Range<usize>,
        tile: usize,
        out: &mut [Strip],
        scratch: &mut Scratch,
    ) {
        assert!(left.suits(self) && rows.end <= left.rows(), "a product of sides that do not fit");
        assert_eq!(out.len(), rows.len(), "as many rows go out as come in");
        let weights = &self.pages[tile * self.tile..(tile + 1) * self.tile];
        out.fill([0.0; TILE]);
        let Some(layout) = &self.layout else {
            let strips = self.inputs.div_ceil(TILE);
            let bytes = self.tile / self.inputs;
            let left = &left.floats[rows.start * strips..rows.end * strips];
            for (at, weights) in weights.chunks(STEP * bytes).enumerate() {
                let room = &mut scratch.floats[..weights.len() / bytes];
                floats::convert(level, self.kind, weights, room);
                floats::multiply(level, left, strips, at * STEP, room, out);
            }
            return;
        };
        let step = BLOCK / layout.inputs * layout.bytes();
        for (at, blocks) in weights.chunks(step).enumerate() {
            ahead(weights, (at + 1) * step, step);
            spread(level, layout, blocks, bytes::scaling(level), &mut scratch.spread);
            let here = at * left.rows() + rows.start..at * left.rows() + rows.end;
            let rows = if layout.is_coarse() {
                Rows::Coarse(&left.coarse[here])
            } else {
                Rows::Fine(&left.fine[here], blocks.len() / layout.bytes())
            };
            bytes::multiply(level, layout, rows, &scratch.spread, out);
        }
    }

    /// The weights of one output.
    pub fn row(&self, output: usize, to: &mut [f32]) {
        assert!(output < self.outputs && to.len() == self.inputs, "a row that is not there");
        let tile = &self.pages[output / TILE * self.tile..][..self.tile];
        match &self.layout {
            Some(layout) => {
                for (block, to) in tile.chunks_exact(layout.bytes()).zip(to.chunks_mut(layout.inputs)) {
                    let column = pack::get(layout, block, output % TILE);
                    for (at, to) in to.iter_mut().enumerate() {
                        *to = source::weight(self.kind, &column, at);
                    }
                }
            }
            None => {
                let bytes = self.tile / self.inputs / TILE;
                for (weights, to) in tile.chunks_exact(bytes * TILE).zip(to) {
                    *to = source::float(self.kind, &weights[bytes * (output % TILE)..]);
                }
            }
        }
    }
}

/// Asks for memory before it is needed.
#[inline(always)]
fn ahead(weights: &[u8], from: usize, len: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(next) = weights.get(from..(from + len).min(weights.len())) {
        for line in next.chunks(64) {
            // SAFETY: a hint about an address inside a slice.
            unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast()) }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (weights, from, len);
}

/// Which part of a matrix a tile is.
#[derive(Clone, Copy, Debug)]
pub struct TileShape {
    kind: Kind,
    layout: Option<Layout>,
    inputs: usize,
    outputs: usize,
    first: usize,
}

impl TileShape {
    /// Outputs of the matrix that this tile has.
    pub fn outputs(&self) -> Range<usize> {
        self.first..(self.first + TILE).min(self.outputs)
    }

    /// Bytes of an output in the file.
    pub fn source(&self) -> usize {
        match (self.layout, self.kind) {
            (Some(layout), _) => self.inputs / layout.inputs * layout.source,
            (None, Kind::F32) => 4 * self.inputs,
            (None, _) => 2 * self.inputs,
        }
    }

    /// Fills a tile, which was zero. `source` has all its outputs, one behind the other.
    pub fn pack(&self, source: &[u8], tile: &mut [u8]) {
        assert_eq!(source.len(), self.outputs().len() * self.source(), "the bytes of a tile's outputs");
        let mut column = Column::default();
        for (output, source) in source.chunks_exact(self.source()).enumerate() {
            match &self.layout {
                Some(layout) => {
                    let blocks = tile.chunks_exact_mut(layout.bytes());
                    for (block, source) in blocks.zip(source.chunks_exact(layout.source)) {
                        source::read(layout.kind, source, &mut column);
                        pack::put(layout, block, output, &column);
                    }
                }
                None => {
                    let bytes = source.len() / self.inputs;
                    for (tile, source) in tile.chunks_exact_mut(TILE * bytes).zip(source.chunks_exact(bytes)) {
                        tile[bytes * output..bytes * (output + 1)].copy_from_slice(source);
                    }
                }
            }
        }
    }
}

impl fmt::Debug for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matrix({} to {}, {:?})", self.inputs, self.outputs, self.kind)
    }
}

impl fmt::Display for BadMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadMatrix::Kind => f.write_str("its numbers are written in a way that docent does not know"),
            BadMatrix::Shape => f.write_str("its rows are not whole blocks"),
            BadMatrix::Memory(_) => f.write_str("there is not enough memory for it"),
        }
    }
}

impl std::error::Error for BadMatrix {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            BadMatrix::Memory(error) => Some(error),
            BadMatrix::Kind | BadMatrix::Shape => None,
        }
    }
}
