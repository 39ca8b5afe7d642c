//! Finding by meaning as a person does it, with a tiny encoder in which words of two languages share a direction.

use serde_json::{Value, json};

use crate::bench::Bench;

const HIDDEN: usize = 64;
/// Words of one line mean the same.
const VOCABULARY: [&[&str]; 16] = [
    &["[PAD]"],
    &["[UNK]"],
    &["[CLS]"],
    &["[SEP]"],
    &["heart", "corazon"],
    &["beats", "late"],
    &["day", "dia"],
    &["lungs", "pulmones"],
    &["air", "aire"],
    &["spill", "derrame"],
    &["acid", "acido"],
    &["the", "el"],
    &["a", "un"],
    &["every", "cada"],
    &["fills", "llena"],
    &["absorbs", "absorbe"],
];

/// The files of an encoder with one layer that changes almost nothing.
pub fn encoder(bench: &Bench, folder: &str) {
    let words: Vec<(&str, usize)> =
        VOCABULARY.iter().enumerate().flat_map(|(line, words)| words.iter().map(move |word| (*word, line))).collect();
    let config = json!({
        "architectures": ["BertModel"], "model_type": "bert", "hidden_size": HIDDEN, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": HIDDEN, "max_position_embeddings": 64, "type_vocab_size": 2,
        "vocab_size": words.len(), "hidden_act": "gelu", "layer_norm_eps": 1e-12, "pad_token_id": 0,
        "position_embedding_type": "absolute", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02,
    });
    bench.write(&format!("{folder}/config.json"), config.to_string());
    bench.write(&format!("{folder}/tokenizer.json"), tokenizer(&words).to_string());
    bench.write(&format!("{folder}/model.safetensors"), weights(&words));
}

fn tokenizer(words: &[(&str, usize)]) -> Value {
    let vocabulary: serde_json::Map<String, Value> =
        words.iter().enumerate().map(|(id, (word, _))| ((*word).to_owned(), id.into())).collect();
    let special = |id: usize| {
        json!({"id": id, "content": words[id].0, "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": false, "special": true})
    };
    let token = |name: &str| json!({"SpecialToken": {"id": name, "type_id": 0}});
    let text = |name: &str| json!({"Sequence": {"id": name, "type_id": 0}});
    json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": (0..4).map(special).collect::<Vec<_>>(),
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": true,
                       "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [token("[CLS]"), text("A"), token("[SEP]")],
            "pair": [token("[CLS]"), text("A"), token("[SEP]"), text("B"), token("[SEP]")],
            "special_tokens": {
                "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]},
            },
        },
        "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocabulary},
    })
}

fn weights(words: &[(&str, usize)]) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut random = move |size: f32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * size
    };
    let meanings: Vec<Vec<f32>> = VOCABULARY.iter().map(|_| (0..HIDDEN).map(|_| random(1.0)).collect()).collect();
    let word_table = words.iter().flat_map(|(_, line)| meanings[*line].clone()).collect();
    let mut tensors: Vec<(String, Vec<usize>, Vec<f32>)> =
        vec![("embeddings.word_embeddings.weight".into(), vec![words.len(), HIDDEN], word_table)];
    for (name, rows) in [("position", 64), ("token_type", 2)] {
        let table = (0..rows * HIDDEN).map(|_| random(0.01)).collect();
        tensors.push((format!("embeddings.{name}_embeddings.weight"), vec![rows, HIDDEN], table));
    }
    let layer = "encoder.layer.0";
    let (inside, dense) = (format!("{layer}.attention.self"), "dense");
    for name in ["embeddings".to_owned(), format!("{layer}.attention.output"), format!("{layer}.output")] {
        tensors.push((format!("{name}.LayerNorm.weight"), vec![HIDDEN], vec![1.0; HIDDEN]));
        tensors.push((format!("{name}.LayerNorm.bias"), vec![HIDDEN], vec![0.0; HIDDEN]));
    }
    for name in [
        format!("{inside}.query"),
        format!("{inside}.key"),
        format!("{inside}.value"),
        format!("{layer}.attention.output.{dense}"),
        format!("{layer}.intermediate.{dense}"),
        format!("{layer}.output.{dense}"),
    ] {
        let table = (0..HIDDEN * HIDDEN).map(|_| random(0.01)).collect();
        tensors.push((format!("{name}.weight"), vec![HIDDEN, HIDDEN], table));
        tensors.push((format!("{name}.bias"), vec![HIDDEN], vec![0.0; HIDDEN]));
    }
    let (mut head, mut bytes) = (serde_json::Map::new(), Vec::new());
    for (name, shape, values) in tensors {
        let start = bytes.len();
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        head.insert(name, json!({"dtype": "F32", "shape": shape, "data_offsets": [start, bytes.len()]}));
    }
    let mut head = Value::Object(head).to_string();
    while !head.len().is_multiple_of(8) {
        head.push(' ');
    }
    [&(head.len() as u64).to_le_bytes()[..], head.as_bytes(), &bytes].concat()
}

fn notes() -> Bench {
    Bench::new()
        .file("notes/1.txt", "The heart beats every day.")
        .file("notes/2.txt", "Air fills the lungs.")
        .file("notes/3.txt", "The spill absorbs acid.")
}

fn first(bench: &Bench, words: &[&str]) -> String {
    let found = bench.docent(words).succeeds().json();
    found[0]["title"].as_str().unwrap().to_owned()
}

#[test]
fn documents_that_were_there_before_the_embedder_are_found_by_meaning_after_embed() {
    let bench = notes();
    bench.docent(&["add", "notes"]).succeeds();
    bench.docent(&["embed"]).exits(1).complains("no embedder", "docent models list");
    bench.docent(&["doctor"]).succeeds().says("by their words alone");
    encoder(&bench, "tiny");
    bench.docent(&["models", "import", "tiny"]).succeeds();
    bench.docent(&["search", "corazón", "--mode", "vector"]).exits(1).complains("tiny", "docent embed");
    bench.docent(&["search", "corazón"]).exits(4);
    bench.docent(&["doctor"]).succeeds().says("cover 0 of 3 documents").says("docent embed");
    bench.docent(&["add", "notes"]).succeeds().notes("3 documents cannot be found by meaning yet");

    let report = bench.docent(&["embed", "--json"]).succeeds().json();
    assert_eq!(
        (&report["documents"], &report["remaining"], &report["embedder"]),
        (&json!(3), &json!(0), &json!("tiny"))
    );
    bench.docent(&["embed"]).succeeds().says("embedded 0 documents");
    for (question, file) in [("corazón", "1"), ("pulmones", "2"), ("derrame", "3")] {
        assert_eq!(first(&bench, &["search", question, "--mode", "vector", "--json"]), file);
        assert_eq!(first(&bench, &["search", question, "--json"]), file);
        bench.docent(&["search", question, "--mode", "lexical"]).exits(4);
    }
    bench.docent(&["doctor"]).succeeds().says("tiny loads").says("cover all of 3 documents");
}

#[test]
fn what_is_added_under_an_embedder_is_embedded_while_it_is_added() {
    let bench = notes();
    encoder(&bench, "tiny");
    bench.docent(&["models", "import", "tiny"]).succeeds();
    let report = bench.docent(&["add", "notes", "--json"]).succeeds().json();
    assert_eq!((&report["added"], &report["not_embedded"]), (&json!(3), &json!(0)));
    assert_eq!(first(&bench, &["search", "pulmones", "--json"]), "2");
    bench.docent(&["search", "pulmones"]).env("DOCENT_SEARCH_MODE", "lexical").exits(4);

    let squad = json!({"data": [{"paragraphs": [
        {"context": "The heart beats every day.", "qas": [{"id": "a", "question": "corazón late", "answers": [{"text": "day"}]}]},
        {"context": "Air fills the lungs.", "qas": [{"id": "b", "question": "lungs", "answers": [{"text": "air"}]}]}]}]});
    bench.write("qa.json", squad.to_string());
    let scores = bench.docent(&["eval", "qa.json", "--json"]).succeeds().json();
    assert_eq!((&scores["recall_at"]["1"], &scores["modes"]["vector"]["recall_at"]["1"]), (&json!(1.0), &json!(1.0)));
    assert_eq!(scores["modes"]["lexical"]["recall_at"]["1"], json!(0.5));
    let scores = bench.docent(&["eval", "qa.json", "--mode", "lexical", "--json"]).succeeds().json();
    assert_eq!((&scores["recall_at"]["1"], scores.get("modes")), (&json!(0.5), None));
}

#[test]
fn a_damaged_embedder_is_a_warning_and_words_still_find() {
    let bench = notes();
    encoder(&bench, "tiny");
    bench.docent(&["models", "import", "tiny"]).succeeds();
    bench.docent(&["add", "notes"]).succeeds();
    let file = bench.data().join("models/tiny/model.safetensors");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let ended = bench.docent(&["search", "lungs"]).succeeds().says("Air fills").notes("warning: ").notes("hint: ");
    assert!(!ended.stderr().contains("error: "));
    bench.docent(&["search", "pulmones", "--mode", "vector"]).exits(1).complains("tiny", "docent models");
    bench.write("notes/4.txt", "Another note about lungs.");
    let report = bench.docent(&["add", "notes", "--json"]).succeeds().notes("warning: ").json();
    assert_eq!(report["added"], 1);
    std::fs::write(&file, &whole).unwrap();
    bench.docent(&["embed"]).succeeds().says("embedded 1 document");
    assert_eq!(first(&bench, &["search", "pulmones", "--mode", "vector", "--json"]), "2");
}
