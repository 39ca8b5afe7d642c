//! Keys and values of many sequences, in blocks of 32 positions: written once, looked at by every later position.
//!
//! Numbers have sixteen bits. Keys of sixteen positions lie beside each other, so that a score needs no sum across lanes. A
//! position sees the same arithmetic in the same order whoever else is looked at in the same call.

#![allow(clippy::needless_range_loop, reason = "kernels go through several arrays at the same places")]

use std::fmt;
use std::io;
use std::ops::Range;

use super::lanes::Lanes;
use super::level::kernel;
use super::quant::to_half;
use super::{Level, Pages};

/// Positions of a block.
pub const POSITIONS: usize = 32;

pub struct Context {
    pages: Pages,
    shape: ContextShape,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextShape {
    pub blocks: usize,
    pub layers: usize,
    pub kv_heads: usize,
    /// Numbers of a head.
    pub head: usize,
}

/// What one key and value head is asked for, by all that see it at the same position.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub layer: usize,
    pub kv_head: usize,
    /// The sequence's blocks in order.
    pub blocks: &'a [u32],
    /// Positions that are seen.
    pub visible: (usize, usize),
    /// Scores stay below it.
    pub cap: Option<f32>,
}

/// Room to work in, one for each thread.
#[derive(Clone, Debug, Default)]
pub struct ContextRoom {
    scores: Vec<[f32; 16]>,
}

type Lane = [u16; 16];

impl ContextShape {
    /// Values of a position, filled up to whole lanes.
    fn lanes(&self) -> usize {
        self.head.div_ceil(16)
    }

    /// Lanes of one head's block: keys of twice sixteen positions, then values.
    fn head_lanes(&self) -> usize {
        2 * self.head + POSITIONS * self.lanes()
    }

    fn block_lanes(&self) -> usize {
        self.layers * self.kv_heads * self.head_lanes()
    }

    pub fn block_bytes(&self) -> usize {
        self.block_lanes() * size_of::<Lane>()
    }
}

impl Context {
    /// Costs memory only where it is written to.
    pub fn new(shape: ContextShape) -> io::Result<Context> {
        let bytes = shape.blocks.checked_mul(shape.block_bytes()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Context { pages: Pages::zeroed(bytes)?, shape })
    }

    pub fn shape(&self) -> ContextShape {
        self.shape
    }

    /// The key and value of one position of a block.
    pub fn write(&mut self, layer: usize, kv_head: usize, block: u32, offset: usize, key: &[f32], value: &[f32]) {
        let shape = self.shape;
        assert!(offset < POSITIONS && key.len() == shape.head && value.len() == shape.head, "a position of a head");
        let lanes = self.head_mut(layer, kv_head, block);
        let (keys, values) = lanes.split_at_mut(2 * shape.head);
        for (lane, key) in keys[offset / 16 * shape.head..].iter_mut().zip(key) {
            lane[offset % 16] = to_half(*key);
        }
        let to = values[offset * shape.lanes()..(offset + 1) * shape.lanes()].as_flattened_mut();
        for (to, value) in to.iter_mut().zip(value) {
            *to = to_half(*value);
        }
    }

    /// All that is in a block, for a sequence that goes on differently behind its first positions.
    pub fn copy(&mut self, from: u32, to: u32) {
        let bytes = self.shape.block_bytes();
        self.pages.copy_within(from as usize * bytes..(from as usize + 1) * bytes, to as usize * bytes);
    }

    /// For each of `queries`, already scaled, the values of what it sees, weighed by the softmax of its scores.
    pub fn attend(&self, level: Level, asked: &Asked<'_>, queries: &[f32], out: &mut [f32], room: &mut ContextRoom) {
        let (shape, (start, end)) = (self.shape, asked.visible);
        assert!(queries.len() == out.len() && queries.len().is_multiple_of(shape.head), "whole queries");
        assert!(start < end && end <= asked.blocks.len() * POSITIONS, "positions that were written");
        let blocks = &asked.blocks[start / POSITIONS..end.div_ceil(POSITIONS)];
        let skipped = start / POSITIONS * POSITIONS;
        let visible = start - skipped..end - skipped;
        for (queries, out) in queries.chunks(4 * shape.head).zip(out.chunks_mut(4 * shape.head)) {
            match queries.len() / shape.head {
                1 => attend_1(level, self, asked, blocks, visible.clone(), queries, out, room),
                2 => attend_2(level, self, asked, blocks, visible.clone(), queries, out, room),
                3 => attend_3(level, self, asked, blocks, visible.clone(), queries, out, room),
                _ => attend_4(level, self, asked, blocks, visible.clone(), queries, out, room),
            }
        }
    }

    fn at(&self, layer: usize, kv_head: usize, block: u32) -> Range<usize> {
        let ContextShape { blocks, layers, kv_heads, .. } = self.shape;
        assert!(layer < layers && kv_head < kv_heads && (block as usize) < blocks, "a head that is there");
        let lanes = self.shape.head_lanes();
        let start = block as usize * self.shape.block_lanes() + (layer * kv_heads + kv_head) * lanes;
        start * size_of::<Lane>()..(start + lanes) * size_of::<Lane>()
    }

    #[inline(always)]
    fn head(&self, layer: usize, kv_head: usize, block: u32) -> &[Lane] {
        // SAFETY: any bits are lanes of halves; pages begin at the border of a page and lanes follow one another.
        let (before, lanes, after) = unsafe { self.pages[self.at(layer, kv_head, block)].align_to::<Lane>() };
        assert!(before.is_empty() && after.is_empty(), "lanes begin where lanes end");
        lanes
    }

    fn head_mut(&mut self, layer: usize, kv_head: usize, block: u32) -> &mut [Lane] {
        let at = self.at(layer, kv_head, block);
        // SAFETY: as above.
        let (before, lanes, after) = unsafe { self.pages[at].align_to_mut::<Lane>() };
        assert!(before.is_empty() && after.is_empty(), "lanes begin where lanes end");
        lanes
    }
}

macro_rules! counts {
    ($($name:ident $body:ident $count:literal),*) => {$(
        kernel! {
            fn $name(
                context: &Context, asked: &Asked<'_>, blocks: &[u32], visible: Range<usize>, queries: &[f32],
                out: &mut [f32], room: &mut ContextRoom
            ); $body
        }

        #[inline(always)]
        #[allow(clippy::too_many_arguments, reason = "kernels take plain slices")]
        fn $body<L: Lanes>(
            context: &Context, asked: &Asked<'_>, blocks: &[u32], visible: Range<usize>, queries: &[f32],
            out: &mut [f32], room: &mut ContextRoom,
        ) {
            look::<L, $count>(context, asked, blocks, visible, queries, out, room);
        }
    )*};
}

counts! { attend_1 body_1 1, attend_2 body_2 2, attend_3 body_3 3, attend_4 body_4 4 }

#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "kernels take plain slices")]
fn look<L: Lanes, const Q: usize>(
    context: &Context,
    asked: &Asked<'_>,
    blocks: &[u32],
    visible: Range<usize>,
    queries: &[f32],
    out: &mut [f32],
    room: &mut ContextRoom,
) {
    let head = context.shape.head;
    let columns = 2 * blocks.len();
    room.scores.resize((Q * columns).max(room.scores.len()), [0.0; 16]);
    let scores = &mut room.scores[..Q * columns];
    let queries: [&[f32]; Q] = std::array::from_fn(|q| &queries[q * head..(q + 1) * head]);
    for (at, block) in blocks.iter().enumerate() {
        let keys = &context.head(asked.layer, asked.kv_head, *block)[..2 * head];
        let (low, high) = keys.split_at(head);
        let mut sums = [[L::splat(0.0); 2]; Q];
        for d in 0..head {
            let keys = [L::load_half(&low[d]), L::load_half(&high[d])];
            for q in 0..Q {
                let x = L::splat(queries[q][d]);
                sums[q][0] = x.times_plus(keys[0], sums[q][0]);
                sums[q][1] = x.times_plus(keys[1], sums[q][1]);
            }
        }
        for q in 0..Q {
            sums[q][0].store(&mut scores[q * columns + 2 * at]);
            sums[q][1].store(&mut scores[q * columns + 2 * at + 1]);
        }
    }
    let mut factors = [0.0; Q];
    for (scores, factor) in scores.chunks_exact_mut(columns).zip(&mut factors) {
        if let Some(cap) = asked.cap {
            scores.as_flattened_mut().iter_mut().for_each(|score| *score = cap * (*score / cap).tanh());
        }
        *factor = 1.0 / soften::<L>(scores, &visible);
    }
    let lanes = context.shape.lanes();
    let mut lane = 0;
    while lane < lanes {
        let to = &mut *out;
        if lanes - lane >= 4 {
            weigh::<L, Q, 4>(context, asked, blocks, &visible, scores, &factors, lane, to);
            lane += 4;
        } else {
            weigh::<L, Q, 1>(context, asked, blocks, &visible, scores, &factors, lane, to);
            lane += 1;
        }
    }
}

/// Scores become what they weigh, and nothing where nothing is seen; gives their sum.
#[inline(always)]
fn soften<L: Lanes>(scores: &mut [[f32; 16]], visible: &Range<usize>) -> f32 {
    let flat = scores.as_flattened_mut();
    flat[..visible.start].fill(f32::MIN);
    flat[visible.end..].fill(f32::MIN);
    let mut most = L::splat(f32::MIN);
    for lane in scores.iter() {
        most = most.at_least(L::load(lane));
    }
    let most = L::splat(most.largest());
    for lane in scores.iter_mut() {
        L::load(lane).minus(most).exp().store(lane);
    }
    let flat = scores.as_flattened_mut();
    flat[..visible.start].fill(0.0);
    flat[visible.end..].fill(0.0);
    let mut sum = L::splat(0.0);
    for lane in scores.iter() {
        sum = sum.plus(L::load(lane));
    }
    sum.sum()
}

/// `PARTS` lanes of the values.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "kernels take plain slices")]
fn weigh<L: Lanes, const Q: usize, const PARTS: usize>(
    context: &Context,
    asked: &Asked<'_>,
    blocks: &[u32],
    visible: &Range<usize>,
    scores: &[[f32; 16]],
    factors: &[f32; Q],
    lane: usize,
    out: &mut [f32],
) {
    let (head, lanes, columns) = (context.shape.head, context.shape.lanes(), 2 * blocks.len());
    let flat = scores.as_flattened();
    let mut sums = [[L::splat(0.0); PARTS]; Q];
    for (at, block) in blocks.iter().enumerate() {
        let values = &context.head(asked.layer, asked.kv_head, *block)[2 * head..];
        let first = visible.start.max(at * POSITIONS);
        let last = visible.end.min((at + 1) * POSITIONS);
        for position in first..last {
            let values = &values[position % POSITIONS * lanes + lane..][..PARTS];
            let mut parts = [L::splat(0.0); PARTS];
            for (part, values) in parts.iter_mut().zip(values) {
                *part = L::load_half(values);
            }
            for q in 0..Q {
                let weight = L::splat(flat[16 * columns * q + position]);
                for part in 0..PARTS {
                    sums[q][part] = weight.times_plus(parts[part], sums[q][part]);
                }
            }
        }
    }
    for q in 0..Q {
        for part in 0..PARTS {
            let from = sums[q][part].times(L::splat(factors[q])).array();
            let start = 16 * (lane + part);
            let width = (head - start).min(16);
            out[q * head + start..q * head + start + width].copy_from_slice(&from[..width]);
        }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("shape", &self.shape).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(at: usize) -> f32 {
        ((at * 7919 + 13) % 1009) as f32 / 504.0 - 1.0
    }

    /// A context of which one sequence has the given blocks, and its keys and values as they were kept.
    fn written(shape: ContextShape, blocks: &[u32], len: usize) -> (Context, Vec<Vec<f32>>, Vec<Vec<f32>>) {
        let mut context = Context::new(shape).unwrap();
        let vector = |position: usize, what: usize| -> Vec<f32> {
            (0..shape.head).map(|d| number(position * 131 + d * 7 + what)).collect()
        };
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for position in 0..len {
            let (key, value) = (vector(position, 0), vector(position, 5000));
            context.write(1, 1, blocks[position / POSITIONS], position % POSITIONS, &key, &value);
            let kept = |x: &f32| super::super::quant::from_half(to_half(*x));
            keys.push(key.iter().map(kept).collect());
            values.push(value.iter().map(kept).collect());
        }
        (context, keys, values)
    }

    #[test]
    fn attention_is_the_formula() {
        for (head, len, queries) in [(64, 100, 7), (8, 33, 4), (80, 1, 1), (16, 32, 2), (128, 70, 3), (24, 64, 9)] {
            let shape = ContextShape { blocks: 9, layers: 2, kv_heads: 2, head };
            let blocks = [7, 2, 5, 0];
            let (context, keys, values) = written(shape, &blocks, len);
            let asked_with: Vec<f32> = (0..queries * head).map(|at| number(at + 77)).collect();
            for visible in [(0, len), (len - 1, len), (len / 2, len), (0, len.div_ceil(3))] {
                for cap in [None, Some(2.0)] {
                    let asked = Asked { layer: 1, kv_head: 1, blocks: &blocks, visible, cap };
                    for level in Level::all() {
                        let mut out = vec![7.0; queries * head];
                        context.attend(level, &asked, &asked_with, &mut out, &mut ContextRoom::default());
                        for (query, out) in asked_with.chunks(head).zip(out.chunks(head)) {
                            let score = |at: usize| {
                                let score: f64 = query.iter().zip(&keys[at]).map(|(a, b)| f64::from(a * b)).sum();
                                cap.map_or(score, |cap| f64::from(cap) * (score / f64::from(cap)).tanh())
                            };
                            let weights: Vec<f64> = (visible.0..visible.1).map(|at| score(at).exp()).collect();
                            let sum: f64 = weights.iter().sum();
                            for (d, out) in out.iter().enumerate() {
                                let terms = weights.iter().zip(&values[visible.0..visible.1]);
                                let expected: f64 = terms.map(|(w, v)| w * f64::from(v[d])).sum::<f64>() / sum;
                                let off = (f64::from(*out) - expected).abs();
                                assert!(off < 1e-5, "{head} {visible:?} {level:?}: {out} for {expected}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn company_changes_nothing() {
        let shape = ContextShape { blocks: 4, layers: 2, kv_heads: 2, head: 64 };
        let (context, ..) = written(shape, &[3, 1], 60);
        let queries: Vec<f32> = (0..7 * 64).map(number).collect();
        let asked = Asked { layer: 1, kv_head: 1, blocks: &[3, 1], visible: (5, 60), cap: None };
        for level in Level::all() {
            let mut together = vec![0.0; 7 * 64];
            context.attend(level, &asked, &queries, &mut together, &mut ContextRoom::default());
            for (query, together) in queries.chunks(64).zip(together.chunks(64)) {
                let mut alone = vec![0.0; 64];
                context.attend(level, &asked, query, &mut alone, &mut ContextRoom::default());
                assert_eq!(alone, together);
            }
        }
    }

    #[test]
    fn a_copied_block_says_the_same() {
        let shape = ContextShape { blocks: 4, layers: 2, kv_heads: 2, head: 16 };
        let (mut context, ..) = written(shape, &[3], 20);
        context.copy(3, 0);
        let queries: Vec<f32> = (0..16).map(number).collect();
        let mut outs = [vec![0.0; 16], vec![0.0; 16]];
        for (blocks, out) in [[3], [0]].iter().zip(&mut outs) {
            let asked = Asked { layer: 1, kv_head: 1, blocks, visible: (0, 20), cap: None };
            context.attend(Level::best(), &asked, &queries, out, &mut ContextRoom::default());
        }
        assert_eq!(outs[0], outs[1]);
    }
}
