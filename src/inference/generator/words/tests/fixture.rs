//! Small vocabularies of both kinds, as a file's notes have them.

use std::collections::HashMap;

use super::super::Words;
use crate::domain::{Message, Speaker};
use crate::gguf::{Contents, Value};
use crate::inference::generator::GeneratorSource;
use crate::inference::{InferenceError, Prompt};

pub(super) fn source() -> GeneratorSource {
    GeneratorSource {
        id: "tiny@1".to_owned(),
        weights: "tiny.gguf".into(),
        tokenizer: None,
        chat_template: None,
        stop: Vec::new(),
        context: 64,
        memory: 0,
    }
}

pub(super) fn contents(notes: impl IntoIterator<Item = (&'static str, Value)>) -> Contents {
    let notes: HashMap<String, Value> = notes.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Contents { notes, tensors: Vec::new() }
}

pub(super) fn texts(texts: &[&str]) -> Value {
    Value::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
}

/// As byte-level vocabularies write a byte.
pub(super) fn character(byte: u8) -> char {
    let code = match byte {
        0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff => u32::from(byte),
        0..=0x20 => 0x100 + u32::from(byte),
        0x7f..=0xa0 => 0x121 + u32::from(byte) - 0x7f,
        0xad => 0x143,
    };
    char::from_u32(code).unwrap()
}

pub(super) fn written(text: &str) -> String {
    text.bytes().map(character).collect()
}

/// All bytes, in their order, then what the pairs become, then the marks.
pub(super) fn byte_pairs(pre: &str, pairs: &[(&str, &str)], marks: &[(&str, i64)]) -> Contents {
    let mut tokens: Vec<String> = (0..=255).map(|byte| character(byte).to_string()).collect();
    let mut merges = Vec::new();
    for (left, right) in pairs {
        let (left, right) = (written(left), written(right));
        tokens.push(format!("{left}{right}"));
        merges.push(format!("{left} {right}"));
    }
    let mut types = vec![1; tokens.len()];
    for (text, kind) in marks {
        tokens.push((*text).to_owned());
        types.push(*kind);
    }
    contents([
        ("tokenizer.ggml.model", Value::Text("gpt2".to_owned())),
        ("tokenizer.ggml.pre", Value::Text(pre.to_owned())),
        ("tokenizer.ggml.tokens", Value::Texts(tokens)),
        ("tokenizer.ggml.token_type", Value::Integers(types)),
        ("tokenizer.ggml.merges", Value::Texts(merges)),
    ])
}

/// `<unk>`, `<s>`, `</s>`, all bytes, then the pieces with their scores, then the marks.
pub(super) fn sentences(pieces: &[(&str, f32)], marks: &[(&str, i64)]) -> Contents {
    let mut tokens: Vec<String> = ["<unk>", "<s>", "</s>"].map(str::to_owned).to_vec();
    let mut types = vec![2, 3, 3];
    let mut scores = vec![0.0; 3];
    for byte in 0..=255 {
        tokens.push(format!("<0x{byte:02X}>"));
        types.push(6);
        scores.push(0.0);
    }
    for (text, score) in pieces {
        tokens.push(text.replace(' ', "\u{2581}"));
        types.push(1);
        scores.push(*score);
    }
    for (text, kind) in marks {
        tokens.push((*text).to_owned());
        types.push(*kind);
        scores.push(0.0);
    }
    contents([
        ("tokenizer.ggml.model", Value::Text("llama".to_owned())),
        ("tokenizer.ggml.tokens", Value::Texts(tokens)),
        ("tokenizer.ggml.token_type", Value::Integers(types)),
        ("tokenizer.ggml.scores", Value::Floats(scores)),
        ("tokenizer.ggml.unknown_token_id", Value::Integer(0)),
        ("tokenizer.ggml.bos_token_id", Value::Integer(1)),
        ("tokenizer.ggml.eos_token_id", Value::Integer(2)),
    ])
}

pub(super) fn load(contents: &Contents) -> Words {
    Words::load(contents, &source()).unwrap()
}

pub(super) fn text(words: &Words, text: &str) -> Vec<u32> {
    words.prompt(&Prompt::Text(text.to_owned())).unwrap()
}

pub(super) fn chat(words: &Words, turns: &[(Speaker, &str)]) -> Result<Vec<u32>, InferenceError> {
    let message = |(speaker, text): &(Speaker, &str)| Message { speaker: *speaker, text: (*text).to_owned() };
    words.prompt(&Prompt::Chat(turns.iter().map(message).collect()))
}

/// What a prompt says, with every mark between `⟦` and `⟧`.
pub(super) fn shown(words: &Words, ids: &[u32]) -> String {
    let mut bytes = Vec::new();
    for &id in ids {
        let text = words.text(id);
        if text.is_empty() || words.is_mark(id) {
            bytes.extend_from_slice("⟦".as_bytes());
            bytes.extend_from_slice(words.written(id));
            bytes.extend_from_slice("⟧".as_bytes());
        } else {
            bytes.extend_from_slice(text);
        }
    }
    String::from_utf8(bytes).unwrap()
}
