//! What a step works in: made once, grown when a step is larger than any before.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::config::{Config, Rope};
use super::forward::Row;
use super::turn::Turns;
use crate::simd::ContextRoom;
use crate::simd::quant::{Left, Scratch, Strip};

/// Strips have all rows of a step, one strip behind the other.
pub(super) struct State {
    pub(super) rows: Vec<Row>,
    /// Rows whose logits are asked for.
    pub(super) wanted: Vec<usize>,
    pub(super) stream: Vec<Strip>,
    /// What a half of a layer adds to the stream.
    pub(super) more: Vec<Strip>,
    pub(super) factors: Vec<f32>,
    pub(super) left: Left,
    /// Queries, keys, values beside each other.
    pub(super) qkv: Vec<Strip>,
    /// By key and value head, then row, then the heads that share it.
    pub(super) queries: Vec<f32>,
    pub(super) seen: Vec<f32>,
    pub(super) attended: Vec<Strip>,
    pub(super) gated: Vec<Strip>,
    pub(super) logits: Vec<Strip>,
    /// The different rotations of the layers, and which layer has which.
    pub(super) ropes: Vec<Rope>,
    pub(super) rope_of: Vec<Option<usize>>,
    pub(super) turns: Vec<Turns>,
    pub(super) rooms: Vec<Mutex<Room>>,
}

/// A thread's own.
#[derive(Debug, Default)]
pub(super) struct Room {
    pub(super) scratch: Scratch,
    pub(super) strips: Vec<Strip>,
    pub(super) context: ContextRoom,
}

impl State {
    pub(super) fn new(config: &Config, threads: NonZeroUsize) -> State {
        let mut ropes: Vec<Rope> = Vec::new();
        let same = |a: &Rope, b: &Rope| Arc::ptr_eq(&a.frequencies, &b.frequencies) || a == b;
        let rope_of = config
            .layers
            .iter()
            .map(|layer| {
                let rope = layer.rope.as_ref()?;
                Some(ropes.iter().position(|known| same(known, rope)).unwrap_or_else(|| {
                    ropes.push(rope.clone());
                    ropes.len() - 1
                }))
            })
            .collect();
        State {
            rows: Vec::new(),
            wanted: Vec::new(),
            stream: Vec::new(),
            more: Vec::new(),
            factors: Vec::new(),
            left: Left::default(),
            qkv: Vec::new(),
            queries: Vec::new(),
            seen: Vec::new(),
            attended: Vec::new(),
            gated: Vec::new(),
            logits: Vec::new(),
            turns: ropes.iter().map(|_| Turns::default()).collect(),
            ropes,
            rope_of,
            rooms: (0..threads.get()).map(|_| Mutex::default()).collect(),
        }
    }

    /// Of the thread that asks.
    pub(super) fn room(rooms: &[Mutex<Room>]) -> MutexGuard<'_, Room> {
        let thread = rayon::current_thread_index().unwrap_or(0) % rooms.len();
        rooms[thread].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
