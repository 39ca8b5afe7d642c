//! The right side of a product, whole.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::bytes::{self, Rows};
use super::floats::{self, STEP};
use super::left::Left;
use super::source;
use super::store::{Place, Store};
use super::unpack::{Spread, spread};
use super::{BLOCK, Strip, TILE, pack};
use crate::simd::Level;

/// Weights in tiles of 32 outputs.
#[derive(Clone)]
pub struct Matrix {
    store: Arc<Store>,
    place: Place,
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
    /// `place` was reserved in the store.
    pub fn new(store: &Arc<Store>, place: Place) -> Matrix {
        Matrix { store: Arc::clone(store), place }
    }

    pub fn inputs(&self) -> usize {
        self.place.inputs
    }

    pub fn outputs(&self) -> usize {
        self.place.outputs
    }

    pub fn tiles(&self) -> usize {
        self.place.tiles()
    }

    /// Whether bytes on the left share a scale over 256 inputs; `None` for floats.
    pub(super) fn is_coarse(&self) -> Option<bool> {
        self.place.layout.map(|layout| layout.is_coarse())
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
        let weights = self.store.tile(&self.place, tile);
        out.fill([0.0; TILE]);
        let Some(layout) = &self.place.layout else {
            let width = self.place.tile / self.place.inputs;
            for (at, weights) in weights.chunks(STEP * width).enumerate() {
                let room = &mut scratch.floats[..weights.len() / width];
                floats::convert(level, self.place.kind, weights, room);
                let (left, strips) = left.floats(at * STEP / BLOCK, &rows);
                floats::multiply(level, left, strips, at * STEP % BLOCK, room, out);
            }
            return;
        };
        if let [out] = &mut *out
            && bytes::single(level, layout, weights, left, rows.start, out)
        {
            return;
        }
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
        let Place { kind, layout, inputs, outputs, tile, .. } = self.place;
        assert!(output < outputs && to.len() == inputs, "a row that is not there");
        let weights = self.store.tile(&self.place, output / TILE);
        match &layout {
            Some(layout) => {
                for (block, to) in weights.chunks_exact(layout.bytes()).zip(to.chunks_mut(layout.inputs)) {
                    let column = pack::get(layout, block, output % TILE);
                    for (at, to) in to.iter_mut().enumerate() {
                        *to = source::weight(kind, &column, at);
                    }
                }
            }
            None => {
                let width = tile / inputs / TILE;
                for (weights, to) in weights.chunks_exact(width * TILE).zip(to) {
                    *to = source::float(kind, &weights[width * (output % TILE)..]);
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

impl fmt::Debug for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matrix({} to {}, {:?})", self.place.inputs, self.place.outputs, self.place.kind)
    }
}
