//! Which language is a document, or a question, written in?
//!
//! Documents are long: small words alone decide. Questions are short and often typed without accents: endings and
//! spelling help, and when they leave it open, the languages of the library do.

use super::evidence::{Best, Evidence};
use super::script::Script;
use crate::domain::Language;

/// Bytes of each of the five pieces read of a long text, so that a foreign preface or licence does not decide.
const PIECE: usize = 600;
const PIECES: usize = 5;

/// Least score per word, names aside, for a language to be believed. Public texts in the languages of the tables score
/// 7 to 30; texts in other languages, tables of figures and code mostly stay below.
const LEAST_PER_WORD: i32 = 5;

/// From so many words on, the best language must also stand out from the second: by a third. Text in a language of the
/// tables does so by half and more.
const ENOUGH_WORDS: u32 = 12;

/// What a question must score before its words are believed: a word that six languages share does.
const LEAST_FOR_QUESTION: i32 = 7;

/// What it is worth to a language that the library holds documents in it: as much.
const IN_LIBRARY: i32 = 18;

/// What it is worth to be one of the languages docent is made for: it breaks ties.
const AT_HOME: i32 = 3;

/// How questions begin where the words alone, typed without accents, are the neighbours' too.
const OPENINGS: &[(&str, &[(Language, i32)])] = &[
    ("o que ", &[(Language::Portuguese, 36)]),
    ("que ", &[(Language::Spanish, 12), (Language::Portuguese, 9)]),
    ("em que ", &[(Language::Portuguese, 12)]),
    ("en que ", &[(Language::Spanish, 12)]),
    ("de que ", &[(Language::Spanish, 6), (Language::Portuguese, 6)]),
    ("a que ", &[(Language::Spanish, 6), (Language::Portuguese, 6)]),
    ("e ", &[(Language::Portuguese, 6)]),
    ("ce ", &[(Language::Romanian, 15)]),
];

/// The language of a document, from a few pieces of its text.
pub fn detect_language(text: &str) -> Language {
    let mut evidence = Evidence::default();
    if text.len() <= PIECE * (PIECES + 1) {
        evidence.add(text);
    } else {
        for n in 0..PIECES {
            evidence.add(piece(text, (text.len() - PIECE) / (PIECES - 1) * n));
        }
    }
    let words = evidence.common_words;
    let is_believed = |best: &Best| {
        let stands_out = words < ENOUGH_WORDS || best.score > best.second / 3 * 4;
        stands_out && i64::from(best.score) >= i64::from(LEAST_PER_WORD) * i64::from(words)
    };
    decide(&evidence, &[], |language| if is_at_home(language) { AT_HOME } else { 0 }, is_believed)
}

/// The language of a question of a few words. `library` holds the languages of the documents, the most frequent first;
/// it settles what the question leaves open.
pub fn detect_question_language(question: &str, library: &[Language]) -> Language {
    let mut evidence = Evidence::default();
    evidence.add(piece(question, 0));
    let opening = evidence.first_words();
    let bonus = |language| {
        let in_library = if library.contains(&language) { IN_LIBRARY } else { 0 };
        let openings = OPENINGS.iter().filter(|(words, _)| opening.starts_with(words)).flat_map(|(_, worth)| *worth);
        let opens = openings.filter(|(opener, _)| *opener == language).map(|(_, worth)| worth).sum::<i32>();
        in_library + if is_at_home(language) { AT_HOME } else { 0 } + opens
    };
    match decide(&evidence, library, bonus, |best| best.score >= LEAST_FOR_QUESTION) {
        Language::Other => library.first().copied().unwrap_or_default(),
        language => language,
    }
}

fn is_at_home(language: Language) -> bool {
    matches!(language, Language::English | Language::Spanish | Language::Portuguese)
}

fn decide(
    evidence: &Evidence,
    library: &[Language],
    bonus: impl Fn(Language) -> i32,
    is_believed: impl Fn(&Best) -> bool,
) -> Language {
    let believed = |best: Best| if is_believed(&best) { best.language } else { Language::Other };
    let is_cyrillic = |language| matches!(language, Language::Russian | Language::Ukrainian);
    match evidence.scripts.main() {
        Some(Script::Latin) => believed(evidence.best(|language| !is_cyrillic(language), bonus)),
        Some(Script::Cyrillic) if evidence.scripts.beyond_russian > 0 => Language::Other,
        Some(Script::Cyrillic) => believed(evidence.best(is_cyrillic, bonus)),
        Some(Script::Han) if library.contains(&Language::Japanese) && !library.contains(&Language::Chinese) => {
            Language::Japanese
        }
        Some(Script::Han) => Language::Chinese,
        Some(Script::Only(language)) => language,
        None => Language::Other,
    }
}

/// About [`PIECE`] bytes from `start`, of whole characters.
fn piece(text: &str, start: usize) -> &str {
    let start = text.ceil_char_boundary(start);
    let end = text.floor_char_boundary((start + PIECE).min(text.len()));
    &text[start..end.max(start)]
}
