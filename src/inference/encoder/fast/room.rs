//! Room to work in, made once and used again, and how the work in it is shared.

use rayon::prelude::*;

use crate::simd::{Level, PANEL, Row, Rows8, Scores};

/// Everything a group of texts needs on its way through the layers. Values lie in panels, see [`simd`](crate::simd).
#[derive(Debug, Default)]
pub(super) struct Room {
    pub rows: usize,
    /// What goes from layer to layer.
    pub values: Vec<Row>,
    pub next: Vec<Row>,
    pub bytes: Rows8,
    pub context: Rows8,
    pub inner: Rows8,
    pub heads: Vec<HeadRoom>,
    /// One text's rows, column by column as the model has them.
    pub plain: Vec<f32>,
}

/// For the heads of one panel.
#[derive(Debug, Default)]
pub(super) struct HeadRoom {
    pub query: Vec<Row>,
    pub key: Vec<Row>,
    pub value: Vec<Row>,
    pub context: Vec<Row>,
    pub scores: Scores,
}

/// Who works on a group of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Crew {
    /// One thread; the others have groups of their own.
    Alone,
    Shared,
}

impl Room {
    pub(super) fn shape(&mut self, rows: usize, panels: usize) {
        self.rows = rows;
        self.values.resize(rows * panels, [0.0; PANEL]);
        self.next.resize(rows * panels, [0.0; PANEL]);
        self.bytes.shape(rows, panels);
        self.context.shape(rows, panels);
    }

    /// Rounds the values into bytes.
    pub(super) fn quantize(&mut self, level: Level) {
        for (mut group, values) in self.bytes.each_group().zip(self.values.chunks_exact(self.rows)) {
            group.fill(level, 0, values);
        }
    }
}

impl HeadRoom {
    pub(super) fn shape(&mut self, rows: usize) {
        for part in [&mut self.query, &mut self.key, &mut self.value, &mut self.context] {
            part.resize(rows, [0.0; PANEL]);
        }
    }
}

impl Crew {
    /// Does `work` for each of `items`.
    pub(super) fn each<T: Send>(self, items: impl Iterator<Item = T>, work: impl Fn(T) + Sync + Send) {
        match self {
            Crew::Alone => items.for_each(work),
            Crew::Shared => {
                let items: Vec<T> = items.collect();
                let share = items.len().div_ceil(rayon::current_num_threads());
                items.into_par_iter().with_min_len(share).for_each(work);
            }
        }
    }
}
