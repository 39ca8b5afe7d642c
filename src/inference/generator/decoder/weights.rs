//! What a file holds, packed once for the processor; the file's own pages are given back as soon as they were read.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::config::{Architecture, Config};
use super::super::file::Opened;
use crate::gguf::Tensor;
use crate::inference::error::InferenceError;
use crate::simd::Level;
use crate::simd::quant::{self, BadMatrix, Matrix, Place, Store, Strip, TILE};

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
const OUTPUT: &str = "output.weight";

impl Weights {
    /// The shapes were checked when the config was read.
    pub(super) fn load(opened: Opened, config: &Config, level: Level) -> Result<Weights, InferenceError> {
        let is_tied = opened.contents.tensor(OUTPUT).is_none();
        let loader = Loader::pack(&opened, level, |name| is_tied || name != TABLE)?;
        let layers = (0..config.layers.len()).map(|layer| loader.layer(layer, config)).collect::<Result<_, _>>()?;
        let norm = loader.strips("output_norm.weight")?;
        let output = loader.matrix(if is_tied { TABLE } else { OUTPUT }, 0..config.vocabulary)?;
        drop(loader);
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
    store: Arc<Store>,
    places: HashMap<&'a str, Place>,
}

impl<'a> Loader<'a> {
    /// Packs all matrices that are wanted, in the order of the file.
    fn pack(opened: &'a Opened, level: Level, is_wanted: impl Fn(&str) -> bool) -> Result<Loader<'a>, InferenceError> {
        let failed = |name: &str, error: BadMatrix| match error {
            BadMatrix::Memory(error) => {
                tracing::warn!(%error, "no memory for the weights of a generator");
                let why = "there is not enough memory for its weights".to_owned();
                InferenceError::Failed { model: opened.file.model.clone(), why }
            }
            error => opened.file.unsupported(format!("its tensor {name} cannot be multiplied with: {error}")),
        };
        let mut wanted: Vec<(&Tensor, Place)> = Vec::new();
        for tensor in opened.contents.tensors.iter().filter(|tensor| is_wanted(&tensor.name)) {
            if let [inputs, outputs] = tensor.shape[..] {
                let place = Place::new(tensor.kind, inputs, outputs).map_err(|error| failed(&tensor.name, error))?;
                wanted.push((tensor, place));
            }
        }
        wanted.sort_by_key(|(tensor, _)| tensor.bytes.start);
        let bytes = wanted.iter().map(|(_, place)| place.bytes()).sum();
        let mut store = Store::new(bytes).map_err(|error| failed("", error))?;
        let mut places = HashMap::new();
        for (tensor, place) in wanted {
            let place = store.reserve(place);
            let bytes = opened.bytes(tensor);
            let wide = bytes.len() / tensor.shape[1];
            store.tiles_mut(place).collect::<Vec<_>>().into_par_iter().for_each(|(shape, tile)| {
                let outputs = shape.outputs();
                shape.pack(level, &bytes[outputs.start * wide..outputs.end * wide], tile);
            });
            opened.map.release(tensor.bytes.start as usize..tensor.bytes.end as usize);
            places.insert(tensor.name.as_str(), place);
        }
        Ok(Loader { opened, store: Arc::new(store), places })
    }

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

    /// Some outputs of a matrix.
    fn matrix(&self, name: &str, outputs: Range<usize>) -> Result<Matrix, InferenceError> {
        let place = self.places.get(name).ok_or_else(|| self.opened.file.damaged(format!("has no tensor {name}")))?;
        let place = place.part(outputs.clone()).ok_or_else(|| {
            let (first, last) = (outputs.start, outputs.end);
            self.opened.file.unsupported(format!("its tensor {name} has no border at {first} and {last}"))
        })?;
        Ok(Matrix::new(&self.store, place))
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
