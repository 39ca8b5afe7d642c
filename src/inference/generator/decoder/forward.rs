//! The pass: from tokens to logits, all rows of a step together.

use std::sync::Mutex;

use rayon::prelude::*;

use super::super::config::{Config, Gate};
use super::Sequence;
use super::state::{Room, State};
use super::weights::{Layer, Linear, Weights};
use crate::simd::quant::{Change, Left, Matrix, Strip, TILE};
use crate::simd::{Asked, Context, Gating, Level, POSITIONS, add_to, gate, norm_factors};

/// One token of a sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) slot: usize,
    pub(super) position: usize,
    pub(super) token: u32,
}

pub(super) struct Pass<'a> {
    pub(super) config: &'a Config,
    pub(super) weights: &'a Weights,
    pub(super) context: &'a mut Context,
    pub(super) sequences: &'a [Option<Sequence>],
    pub(super) state: &'a mut State,
    pub(super) level: Level,
}

impl Pass<'_> {
    pub(super) fn run(&mut self, logits: &mut Vec<f32>) {
        self.embed();
        for (turns, rope) in self.state.turns.iter_mut().zip(&self.state.ropes) {
            turns.fill(rope, self.state.rows.iter().map(|row| row.position));
        }
        for (at, layer) in self.weights.layers.iter().enumerate() {
            self.attention(at, layer);
            self.add(&layer.after_attention);
            self.feed_forward(layer);
            self.add(&layer.after_forward);
        }
        self.logits(logits);
    }

    fn embed(&mut self) {
        let (count, config) = (self.state.rows.len(), self.config);
        let state = &mut *self.state;
        state.stream.resize(config.hidden.div_ceil(TILE) * count, [0.0; TILE]);
        let mut embedding = vec![0.0; config.hidden];
        for (at, row) in state.rows.iter().enumerate() {
            self.weights.embedding(row.token, &mut embedding);
            embedding.iter_mut().for_each(|number| *number *= config.embedding_scale);
            for (strip, numbers) in embedding.chunks(TILE).enumerate() {
                state.stream[strip * count + at][..numbers.len()].copy_from_slice(numbers);
            }
        }
    }

    /// Leaves in `more` what it gives.
    fn attention(&mut self, at: usize, layer: &Layer) {
        let (level, config) = (self.level, self.config);
        let rows = self.state.rows.len();
        let (group, head) = (config.heads / config.kv_heads, config.head);
        let state = &mut *self.state;
        norm(level, config, state, &layer.attention_norm, [&layer.q.matrix, &layer.k.matrix, &layer.v.matrix]);
        let parts = [&layer.q, &layer.k, &layer.v];
        let starts = [0, layer.q.matrix.tiles(), layer.q.matrix.tiles() + layer.k.matrix.tiles()];
        state.qkv.resize((starts[2] + layer.v.matrix.tiles()) * rows, [0.0; TILE]);
        let (left, rooms) = (&state.left, state.rooms.as_slice());
        each_strip(&mut state.qkv, rows, rooms, |strip, out, room| {
            let part = if strip < starts[1] {
                0
            } else if strip < starts[2] {
                1
            } else {
                2
            };
            linear(level, parts[part], left, strip - starts[part], out, room);
        });

        let (qkv, all_rows) = (&state.qkv, &state.rows);
        let turns = state.rope_of[at].map(|rope| &state.turns[rope]);
        let prepare = |part: usize, which: usize, row: usize, weights: &Option<Vec<f32>>, to: &mut [f32]| {
            let columns = &qkv[starts[part] * rows..];
            gather(columns, rows, row, which * head, to);
            if let Some(weights) = weights {
                head_norm(weights, config.epsilon, to);
            }
            if let Some(turns) = turns {
                turns.turn(row, config.pairs, to);
            }
        };
        state.queries.resize(config.heads * head * rows, 0.0);
        state.queries.par_chunks_mut(group * head).enumerate().with_min_len(8).for_each(|(unit, to)| {
            let (kv_head, row) = (unit / rows, unit % rows);
            for (which, to) in to.chunks_mut(head).enumerate() {
                prepare(0, kv_head * group + which, row, &layer.q_norm, to);
                to.iter_mut().for_each(|number| *number *= config.attention_scale);
            }
        });
        let mut pair = [vec![0.0; head], vec![0.0; head]];
        for (at_row, row) in all_rows.iter().enumerate() {
            let Some(sequence) = &self.sequences[row.slot] else { continue };
            let block = sequence.seat.blocks[row.position / POSITIONS];
            for kv_head in 0..config.kv_heads {
                let [key, value] = &mut pair;
                prepare(1, kv_head, at_row, &layer.k_norm, key);
                gather(&qkv[starts[2] * rows..], rows, at_row, kv_head * head, value);
                self.context.write(at, kv_head, block, row.position % POSITIONS, key, value);
            }
        }

        state.seen.resize(config.heads * head * rows, 0.0);
        let (context, sequences, queries) = (&*self.context, self.sequences, &state.queries);
        let window = config.layers[at].window;
        state.seen.par_chunks_mut(group * head).enumerate().for_each(|(unit, out)| {
            let (kv_head, row) = (unit / rows, &all_rows[unit % rows]);
            let Some(sequence) = &sequences[row.slot] else { return };
            let end = row.position + 1;
            let visible = (window.map_or(0, |window| end.saturating_sub(window)), end);
            let cap = config.attention_cap;
            let asked = Asked { layer: at, kv_head, blocks: &sequence.seat.blocks, visible, cap };
            let mut room = State::room(rooms);
            let queries = &queries[unit * group * head..(unit + 1) * group * head];
            context.attend(level, &asked, queries, out, &mut room.context);
        });

        let seen = &state.seen;
        state.attended.resize((config.heads * head).div_ceil(TILE) * rows, [0.0; TILE]);
        state.attended.par_chunks_mut(rows).enumerate().with_min_len(4).for_each(|(strip, out)| {
            for (row, to) in out.iter_mut().enumerate() {
                spread(seen, rows, row, strip * TILE, config, to);
            }
        });
        let matrix = &layer.attention_output.matrix;
        state.left.shape(rows, config.heads * head, [matrix]);
        fill(level, &mut state.left, &state.attended, Change::Nothing);
        state.more.resize(matrix.tiles() * rows, [0.0; TILE]);
        let left = &state.left;
        each_strip(&mut state.more, rows, &state.rooms, |strip, out, room| {
            linear(level, &layer.attention_output, left, strip, out, room);
        });
    }

    /// Leaves in `more` what it gives.
    fn feed_forward(&mut self, layer: &Layer) {
        let (level, config) = (self.level, self.config);
        let rows = self.state.rows.len();
        let state = &mut *self.state;
        norm(level, config, state, &layer.forward_norm, [&layer.gate, &layer.up]);
        state.gated.resize(layer.gate.tiles() * rows, [0.0; TILE]);
        let gating = match config.gate {
            Gate::Silu => Gating::Silu,
            Gate::Gelu => Gating::Gelu,
        };
        let left = &state.left;
        each_strip(&mut state.gated, rows, &state.rooms, |strip, out, room| {
            let Room { scratch, strips, .. } = room;
            strips.resize(rows, [0.0; TILE]);
            layer.gate.multiply(level, left, 0..rows, strip, out, scratch);
            layer.up.multiply(level, left, 0..rows, strip, strips, scratch);
            gate(level, gating, out, strips);
        });
        state.left.shape(rows, config.feed_forward, [&layer.down]);
        fill(level, &mut state.left, &state.gated, Change::Nothing);
        state.more.resize(layer.down.tiles() * rows, [0.0; TILE]);
        let left = &state.left;
        each_strip(&mut state.more, rows, &state.rooms, |strip, out, room| {
            layer.down.multiply(level, left, 0..rows, strip, out, &mut room.scratch);
        });
    }

    /// What a half of a layer gave goes to the stream, normed where the architecture says so.
    fn add(&mut self, normed_by: &Option<Vec<Strip>>) {
        let (rows, state) = (self.state.rows.len(), &mut *self.state);
        if let Some(weights) = normed_by {
            state.factors.resize(rows, 0.0);
            norm_factors(self.level, &state.more, self.config.hidden, self.config.epsilon, &mut state.factors);
            for (strip, weights) in state.more.chunks_mut(rows).zip(weights) {
                for (row, factor) in strip.iter_mut().zip(&state.factors) {
                    row.iter_mut().zip(weights).for_each(|(number, weight)| *number = *number * factor * weight);
                }
            }
        }
        add_to(self.level, &mut state.stream, &state.more);
    }

    /// Of the wanted rows.
    fn logits(&mut self, logits: &mut Vec<f32>) {
        let (level, config, matrix) = (self.level, self.config, &self.weights.output);
        let (all, wanted) = (self.state.rows.len(), self.state.wanted.len());
        if wanted == 0 {
            return;
        }
        let state = &mut *self.state;
        // The stream of a step has done its duty.
        state.more.resize(config.hidden.div_ceil(TILE) * wanted, [0.0; TILE]);
        for (strip, to) in state.more.chunks_mut(wanted).enumerate() {
            for (to, row) in to.iter_mut().zip(&state.wanted) {
                *to = state.stream[strip * all + row];
            }
        }
        state.factors.resize(wanted, 0.0);
        norm_factors(level, &state.more, config.hidden, config.epsilon, &mut state.factors);
        let change = Change::Norm { factors: &state.factors, weights: &self.weights.norm };
        state.left.shape(wanted, config.hidden, [matrix]);
        fill(level, &mut state.left, &state.more, change);
        state.logits.resize(matrix.tiles() * wanted, [0.0; TILE]);
        let left = &state.left;
        each_strip(&mut state.logits, wanted, &state.rooms, |strip, out, room| {
            matrix.multiply(level, left, 0..wanted, strip, out, &mut room.scratch);
        });
        logits.resize(wanted * config.vocabulary, 0.0);
        for (row, logits) in logits.chunks_mut(config.vocabulary).enumerate() {
            for (logits, strips) in logits.chunks_mut(TILE).zip(state.logits.chunks(wanted)) {
                logits.copy_from_slice(&strips[row][..logits.len()]);
            }
            if let Some(cap) = config.logits_cap {
                logits.iter_mut().for_each(|logit| *logit = cap * (*logit / cap).tanh());
            }
        }
    }
}

/// The normed stream, as the matrices want it.
fn norm<'m>(
    level: Level,
    config: &Config,
    state: &mut State,
    weights: &[Strip],
    wanted_by: impl IntoIterator<Item = &'m Matrix>,
) {
    let rows = state.rows.len();
    state.factors.resize(rows, 0.0);
    norm_factors(level, &state.stream, config.hidden, config.epsilon, &mut state.factors);
    let change = Change::Norm { factors: &state.factors, weights };
    state.left.shape(rows, config.hidden, wanted_by);
    fill(level, &mut state.left, &state.stream, change);
}

/// By all threads where there is enough to do.
fn fill(level: Level, left: &mut Left, values: &[Strip], change: Change<'_>) {
    if left.rows() < 8 {
        left.parts().for_each(|part| part.fill(level, values, change));
    } else {
        left.parts().collect::<Vec<_>>().into_par_iter().for_each(|part| part.fill(level, values, change));
    }
}

/// Every strip of `out` by some thread.
fn each_strip(
    out: &mut [Strip],
    rows: usize,
    rooms: &[Mutex<Room>],
    work: impl Fn(usize, &mut [Strip], &mut Room) + Sync,
) {
    // Small pieces, so that no thread waits long for another at the end.
    let piece = (out.len() / rows / 32).max(1);
    let strips = out.par_chunks_mut(rows).enumerate().with_max_len(piece);
    strips.for_each(|(strip, out)| work(strip, out, &mut State::room(rooms)));
}

fn linear(level: Level, linear: &Linear, left: &Left, tile: usize, out: &mut [Strip], room: &mut Room) {
    linear.matrix.multiply(level, left, 0..out.len(), tile, out, &mut room.scratch);
    if let Some(bias) = &linear.bias {
        for row in out {
            row.iter_mut().zip(&bias[tile]).for_each(|(number, bias)| *number += bias);
        }
    }
}

/// A row's numbers from column `first` on.
fn gather(strips: &[Strip], rows: usize, row: usize, first: usize, to: &mut [f32]) {
    let mut column = first;
    let mut to = to;
    while !to.is_empty() {
        let from = &strips[column / TILE * rows + row][column % TILE..];
        let (here, rest) = to.split_at_mut(from.len().min(to.len()));
        here.copy_from_slice(&from[..here.len()]);
        column += here.len();
        to = rest;
    }
}

/// The other way: 32 columns of a row from heads that lie by key and value head.
fn spread(seen: &[f32], rows: usize, row: usize, first: usize, config: &Config, to: &mut Strip) {
    let group = config.heads / config.kv_heads * config.head;
    let end = (first + TILE).min(config.heads * config.head);
    let mut column = first;
    while column < end {
        let (kv_head, inside) = (column / group, column % group);
        let count = (group - inside).min(end - column);
        let from = (kv_head * rows + row) * group + inside;
        to[column - first..column - first + count].copy_from_slice(&seen[from..from + count]);
        column += count;
    }
    to[end - first..].fill(0.0);
}

fn head_norm(weights: &[f32], epsilon: f32, head: &mut [f32]) {
    let square: f32 = head.iter().map(|number| number * number).sum();
    let factor = 1.0 / (square / head.len() as f32 + epsilon).sqrt();
    head.iter_mut().zip(weights).for_each(|(number, weight)| *number = *number * factor * weight);
}
