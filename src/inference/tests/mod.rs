//! Models in folders, through the doors that everybody uses.

mod embedding;
pub(super) mod fixture;
mod hostile;
#[cfg(target_os = "linux")]
#[cfg(target_os = "linux")]
mod memory;
mod real;
mod reranking;

use super::{Embedder, EncoderSource, open_embedder};
use fixture::{THREADS, Tiny};
use std::sync::Arc;

fn open(source: EncoderSource) -> Arc<dyn Embedder> {
    open_embedder(source, THREADS, fixture::clock()).unwrap()
}

#[track_caller]
fn near(found: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    let worst = found.iter().zip(expected).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
    assert!(worst <= tolerance, "{worst} apart: {found:?} {expected:?}");
}

/// Numbers of words that the tiny tokenizers know, by the style of the model.
fn id(tiny: &Tiny, word: &str) -> u32 {
    let vocab = &tiny.tokenizer["model"]["vocab"];
    match vocab.as_object() {
        Some(words) => words[word].as_u64().unwrap() as u32,
        None => {
            let piece =
                if word.starts_with('<') || word.chars().count() == 1 { word.to_owned() } else { format!("▁{word}") };
            vocab.as_array().unwrap().iter().position(|entry| entry[0] == piece.as_str()).unwrap() as u32
        }
    }
}

fn ids(tiny: &Tiny, words: &[&str]) -> Vec<u32> {
    words.iter().map(|word| id(tiny, word)).collect()
}
