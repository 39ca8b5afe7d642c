//! An embedder for tests, stricter than the real ones: words become directions, a few words of several languages share
//! one, and what it is given is checked and counted.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::assistant::engines::{Choice, Engines};
use crate::domain::Language;
use crate::fault::Fault;
use crate::inference::{Embedder, InferenceError, Reranker, Role, Urgency};
use crate::text::{Analyser, fold};

#[derive(Debug)]
pub(super) struct FakeEmbedder {
    id: String,
    limit: usize,
    /// Every text with how often it was embedded.
    pub seen: Mutex<Vec<String>>,
    pub fails: AtomicBool,
}

const DIMENSIONS: usize = 256;
/// Words of one line mean the same.
const SYNONYMS: [&[&str]; 5] = [
    &["heart", "corazon", "coracao", "cardiac"],
    &["beat", "beats", "late", "latidos", "bate", "pulse"],
    &["day", "dia", "dias"],
    &["lung", "lungs", "pulmon", "pulmones", "pulmao"],
    &["acid", "acido", "acidos", "vitriol"],
];

impl FakeEmbedder {
    pub(super) fn new() -> FakeEmbedder {
        FakeEmbedder::named("fake@1")
    }

    pub(super) fn named(id: &str) -> FakeEmbedder {
        FakeEmbedder { id: id.to_owned(), limit: 40, seen: Mutex::default(), fails: AtomicBool::new(false) }
    }

    pub(super) fn reading(mut self, limit: usize) -> FakeEmbedder {
        self.limit = limit;
        self
    }

    /// How many texts it was given so far, other than questions.
    pub(super) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// An assistant's models, with this one as the embedder.
    pub(super) fn engines(self: &Arc<Self>) -> Engines {
        let embedder = Arc::clone(self);
        let languages = vec![Language::English, Language::Spanish, Language::Portuguese];
        let choice = Choice { name: "fake".to_owned(), id: self.id.clone(), languages };
        Engines::none().with_embedder(choice, move || Ok(Arc::clone(&embedder) as _))
    }
}

/// Models of which the embedder cannot be opened.
pub(super) fn broken_engines() -> Engines {
    let choice = Choice { name: "broken".to_owned(), id: "broken@1".to_owned(), languages: Vec::new() };
    Engines::none().with_embedder(choice, || {
        Err(Fault::machine("model_damaged", "the model broken cannot be loaded").hint("run `docent models verify`"))
    })
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(|word| {
        let mut folded = String::new();
        fold(word, &mut folded);
        folded
    })
}

impl Embedder for FakeEmbedder {
    fn id(&self) -> &str {
        &self.id
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn max_tokens(&self) -> usize {
        self.limit
    }

    /// A token for every eight letters of a word.
    fn count_tokens(&self, text: &str) -> usize {
        text.split(|c: char| !c.is_alphanumeric()).map(|word| word.chars().count().div_ceil(8)).sum()
    }

    fn embed(&self, texts: &[&str], role: Role, urgency: Urgency) -> Result<Vec<Vec<f32>>, InferenceError> {
        assert!(!texts.is_empty(), "nothing to embed");
        if self.fails.load(Ordering::SeqCst) {
            return Err(InferenceError::Failed { model: self.id.clone(), why: "it was told to".to_owned() });
        }
        match role {
            Role::Question => assert_eq!(urgency, Urgency::Ask),
            // Sentences of what was found.
            Role::Passage if urgency == Urgency::Ask => {}
            Role::Passage => {
                assert_eq!(urgency, Urgency::Add);
                self.seen.lock().unwrap().extend(texts.iter().map(|text| (*text).to_owned()));
                for text in texts {
                    let fits = self.count_tokens(text) <= self.limit || text.chars().count() == 1;
                    assert!(fits, "{text:?} would be cut");
                }
            }
        }
        Ok(texts.iter().map(|text| vector(text)).collect())
    }
}

fn vector(text: &str) -> Vec<f32> {
    let mut analyser = Analyser::new(Language::English);
    let mut sum = vec![0.0f32; DIMENSIONS];
    // Something for texts without words: a vector has length 1.
    sum[0] = 0.01;
    for word in words(text).collect::<HashSet<_>>() {
        let meaning = match SYNONYMS.iter().position(|line| line.contains(&word.as_str())) {
            Some(line) => format!("#{line}"),
            None => match analyser.term(&word) {
                Some(term) => term.to_owned(),
                // Words that say nothing.
                None => continue,
            },
        };
        let mut hasher = DefaultHasher::new();
        meaning.hash(&mut hasher);
        let mut state = hasher.finish() | 1;
        for value in &mut sum {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *value += (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0;
        }
    }
    let length = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    sum.iter().map(|value| value / length).collect()
}

/// Prefers passages that hold a word.
#[derive(Debug)]
pub(super) struct FakeReranker(pub &'static str);

impl Reranker for FakeReranker {
    fn id(&self) -> &str {
        "fake-reranker@1"
    }

    fn score(&self, _: &str, passages: &[&str], urgency: Urgency) -> Result<Vec<f32>, InferenceError> {
        assert_eq!(urgency, Urgency::Ask);
        Ok(passages.iter().map(|passage| if passage.contains(self.0) { 4.0 } else { -4.0 }).collect())
    }
}
