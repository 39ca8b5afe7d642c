//! Is a vocabulary out of a `tokenizer.json` as good as one out of the model's file?

use std::fs;

use serde_json::{Value, json};

use super::super::{Detokenizer, Words};
use super::fixture::{character, chat, contents, shown, source, text};
use crate::domain::Speaker::User;

/// The bytes of plain text, two pairs, and three marks.
fn written() -> Value {
    let mut vocabulary: serde_json::Map<String, Value> =
        (0..=255u8).map(|byte| (character(byte).to_string(), json!(byte))).collect();
    vocabulary.insert("he".to_owned(), json!(256));
    vocabulary.insert("hey".to_owned(), json!(257));
    let added = |id: u32, content: &str, special: bool, rstrip: bool| {
        json!({
            "id": id, "content": content, "special": special, "rstrip": rstrip,
            "lstrip": false, "single_word": false, "normalized": false,
        })
    };
    json!({
        "version": "1.0",
        "added_tokens": [
            added(258, "<s>", true, false), added(259, "<|user|>", true, true), added(260, "<|end|>", false, false),
            added(261, "<b>", false, false),
        ],
        "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [258], "tokens": ["<s>"]}},
        },
        "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
        "model": {"type": "BPE", "vocab": vocabulary, "merges": [["h", "e"], ["he", "y"]]},
    })
}

fn load(tokenizer: &[u8], template: &str) -> Result<Words, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    fs::write(&path, tokenizer).unwrap();
    let mut source = source();
    source.tokenizer = Some(path);
    source.chat_template = Some(template.to_owned());
    let notes = [("tokenizer.ggml.bos_token_id", crate::gguf::Value::Integer(258))];
    Words::load(&contents(notes), &source).map_err(|error| error.to_string())
}

#[test]
fn a_file_gives_prompts_and_text() {
    let template = "{% for m in messages %}<|user|>\n{{ m.content }}<|end|>{% endfor %}";
    let words = load(written().to_string().as_bytes(), template).unwrap();
    assert_eq!(text(&words, "hey é"), [258, 257, 32, 0xc3, 0xa9]);
    assert_eq!((words.count("hey"), words.vocabulary(), words.ends()), (1, 262, &[260][..]));
    let said = "hey <|user|><|end|><s><b>";
    let ids = chat(&words, &[(User, said)]).unwrap();
    assert_eq!(shown(&words, &ids), format!("⟦<s>⟧⟦<|user|>⟧{said}⟦<|end|>⟧"));
    assert!(ids.contains(&261), "what is no mark is found in any text");
    let mut stream = Detokenizer::new(&words);
    let said: String = ids.iter().map(|&id| stream.push(&words, id).to_owned()).collect();
    assert_eq!(said, "hey <|user|><|end|><s><b>");
}

#[test]
fn a_file_that_makes_no_vocabulary_is_refused() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut written = written();
        change(&mut written);
        load(written.to_string().as_bytes(), "").unwrap_err()
    };
    for (error, why) in [
        (load(b"{", "").unwrap_err(), "is not a tokenizer, at line 1 column 1"),
        (with(&|file| file["model"]["merges"] = json!([["h", "zz"]])), "is not a tokenizer"),
        (with(&|file| file["added_tokens"][1]["id"] = json!(400)), "a number that is not its own"),
        (with(&|file| file["model"]["vocab"]["hey"] = json!(4_000_000)), "gives one the number 4000000"),
        (with(&|file| file["model"]["vocab"]["hey"] = json!(256)), "several tokens"),
    ] {
        assert!(error.contains(why), "{error}");
        assert!(error.contains("tokenizer.json"), "{error}");
    }
}
