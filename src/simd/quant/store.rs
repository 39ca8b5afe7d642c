//! Where all packed weights of a model live: one stretch of memory, filled tile by tile.

use std::fmt;
use std::io;
use std::ops::Range;

use super::TILE;
use super::floats::STEP;
use super::layout::Layout;
use super::pack;
use super::source::{self, Column};
use crate::gguf::Kind;
use crate::simd::lanes::Lanes;
use crate::simd::level::kernel;
use crate::simd::{Level, Pages};

#[derive(Debug)]
pub struct Store {
    pages: Pages,
    used: usize,
}

/// A matrix's place in a store.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub(super) kind: Kind,
    pub(super) layout: Option<Layout>,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Bytes of a tile.
    pub(super) tile: usize,
    start: usize,
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

impl Store {
    pub fn new(bytes: usize) -> Result<Store, BadMatrix> {
        Ok(Store { pages: Pages::zeroed(bytes).map_err(BadMatrix::Memory)?, used: 0 })
    }

    /// The next place.
    pub fn reserve(&mut self, place: Place) -> Place {
        let place = Place { start: self.used, ..place };
        self.used += place.bytes();
        assert!(self.used <= self.pages.len(), "a store was made too small");
        place
    }

    /// One tile after the other, for threads that share them.
    pub fn tiles_mut(&mut self, place: Place) -> impl Iterator<Item = (TileShape, &mut [u8])> {
        let tiles = &mut self.pages[place.start..place.start + place.bytes()];
        tiles
            .chunks_exact_mut(place.tile)
            .enumerate()
            .map(move |(tile, bytes)| (TileShape { place, first: tile * TILE }, bytes))
    }

    pub(super) fn tile(&self, place: &Place, tile: usize) -> &[u8] {
        assert!(tile < place.tiles(), "a tile that is there");
        &self.pages[place.start + tile * place.tile..][..place.tile]
    }
}

impl Place {
    pub fn new(kind: Kind, inputs: usize, outputs: usize) -> Result<Place, BadMatrix> {
        let layout = Layout::of(kind);
        let width = match kind {
            _ if layout.is_some() => 0,
            Kind::F32 => 4,
            Kind::F16 | Kind::Bf16 => 2,
            _ => return Err(BadMatrix::Kind),
        };
        if inputs == 0 || outputs == 0 || !inputs.is_multiple_of(layout.map_or(1, |layout| layout.inputs)) {
            return Err(BadMatrix::Shape);
        }
        let tile = match layout {
            Some(layout) => (inputs / layout.inputs).checked_mul(layout.bytes()),
            None => inputs.checked_mul(TILE * width),
        };
        let tile = tile.ok_or(BadMatrix::Shape)?;
        tile.checked_mul(outputs.div_ceil(TILE)).ok_or(BadMatrix::Shape)?;
        Ok(Place { kind, layout, inputs, outputs, tile, start: 0 })
    }

    pub fn tiles(&self) -> usize {
        self.outputs.div_ceil(TILE)
    }

    pub fn bytes(&self) -> usize {
        self.tile * self.tiles()
    }

    /// Some of the outputs, where they begin with a tile.
    pub fn part(&self, outputs: Range<usize>) -> Option<Place> {
        let fits = outputs.start.is_multiple_of(TILE) && outputs.start < outputs.end && outputs.end <= self.outputs;
        let start = self.start + outputs.start / TILE * self.tile;
        // Behind the last output of a part there are others, which its last tile must not show.
        let ends = outputs.end == self.outputs || outputs.end.is_multiple_of(TILE);
        (fits && ends).then_some(Place { outputs: outputs.len(), start, ..*self })
    }
}

/// Which part of a matrix a tile is.
#[derive(Clone, Copy, Debug)]
pub struct TileShape {
    place: Place,
    first: usize,
}

impl TileShape {
    /// Outputs of the matrix that this tile has.
    pub fn outputs(&self) -> Range<usize> {
        self.first..(self.first + TILE).min(self.place.outputs)
    }

    /// Bytes of an output in the file.
    pub fn source(&self) -> usize {
        match self.place.layout {
            Some(layout) => self.place.inputs / layout.inputs * layout.source,
            None => self.place.tile / TILE,
        }
    }

    /// Fills a tile. `source` has all its outputs, one behind the other.
    pub fn pack(&self, level: Level, source: &[u8], tile: &mut [u8]) {
        assert_eq!(source.len(), self.outputs().len() * self.source(), "the bytes of a tile's outputs");
        match &self.place.layout {
            Some(layout) => pack_tile(level, layout, source, self.source(), tile),
            None => pack_floats(source, self.source(), self.place.inputs, tile),
        }
    }
}

/// Some inputs of all outputs at a time, so that what is written stays near.
fn pack_floats(source: &[u8], step: usize, inputs: usize, tile: &mut [u8]) {
    let bytes = step / inputs;
    for (at, tile) in tile.chunks_mut(STEP * TILE * bytes).enumerate() {
        for (output, source) in source.chunks_exact(step).enumerate() {
            let source = &source[at * STEP * bytes..];
            for (to, from) in tile.chunks_exact_mut(TILE * bytes).zip(source.chunks_exact(bytes)) {
                to[bytes * output..bytes * (output + 1)].copy_from_slice(from);
            }
        }
    }
}

kernel! { fn pack_tile(layout: &Layout, source: &[u8], step: usize, tile: &mut [u8]); pack_tile_body }

#[inline(always)]
fn pack_tile_body<L: Lanes>(layout: &Layout, source: &[u8], step: usize, tile: &mut [u8]) {
    let mut columns = std::array::from_fn(|_| Column::default());
    for (at, block) in tile.chunks_exact_mut(layout.bytes()).enumerate() {
        for (column, source) in columns.iter_mut().zip(source.chunks_exact(step)) {
            source::read(layout.kind, &source[at * layout.source..(at + 1) * layout.source], column);
        }
        pack::put(layout, block, &columns);
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
