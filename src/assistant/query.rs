//! From a question as typed to what is looked for: which of its words count, how much, and under which rules.

use crate::assistant::engines::Choice;
use crate::domain::{CollectionName, Language};
use crate::fault::{Fault, Result};
use crate::library::{LexicalQuery, Snapshot};
use crate::rank::{Asking, Probe};
use crate::text::{Analysers, detect_question_language};

/// What to search for, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub text: String,
    pub collection: Option<CollectionName>,
    /// How many passages.
    pub k: usize,
    pub mode: Mode,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// By words and by meaning, as far as an embedder is there.
    #[default]
    Hybrid,
    Lexical,
    Vector,
}

/// Longer questions are documents.
const LONGEST_QUESTION: usize = 4_000;
pub(crate) const MOST_PASSAGES: usize = 100;
/// Languages beyond these have too few documents to be worth their terms.
const MOST_LANGUAGES: usize = 8;
/// What a word in a title or heading counts in the index, compared with one in the text.
const HEAD_WEIGHT: f32 = 0.4;

impl Query {
    pub(crate) fn check(&self, snapshot: &Snapshot) -> Result<()> {
        if self.text.trim().is_empty() {
            return Err(Fault::caller("empty_question", "the question is empty").hint("ask it in a few words"));
        }
        let length = self.text.chars().count();
        if length > LONGEST_QUESTION {
            let what = format!("the question has {length} characters, {LONGEST_QUESTION} are the most");
            return Err(
                Fault::caller("question_too_long", what).hint("put long texts into the library and ask about them")
            );
        }
        if self.k == 0 || self.k > MOST_PASSAGES {
            let what = format!("{} passages are asked for, 1 to {MOST_PASSAGES} can be had", self.k);
            return Err(Fault::caller("bad_k", what).hint("five are enough for most questions"));
        }
        match &self.collection {
            Some(name) if !snapshot.has_collection(name) => Err(unknown_collection(name, snapshot)?),
            _ => Ok(()),
        }
    }
}

pub(crate) fn unknown_collection(name: &CollectionName, snapshot: &Snapshot) -> Result<Fault> {
    let there: Vec<String> = snapshot.collections()?.into_iter().map(|summary| summary.name.to_string()).collect();
    let fault = Fault::caller("unknown_collection", format!("there is no collection {name}"));
    Ok(match there.as_slice() {
        [] => fault.hint("the library is empty: add documents with `docent add`"),
        _ => fault.hint(format!("there is: {}", there.join(", "))),
    })
}

pub(crate) fn no_embedder() -> Fault {
    Fault::caller("no_embedder", "no embedder is in use, so nothing can be found by meaning")
        .hint("`docent models list` shows which there are; the lexical and the hybrid mode do without")
}

pub(crate) fn no_vectors(choice: &Choice) -> Fault {
    let what = format!("no document was embedded with {} yet, so nothing can be found by meaning", choice.name);
    Fault::caller("no_vectors", what).hint("`docent embed` does it; the lexical and the hybrid mode do without")
}

/// A question taken apart.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub language: Language,
    pub asking: Asking,
    pub probes: Vec<Probe>,
}

/// The share of its weight that a word keeps which says what is asked for.
const ASKING_SHARE: f32 = 0.25;

impl Parsed {
    pub(crate) fn of(
        text: &str,
        collection: Option<&CollectionName>,
        snapshot: &Snapshot,
        analysers: &mut Analysers,
    ) -> Result<Parsed> {
        let mut languages: Vec<Language> =
            snapshot.languages(collection)?.into_iter().map(|(language, _)| language).collect();
        let language = detect_question_language(text, &languages);
        languages.truncate(MOST_LANGUAGES);
        if !languages.contains(&language) {
            languages.push(language);
        }
        let mut words: Vec<(std::ops::Range<usize>, String)> = Vec::new();
        analysers.of(language).for_each(text, |range, term| words.push((range, term.to_owned())));
        let asking = Asking::of(text, language);
        let mut probes: Vec<Probe> = Vec::new();
        for (range, term) in words {
            let written = &text[range.clone()];
            let mut terms = vec![(language, term)];
            for &other in languages.iter().filter(|other| **other != language) {
                // Pairs of characters are the same in every language; words have their rules.
                if let Some(term) = analysers.of(other).term(written) {
                    terms.push((other, term.to_owned()));
                }
            }
            if probes.iter().any(|probe| probe.terms == terms) {
                continue;
            }
            let share = if asking.says(written) { ASKING_SHARE } else { 1.0 };
            let weight = weight(&terms, snapshot)? * share;
            probes.push(Probe { name: is_name(text, &range), written: written.to_owned(), weight, terms });
        }
        Ok(Parsed { language, asking, probes })
    }

    pub(crate) fn lexical(&self, collection: Option<&CollectionName>) -> LexicalQuery {
        LexicalQuery {
            groups: self
                .probes
                .iter()
                .map(|probe| distinct(&probe.terms).map(|term| (term.to_owned(), 1.0)).collect())
                .collect(),
            head_weight: HEAD_WEIGHT,
            collection: collection.cloned(),
        }
    }
}

fn distinct(terms: &[(Language, String)]) -> impl Iterator<Item = &str> {
    terms
        .iter()
        .enumerate()
        .filter(|(i, (_, term))| terms[..*i].iter().all(|(_, other)| other != term))
        .map(|(_, (_, term))| term.as_str())
}

/// Inverse document frequency of all forms together.
pub(super) fn weight(terms: &[(Language, String)], snapshot: &Snapshot) -> Result<f32> {
    let chunks = snapshot.chunk_count() as f32;
    let mut holding = 0;
    for term in distinct(terms) {
        holding += snapshot.document_frequency(term)?;
    }
    let holding = (holding as f32).min(chunks);
    Ok((1.0 + (chunks - holding + 0.5) / (holding + 0.5)).ln())
}

/// A number, or a word with a capital that does not begin the question.
fn is_name(text: &str, range: &std::ops::Range<usize>) -> bool {
    let first = text[range.clone()].chars().next();
    let begins = !text[..range.start].chars().any(char::is_alphanumeric);
    first.is_some_and(|c| c.is_numeric() || c.is_uppercase() && !begins)
}
