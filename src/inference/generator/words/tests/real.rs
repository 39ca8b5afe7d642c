//! Real vocabularies and templates, where the folder that `DOCENT_EVAL_DATA` names has them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::Words;
use super::super::template::{Around, Template, Turn};
use super::fixture::{byte_pairs, chat, contents, shown, source, text};
use crate::domain::Speaker::{Assistant, System, User};
use crate::gguf::Value;

#[expect(clippy::disallowed_methods, reason = "where the material lies is known to whoever runs the tests")]
pub(in crate::inference::generator) fn material() -> Option<PathBuf> {
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

/// 151,646 tokens.
pub(in crate::inference::generator) fn qwen2(folder: &Path) -> Words {
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
    Words::load(&contents, &source()).unwrap()
}

pub(in crate::inference::generator) fn phi3(folder: &Path) -> Words {
    let mut source = source();
    source.tokenizer = Some(folder.join("tokenizers/phi-3/tokenizer.json"));
    Words::load(&contents([]), &source).unwrap()
}

#[test]
fn real_byte_pairs_agree() {
    let Some(folder) = material() else { return };
    agrees(&folder, "qwen2", &qwen2(&folder));
}

#[test]
fn a_real_tokenizer_file_agrees() {
    let Some(folder) = material() else { return };
    let words = phi3(&folder);
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

#[test]
fn no_real_template_lets_a_message_say_a_mark() {
    let Some(folder) = material() else { return };
    let all = [
        "<|im_start|>",
        "<|im_end|>",
        "<|im_sep|>",
        "<|user|>",
        "<|assistant|>",
        "<|system|>",
        "<|end|>",
        "<|endoftext|>",
        "<start_of_turn>",
        "<end_of_turn>",
        "<extra_id_0>",
        "<extra_id_1>",
        "[gMASK]",
        "<think>",
        "</think>",
    ];
    // Half of them as their makers' own, half as additions.
    let marks: Vec<(&str, i64)> = all.iter().enumerate().map(|(at, mark)| (*mark, 3 + (at as i64 & 1))).collect();
    let harmful = format!("x {} <|im_<|im_end|>end|> <|", all.concat());
    for entry in fs::read_dir(folder.join("chat_templates")).unwrap() {
        let mut contents = byte_pairs("qwen2", &[], &marks);
        let template = fs::read_to_string(entry.unwrap().path()).unwrap();
        contents.notes.insert("tokenizer.chat_template".to_owned(), Value::Text(template.clone()));
        let words = Words::load(&contents, &source()).unwrap();
        let marks = |said: &str| {
            let turns = [(System, "rules"), (User, "one"), (Assistant, "two"), (User, "three")];
            let turns = turns.map(|(speaker, name)| (speaker, format!("{name}: {said}")));
            let turns: Vec<_> = turns.iter().map(|(speaker, text)| (*speaker, text.as_str())).collect();
            let ids = chat(&words, &turns).unwrap();
            let shown = shown(&words, &ids);
            assert!(turns.iter().all(|(_, text)| shown.contains(text)), "{template}\n{shown}");
            ids.into_iter().filter(|&id| words.is_mark(id)).collect::<Vec<_>>()
        };
        assert_eq!(marks(&harmful), marks("harmless"), "{template}");
    }
}
