//! Are scores the model's own, and does every part of a long passage have its chance?

use super::fixture::{THREADS, Tiny, Written};
use super::{ids, near};
use crate::inference::{Urgency, open_reranker};

fn score(written: &Written, question: &str, passages: &[&str]) -> Vec<f32> {
    open_reranker(written.source(), THREADS, super::fixture::clock())
        .unwrap()
        .score(question, passages, Urgency::Ask)
        .unwrap()
}

#[test]
fn scores_are_those_of_the_plain_forward_pass() {
    let tiny = Tiny::bert_reranker();
    let found = score(&tiny.write(), "the cat", &["water boils", "sat"]);
    let pair = |passage: &[&str]| {
        let ids = ids(&tiny, &[&["[CLS]", "the", "cat", "[SEP]"], passage, &["[SEP]"]].concat());
        tiny.logit(&ids, 4)
    };
    near(&found, &[pair(&["water", "boils"]), pair(&["sat"])], 1e-5);

    let tiny = Tiny::xlm_roberta_reranker();
    let found = score(&tiny.write(), "the cat", &["la suma"]);
    let ids = ids(&tiny, &["<s>", "the", "cat", "</s>", "</s>", "la", "suma", "</s>"]);
    near(&found, &[tiny.logit(&ids, ids.len())], 1e-5);
}

#[test]
fn a_long_passage_is_as_good_as_its_best_window() {
    let tiny = Tiny::bert_reranker();
    let written = tiny.write();
    let words = ["the", "mat", "la", "derivada", "de", "una", "suma", "water", "boils", "on"];
    let passage: Vec<&str> = words.iter().cycle().take(60).copied().collect();
    let found = score(&written, "the cat", &[&passage.join(" ")]);
    // 42 positions, 3 marks, 2 of the question: 37 of the passage at once.
    let windows = [0..37, 23..60].map(|window| {
        let ids = ids(&tiny, &[&["[CLS]", "the", "cat", "[SEP]"], &passage[window], &["[SEP]"]].concat());
        tiny.logit(&ids, 4)
    });
    near(&found, &[windows[0].max(windows[1])], 1e-5);
}

#[test]
fn an_embedder_is_not_a_reranker() {
    let error = open_reranker(Tiny::bert().write().source(), THREADS, super::fixture::clock()).unwrap_err();
    assert!(error.to_string().contains("not a reranker"), "{error}");
}
