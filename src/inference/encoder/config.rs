//! What shape has an encoder? Reads `config.json` strictly: what is missing, impossible or unknown is said, not guessed.

use std::path::Path;

use serde::Deserialize;

use crate::inference::error::{InferenceError, ModelFile};
use crate::inference::source::read_json;

#[derive(Clone, Debug, PartialEq)]
pub(in crate::inference) struct Config {
    pub(in crate::inference) family: Family,
    pub(in crate::inference) hidden: usize,
    pub(in crate::inference) layers: usize,
    pub(in crate::inference) heads: usize,
    pub(in crate::inference) intermediate: usize,
    pub(in crate::inference) vocabulary: usize,
    /// Rows of the table of positions.
    pub(in crate::inference) positions: usize,
    /// The position of a text's first token.
    pub(in crate::inference) first_position: usize,
    /// Rows of the table of types: 2 where the second text of a pair is told apart.
    pub(in crate::inference) types: usize,
    pub(in crate::inference) padding: u32,
    pub(in crate::inference) epsilon: f64,
    pub(in crate::inference) activation: Activation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inference) enum Family {
    Bert,
    /// RoBERTa and XLM-R: positions are counted from after the padding's.
    Roberta,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inference) enum Activation {
    Gelu,
    /// The one with the hyperbolic tangent.
    GeluTanh,
    Relu,
}

#[derive(Deserialize)]
struct Written {
    model_type: Option<String>,
    hidden_size: Option<u64>,
    num_hidden_layers: Option<u64>,
    num_attention_heads: Option<u64>,
    intermediate_size: Option<u64>,
    vocab_size: Option<u64>,
    max_position_embeddings: Option<u64>,
    type_vocab_size: Option<u64>,
    pad_token_id: Option<u64>,
    layer_norm_eps: Option<f64>,
    hidden_act: Option<String>,
    position_embedding_type: Option<String>,
    is_decoder: Option<bool>,
}

impl Config {
    pub(in crate::inference) fn read(model: &str, folder: &Path) -> Result<Config, InferenceError> {
        let file = ModelFile::new(model, folder, "config.json");
        let written: Written = read_json(&file)?;
        let family = family(&written, &file)?;
        let number = |name: &str, value: Option<u64>, least: u64, most: u64| {
            let value = value.ok_or_else(|| file.damaged(format!("says no {name}")))?;
            if (least..=most).contains(&value) {
                Ok(usize::try_from(value).unwrap_or(usize::MAX))
            } else {
                Err(file.damaged(format!("{name} is {value}, and can be from {least} to {most}")))
            }
        };
        let hidden = number("hidden_size", written.hidden_size, 1, 1 << 14)?;
        let heads = number("num_attention_heads", written.num_attention_heads, 1, 1 << 10)?;
        if hidden % heads != 0 {
            return Err(file.damaged(format!("hidden_size {hidden} cannot be shared among {heads} heads")));
        }
        let vocabulary = number("vocab_size", written.vocab_size, 2, 1 << 24)?;
        let positions = number("max_position_embeddings", written.max_position_embeddings, 8, 1 << 20)?;
        let types = number("type_vocab_size", written.type_vocab_size.or(Some(2)), 1, 16)?;
        let usual = if family == Family::Roberta { 1 } else { 0 };
        let padding = number("pad_token_id", written.pad_token_id.or(Some(usual)), 0, vocabulary as u64 - 1)?;
        let first_position = if family == Family::Roberta { padding + 1 } else { 0 };
        if first_position + 8 > positions {
            return Err(file.damaged(format!("pad_token_id {padding} leaves no positions of {positions}")));
        }
        let epsilon = written.layer_norm_eps.unwrap_or(1e-12);
        if !(epsilon > 0.0 && epsilon <= 0.1) {
            return Err(file.damaged(format!("layer_norm_eps is {epsilon}")));
        }
        Ok(Config {
            family,
            hidden,
            layers: number("num_hidden_layers", written.num_hidden_layers, 1, 256)?,
            heads,
            intermediate: number("intermediate_size", written.intermediate_size, 1, 1 << 17)?,
            vocabulary,
            positions,
            first_position,
            types,
            padding: u32::try_from(padding).unwrap_or(u32::MAX),
            epsilon,
            activation: activation(written.hidden_act.as_deref().unwrap_or("gelu"), &file)?,
        })
    }

    /// How many tokens a text can have at most, by the table of positions.
    pub(in crate::inference) fn longest(&self) -> usize {
        self.positions - self.first_position
    }
}

fn family(written: &Written, file: &ModelFile) -> Result<Family, InferenceError> {
    if written.is_decoder == Some(true) {
        return Err(file.unsupported("it writes text, where one that reads was expected"));
    }
    if let Some(positions) = &written.position_embedding_type
        && positions != "absolute"
    {
        return Err(file.unsupported(format!("its positions are {positions:.40}, and docent knows absolute ones")));
    }
    match written.model_type.as_deref() {
        Some("bert") => Ok(Family::Bert),
        Some("xlm-roberta" | "roberta") => Ok(Family::Roberta),
        Some(other) => {
            Err(file.unsupported(format!("it is of the kind {other:.40}, not bert, roberta or xlm-roberta")))
        }
        None => Err(file.damaged("says no model_type")),
    }
}

fn activation(name: &str, file: &ModelFile) -> Result<Activation, InferenceError> {
    match name {
        "gelu" => Ok(Activation::Gelu),
        "gelu_new" | "gelu_fast" | "gelu_pytorch_tanh" => Ok(Activation::GeluTanh),
        "relu" => Ok(Activation::Relu),
        other => Err(file.unsupported(format!("its hidden_act is {other:.40}"))),
    }
}
