//! Is every tensor there, as large as the notes say, of a kind that docent reads, and none more?

use std::collections::HashMap;

use super::shape::{Architecture, Config};
use crate::gguf::{Contents, Kind, Tensor};
use crate::inference::error::{InferenceError, ModelFile};

const MOST_VOCABULARY: usize = 1 << 22;

/// How many rows the table of tokens has.
pub(super) fn vocabulary(contents: &Contents, file: &ModelFile) -> Result<usize, InferenceError> {
    let table = contents.tensor("token_embd.weight").ok_or_else(|| missing("token_embd.weight", file))?;
    let [_, rows] = table.shape[..] else {
        return Err(file.damaged(format!("the tensor token_embd.weight has the shape {:?}", table.shape)));
    };
    if !(1..=MOST_VOCABULARY).contains(&rows) {
        return Err(file.damaged(format!("has {rows} tokens, and can have from 1 to {MOST_VOCABULARY}")));
    }
    let words = contents.texts("tokenizer.ggml.tokens").map_or(0, <[String]>::len);
    if words > rows {
        return Err(file.damaged(format!("has {words} tokens, and numbers for {rows} of them")));
    }
    Ok(rows)
}

pub(super) fn check(config: &Config, contents: &Contents, file: &ModelFile) -> Result<(), InferenceError> {
    let mut there: HashMap<&str, &Tensor> =
        contents.tensors.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    for expected in expected(config) {
        match there.remove(expected.name.as_str()) {
            Some(tensor) => expected.check(tensor, file)?,
            None if expected.is_optional => {}
            None => return Err(missing(&expected.name, file)),
        }
    }
    // Passing over one would give other numbers than the model's makers meant.
    match there.keys().min() {
        Some(name) => {
            let architecture = config.architecture.name();
            Err(file.unsupported(format!("it has the tensor {name}, which docent does not know for {architecture}")))
        }
        None => Ok(()),
    }
}

fn missing(name: &str, file: &ModelFile) -> InferenceError {
    file.damaged(format!("has no tensor {name}"))
}

struct Expected {
    name: String,
    shape: Vec<usize>,
    is_optional: bool,
}

impl Expected {
    fn check(&self, tensor: &Tensor, file: &ModelFile) -> Result<(), InferenceError> {
        let Expected { name, shape, .. } = self;
        if tensor.shape != *shape {
            let found = &tensor.shape;
            return Err(file.damaged(format!("the tensor {name} has the shape {found:?} instead of {shape:?}")));
        }
        let is_float = matches!(tensor.kind, Kind::F32 | Kind::F16 | Kind::Bf16);
        if matches!(tensor.kind, Kind::Other(_)) || shape.len() == 1 && !is_float {
            let kind = tensor.kind;
            return Err(file.unsupported(format!("its tensor {name} is written as {kind}, which docent does not read")));
        }
        Ok(())
    }
}

/// Every tensor that the architecture may have.
fn expected(config: &Config) -> Vec<Expected> {
    let &Config { architecture, hidden, heads, kv_heads, head, feed_forward, vocabulary, .. } = config;
    let mut all = Vec::new();
    let mut tensor = |name: String, shape: &[usize], is_optional: bool| {
        all.push(Expected { name, shape: shape.to_vec(), is_optional });
    };
    tensor("token_embd.weight".into(), &[hidden, vocabulary], false);
    tensor("output_norm.weight".into(), &[hidden], false);
    tensor("output.weight".into(), &[hidden, vocabulary], true);
    let rope = config.layers.iter().find_map(|layer| layer.rope.as_ref());
    for name in ["rope_freqs", "rope_factors_long", "rope_factors_short"] {
        tensor(format!("{name}.weight"), &[rope.map_or(0, |rope| rope.frequencies.len())], true);
    }
    let (queries, keys) = (heads * head, kv_heads * head);
    for layer in 0..config.layers.len() {
        let mut matrix = |name: &str, inputs: usize, outputs: usize| {
            tensor(format!("blk.{layer}.{name}.weight"), &[inputs, outputs], false);
            if ["attn_q", "attn_k", "attn_v", "attn_output"].contains(&name) {
                tensor(format!("blk.{layer}.{name}.bias"), &[outputs], true);
            }
        };
        if architecture == Architecture::Phi3 {
            matrix("attn_qkv", hidden, queries + 2 * keys);
            matrix("ffn_up", hidden, 2 * feed_forward);
        } else {
            matrix("attn_q", hidden, queries);
            matrix("attn_k", hidden, keys);
            matrix("attn_v", hidden, keys);
            matrix("ffn_gate", hidden, feed_forward);
            matrix("ffn_up", hidden, feed_forward);
        }
        matrix("attn_output", queries, hidden);
        matrix("ffn_down", feed_forward, hidden);
        let mut norm = |name: &str, width: usize| tensor(format!("blk.{layer}.{name}.weight"), &[width], false);
        norm("attn_norm", hidden);
        norm("ffn_norm", hidden);
        if architecture.norms_heads() {
            norm("attn_q_norm", head);
            norm("attn_k_norm", head);
        }
        if architecture.is_gemma() {
            norm("post_attention_norm", hidden);
            norm("post_ffw_norm", hidden);
        }
    }
    all
}
