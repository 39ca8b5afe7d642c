//! Does a real model mean what it should? Runs where `DOCENT_TEST_MODEL` names the folder of all-MiniLM-L6-v2.

use std::path::PathBuf;

use super::fixture::THREADS;
use crate::inference::{EncoderSource, Role, Urgency, open_embedder};

#[expect(clippy::disallowed_methods, reason = "the model lies outside of the project, where its runner says")]
fn source() -> Option<EncoderSource> {
    let folder = std::env::var_os("DOCENT_TEST_MODEL").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: DOCENT_TEST_MODEL names no folder of a model");
    }
    Some(EncoderSource {
        id: "all-MiniLM-L6-v2".to_owned(),
        folder: folder?,
        max_tokens: None,
        query_prefix: String::new(),
        passage_prefix: String::new(),
        pooling: None,
        normalize: true,
    })
}

#[test]
fn what_means_the_same_is_nearer_than_what_sounds_the_same() {
    let Some(source) = source() else { return };
    let embedder = open_embedder(source, THREADS, super::fixture::clock()).unwrap();
    assert_eq!((embedder.dimensions(), embedder.max_tokens()), (384, 254));
    for [text, alike, unlike] in [
        [
            "How do I bake bread?",
            "Mix flour, water and yeast, and put the dough in the oven.",
            "How do I break a lease?",
        ],
        ["The patient has a fever.", "The sick person's temperature is high.", "The patient man has a feather."],
        [
            "What is the derivative of a sum?",
            "The rate of change of f + g is that of f plus that of g.",
            "The sum of money was derived from rent.",
        ],
        ["A plane is taking off.", "An aircraft leaves the ground.", "A carpenter planes a board."],
    ] {
        let vectors = embedder.embed(&[text, alike, unlike], Role::Passage, Urgency::Add).unwrap();
        let cosine = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let (near, far) = (cosine(&vectors[0], &vectors[1]), cosine(&vectors[0], &vectors[2]));
        assert!(near > far + 0.05, "{text}: {near} to {alike:?}, {far} to {unlike:?}");
    }
}

#[test]
fn a_vector_is_the_same_to_the_last_bit_whatever_it_is_computed_beside() {
    let Some(source) = source() else { return };
    let embedder = open_embedder(source, THREADS, super::fixture::clock()).unwrap();
    let texts: Vec<String> =
        [1, 4, 9, 30, 31, 120, 250, 600].map(|words| "water boils at the mat ".repeat(words)).into();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let together = embedder.embed(&texts, Role::Passage, Urgency::Add).unwrap();
    for (text, expected) in texts.iter().zip(&together) {
        let alone = embedder.embed(&[text], Role::Passage, Urgency::Ask).unwrap();
        assert!(alone[0] == *expected, "a text of {} bytes", text.len());
    }
}
