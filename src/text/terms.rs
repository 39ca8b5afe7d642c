//! What a text can be found by: its words without case, accents, endings and stop words; pairs of characters where
//! a script puts no spaces between words.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use crate::domain::Language;
use crate::text::stems::Stems;
use crate::text::stop_words::is_stop_word;
use crate::text::words::{Word, fold, for_each_word};

/// Turns texts of one language into terms. Remembers the words it has met, since a text uses few of them often: keep
/// one per thread and language.
pub struct Analyser {
    language: Language,
    stems: Stems,
    /// Words as written, and where their terms stand in `terms`.
    known: HashMap<Box<str>, usize, RandomState>,
    /// Nothing for a stop word.
    terms: Vec<Option<Box<str>>>,
}

/// Words remembered before the memory starts anew; bounds it at some ten megabytes.
const REMEMBERED: usize = 100_000;
/// Longer words are no words: base64, hashes, rules of dashes.
const LONGEST: usize = 128;

impl Analyser {
    pub fn new(language: Language) -> Analyser {
        Analyser { language, stems: Stems::of(language), known: HashMap::default(), terms: Vec::new() }
    }

    pub fn language(&self) -> Language {
        self.language
    }

    /// The terms of `text`, separated by single spaces: what the lexical index is given.
    pub fn joined(&mut self, text: &str) -> String {
        let mut joined = String::with_capacity(text.len());
        self.for_each(text, |_, term| {
            joined.push_str(term);
            joined.push(' ');
        });
        joined.pop();
        joined
    }

    /// Calls `each` with every term and the bytes of `text` it stands for. Stop words are passed over.
    pub fn for_each(&mut self, text: &str, mut each: impl FnMut(Range<usize>, &str)) {
        for_each_word(text, |word| {
            if !word.spaced {
                for_each_pair(text, &word, &mut each);
                return;
            }
            let written = &text[word.range.clone()];
            if let Some(term) = self.term(written) {
                each(word.range, term);
            }
        });
    }

    /// The term of one word; nothing for a stop word.
    pub fn term(&mut self, written: &str) -> Option<&str> {
        let place = match self.known.get(written) {
            Some(&place) => place,
            None => {
                if self.terms.len() >= REMEMBERED {
                    self.known.clear();
                    self.terms.clear();
                }
                let place = self.terms.len();
                self.terms.push(self.make_term(written));
                self.known.insert(written.into(), place);
                place
            }
        };
        self.terms[place].as_deref()
    }

    fn make_term(&self, written: &str) -> Option<Box<str>> {
        if written.len() > LONGEST {
            return None;
        }
        let mut term = String::with_capacity(written.len());
        fold(written, &mut term);
        if term.is_empty() || (is_stop_word(&term, self.language) && !is_acronym(written)) {
            return None;
        }
        if term.as_bytes()[0].is_ascii_digit() {
            plain_number(&mut term);
        } else {
            self.stems.shorten(&mut term);
        }
        Some(term.into())
    }
}

/// One analyser for each language that comes up.
#[derive(Debug, Default)]
pub struct Analysers(HashMap<Language, Analyser>);

impl Analysers {
    pub fn of(&mut self, language: Language) -> &mut Analyser {
        self.0.entry(language).or_insert_with(|| Analyser::new(language))
    }
}

/// `WHO`, `IT` and `SE` are names where the same letters in lower case are stop words.
fn is_acronym(written: &str) -> bool {
    written.len() > 1 && written.chars().all(char::is_uppercase)
}

/// `10,000` and `10.000` are the same number; `3,5` and `3.5` too.
fn plain_number(term: &mut String) {
    if !term.bytes().any(|b| matches!(b, b',' | b'.')) {
        return;
    }
    let groups: Vec<&str> = term.split([',', '.']).collect();
    let thousands = groups[1..].iter().all(|group| group.len() == 3) && groups[0].len() <= 3 && groups[0] != "0";
    *term = groups.join(if thousands { "" } else { "." });
}

/// Overlapping pairs of characters; single Han characters too, since one alone can be a word.
fn for_each_pair(text: &str, word: &Word, each: &mut impl FnMut(Range<usize>, &str)) {
    let stretch = &text[word.range.clone()];
    let mut folded = String::new();
    let mut previous: Option<usize> = None;
    let mut single = true;
    for (at, c) in stretch.char_indices() {
        let start = word.range.start + at;
        let end = start + c.len_utf8();
        if let Some(from) = previous {
            single = false;
            folded.clear();
            fold(&text[from..end], &mut folded);
            each(from..end, &folded);
        }
        if matches!(c as u32, 0x3400..=0x9FFF | 0x20000..=0x323AF) {
            each(start..end, &text[start..end]);
            single = false;
        }
        previous = Some(start);
    }
    if single && let Some(from) = previous {
        each(from..word.range.end, &text[from..word.range.end]);
    }
}

impl std::fmt::Debug for Analyser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Analyser").field("language", &self.language).field("known", &self.known.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: Language, text: &str, expected: &str) {
        assert_eq!(Analyser::new(language).joined(text), expected, "{text}");
    }

    #[test]
    fn accents_and_endings_do_not_matter() {
        let mut spanish = Analyser::new(Language::Spanish);
        for (a, b) in [
            ("función", "funcion"),
            ("FUNCIÓN", "funciones"),
            ("educación", "educacion"),
            ("educaciones", "educación"),
            ("derivadas", "derivada"),
            ("pulmón", "pulmones"),
            ("análisis", "analisis"),
        ] {
            assert_eq!(spanish.joined(a), spanish.joined(b), "{a} {b}");
        }
        let mut portuguese = Analyser::new(Language::Portuguese);
        for (a, b) in [
            ("função", "funcao"),
            ("funções", "função"),
            ("equações", "equacao"),
            ("pulmões", "pulmão"),
            ("hospitais", "hospital"),
            ("derivadas", "derivada"),
        ] {
            assert_eq!(portuguese.joined(a), portuguese.joined(b), "{a} {b}");
        }
        let mut english = Analyser::new(Language::English);
        assert_eq!(english.joined("running treatments"), english.joined("runs treatment"));
    }

    #[test]
    fn stop_words_go_and_acronyms_stay() {
        check(Language::English, "What is the chain rule?", "chain rule");
        check(Language::English, "Who founded the WHO?", "found who");
        check(Language::Spanish, "¿Qué es la derivada?", "deriv");
        check(Language::Other, "the end", "the end");
    }

    #[test]
    fn numbers_are_the_same_however_grouped() {
        check(Language::English, "10,000 10.000 10000", "10000 10000 10000");
        check(Language::English, "3.5 3,5 1,234.56 0.125", "3.5 3.5 1.234.56 0.125");
    }

    #[test]
    fn scripts_without_spaces_are_found_by_pairs() {
        check(Language::Japanese, "東京タワー", "東 東京 京 京タ タワ ワー");
        check(Language::Thai, "ยา", "ยา");
        check(Language::Korean, "나", "나");
    }

    #[test]
    fn what_is_no_word_is_passed_over() {
        check(Language::English, &"x".repeat(500), "");
        check(Language::English, "--- *** ___", "");
    }
}
