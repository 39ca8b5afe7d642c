//! Whatever is added, changed or taken away: what is remembered is what would come out today.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};

use super::*;

const WORDS: [&str; 24] = [
    "acid", "valve", "heart", "lung", "pump", "laser", "probe", "cell", "enzyme", "vector", "matrix", "limit", "proof",
    "signal", "filter", "circuit", "motor", "gear", "lever", "alloy", "crystal", "plasma", "tissue", "nerve",
];
const COLLECTIONS: [&str; 3] = ["red", "green", "blue"];

/// Numbers that look random and are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        let mut hasher = foldhash::fast::FixedState::with_seed(7).build_hasher();
        hasher.write_u64(self.0);
        self.0 += 1;
        (hasher.finish() % bound as u64) as usize
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len())]
    }

    fn text(&mut self) -> String {
        let line = |draw: &mut Draw| {
            format!("The {} of the {} is kept at {} degrees.\n", draw.word(), draw.word(), draw.below(90) + 10)
        };
        (0..1 + self.below(4)).map(|_| line(self)).collect()
    }
}

fn questions() -> Vec<Question> {
    let mut questions = Vec::new();
    for (at, word) in WORDS.iter().enumerate() {
        let collection = (at % 4 < 3).then(|| CollectionName::new(COLLECTIONS[at % 4]).unwrap());
        let text = format!("At how many degrees is the {word} of the {} kept?", WORDS[(at * 7 + 3) % WORDS.len()]);
        questions.push(Question { collection, k: 1 + at % 5, ..Question::new(text) });
    }
    questions
}

#[test]
fn what_is_remembered_is_never_stale_and_a_model_is_asked_again_only_for_another_prompt() {
    let first: Vec<(String, String, String)> = {
        let mut draw = Draw(1);
        let document = |at: usize, draw: &mut Draw| (COLLECTIONS[at % 3].to_owned(), format!("/d/{at}"), draw.text());
        (0..30).map(|at| document(at, &mut draw)).collect()
    };
    let borrowed: Vec<_> = first.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
    let (_folder, library) = library(&borrowed);
    let (echo, plain) = (Arc::new(Echo::default()), Arc::new(Echo::default()));
    let (engines, anew) = (cached(echo.engines()), plain.engines());
    let sentences = cached(Engines::none());
    let mut draw = Draw(1000);
    let (mut asked_for, mut straight, mut again, mut generated) = (0, 0, 0, 0);
    for step in 0..60 {
        let collection = COLLECTIONS[draw.below(3)];
        let source = format!("/d/{}", draw.below(45));
        let mut writer = library.begin().unwrap();
        match draw.below(3) {
            0 => {
                let found = library.snapshot().find(&source).unwrap();
                for document in found {
                    writer.remove(&document.id).unwrap();
                }
                writer.publish().unwrap();
            }
            _ => {
                drop(writer);
                put(&library, &[(collection, &source, &draw.text())]);
            }
        }
        let snapshot = library.snapshot();
        for question in questions() {
            // Not everything is asked in every state.
            if draw.below(3) == 0 || question.collection.as_ref().is_some_and(|name| !snapshot.has_collection(name)) {
                continue;
            }
            for _ in 0..2 {
                let before = echo.calls.load(SeqCst);
                let (answer, sources) = asked(&library, &engines, &question);
                let (expected, expected_sources) = asked(&library, &anew, &question);
                assert_eq!(content(&answer), content(&expected), "step {step}: {}", question.text);
                assert_eq!(sources, expected_sources, "step {step}: {}", question.text);
                asked_for += 1;
                let is_remembered = matches!(answer.origin, Origin::Remembered(_));
                match echo.calls.load(SeqCst) - before {
                    0 if is_remembered => straight += 1,
                    0 => again += 1,
                    _ => generated += 1,
                }
                let without = Question { writing: None, ..question.clone() };
                let (answer, _) = asked(&library, &sentences, &without);
                assert_eq!(content(&answer), content(&asked(&library, &Engines::none(), &without).0));
                let query = Query {
                    text: question.text.clone(),
                    collection: question.collection.clone(),
                    k: 3,
                    mode: Mode::Hybrid,
                };
                let found = search(&snapshot, &engines, &query).unwrap();
                assert_eq!(found, search(&snapshot, &Engines::none(), &query).unwrap());
            }
        }
    }
    // Needlessly dropped is what a model is asked for again although it is shown the same.
    let prompts = echo.prompts.lock().unwrap();
    let different: HashSet<&String> = prompts.iter().collect();
    let needless = prompts.len() - different.len();
    println!(
        "{asked_for} asked, {straight} remembered, {again} by sentences, {generated} generated, {needless} needlessly"
    );
    assert_eq!(needless, 0, "of {}", prompts.len());
    assert!(straight > asked_for / 2, "{straight} of {asked_for}");
}
