//! What a file holds, packed once for the processor; the file's own pages are given back as soon as they were read.

use std::ops::Range;

use rayon::prelude::*;

use super::super::config::{Architecture, Config};
use super::super::file::Opened;
use crate::gguf::Tensor;
use crate::inference::error::InferenceError;
use crate::simd::quant::{self, BadMatrix, Matrix, Strip, TILE};

pub(super) struct Weights {
    /// Where the table of tokens is not the output's: it stays in the file, of which a row is read now and then.
    table: Option<Opened>,
    pub(super) layers: Vec<Layer>,
    pub(super) norm: Vec<Strip>,
    pub(super) output: Matrix,
}

pub(super) struct Layer {
    pub(super) attention_norm: Vec<Strip>,
    pub(super) q: Linear,
    pub(super) k: Linear,
    pub(super) v: Linear,
    pub(super) q_norm: Option<Vec<f32>>,
    pub(super) k_norm: Option<Vec<f32>>,
    pub(super) attention_output: Linear,
    pub(super) after_attention: Option<Vec<Strip>>,
    pub(super) forward_norm: Vec<Strip>,
    pub(super) gate: Matrix,
    pub(super) up: Matrix,
    pub(super) down: Matrix,
    pub(super) after_forward: Option<Vec<Strip>>,
}

pub(super) struct Linear {
    pub(super) matrix: Matrix,
    pub(super) bias: Option<Vec<Strip>>,
}

const TABLE: &str = "token_embd.weight";

impl Weights {
    /// The shapes were checked when the config was read.
    pub(super) fn load(opened: Opened, config: &Config) -> Result<Weights, InferenceError> {
        let loader = Loader { opened: &opened };
        let layers = (0..config.layers.len()).map(|layer| loader.layer(layer, config)).collect::<Result<_, _>>()?;
        let norm = loader.strips("output_norm.weight")?;
        let is_tied = opened.contents.tensor("output.weight").is_none();
        let output = loader.matrix(if is_tied { TABLE } else { "output.weight" }, 0..config.vocabulary)?;
        Ok(Weights { table: (!is_tied).then_some(opened), layers, norm, output })
    }

    pub(super) fn embedding(&self, token: u32, to: &mut [f32]) {
        let row = token as usize;
        match &self.table {
            None => self.output.row(row, to),
            Some(opened) => {
                let table = opened.contents.tensor(TABLE).expect("the config was read from it");
                let bytes = opened.bytes(table);
                let wide = bytes.len() / table.shape[1];
                quant::decode(table.kind, &bytes[row * wide..(row + 1) * wide], to);
            }
        }
    }
}

struct Loader<'a> {
    opened: &'a Opened,
}

impl Loader<'_> {
    fn layer(&self, layer: usize, config: &Config) -> Result<Layer, InferenceError> {
        let at = |name: &str| format!("blk.{layer}.{name}");
        let (queries, keys) = (config.heads * config.head, config.kv_heads * config.head);
        let (q, k, v, gate, up);
        if config.architecture == Architecture::Phi3 {
            let linear = |rows| Ok(Linear { matrix: self.matrix(&at("attn_qkv.weight"), rows)?, bias: None });
            q = linear(0..queries)?;
            k = linear(queries..queries + keys)?;
            v = linear(queries + keys..queries + 2 * keys)?;
            gate = self.matrix(&at("ffn_up.weight"), 0..config.feed_forward)?;
            up = self.matrix(&at("ffn_up.weight"), config.feed_forward..2 * config.feed_forward)?;
        } else {
            q = self.linear(&at("attn_q"), queries)?;
            k = self.linear(&at("attn_k"), keys)?;
            v = self.linear(&at("attn_v"), keys)?;
            gate = self.matrix(&at("ffn_gate.weight"), 0..config.feed_forward)?;
            up = self.matrix(&at("ffn_up.weight"), 0..config.feed_forward)?;
        }
        let maybe = |name: &str| -> Result<Option<Vec<Strip>>, InferenceError> {
            let name = at(name);
            self.opened.contents.tensor(&name).map(|_| self.strips(&name)).transpose()
        };
        let head_norm = |name: &str| -> Result<Option<Vec<f32>>, InferenceError> {
            let name = at(name);
            self.opened.contents.tensor(&name).map(|tensor| self.numbers(tensor)).transpose()
        };
        Ok(Layer {
            attention_norm: self.strips(&at("attn_norm.weight"))?,
            q,
            k,
            v,
            q_norm: head_norm("attn_q_norm.weight")?,
            k_norm: head_norm("attn_k_norm.weight")?,
            attention_output: self.linear(&at("attn_output"), config.hidden)?,
            after_attention: maybe("post_attention_norm.weight")?,
            forward_norm: self.strips(&at("ffn_norm.weight"))?,
            gate,
            up,
            down: self.matrix(&at("ffn_down.weight"), 0..config.hidden)?,
            after_forward: maybe("post_ffw_norm.weight")?,
        })
    }

    fn linear(&self, name: &str, outputs: usize) -> Result<Linear, InferenceError> {
        let bias = format!("{name}.bias");
        Ok(Linear {
            matrix: self.matrix(&format!("{name}.weight"), 0..outputs)?,
            bias: self.opened.contents.tensor(&bias).map(|_| self.strips(&bias)).transpose()?,
        })
    }

    /// Some rows of a tensor.
    fn matrix(&self, name: &str, rows: Range<usize>) -> Result<Matrix, InferenceError> {
        let tensor = self.tensor(name)?;
        let [inputs, all] = tensor.shape[..] else { return Err(self.odd(name)) };
        let bytes = self.opened.bytes(tensor);
        let wide = bytes.len() / all;
        let mut matrix = Matrix::zeroed(tensor.kind, inputs, rows.len()).map_err(|error| match error {
            BadMatrix::Memory(error) => {
                let why = "there is not enough memory for its weights".to_owned();
                tracing::warn!(%error, name, "no memory");
                InferenceError::Failed { model: self.opened.file.model.clone(), why }
            }
            error => self.opened.file.unsupported(format!("its tensor {name} cannot be multiplied with: {error}")),
        })?;
        matrix.tiles_mut().collect::<Vec<_>>().into_par_iter().for_each(|(shape, tile)| {
            let outputs = shape.outputs();
            shape.pack(&bytes[(rows.start + outputs.start) * wide..(rows.start + outputs.end) * wide], tile);
        });
        let start = tensor.bytes.start as usize;
        self.opened.map.release(start + rows.start * wide..start + rows.end * wide);
        Ok(matrix)
    }

    fn strips(&self, name: &str) -> Result<Vec<Strip>, InferenceError> {
        let numbers = self.numbers(self.tensor(name)?)?;
        let mut strips = vec![[0.0; TILE]; numbers.len().div_ceil(TILE)];
        strips.as_flattened_mut()[..numbers.len()].copy_from_slice(&numbers);
        Ok(strips)
    }

    fn numbers(&self, tensor: &Tensor) -> Result<Vec<f32>, InferenceError> {
        let [count] = tensor.shape[..] else { return Err(self.odd(&tensor.name)) };
        let mut numbers = vec![0.0; count];
        quant::decode(tensor.kind, self.opened.bytes(tensor), &mut numbers);
        Ok(numbers)
    }

    fn tensor(&self, name: &str) -> Result<&Tensor, InferenceError> {
        let file = &self.opened.file;
        self.opened.contents.tensor(name).ok_or_else(|| file.damaged(format!("has no tensor {name}")))
    }

    fn odd(&self, name: &str) -> InferenceError {
        self.opened.file.damaged(format!("the tensor {name} has another number of dimensions than it should"))
    }
}
