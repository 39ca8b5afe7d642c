//! One layer: attention, then two products with GELU between them, each added to what came in and normed.

use std::ops::Range;

use super::order::Order;
use super::room::{Crew, HeadRoom, Room};
use crate::inference::encoder::weights::{Layer as Read, Linear, Norm as ReadNorm};
use crate::simd::{BadShape, Heads, Level, Matrix8, PANEL, Row, Rows8, TALLEST, add, attend, norm, pieces};

pub(super) struct Layer {
    heads: Heads,
    query: Product,
    key: Product,
    value: Product,
    attention: Product,
    attention_norm: Norm,
    up: Product,
    down: Product,
    output_norm: Norm,
}

struct Product {
    matrix: Matrix8,
    bias: Vec<Row>,
}

struct Norm {
    gamma: Vec<Row>,
    beta: Vec<Row>,
    epsilon: f32,
}

/// Which sides of a product are in the order of the columns that lie between layers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ordered {
    Inputs,
    Outputs,
}

impl Layer {
    pub(super) fn pack(
        read: &Read<'_>,
        heads: Heads,
        epsilon: f32,
        order: &Order,
        level: Level,
    ) -> Result<Layer, BadShape> {
        let width = match heads {
            Heads::One => 64.0f32,
            Heads::Two => 32.0,
        };
        let pack = |linear, ordered, factor| Product::pack(linear, ordered, factor, order, level);
        let norm = |norm: &ReadNorm<'_>| Norm {
            gamma: panels(&order.of(&norm.weight)),
            beta: panels(&order.of(&norm.bias)),
            epsilon,
        };
        Ok(Layer {
            heads,
            query: pack(&read.query, Ordered::Inputs, 1.0 / width.sqrt())?,
            key: pack(&read.key, Ordered::Inputs, 1.0)?,
            value: pack(&read.value, Ordered::Inputs, 1.0)?,
            attention: pack(&read.attention, Ordered::Outputs, 1.0)?,
            attention_norm: norm(&read.attention_norm),
            up: pack(&read.up, Ordered::Inputs, 1.0)?,
            down: pack(&read.down, Ordered::Outputs, 1.0)?,
            output_norm: norm(&read.output_norm),
        })
    }

    /// From the room's values and bytes to the next layer's. `spans` are the rows of each text.
    pub(super) fn run(&self, level: Level, spans: &[Range<usize>], room: &mut Room, crew: Crew) {
        let Room { rows, values, next, bytes, context, inner, heads, .. } = room;
        let rows = *rows;
        let panels = bytes.groups();
        let rooms = if crew == Crew::Alone { 1 } else { panels };
        heads.resize_with(rooms.max(heads.len()), HeadRoom::default);
        heads.iter_mut().take(rooms).for_each(|head| head.shape(rows));
        let left = &*bytes;
        let attend = |panel: usize, head: &mut HeadRoom, mut context: crate::simd::Group<'_>| {
            self.query.fill(level, left, panel, &mut head.query);
            self.key.fill(level, left, panel, &mut head.key);
            self.value.fill(level, left, panel, &mut head.value);
            for span in spans {
                let HeadRoom { query, key, value, context, scores } = head;
                let (q, k, v) = (&query[span.clone()], &key[span.clone()], &value[span.clone()]);
                attend(level, self.heads, q, k, v, &mut context[span.clone()], scores);
            }
            context.fill(level, 0, &head.context);
        };
        match crew {
            Crew::Alone => {
                for (panel, context) in context.each_group().enumerate() {
                    attend(panel, &mut heads[0], context);
                }
            }
            Crew::Shared => {
                let items = context.each_group().zip(heads.iter_mut()).enumerate();
                crew.each(items, |(panel, (context, head))| attend(panel, head, context));
            }
        }
        self.attention.add(level, context, values, next, crew);
        self.attention_norm.run(level, next, rows);
        std::mem::swap(values, next);
        refill(level, bytes, values);
        inner.shape(rows, self.up.matrix.panels());
        let left = &*bytes;
        crew.each(inner.each_group().enumerate(), |(panel, mut group)| {
            let mut tile = [[0.0; PANEL]; TALLEST];
            for piece in pieces(rows) {
                let tile = &mut tile[..piece.len()];
                self.up.matrix.multiply(level, left, piece.clone(), panel, tile);
                group.fill_gelu(level, piece.start, tile, &self.up.bias[panel]);
            }
        });
        self.down.add(level, inner, values, next, crew);
        self.output_norm.run(level, next, rows);
        std::mem::swap(values, next);
        refill(level, bytes, values);
    }
}

fn refill(level: Level, bytes: &mut Rows8, values: &[Row]) {
    let rows = bytes.rows();
    for (mut group, values) in bytes.each_group().zip(values.chunks_exact(rows)) {
        group.fill(level, 0, values);
    }
}

impl Product {
    fn pack(
        linear: &Linear<'_>,
        ordered: Ordered,
        factor: f32,
        order: &Order,
        level: Level,
    ) -> Result<Product, BadShape> {
        let Linear { weight, bias, inputs, outputs } = linear;
        let (inputs, outputs) = (*inputs, *outputs);
        let matrix = Matrix8::pack(level, inputs, outputs, |output, to: &mut [f32]| {
            let output = if ordered == Ordered::Outputs { order.columns()[output] } else { output };
            let row = &weight[output * inputs..(output + 1) * inputs];
            match ordered {
                Ordered::Inputs => {
                    for (to, &column) in to.iter_mut().zip(order.columns()) {
                        *to = row[column] * factor;
                    }
                }
                Ordered::Outputs => to.copy_from_slice(row),
            }
        })?;
        let bias: Vec<f32> = bias.iter().map(|bias| bias * factor).collect();
        let bias = if ordered == Ordered::Outputs { order.of(&bias) } else { bias };
        Ok(Product { matrix, bias: panels(&bias) })
    }

    /// One panel of the product, and the bias.
    fn fill(&self, level: Level, left: &Rows8, panel: usize, out: &mut [Row]) {
        for piece in pieces(left.rows()) {
            let out = &mut out[piece.clone()];
            self.matrix.multiply(level, left, piece, panel, out);
            add(level, out, &self.bias[panel], &[]);
        }
    }

    /// The product, the bias and what is there already.
    fn add(&self, level: Level, left: &Rows8, there: &[Row], out: &mut [Row], crew: Crew) {
        let rows = left.rows();
        let items = out.chunks_exact_mut(rows).zip(there.chunks_exact(rows)).enumerate();
        crew.each(items, |(panel, (out, there))| {
            for piece in pieces(rows) {
                let out = &mut out[piece.clone()];
                self.matrix.multiply(level, left, piece.clone(), panel, out);
                add(level, out, &self.bias[panel], &there[piece]);
            }
        });
    }
}

impl Norm {
    fn run(&self, level: Level, values: &mut [Row], rows: usize) {
        norm(level, values, rows, &self.gamma, &self.beta, self.epsilon);
    }
}

fn panels(values: &[f32]) -> Vec<Row> {
    values.as_chunks::<PANEL>().0.to_vec()
}
