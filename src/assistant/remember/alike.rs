//! A question that was answered already in other words. Only where somebody switched it on, only above a likeness of meaning
//! that was set, and only where nothing in the words speaks against it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::assistant::engines::Engines;
use crate::cache::Key;
use crate::rank::asks_the_same;
use crate::text::Analysers;

/// Questions that were answered, by everything else that decides an answer.
#[derive(Debug, Default)]
pub(in crate::assistant) struct Answered(Mutex<HashMap<Key, VecDeque<One>>>);

#[derive(Debug)]
struct One {
    vector: Vec<f32>,
    text: String,
    key: Key,
}

/// Of one kind, and kinds.
const MOST: usize = 1000;
const MOST_KINDS: usize = 64;
/// Somebody waits.
const PATIENCE: Duration = Duration::from_millis(500);

impl Answered {
    pub(super) fn note(&self, engines: &Engines, kind: Key, text: &str, key: Key) {
        if engines.likeness().is_none() {
            return;
        }
        let Some(vector) = engines.embed_question(text).wait(engines, PATIENCE) else { return };
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kinds.len() >= MOST_KINDS && !kinds.contains_key(&kind) {
            kinds.clear();
        }
        let answered = kinds.entry(kind).or_default();
        answered.retain(|one| one.key != key);
        answered.push_back(One { vector, text: text.to_owned(), key });
        if answered.len() > MOST {
            answered.pop_front();
        }
    }

    /// The nearest that asks for the same, with its key.
    pub(super) fn like(&self, engines: &Engines, kind: &Key, text: &str) -> Option<Key> {
        let least = engines.likeness()?;
        let is_any = |kinds: &HashMap<Key, VecDeque<One>>| kinds.get(kind).is_some_and(|one| !one.is_empty());
        if !is_any(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return None;
        }
        let vector = engines.embed_question(text).wait(engines, PATIENCE)?;
        let kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cosine = |one: &One| one.vector.iter().zip(&vector).map(|(a, b)| a * b).sum::<f32>();
        let mut near: Vec<(f32, &One)> =
            kinds.get(kind)?.iter().map(|one| (cosine(one), one)).filter(|(cosine, _)| *cosine >= least).collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut analysers = Analysers::default();
        near.into_iter().find(|(_, one)| asks_the_same(text, &one.text, &mut analysers)).map(|(_, one)| one.key)
    }
}
