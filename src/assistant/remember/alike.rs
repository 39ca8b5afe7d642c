//! A question that was answered already in other words. Only where somebody switched it on, only above a likeness of meaning
//! that was set, and only where nothing in the words speaks against it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::keys::VERSION;
use crate::assistant::engines::Engines;
use crate::cache::{Cache, Entry, Key, Space, pack, unpack};
use crate::rank::asks_the_same;
use crate::text::Analysers;

/// Questions that were answered, the newest last.
#[derive(Debug, Default)]
pub(in crate::assistant) struct Answered(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    answered: VecDeque<One>,
    is_loaded: bool,
    unsaved: usize,
}

#[derive(Debug)]
struct One {
    /// Everything else that decides an answer.
    kind: Key,
    vector: Vec<f32>,
    text: String,
    key: Key,
}

/// As it is written down; the vector is remembered by itself.
type Row = (Key, String, Key);

const MOST: usize = 2000;
/// So many may be lost where the process does not end well.
const UNSAVED: usize = 32;
/// Somebody waits.
const PATIENCE: Duration = Duration::from_millis(500);

impl Answered {
    pub(super) fn note(&self, engines: &Engines, kind: Key, text: &str, key: Key) {
        let (Some(cache), Some(_)) = (engines.cache(), engines.likeness()) else { return };
        let Some(vector) = engines.embed_question(text).wait(engines, PATIENCE) else { return };
        let mut state = self.loaded(engines, cache);
        state.answered.retain(|one| one.key != key);
        state.answered.push_back(One { kind, vector, text: text.to_owned(), key });
        if state.answered.len() > MOST {
            state.answered.pop_front();
        }
        state.unsaved += 1;
        if state.unsaved >= UNSAVED {
            state.save(cache);
        }
    }

    /// The nearest that asks for the same, with its key.
    pub(super) fn like(&self, engines: &Engines, kind: &Key, text: &str) -> Option<Key> {
        let (cache, least) = (engines.cache()?, engines.likeness()?);
        if !self.loaded(engines, cache).answered.iter().any(|one| one.kind == *kind) {
            return None;
        }
        let vector = engines.embed_question(text).wait(engines, PATIENCE)?;
        let state = self.loaded(engines, cache);
        let cosine = |one: &One| one.vector.iter().zip(&vector).map(|(a, b)| a * b).sum::<f32>();
        let of_kind = state.answered.iter().filter(|one| one.kind == *kind);
        let mut near: Vec<(f32, &One)> =
            of_kind.map(|one| (cosine(one), one)).filter(|(cosine, _)| *cosine >= least).collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut analysers = Analysers::default();
        near.into_iter().find(|(_, one)| asks_the_same(text, &one.text, &mut analysers)).map(|(_, one)| one.key)
    }

    pub(in crate::assistant) fn save(&self, cache: &Cache) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.unsaved > 0 {
            state.save(cache);
        }
    }

    /// With what an earlier process answered.
    fn loaded(&self, engines: &Engines, cache: &Cache) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut state.is_loaded, true)
            && let Some(hit) = cache.get(Space::USAGE, &answered())
            && let Some(rows) = unpack::<Vec<Row>>(&hit.bytes)
        {
            let read = |(kind, text, key): Row| {
                let vector = engines.remembered_question(&text)?;
                Some(One { kind, vector, text, key })
            };
            state.answered = rows.into_iter().filter_map(read).collect();
        }
        state
    }
}

impl State {
    fn save(&mut self, cache: &Cache) {
        self.unsaved = 0;
        let rows: Vec<Row> = self.answered.iter().map(|one| (one.kind, one.text.clone(), one.key)).collect();
        cache.put(Space::USAGE, answered(), "answered", Entry { bytes: pack(&rows), ..Entry::default() });
    }
}

fn answered() -> Key {
    Key::of(Space::USAGE, VERSION).text("answered").finish()
}
