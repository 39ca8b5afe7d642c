//! Real vocabularies and templates, where the folder that `DOCENT_EVAL_DATA` names has them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::Words;
use super::super::template::{Around, Template, Turn};
use super::fixture::{contents, source, text};
use crate::gguf::Value;

#[expect(clippy::disallowed_methods, reason = "where the material lies is known to whoever runs the tests")]
fn material() -> Option<PathBuf> {
    std::env::var_os("DOCENT_EVAL_DATA").map(PathBuf::from)
}

/// Texts and their tokens, as the vocabulary's own maker has them.
fn agrees(folder: &Path, name: &str, words: &Words) {
    let read = |end: &str| {
        fs::read_to_string(folder.join(format!("tokenizers/vectors/ggml-vocab-{name}.gguf.{end}"))).unwrap()
    };
    let (texts, lines) = (read("inp"), read("out"));
    let mut checked = 0;
    for (said, line) in texts.split("\n__ggml_vocab_test__\n").zip(lines.lines()) {
        let expected: Vec<u32> = line.split_whitespace().map(|id| id.parse().unwrap()).collect();
        let ids = text(words, said);
        let begins = usize::from(ids.len() > expected.len());
        assert_eq!(ids[begins..], expected, "{name}: {said:?}");
        checked += 1;
    }
    assert!(checked > 40);
}

#[test]
fn real_byte_pairs_agree() {
    let Some(folder) = material() else { return };
    let files = folder.join("tokenizers/qwen2");
    let json = |name: &str| -> HashMap<String, usize> {
        serde_json::from_slice(&fs::read(files.join(name)).unwrap()).unwrap()
    };
    let (vocabulary, added) = (json("vocab.json"), json("added_tokens.json"));
    let mut tokens = vec![String::new(); vocabulary.len() + added.len()];
    let mut types = vec![1; tokens.len()];
    added.values().for_each(|&id| types[id] = 3);
    vocabulary.into_iter().chain(added).for_each(|(text, id)| tokens[id] = text);
    let merges = fs::read_to_string(files.join("merges.txt")).unwrap();
    let merges: Vec<String> = merges.lines().filter(|line| !line.starts_with("#version")).map(str::to_owned).collect();
    let contents = contents([
        ("tokenizer.ggml.model", Value::Text("gpt2".to_owned())),
        ("tokenizer.ggml.pre", Value::Text("qwen2".to_owned())),
        ("tokenizer.ggml.tokens", Value::Texts(tokens)),
        ("tokenizer.ggml.token_type", Value::Integers(types)),
        ("tokenizer.ggml.merges", Value::Texts(merges)),
    ]);
    agrees(&folder, "qwen2", &Words::load(&contents, &source()).unwrap());
}

#[test]
fn a_real_tokenizer_file_agrees() {
    let Some(folder) = material() else { return };
    let mut source = source();
    source.tokenizer = Some(folder.join("tokenizers/phi-3/tokenizer.json"));
    let words = Words::load(&contents([]), &source).unwrap();
    agrees(&folder, "phi-3", &words);
    assert_eq!(words.ends(), [2, 32000, 32007]);
}

#[test]
fn real_templates_write_every_message() {
    let Some(folder) = material() else { return };
    let around = Around { first: "<s>", last: "</s>" };
    let turns = [("user", "one"), ("assistant", "two"), ("user", "three")];
    let turns = turns.map(|(role, content)| Turn { role, content });
    let mut tried = 0;
    for entry in fs::read_dir(folder.join("chat_templates")).unwrap() {
        let path = entry.unwrap().path();
        let written = Template::new(&fs::read_to_string(&path).unwrap()).unwrap().render(&turns, around).unwrap();
        for said in ["one", "two", "three"] {
            assert!(written.contains(said), "{}: {written}", path.display());
        }
        tried += 1;
    }
    assert!(tried > 10);
}
