//! The fast model: one forward pass for every architecture that [`Config`] describes, over weights packed for the processor.
//!
//! In reading order: `weights` is what the file holds, `state` what a step works in, `forward` the pass itself, `turn` the
//! rotation that tells positions apart.

mod forward;
mod state;
mod turn;
mod weights;

use std::num::NonZeroUsize;

use rayon::{ThreadPool, ThreadPoolBuilder};

use self::forward::{Pass, Row};
use self::state::State;
use self::weights::Weights;
use super::blocks::{Blocks, Seat};
use super::config::Config;
use super::file::Opened;
use super::model::{Begun, Model, Piece, Slot, Wants};
use crate::inference::contain::hush_this_thread;
use crate::inference::error::InferenceError;
use crate::simd::{Context, ContextShape, Level, POSITIONS};

pub(super) struct Decoder {
    model: String,
    config: Config,
    weights: Weights,
    context: Context,
    blocks: Blocks,
    sequences: Vec<Option<Sequence>>,
    state: State,
    pool: ThreadPool,
    level: Level,
}

#[derive(Debug)]
struct Sequence {
    seat: Seat,
    /// All that was read.
    tokens: Vec<u32>,
}

/// How a model is run, beside what its file says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setup {
    pub(super) threads: NonZeroUsize,
    /// How much what was read may take.
    pub(super) memory: u64,
    pub(super) level: Level,
}

/// Tokens that a step takes at best: more make no step faster by the token.
const SLICE: usize = 512;

impl Decoder {
    pub(super) fn load(opened: Opened, config: Config, setup: Setup) -> Result<Decoder, InferenceError> {
        let Setup { threads, memory, level } = setup;
        let model = opened.file.model.clone();
        let failed = |why: &str| InferenceError::Failed { model: model.clone(), why: why.to_owned() };
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .thread_name(|index| format!("generator {index}"))
            .start_handler(|_| hush_this_thread())
            .build()
            .map_err(|_| failed("the system gave no threads to run it"))?;
        let mut shape =
            ContextShape { blocks: 0, layers: config.layers.len(), kv_heads: config.kv_heads, head: config.head };
        let blocks = usize::try_from(memory).unwrap_or(usize::MAX) / shape.block_bytes();
        // A whole context fits in any case.
        shape.blocks = blocks.max(config.context.div_ceil(POSITIONS)).min(1 << 24);
        let context = Context::new(shape).map_err(|_| failed("there is not enough memory for what it reads"))?;
        let weights = pool.install(|| Weights::load(opened, &config, level))?;
        let state = State::new(&config, threads);
        let blocks = Blocks::new(shape.blocks, POSITIONS);
        Ok(Decoder { model, config, weights, context, blocks, sequences: Vec::new(), state, pool, level })
    }

    fn wrong(&self, why: &str) -> InferenceError {
        InferenceError::Failed { model: self.model.clone(), why: why.to_owned() }
    }

    /// Every row of a step, checked: what is not there must not be looked at.
    fn rows(&mut self, pieces: &[Piece<'_>]) -> Result<(), InferenceError> {
        self.state.rows.clear();
        self.state.wanted.clear();
        for piece in pieces {
            let sequence = self.sequences.get(piece.slot.0).and_then(Option::as_ref);
            let sequence = sequence.ok_or_else(|| self.wrong("a sequence was continued that had not begun"))?;
            let after = sequence.tokens.len() + piece.tokens.len();
            if after > sequence.seat.blocks.len() * POSITIONS {
                return Err(self.wrong("a sequence grew beyond its place"));
            }
            let known = |&token: &u32| (token as usize) < self.config.vocabulary;
            if piece.tokens.is_empty() || !piece.tokens.iter().all(known) {
                return Err(self.wrong("it was given tokens that it does not have"));
            }
            let first = self.state.rows.len();
            let rows = (sequence.tokens.len()..).zip(piece.tokens);
            self.state.rows.extend(rows.map(|(position, &token)| Row { slot: piece.slot.0, position, token }));
            let wanted = match piece.wants {
                Wants::Nothing => 0,
                Wants::Last => 1,
                Wants::All => piece.tokens.len(),
            };
            let end = first + piece.tokens.len();
            self.state.wanted.extend(end - wanted..end);
        }
        Ok(())
    }
}

impl Model for Decoder {
    fn vocabulary(&self) -> usize {
        self.config.vocabulary
    }

    fn context(&self) -> usize {
        self.config.context
    }

    fn slice(&self) -> usize {
        SLICE
    }

    fn begin(&mut self, tokens: &[u32], most: usize) -> Option<Begun> {
        let seat = self.blocks.begin(tokens, most.min(self.config.context))?;
        if let Some(copy) = seat.copy {
            self.context.copy(copy.from, copy.to);
        }
        let reused = seat.reused;
        let sequence = Some(Sequence { seat, tokens: tokens[..reused].to_vec() });
        let free = self.sequences.iter().position(Option::is_none);
        let slot = free.unwrap_or(self.sequences.len());
        match self.sequences.get_mut(slot) {
            Some(place) => *place = sequence,
            None => self.sequences.push(sequence),
        }
        Some(Begun { slot: Slot(slot), reused })
    }

    fn step(&mut self, pieces: &[Piece<'_>], logits: &mut Vec<f32>) -> Result<(), InferenceError> {
        logits.clear();
        self.rows(pieces)?;
        if self.state.rows.is_empty() {
            return Ok(());
        }
        let Decoder { config, weights, context, sequences, state, pool, level, .. } = self;
        let mut pass = Pass { config, weights, context, sequences, state, level: *level };
        pool.install(|| pass.run(logits));
        for piece in pieces {
            if let Some(sequence) = self.sequences.get_mut(piece.slot.0).and_then(Option::as_mut) {
                sequence.tokens.extend_from_slice(piece.tokens);
                self.blocks.read(&sequence.seat, &sequence.tokens);
            }
        }
        Ok(())
    }

    fn roll_back(&mut self, slot: Slot, tokens: usize) -> bool {
        let Some(sequence) = self.sequences.get_mut(slot.0).and_then(Option::as_mut) else { return false };
        let Ok(copy) = self.blocks.roll_back(&mut sequence.seat, tokens) else { return false };
        sequence.tokens.truncate(tokens);
        if let Some(copy) = copy {
            self.context.copy(copy.from, copy.to);
        }
        true
    }

    fn end(&mut self, slot: Slot) {
        if let Some(Sequence { seat, tokens }) = self.sequences.get_mut(slot.0).and_then(Option::take) {
            self.blocks.end(seat, &tokens);
        }
    }
}

#[cfg(test)]
mod tests;
