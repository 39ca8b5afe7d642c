//! What if a file's notes are wrong, or meant to do harm?

use super::super::Words;
use super::fixture::{byte_pairs, contents, load, sentences, source, texts};
use crate::gguf::{Contents, Value};

fn refused(contents: &Contents) -> String {
    Words::load(contents, &source()).unwrap_err().to_string()
}

fn changed(mut contents: Contents, key: &str, value: Option<Value>) -> Contents {
    match value {
        Some(value) => contents.notes.insert(format!("tokenizer.{key}"), value),
        None => contents.notes.remove(&format!("tokenizer.{key}")),
    };
    contents
}

#[test]
fn notes_that_make_no_vocabulary_are_refused() {
    let pairs = || byte_pairs("gpt-2", &[("a", "b")], &[]);
    let scored = || sentences(&[("a", -1.0)], &[]);
    for (contents, why) in [
        (contents([]), "tiny.gguf: has no vocabulary"),
        (
            changed(pairs(), "ggml.model", Some(Value::Text("rwkv".to_owned()))),
            "its vocabulary is of the kind \"rwkv\"",
        ),
        (changed(pairs(), "ggml.model", Some(Value::Bool(true))), "its note tokenizer.ggml.model is not a text"),
        (changed(pairs(), "ggml.tokens", None), "has a vocabulary without tokens"),
        (changed(pairs(), "ggml.tokens", Some(Value::Integers(vec![1]))), "tokens is not a list of texts"),
        (changed(pairs(), "ggml.merges", None), "has a vocabulary without pairs"),
        (
            changed(pairs(), "ggml.token_type", Some(Value::Integers(vec![1; 3]))),
            "does not say of every token what it is",
        ),
        (changed(scored(), "ggml.scores", None), "has a vocabulary without scores"),
        (changed(scored(), "ggml.scores", Some(Value::Floats(vec![0.0]))), "has 1 scores for 260 tokens"),
        (changed(scored(), "ggml.add_bos_token", Some(Value::Integer(1))), "add_bos_token is not true or false"),
        (changed(scored(), "ggml.bos_token_id", Some(Value::Float(1.0))), "bos_token_id is not the number of a token"),
        (changed(scored(), "chat_template", Some(texts(&[]))), "chat_template is not a text"),
    ] {
        let error = refused(&contents);
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn strange_notes_do_no_harm() {
    let strange = ["", " ", "a", " b", "a  b", "zz z", "a b c", "\u{100}", "é è"];
    let words =
        load(&changed(byte_pairs("of tomorrow", &[], &[("", 1), ("", 3)]), "ggml.merges", Some(texts(&strange))));
    assert_eq!(super::fixture::text(&words, "it's a b"), "it's a b".bytes().map(u32::from).collect::<Vec<_>>());
    let scores = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0];
    let pieces: Vec<(&str, f32)> = ["aa", "a", "aaa", "aaaa"].into_iter().zip(scores).collect();
    let mut contents = sentences(&pieces, &[]);
    for (key, id) in [("bos", -1), ("eos", i64::MAX), ("unknown", 1 << 40), ("eot", 700)] {
        contents = changed(contents, &format!("ggml.{key}_token_id"), Some(Value::Integer(id)));
    }
    let words = load(&contents);
    assert!(words.count("aaaaaaaaaaaaaaaa") > 0);
    assert_eq!(words.ends(), [2]);
}

#[test]
fn a_vocabulary_without_bytes_says_what_it_can() {
    let few = contents([
        ("tokenizer.ggml.model", Value::Text("gpt2".to_owned())),
        ("tokenizer.ggml.tokens", texts(&["a", "b", "ab", "<unk>"])),
        ("tokenizer.ggml.merges", texts(&["a b"])),
    ]);
    assert_eq!(super::fixture::text(&load(&few), "abcab"), [2, 2]);
    let known = changed(few, "ggml.unknown_token_id", Some(Value::Integer(3)));
    assert_eq!(super::fixture::text(&load(&known), "abcab"), [2, 3, 2]);
}
