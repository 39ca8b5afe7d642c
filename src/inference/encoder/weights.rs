//! Where are the weights of an encoder, by their meaning? The one place that knows their names and layout.

use std::borrow::Cow;
use std::path::Path;

use super::config::{Config, Family};
use crate::inference::error::{InferenceError, ModelFile};
use crate::inference::mapped::{Mapped, Tensor};

/// A mapped weights file. Every tensor is given only if it is there, in its shape, and of finite numbers.
#[derive(Debug)]
pub(in crate::inference) struct Weights {
    mapped: Mapped,
    file: ModelFile,
    config: Config,
    /// `bert.` or `roberta.` where the file holds more than the encoder.
    prefix: &'static str,
    words: Tensor,
}

/// `outputs` rows of `inputs` numbers each, and a bias for each output.
#[derive(Debug)]
pub(in crate::inference) struct Linear<'a> {
    pub(in crate::inference) weight: Cow<'a, [f32]>,
    pub(in crate::inference) bias: Cow<'a, [f32]>,
    pub(in crate::inference) inputs: usize,
    pub(in crate::inference) outputs: usize,
}

#[derive(Debug)]
pub(in crate::inference) struct Norm<'a> {
    pub(in crate::inference) weight: Cow<'a, [f32]>,
    pub(in crate::inference) bias: Cow<'a, [f32]>,
}

#[derive(Debug)]
pub(in crate::inference) struct Layer<'a> {
    pub(in crate::inference) query: Linear<'a>,
    pub(in crate::inference) key: Linear<'a>,
    pub(in crate::inference) value: Linear<'a>,
    pub(in crate::inference) attention: Linear<'a>,
    pub(in crate::inference) attention_norm: Norm<'a>,
    pub(in crate::inference) up: Linear<'a>,
    pub(in crate::inference) down: Linear<'a>,
    pub(in crate::inference) output_norm: Norm<'a>,
}

/// What is added to a token's word before the first layer. Row by row.
#[derive(Debug)]
pub(in crate::inference) struct Tables<'a> {
    pub(in crate::inference) positions: Cow<'a, [f32]>,
    pub(in crate::inference) types: Cow<'a, [f32]>,
    pub(in crate::inference) norm: Norm<'a>,
}

/// What makes a score of the first token's vector.
#[derive(Debug)]
pub(in crate::inference) struct Head<'a> {
    /// Before the hyperbolic tangent.
    pub(in crate::inference) dense: Linear<'a>,
    pub(in crate::inference) score: Linear<'a>,
}

impl Weights {
    /// Maps the file and checks its table of contents. Each tensor is checked where it is asked for.
    pub(in crate::inference) fn open(model: &str, folder: &Path, config: &Config) -> Result<Weights, InferenceError> {
        let file = ModelFile::new(model, folder, "model.safetensors");
        let mapped = Mapped::open(&file)?;
        let has = |prefix: &&str| mapped.tensor(&format!("{prefix}embeddings.word_embeddings.weight")).is_some();
        let prefix = ["", "bert.", "roberta."].into_iter().find(has);
        let prefix = prefix.ok_or_else(|| file.damaged("holds no word embeddings: it is of another kind of model"))?;
        let words = format!("{prefix}embeddings.word_embeddings.weight");
        let words = checked(&mapped, &file, &words, &[config.vocabulary, config.hidden])?.clone();
        Ok(Weights { mapped, file, config: config.clone(), prefix, words })
    }

    /// The row of a word; `id` is below the vocabulary's size.
    pub(in crate::inference) fn word(&self, id: u32, out: &mut [f32]) {
        self.mapped.row(&self.words, id as usize, out);
    }

    pub(in crate::inference) fn tables(&self) -> Result<Tables<'_>, InferenceError> {
        let Config { hidden, positions, types, .. } = self.config;
        let name = |part: &str| format!("{}embeddings.{part}", self.prefix);
        Ok(Tables {
            positions: self.numbers(&name("position_embeddings.weight"), &[positions, hidden])?,
            types: self.numbers(&name("token_type_embeddings.weight"), &[types, hidden])?,
            norm: self.norm(&name("LayerNorm"))?,
        })
    }

    pub(in crate::inference) fn layer(&self, index: usize) -> Result<Layer<'_>, InferenceError> {
        let Config { hidden, intermediate, .. } = self.config;
        let name = |part: &str| format!("{}encoder.layer.{index}.{part}", self.prefix);
        Ok(Layer {
            query: self.linear(&name("attention.self.query"), hidden, hidden)?,
            key: self.linear(&name("attention.self.key"), hidden, hidden)?,
            value: self.linear(&name("attention.self.value"), hidden, hidden)?,
            attention: self.linear(&name("attention.output.dense"), hidden, hidden)?,
            attention_norm: self.norm(&name("attention.output.LayerNorm"))?,
            up: self.linear(&name("intermediate.dense"), hidden, intermediate)?,
            down: self.linear(&name("output.dense"), intermediate, hidden)?,
            output_norm: self.norm(&name("output.LayerNorm"))?,
        })
    }

    pub(in crate::inference) fn head(&self) -> Result<Head<'_>, InferenceError> {
        let (dense, score) = match self.config.family {
            Family::Bert => (format!("{}pooler.dense", self.prefix), "classifier"),
            Family::Roberta => ("classifier.dense".to_owned(), "classifier.out_proj"),
        };
        let Some(found) = self.mapped.tensor(&format!("{score}.weight")) else {
            return Err(self.file.unsupported("it gives no scores: it is not a reranker"));
        };
        if let [outputs, _] = found.shape[..]
            && outputs != 1
        {
            return Err(self.file.unsupported(format!("it gives {outputs} scores, where one was expected")));
        }
        let hidden = self.config.hidden;
        Ok(Head { dense: self.linear(&dense, hidden, hidden)?, score: self.linear(score, hidden, 1)? })
    }

    /// Gives the file's pages that were read back to the system.
    pub(in crate::inference) fn release(&self) {
        self.mapped.release();
    }

    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear<'_>, InferenceError> {
        let weight = self.numbers(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = self.numbers(&format!("{name}.bias"), &[outputs])?;
        Ok(Linear { weight, bias, inputs, outputs })
    }

    /// Files that were made from old ones say gamma and beta.
    fn norm(&self, name: &str) -> Result<Norm<'_>, InferenceError> {
        let old = self.mapped.tensor(&format!("{name}.gamma")).is_some();
        let (weight, bias) = if old { ("gamma", "beta") } else { ("weight", "bias") };
        let shape = [self.config.hidden];
        Ok(Norm {
            weight: self.numbers(&format!("{name}.{weight}"), &shape)?,
            bias: self.numbers(&format!("{name}.{bias}"), &shape)?,
        })
    }

    fn numbers(&self, name: &str, shape: &[usize]) -> Result<Cow<'_, [f32]>, InferenceError> {
        let numbers = self.mapped.numbers(checked(&self.mapped, &self.file, name, shape)?);
        // One number that is none spoils every vector, and is cheaper found while the weights are read anyway.
        if numbers.iter().all(|number| number.is_finite()) {
            Ok(numbers)
        } else {
            Err(self.file.damaged(format!("the tensor {name} holds what is not a number")))
        }
    }
}

fn checked<'a>(
    mapped: &'a Mapped,
    file: &ModelFile,
    name: &str,
    shape: &[usize],
) -> Result<&'a Tensor, InferenceError> {
    let tensor = mapped.tensor(name).ok_or_else(|| file.damaged(format!("the tensor {name} is missing")))?;
    if tensor.shape != shape {
        let why = format!("the tensor {name} has the shape {:?}, and config.json asks for {shape:?}", tensor.shape);
        return Err(file.damaged(why));
    }
    if !tensor.is_float() {
        return Err(
            file.unsupported(format!("the tensor {name} is of {}, and docent reads F32, F16, BF16", tensor.kind()))
        );
    }
    Ok(tensor)
}
