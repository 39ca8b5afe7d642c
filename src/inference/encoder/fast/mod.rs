//! The layers on the processor's own instructions: weights and activations as bytes, everything between them as floats.
//!
//! Texts are never padded: the rows of several short ones go through the products together, and each attends to itself.
//! Groups of texts are shared among the threads; a text that comes alone is shared by its panels.

mod layer;
mod order;
mod room;

use std::ops::Range;
use std::sync::Mutex;

use rayon::prelude::*;

use self::layer::Layer;
use self::order::Order;
use self::room::{Crew, Room};
use super::config::{Activation, Config};
use super::embeddings::Embeddings;
use super::weights::Weights;
use crate::inference::error::InferenceError;
use crate::inference::source::Pooling;
use crate::inference::tokens::Tokens;
use crate::simd::{Heads, Level, PANEL};

/// Rows that go through the layers together when texts are short: few enough to stay in the second cache.
const ROWS: usize = 128;

pub(in crate::inference) struct Fast {
    level: Level,
    hidden: usize,
    order: Order,
    layers: Vec<Layer>,
    rooms: Mutex<Vec<Room>>,
}

impl Fast {
    /// `None` for shapes that have no fast path, and for weights that cannot be rounded.
    pub(in crate::inference) fn load(
        config: &Config,
        weights: &Weights,
        level: Level,
    ) -> Result<Option<Fast>, InferenceError> {
        let Some(heads) = heads(config) else { return Ok(None) };
        let read: Vec<_> = (0..config.layers).map(|index| weights.layer(index)).collect::<Result<_, _>>()?;
        let order = Order::by_size(config.hidden, &read);
        let epsilon = config.epsilon as f32;
        let layers = read.par_iter().map(|layer| Layer::pack(layer, heads, epsilon, &order, level)).collect();
        let Ok(layers) = layers else { return Ok(None) };
        Ok(Some(Fast { level, hidden: config.hidden, order, layers, rooms: Mutex::default() }))
    }

    /// For each text the mean of its tokens' vectors, or its first token's.
    pub(in crate::inference) fn pooled(
        &self,
        batch: &[&Tokens],
        pooling: Pooling,
        embeddings: &Embeddings,
    ) -> Vec<Vec<f32>> {
        let mut longest_first: Vec<usize> = (0..batch.len()).collect();
        longest_first.sort_by_key(|&text| std::cmp::Reverse(batch[text].ids.len()));
        let groups = group(&longest_first, batch);
        let run = |texts: &[usize], crew: Crew| -> Vec<(usize, Vec<f32>)> {
            let texts: Vec<(usize, &Tokens)> = texts.iter().map(|&text| (text, batch[text])).collect();
            self.run(&texts, pooling, embeddings, crew)
        };
        let found: Vec<(usize, Vec<f32>)> = match &groups[..] {
            [one] => run(&longest_first[one.clone()], Crew::Shared),
            _ => groups.par_iter().flat_map_iter(|group| run(&longest_first[group.clone()], Crew::Alone)).collect(),
        };
        let mut vectors = vec![Vec::new(); batch.len()];
        for (text, vector) in found {
            vectors[text] = vector;
        }
        vectors
    }

    fn run(
        &self,
        texts: &[(usize, &Tokens)],
        pooling: Pooling,
        embeddings: &Embeddings,
        crew: Crew,
    ) -> Vec<(usize, Vec<f32>)> {
        let mut room = self.rooms.lock().ok().and_then(|mut rooms| rooms.pop()).unwrap_or_default();
        let mut spans: Vec<Range<usize>> = Vec::with_capacity(texts.len());
        let mut rows = 0;
        for (_, tokens) in texts {
            spans.push(rows..rows + tokens.ids.len());
            rows += tokens.ids.len();
        }
        room.shape(rows, self.hidden / PANEL);
        for ((_, tokens), span) in texts.iter().zip(&spans) {
            room.plain.clear();
            room.plain.resize(tokens.ids.len() * self.hidden, 0.0);
            embeddings.write(tokens, &mut room.plain);
            for (row, plain) in span.clone().zip(room.plain.chunks_exact(self.hidden)) {
                for (place, &column) in self.order.columns().iter().enumerate() {
                    room.values[place / PANEL * rows + row][place % PANEL] = plain[column];
                }
            }
        }
        room.quantize(self.level);
        for layer in &self.layers {
            layer.run(self.level, &spans, &mut room, crew);
        }
        let pool = |span: &Range<usize>| {
            let counted = if pooling == Pooling::Cls { span.start..span.start + 1 } else { span.clone() };
            let share = 1.0 / counted.len() as f32;
            let mut vector = vec![0.0; self.hidden];
            for (place, &column) in self.order.columns().iter().enumerate() {
                let panel = &room.values[place / PANEL * rows..][..rows];
                vector[column] = panel[counted.clone()].iter().map(|row| row[place % PANEL]).sum::<f32>() * share;
            }
            vector
        };
        let found = texts.iter().zip(&spans).map(|((text, _), span)| (*text, pool(span))).collect();
        if let Ok(mut rooms) = self.rooms.lock() {
            rooms.push(room);
        }
        found
    }
}

impl std::fmt::Debug for Fast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fast({:?}, {} layers)", self.level, self.layers.len())
    }
}

/// How the heads lie in panels, for the shapes that have a fast path.
fn heads(config: &Config) -> Option<Heads> {
    let whole = config.hidden.is_multiple_of(PANEL) && config.intermediate.is_multiple_of(PANEL);
    if !whole || config.activation != Activation::Gelu {
        return None;
    }
    match config.hidden / config.heads {
        32 => Some(Heads::Two),
        64 => Some(Heads::One),
        _ => None,
    }
}

/// Texts that go through the layers together: as many as fit [`ROWS`], in the order given.
fn group(order: &[usize], batch: &[&Tokens]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut rows = ROWS;
    for (at, &text) in order.iter().enumerate() {
        let length = batch[text].ids.len();
        match groups.last_mut() {
            Some(group) if rows + length <= ROWS => group.end = at + 1,
            _ => {
                groups.push(at..at + 1);
                rows = 0;
            }
        }
        rows += length;
    }
    groups
}

#[cfg(test)]
mod tests;
