//! Can candle be given this file? It reserves what a file's numbers say, and stops the whole program where that is too much.

use super::family::Family;
use crate::gguf::{Contents, Kind, Value};
use crate::inference::error::{InferenceError, ModelFile};

/// Larger than any such number of a model: widths, layers, heads, experts.
const MOST: i64 = 1 << 20;
const MOST_WORDS: i64 = 1 << 22;
const MOST_HEAD: i64 = 1 << 10;
/// What something is shared among.
const DIVISORS: [&str; 6] = [
    "block_count",
    "embedding_length",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "rope.dimension_count",
];
const MOST_CONTEXT: i64 = 1 << 28;

pub(super) fn check(family: Family, contents: &Contents, file: &ModelFile) -> Result<(), InferenceError> {
    let prefix = format!("{}.", family.name());
    for (key, value) in &contents.notes {
        let Some(name) = key.strip_prefix(&prefix) else { continue };
        let most = match name {
            "context_length" | "rope.scaling.original_context_length" => MOST_CONTEXT,
            "vocab_size" => MOST_WORDS,
            "block_count" => contents.tensors.len() as i64,
            "attention.key_length" | "attention.value_length" | "rope.dimension_count" | "shortconv.l_cache" => {
                MOST_HEAD
            }
            _ => MOST,
        };
        let least = i64::from(DIVISORS.contains(&name));
        let wrong = match value {
            Value::Integer(number) => (!(least..=most).contains(number)).then(|| number.to_string()),
            Value::Integers(numbers) => {
                numbers.iter().find(|number| !(0..=most).contains(*number)).map(|number| number.to_string())
            }
            Value::Float(number) => (!number.is_finite()).then(|| number.to_string()),
            _ => None,
        };
        if let Some(number) = wrong {
            return Err(file.damaged(format!("{key} is {number}, and can be from {least} to {most}")));
        }
    }
    for tensor in &contents.tensors {
        let blocks = tensor.kind.block().map(|(values, _)| tensor.shape.first().unwrap_or(&1) / values);
        // Candle multiplies with these two blocks at a time.
        let is_odd = matches!(tensor.kind, Kind::Q4_1 | Kind::Q5_0 | Kind::Q5_1) && blocks.is_some_and(|n| n % 2 == 1);
        if is_odd || matches!(tensor.kind, Kind::Other(_)) {
            let (name, shape, kind) = (&tensor.name, &tensor.shape, tensor.kind);
            let why =
                format!("its tensor {name} of shape {shape:?} is written as {kind}, which docent does not read there");
            return Err(file.unsupported(why));
        }
    }
    Ok(())
}

/// How many rows the table of tokens has.
pub(super) fn vocabulary(contents: &Contents, file: &ModelFile) -> Result<usize, InferenceError> {
    match contents.tensor("token_embd.weight").map(|table| &table.shape[..]) {
        Some(&[_, rows]) if rows > 0 && rows <= MOST_WORDS as usize => Ok(rows),
        _ => Err(file.damaged("has no table of tokens")),
    }
}
