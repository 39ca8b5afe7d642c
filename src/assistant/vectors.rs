//! From text to vectors, each made once: what was embedded before is remembered.

use std::time::Duration;

use crossbeam_channel::Receiver;

use crate::assistant::apart::apart;
use crate::assistant::engines::{Engines, lock};
use crate::cache::{Entry, Key, Space};
use crate::fault::Fault;
use crate::inference::{Role, Urgency};

/// Counts up when vectors are made, or kept, in another way.
const VERSION: u32 = 2;

/// A question's vector on its way.
pub(super) enum Pending {
    Here(Vec<f32>),
    Coming(Receiver<Option<Vec<f32>>>),
}

impl Pending {
    pub(super) fn wait(self, engines: &Engines, patience: Duration) -> Option<Vec<f32>> {
        match self {
            Pending::Here(vector) => Some(vector),
            Pending::Coming(coming) => engines.in_time(&coming, patience),
        }
    }
}

impl Engines {
    /// Begins to embed a question; what comes of it is waited for with [`Pending::wait`].
    pub(super) fn embed_question(&self, text: &str) -> Pending {
        if let Some((_, vector)) = lock(&self.inner.last).as_ref().filter(|(last, _)| last == text) {
            return Pending::Here(vector.clone());
        }
        if let Some(vector) = self.remembered_question(text) {
            return Pending::Here(vector);
        }
        let (engines, text) = (self.clone(), text.to_owned());
        Pending::Coming(apart(move || {
            let vector = engines.embed_anew(&[&text], Role::Question, engines.urgency())?.into_iter().next()?;
            if let Some((cache, key)) = engines.cache().zip(engines.vector_key(Role::Question, &text)) {
                cache.put(Space::EMBEDDING, key, &text, Entry { bytes: write(&vector), ..Entry::default() });
            }
            *lock(&engines.inner.last) = Some((text, vector.clone()));
            Some(vector)
        }))
    }

    pub(super) fn remembered_question(&self, text: &str) -> Option<Vec<f32>> {
        let hit = self.cache()?.get(Space::EMBEDDING, &self.vector_key(Role::Question, text)?)?;
        read(&hit.bytes)
    }

    /// A vector for each text, sound and of length 1. What is remembered is not embedded again. Nothing when there is no
    /// embedder, or it fails; that is a trouble then.
    pub(super) fn embed(&self, texts: &[&str], role: Role, urgency: Urgency) -> Option<Vec<Vec<f32>>> {
        let id = &self.embedder_choice()?.id;
        let make = |wanted: &[&str]| self.embed_anew(wanted, role, urgency).ok_or(());
        self.embed_by(id, texts, role, urgency, make).ok()
    }

    /// By the embedder of this id, which `make` asks for what is not remembered: a vector for each text.
    pub(super) fn embed_by<E>(
        &self,
        id: &str,
        texts: &[&str],
        role: Role,
        urgency: Urgency,
        make: impl FnOnce(&[&str]) -> Result<Vec<Vec<f32>>, E>,
    ) -> Result<Vec<Vec<f32>>, E> {
        let keys: Vec<Key> = texts.iter().map(|text| key(id, role, text)).collect();
        let mut vectors: Vec<Option<Vec<f32>>> = match self.cache() {
            Some(cache) => {
                let found = cache.get_all(Space::EMBEDDING, &keys);
                found.into_iter().map(|bytes| bytes.as_deref().and_then(read)).collect()
            }
            None => vec![None; texts.len()],
        };
        let missing: Vec<usize> = (0..texts.len()).filter(|&at| vectors[at].is_none()).collect();
        if !missing.is_empty() {
            let wanted: Vec<&str> = missing.iter().map(|&at| texts[at]).collect();
            let made = make(&wanted)?;
            if let Some(cache) = self.cache() {
                let entry = |vector: &Vec<f32>| Entry { bytes: write(vector), ..Entry::default() };
                let entries = missing.iter().zip(&made).map(|(&at, vector)| (keys[at], entry(vector)));
                if urgency == Urgency::Add {
                    cache.put_all(Space::EMBEDDING, entries.collect());
                } else {
                    // Somebody waits for the answer, and not for a disk.
                    entries.for_each(|(key, entry)| cache.put(Space::EMBEDDING, key, "", entry));
                }
            }
            for (at, vector) in missing.into_iter().zip(made) {
                vectors[at] = Some(vector);
            }
        }
        Ok(vectors.into_iter().flatten().collect())
    }

    /// Sentences of what was found a moment ago.
    pub(super) fn embed_new(&self, texts: &[&str]) -> Option<Vec<Vec<f32>>> {
        self.embed(texts, Role::Passage, self.urgency())
    }

    fn vector_key(&self, role: Role, text: &str) -> Option<Key> {
        Some(key(&self.embedder_choice()?.id, role, text))
    }

    fn embed_anew(&self, texts: &[&str], role: Role, urgency: Urgency) -> Option<Vec<Vec<f32>>> {
        let Some(embedder) = self.embedder() else {
            self.do_without();
            return None;
        };
        let fault = match embedder.embed(texts, role, urgency) {
            Ok(vectors) => {
                let sound = |vector: &Vec<f32>| {
                    vector.len() == embedder.dimensions() && vector.iter().all(|value| value.is_finite())
                };
                if vectors.len() == texts.len() && vectors.iter().all(sound) {
                    return Some(vectors);
                }
                Fault::machine("model_failed", format!("the model {} gave no usable numbers", embedder.id()))
                    .hint("run `docent models verify` to see whether its files are whole")
            }
            Err(error) => error.into(),
        };
        self.trouble(fault);
        None
    }
}

fn key(id: &str, role: Role, text: &str) -> Key {
    let as_what = match role {
        Role::Question => "question",
        Role::Passage => "passage",
    };
    Key::of(Space::EMBEDDING, VERSION).text(id).text(as_what).text(text).finish()
}

fn write(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn read(bytes: &[u8]) -> Option<Vec<f32>> {
    let (numbers, rest) = bytes.as_chunks();
    (rest.is_empty() && !numbers.is_empty()).then(|| numbers.iter().map(|four| f32::from_le_bytes(*four)).collect())
}
