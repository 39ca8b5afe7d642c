//! Are the vectors the model's own, whatever they are computed beside, and does every part of a long text count?

use safetensors::Dtype;
use serde_json::json;

use super::fixture::Tiny;
use super::{ids, near, open};
use crate::inference::{Pooling, Role, Urgency};

fn embed(embedder: &dyn crate::inference::Embedder, texts: &[&str]) -> Vec<Vec<f32>> {
    embedder.embed(texts, Role::Passage, Urgency::Add).unwrap()
}

#[test]
fn vectors_are_those_of_the_plain_forward_pass() {
    for activation in ["gelu", "gelu_new", "relu"] {
        let mut tiny = Tiny::bert();
        tiny.config["hidden_act"] = json!(activation);
        let vectors = embed(&*open(tiny.write().source()), &["The cat sat"]);
        near(&vectors[0], &tiny.mean(&ids(&tiny, &["[CLS]", "the", "cat", "sat", "[SEP]"])), 2e-6);
    }
    let tiny = Tiny::xlm_roberta();
    let vectors = embed(&*open(tiny.write().source()), &["la derivada"]);
    near(&vectors[0], &tiny.mean(&ids(&tiny, &["<s>", "la", "derivada", "</s>"])), 2e-6);
}

#[test]
fn the_first_token_stands_for_all_where_the_model_says_so() {
    let tiny = Tiny::bert();
    let written = tiny.write();
    written.put("1_Pooling/config.json", r#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#);
    let mut source = written.source();
    source.pooling = None;
    source.normalize = false;
    let vectors = embed(&*open(source), &["water boils"]);
    let rows = tiny.forward(&ids(&tiny, &["[CLS]", "water", "boils", "[SEP]"]), 4);
    near(&vectors[0], &rows[0], 1e-5);
}

#[test]
fn half_precision_is_read() {
    for (kind, tolerance) in [(Dtype::F16, 3e-3), (Dtype::BF16, 2e-2)] {
        let mut tiny = Tiny::bert();
        tiny.kind = kind;
        let vectors = embed(&*open(tiny.write().source()), &["the cat"]);
        near(&vectors[0], &tiny.mean(&ids(&tiny, &["[CLS]", "the", "cat", "[SEP]"])), tolerance);
    }
}

#[test]
fn a_vector_does_not_depend_on_its_batch() {
    for tiny in [Tiny::bert(), Tiny::xlm_roberta()] {
        let written = tiny.write();
        let embedder = open(written.source());
        let texts = ["the cat", "la derivada de una suma", "", "water boils on the mat la la la", "zzz", "the cat"];
        let together = embed(&*embedder, &texts);
        assert_eq!(together[0], together[5]);
        for (text, vector) in texts.iter().zip(&together) {
            assert_eq!(&embed(&*embedder, &[text])[0], vector, "{text}");
            let length: f32 = vector.iter().map(|number| number * number).sum();
            assert!((length - 1.0).abs() < 1e-5, "{text}: {length}");
        }
    }
}

#[test]
fn prefixes_are_read_with_the_text() {
    let tiny = Tiny::bert();
    let mut source = tiny.write().source();
    let written = tiny.write();
    source.folder = written.path().to_owned();
    source.query_prefix = "the cat ".to_owned();
    let embedder = open(source);
    let asked = embedder.embed(&["sat"], Role::Question, Urgency::Ask).unwrap();
    near(&asked[0], &tiny.mean(&ids(&tiny, &["[CLS]", "the", "cat", "sat", "[SEP]"])), 2e-6);
    near(&embed(&*embedder, &["sat"])[0], &tiny.mean(&ids(&tiny, &["[CLS]", "sat", "[SEP]"])), 2e-6);
    assert_eq!(embedder.max_tokens(), 42 - 2 - 2, "a question's prefix takes room");
    assert_eq!(embedder.count_tokens("The cat sat."), 4, "the full stop is unknown, and a token");
}

#[test]
fn every_part_of_a_long_text_counts() {
    let tiny = Tiny::bert();
    let written = tiny.write();
    written.put("sentence_bert_config.json", r#"{"max_seq_length": 10, "do_lower_case": false}"#);
    let embedder = open(written.source());
    assert_eq!(embedder.max_tokens(), 8);
    let eight = "the cat sat on the mat la suma";
    let plain = ["the", "cat", "sat", "on", "the", "mat", "la", "suma"];
    let framed = |words: &[&str]| ids(&tiny, &[&["[CLS]"], words, &["[SEP]"]].concat());
    near(&embed(&*embedder, &[eight])[0], &tiny.mean(&framed(&plain)), 2e-6);

    // Eleven tokens: two windows of eight, and both count the same.
    let eleven = format!("{eight} water boils de");
    let all = [&plain[..], &["water", "boils", "de"]].concat();
    let means: Vec<Vec<f64>> = [&all[..8], &all[3..]]
        .iter()
        .map(|words| {
            let rows = tiny.forward(&framed(words), 10);
            (0..rows[0].len()).map(|i| rows.iter().map(|row| row[i]).sum::<f64>() / 10.0).collect()
        })
        .collect();
    let sum: Vec<f64> = means[0].iter().zip(&means[1]).map(|(a, b)| a + b).collect();
    let length = sum.iter().map(|number| number * number).sum::<f64>().sqrt();
    let expected: Vec<f64> = sum.iter().map(|number| number / length).collect();
    near(&embed(&*embedder, &[&eleven])[0], &expected, 2e-6);

    let other = format!("{} derivada", eleven.strip_suffix(" de").unwrap());
    assert_ne!(embed(&*embedder, &[&eleven]), embed(&*embedder, &[&other]), "the last word is read");
}

#[test]
fn the_catalogue_s_limit_goes_before_the_folder_s_and_the_table_s_before_both() {
    let tiny = Tiny::xlm_roberta();
    let written = tiny.write();
    let mut source = written.source();
    assert_eq!(open(source.clone()).max_tokens(), 40 - 2, "positions begin after the padding's");
    source.max_tokens = Some(20);
    assert_eq!(open(source.clone()).max_tokens(), 18);
    source.max_tokens = Some(4000);
    assert_eq!(open(source).max_tokens(), 38);
}

#[test]
fn a_spelled_out_mark_is_text() {
    let tiny = Tiny::bert();
    let written = tiny.write();
    let embedder = open(written.source());
    assert_eq!(embedder.count_tokens("[SEP]"), 5, "brackets and letters, not the mark");
    assert_eq!(Pooling::Mean, written.source().pooling.unwrap());
}
