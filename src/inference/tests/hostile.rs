//! What happens to files that are cut, foreign or made to hurt? An error that says which and why, and never a panic.

use std::fs;

use serde_json::{Value, json};

use super::fixture::{Dice, THREADS, Tiny, Written};
use crate::fault::Fault;
use crate::inference::error::{InferenceError, ModelFile};
use crate::inference::mapped::Mapped;
use crate::inference::{Role, Urgency, open_embedder, open_reranker};

#[track_caller]
fn refused(written: &Written, expected: &str) {
    match open_embedder(written.source(), THREADS, super::fixture::clock()) {
        Ok(_) => panic!("it was opened"),
        Err(error) => {
            assert!(error.to_string().contains(expected), "{error}");
            let fault = Fault::from(error);
            assert!(fault.hint.is_some());
        }
    }
}

#[test]
fn weights_cut_at_any_byte_of_their_header_are_damaged() {
    let tiny = Tiny::bert();
    let written = tiny.write();
    let whole = tiny.weights();
    let header = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let file = ModelFile::new("tiny", written.path(), "model.safetensors");
    let shortened = fs::File::options().write(true).open(&file.path).unwrap();
    for end in [whole.len() - 1].into_iter().chain((0..header + 12).rev()) {
        shortened.set_len(end as u64).unwrap();
        let error = Mapped::open(&file).unwrap_err();
        assert!(matches!(&error, InferenceError::Damaged { path, .. } if *path == file.path), "cut at {end}: {error}");
    }
    written.put("model.safetensors", &whole[..whole.len() / 2]);
    refused(&written, "model.safetensors: is cut short");
    written.put("model.safetensors", [&whole[..], &[0; 4]].concat());
    refused(&written, "cut short, or its table of contents is damaged");
}

#[test]
fn weights_with_any_bytes_changed_do_no_harm() {
    let tiny = Tiny::bert();
    let written = tiny.write();
    let whole = tiny.weights();
    let header = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let mut dice = Dice(4242);
    for _ in 0..400 {
        let mut bytes = whole.clone();
        for _ in 0..1 + dice.next() % 3 {
            let at = dice.next() as usize % (header + 8);
            bytes[at] = if dice.next().is_multiple_of(2) {
                b"0123456789{}[],:\"F"[dice.next() as usize % 18]
            } else {
                dice.next() as u8
            };
        }
        written.put("model.safetensors", &bytes);
        if let Ok(embedder) = open_embedder(written.source(), THREADS, super::fixture::clock()) {
            let _ = embedder.embed(&["the cat"], Role::Question, Urgency::Ask);
        }
    }
}

fn safetensors(header: &Value, data: &[u8]) -> Vec<u8> {
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}

#[test]
fn tables_of_contents_that_lie_are_damaged() {
    let written = Tiny::bert().write();
    let tensor = |shape: Value, from: u64, to: u64| json!({"dtype": "F32", "shape": shape, "data_offsets": [from, to]});
    let (end, data) = (u64::MAX - 7, [0; 16]);
    for header in [
        json!({"a": tensor(json!([2]), 0, 8), "b": tensor(json!([2]), 4, 12), "c": tensor(json!([1]), 12, 16)}),
        json!({"a": tensor(json!([2]), 0, 8), "b": tensor(json!([1]), 12, 16)}),
        json!({"a": tensor(json!([3]), 0, 16)}),
        json!({"a": tensor(json!([4]), 16, 0)}),
        json!({"a": tensor(json!([1u64 << 62, 2]), 0, end)}),
        json!({"a": tensor(json!([end / 4]), 0, end)}),
        json!({"a": tensor(json!([1u64 << 40, 1u64 << 40]), 0, 16)}),
        json!({"a": tensor(json!([-4]), 0, 16)}),
        json!({"a": {"dtype": "F99", "shape": [4], "data_offsets": [0, 16]}}),
        json!([1, 2, 3]),
        json!({}),
    ] {
        written.put("model.safetensors", safetensors(&header, &data));
        refused(&written, "model.safetensors: ");
    }
    // Just so that the sum of all lengths comes out right after it has overflowed.
    for shift in 0..64u64 {
        let header = json!({"a": tensor(json!([(u64::MAX - 64 - shift) / 4]), 0, (u64::MAX - 64 - shift) / 4 * 4)});
        written.put("model.safetensors", safetensors(&header, &data));
        refused(&written, "model.safetensors: ");
    }
    written.put("model.safetensors", [&u64::MAX.to_le_bytes()[..], b"{}"].concat());
    refused(&written, "model.safetensors: ");
}

#[test]
fn what_is_no_weights_file_is_called_by_its_name() {
    let written = Tiny::bert().write();
    for (content, expected) in [
        (&b"GGUF\x03\0\0\0\0\0\0\0\0\0\0\0"[..], "is a GGUF file, where safetensors was expected"),
        (b"PK\x03\x04 pytorch", "is a PyTorch file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer to a file that was not fetched"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"", "is cut short"),
        (b"short", "is cut short"),
    ] {
        written.put("model.safetensors", content);
        refused(&written, expected);
    }
}

#[test]
fn missing_files_are_named() {
    for name in ["model.safetensors", "config.json", "tokenizer.json"] {
        let written = Tiny::bert().write();
        fs::remove_file(written.path().join(name)).unwrap();
        refused(&written, &format!("{name}: cannot be opened"));
        fs::create_dir(written.path().join(name)).unwrap();
        refused(&written, &format!("{name}: "));
    }
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    let name = "encoder.layer.1.output.dense.weight";
    let mut tiny = Tiny::bert();
    tiny.tensors.remove(name);
    refused(&tiny.write(), "the tensor encoder.layer.1.output.dense.weight is missing");

    let mut tiny = Tiny::bert();
    tiny.tensors.get_mut(name).unwrap().0.reverse();
    refused(&tiny.write(), "has the shape [24, 16], and config.json asks for [16, 24]");

    let mut tiny = Tiny::bert();
    tiny.kind = safetensors::Dtype::I32;
    refused(&tiny.write(), "is of I32");

    let mut tiny = Tiny::bert();
    tiny.tensors.retain(|name, _| !name.contains("word_embeddings"));
    refused(&tiny.write(), "holds no word embeddings");

    let mut tiny = Tiny::bert_reranker();
    let (shape, numbers) = tiny.tensors.get_mut("classifier.weight").unwrap();
    shape[0] = 3;
    *numbers = numbers.repeat(3);
    let error = open_reranker(tiny.write().source(), THREADS, super::fixture::clock()).unwrap_err();
    assert!(error.to_string().contains("it gives 3 scores"), "{error}");
}

#[test]
fn weights_that_are_not_numbers_are_found() {
    for (name, number) in
        [("encoder.layer.0.attention.self.key.weight", f32::NAN), ("embeddings.LayerNorm.bias", f32::INFINITY)]
    {
        let mut tiny = Tiny::bert();
        *tiny.tensors.get_mut(name).unwrap().1.last_mut().unwrap() = number;
        refused(&tiny.write(), &format!("the tensor {name} holds what is not a number"));
    }
    // A word is not read before it is met: then its text fails, and other texts do not.
    let mut tiny = Tiny::bert();
    let cat = super::id(&tiny, "cat") as usize;
    tiny.tensors.get_mut("embeddings.word_embeddings.weight").unwrap().1[cat * 16] = f32::NAN;
    let written = tiny.write();
    let embedder = open_embedder(written.source(), THREADS, super::fixture::clock()).unwrap();
    let error = embedder.embed(&["the cat"], Role::Passage, Urgency::Add).unwrap_err();
    assert!(error.to_string().contains("it gave what is not a number"), "{error}");
    assert!(embedder.embed(&["the mat"], Role::Passage, Urgency::Add).is_ok());

    let mut tiny = Tiny::bert();
    for (_, numbers) in tiny.tensors.values_mut() {
        numbers.iter_mut().for_each(|number| *number *= 3e37);
    }
    let written = tiny.write();
    let embedder = open_embedder(written.source(), THREADS, super::fixture::clock()).unwrap();
    assert!(embedder.embed(&["the cat"], Role::Passage, Urgency::Add).is_err(), "sums beyond all numbers");

    let mut tiny = Tiny::bert();
    for name in ["encoder.layer.1.output.LayerNorm.weight", "encoder.layer.1.output.LayerNorm.bias"] {
        tiny.tensors.get_mut(name).unwrap().1.fill(0.0);
    }
    let written = tiny.write();
    let embedder = open_embedder(written.source(), THREADS, super::fixture::clock()).unwrap();
    let error = embedder.embed(&["the cat"], Role::Passage, Urgency::Add).unwrap_err();
    assert!(error.to_string().contains("without direction"), "{error}");
}

#[test]
fn shapes_that_cannot_be_are_said() {
    for (key, value, expected) in [
        ("hidden_size", json!(0), "hidden_size is 0"),
        ("hidden_size", json!(u64::MAX), "hidden_size is 18446744073709551615"),
        ("hidden_size", json!(-1), "config.json: is not what it should be, at line 1"),
        ("hidden_size", json!(1e300), "config.json: is not what it should be"),
        ("hidden_size", json!("16"), "config.json: is not what it should be"),
        ("hidden_size", Value::Null, "says no hidden_size"),
        ("hidden_size", json!(20), "has the shape"),
        ("num_hidden_layers", json!(3), "the tensor encoder.layer.2.attention.self.query.weight is missing"),
        ("num_hidden_layers", json!(4_000_000_000u64), "num_hidden_layers is 4000000000"),
        ("num_attention_heads", json!(3), "cannot be shared among 3 heads"),
        ("num_attention_heads", json!(0), "num_attention_heads is 0"),
        ("intermediate_size", json!(1u64 << 60), "intermediate_size is"),
        ("vocab_size", json!(1u64 << 40), "vocab_size is"),
        ("vocab_size", json!(72), "has the shape"),
        ("max_position_embeddings", json!(1u64 << 40), "max_position_embeddings is"),
        ("max_position_embeddings", json!(8), "has the shape"),
        ("type_vocab_size", json!(0), "type_vocab_size is 0"),
        ("pad_token_id", json!(1u64 << 33), "pad_token_id is"),
        ("layer_norm_eps", json!(0), "layer_norm_eps is 0"),
        ("layer_norm_eps", json!(-1), "layer_norm_eps is -1"),
        ("hidden_act", json!("swish"), "its hidden_act is swish"),
        ("position_embedding_type", json!("relative_key"), "its positions are relative_key"),
        ("is_decoder", json!(true), "it writes text"),
        ("model_type", json!("distilbert"), "of the kind distilbert"),
        ("model_type", json!("x".repeat(100_000)), "of the kind xxxxxxxxxx"),
        ("model_type", Value::Null, "says no model_type"),
    ] {
        let mut tiny = Tiny::bert();
        tiny.config[key] = value;
        refused(&tiny.write(), expected);
    }
    for content in ["", "{", "[]", "null", "\u{0}", "{\"hidden_size\": {\"a\": [[[[[[["] {
        let written = Tiny::bert().write();
        written.put("config.json", content);
        refused(&written, "config.json: is not what it should be");
    }
    let written = Tiny::bert().write();
    written.put("config.json", " ".repeat(2 << 20));
    refused(&written, "bytes long");
    let mut tiny = Tiny::xlm_roberta();
    tiny.config["pad_token_id"] = json!(41);
    refused(&tiny.write(), "pad_token_id 41 leaves no positions of 42");
}

#[test]
fn a_tokenizer_of_another_model_is_refused() {
    let mut tiny = Tiny::xlm_roberta();
    tiny.tokenizer = Tiny::bert().tokenizer;
    refused(&tiny.write(), "tokens apart, and the model has");

    let mut tiny = Tiny::bert();
    let more: Vec<(String, f64)> = (0..400).map(|at| (format!("p{at}"), -1.0)).collect();
    tiny.tokenizer = super::fixture::unigram(&more);
    refused(&tiny.write(), "tells 405 tokens apart, and the model has 69: it is another model's");

    let mut tiny = Tiny::xlm_roberta();
    tiny.config["pad_token_id"] = json!(0);
    refused(&tiny.write(), "fills up with another token");
}

#[test]
fn tokenizers_that_are_damaged_are_refused() {
    for (pointer, value, expected) in [
        ("/model", json!({"type": "Unigram", "unk_id": 9, "vocab": []}), "does not make a tokenizer"),
        ("/model", json!({"type": "Unigram", "unk_id": 0, "vocab": [["a"]]}), "is not a tokenizer"),
        ("/model", json!({"type": "Parrot"}), "is not a tokenizer"),
        ("/model/vocab", json!({}), ""),
        ("/post_processor", Value::Null, "puts marks around a text in an unknown way"),
        ("/post_processor/single", json!([]), "tokenizer.json: "),
        ("/post_processor/special_tokens", json!({}), "tokenizer.json: "),
        ("/post_processor/special_tokens/[CLS]/ids", json!([4_000_000_000u32]), "has the mark 4000000000"),
        ("/post_processor/single/1", json!({"Sequence": {"id": "B", "type_id": 0}}), "tokenizer.json: "),
        ("/added_tokens/3/id", json!(9), "gives the token \"[SEP]\" a number that is not its own"),
        ("/added_tokens/3/content", json!("[STRANGE]"), "tokenizer.json: "),
        (
            "/pre_tokenizer",
            json!({"type": "Split", "pattern": {"Regex": "((("}, "behavior": "Isolated", "invert": false}),
            "is not a tokenizer",
        ),
    ] {
        let mut tiny = Tiny::bert();
        println!("{pointer} is {value}");
        *tiny.tokenizer.pointer_mut(pointer).unwrap() = value;
        refused(&tiny.write(), expected);
    }
    let whole = Tiny::bert().tokenizer.to_string();
    let written = Tiny::bert().write();
    for end in (0..whole.len()).step_by(97) {
        written.put("tokenizer.json", &whole[..end]);
        refused(&written, "tokenizer.json: is not a tokenizer, at line 1");
    }
}

#[test]
fn tokenizers_with_any_bytes_changed_do_no_harm() {
    for tiny in [Tiny::bert(), Tiny::xlm_roberta()] {
        let whole = tiny.tokenizer.to_string().into_bytes();
        let written = tiny.write();
        let mut dice = Dice(99);
        for _ in 0..200 {
            let mut bytes = whole.clone();
            let at = dice.next() as usize % whole.len();
            bytes[at] = b"0123456789{}[],:\"abz-"[dice.next() as usize % 21];
            written.put("tokenizer.json", &bytes);
            if let Ok(embedder) = open_embedder(written.source(), THREADS, super::fixture::clock()) {
                let _ = embedder.embed(&["The cat sat", "", "\u{0}\u{FFFF} ñ 数 🦀"], Role::Question, Urgency::Ask);
            }
        }
    }
}

#[test]
fn settings_beside_the_model_are_read_strictly() {
    let written = Tiny::bert().write();
    written.put("sentence_bert_config.json", r#"{"max_seq_length": 5}"#);
    refused(&written, "of the 5 tokens that it reads at once, 3 are left for text");
    written.put("sentence_bert_config.json", r#"{"max_seq_length": "many"}"#);
    refused(&written, "sentence_bert_config.json: is not what it should be");
    written.put("sentence_bert_config.json", r#"{"max_seq_length": null}"#);
    written.put("1_Pooling/config.json", r#"{"pooling_mode_max_tokens": true}"#);
    let mut source = written.source();
    source.pooling = None;
    let error = open_embedder(source, THREADS, super::fixture::clock()).unwrap_err();
    assert!(error.to_string().contains("pools its tokens in a way"), "{error}");
    let mut source = written.source();
    source.passage_prefix = "the cat ".repeat(100);
    let error = open_embedder(source, THREADS, super::fixture::clock()).unwrap_err();
    assert!(error.to_string().contains("are left for text"), "{error}");
}
