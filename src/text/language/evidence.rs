//! How strongly does a text speak for each language of an alphabet that many share?

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use super::marks::MARKS;
use super::script::Scripts;
use crate::domain::Language;
use crate::text::words::fold;

/// A set of languages: bit n stands for `MARKS[n]`.
type Set = u32;

/// What a mark is worth by how many languages share it: its position. Worthless when too many do.
const WORD: [i32; 11] = [0, 12, 8, 5, 4, 3, 2, 2, 1, 1, 1];
/// In addition.
const FREQUENT_WORD: [i32; 9] = [0, 4, 4, 3, 3, 2, 2, 1, 1];
const ENDING: [i32; 9] = [0, 5, 3, 2, 1, 1, 0, 0, 0];
const SHORT_ENDING: [i32; 9] = [0, 2, 1, 1, 0, 0, 0, 0, 0];
const PAIR: [i32; 9] = [0, 2, 1, 1, 0, 0, 0, 0, 0];
const LETTER: [i32; 9] = [0, 9, 5, 3, 2, 1, 1, 0, 0];

/// A word with a capital inside a sentence is often a foreign name, and says less.
const FULL: i32 = 3;
const NAME: i32 = 1;

/// How many first words are kept.
const OPENING: u32 = 3;

/// The longest ending in the tables.
const LONGEST_ENDING: usize = 5;

static INDEX: LazyLock<Index> = LazyLock::new(Index::new);

/// The languages that have a word.
#[derive(Clone, Copy, Default)]
struct Known {
    all: Set,
    /// Those in which it is one of the most frequent.
    frequent: Set,
}

/// How many words at the head of a list are the most frequent.
const FREQUENT: usize = 24;

type Table<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// Enough for tables that never change: no text can make their keys collide.
#[derive(Default)]
struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
        }
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

struct Index {
    words: Table<String, Known>,
    endings: Table<&'static str, Set>,
    pairs: [Set; 26 * 26],
    letters: Table<char, Set>,
}

impl Index {
    fn new() -> Index {
        let mut index = Index {
            words: Table::default(),
            endings: Table::default(),
            pairs: [0; 26 * 26],
            letters: Table::default(),
        };
        for (n, marks) in MARKS.iter().enumerate() {
            let bit: Set = 1 << n;
            for (rank, word) in marks.words.split_whitespace().enumerate() {
                let mut plain = String::new();
                fold(word, &mut plain);
                for form in [word.to_owned(), plain] {
                    let known = index.words.entry(form).or_default();
                    known.all |= bit;
                    known.frequent |= if rank < FREQUENT { bit } else { 0 };
                }
            }
            for ending in marks.endings.split_whitespace() {
                *index.endings.entry(ending).or_default() |= bit;
            }
            for pair in marks.pairs.split_whitespace() {
                if let Some(at) = pair_index(pair.as_bytes()) {
                    index.pairs[at] |= bit;
                }
            }
            for letter in marks.letters.chars() {
                *index.letters.entry(letter).or_default() |= bit;
            }
        }
        index
    }
}

/// Whether `word`, in lower case, is one of the small words of `language`.
pub(in crate::text) fn is_common_word(word: &str, language: Language) -> bool {
    let bit = MARKS.iter().position(|marks| marks.language == language).map_or(0, |n| 1 << n);
    INDEX.words.get(word).is_some_and(|known| known.all & bit != 0)
}

fn pair_index(pair: &[u8]) -> Option<usize> {
    match pair {
        [a @ b'a'..=b'z', b @ b'a'..=b'z'] => Some(usize::from(a - b'a') * 26 + usize::from(b - b'a')),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Best {
    pub(super) language: Language,
    pub(super) score: i32,
    pub(super) second: i32,
}

#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) scripts: Scripts,
    words: u32,
    /// Words that are not names.
    pub(super) common_words: u32,
    scores: [i32; 32],
    opening: String,
}

impl Evidence {
    pub(super) fn add(&mut self, text: &str) {
        let shouting = is_shouting(text);
        let mut word = Word::default();
        let mut starts_sentence = true;
        for c in text.chars() {
            if c.is_ascii_lowercase() {
                word.written.push(c);
            } else if c.is_alphabetic() || is_combining(c) {
                word.push(c);
            } else {
                if word.has_letters() {
                    self.weigh(&mut word, starts_sentence || shouting);
                    word.clear();
                    starts_sentence = false;
                }
                match c {
                    '.' | '?' | '!' | ':' | '\n' => starts_sentence = true,
                    '¿' | '¡' => {
                        starts_sentence = true;
                        self.score(INDEX.letters.get(&c).copied(), &LETTER, FULL);
                    }
                    _ => {}
                }
            }
        }
        if word.has_letters() {
            self.weigh(&mut word, starts_sentence || shouting);
        }
    }

    fn weigh(&mut self, word: &mut Word, expects_capital: bool) {
        word.fold();
        let written = word.written.as_str();
        let plain = word.plain();
        self.words += 1;
        if self.words <= OPENING {
            self.opening.push_str(plain);
            self.opening.push(' ');
        }
        written.chars().for_each(|c| self.scripts.add(c));
        let factor = if word.is_capitalised && !expects_capital { NAME } else { FULL };
        self.common_words += u32::from(factor == FULL);
        let known = (written != plain).then(|| INDEX.words.get(written)).flatten();
        if let Some(&Known { all, frequent }) = known.or_else(|| INDEX.words.get(plain)) {
            self.score(Some(all), &WORD, factor);
            self.score(Some(frequent), &FREQUENT_WORD, factor);
            if known.is_some() || written == plain {
                return;
            }
        }
        for c in written.chars().filter(|c| !c.is_ascii()) {
            self.score(INDEX.letters.get(&c).copied(), &LETTER, factor);
        }
        // A word that is only an ending is no evidence for it.
        let longest = LONGEST_ENDING.min(plain.len().saturating_sub(2));
        let at = |length: usize| INDEX.endings.get(plain.get(plain.len() - length..)?).copied();
        match (3..=longest).rev().find_map(at) {
            Some(set) => self.score(Some(set), &ENDING, factor),
            None if longest >= 2 => self.score(at(2), &SHORT_ENDING, factor),
            None => {}
        }
        for pair in plain.as_bytes().windows(2) {
            if let Some(at) = pair_index(pair) {
                self.score(Some(INDEX.pairs[at]), &PAIR, factor);
            }
        }
    }

    fn score(&mut self, set: Option<Set>, worth: &[i32], factor: i32) {
        let Some(mut set) = set.filter(|&set| set != 0) else { return };
        let worth = worth.get(set.count_ones() as usize).copied().unwrap_or(0) * factor;
        while set != 0 && worth > 0 {
            self.scores[set.trailing_zeros() as usize] += worth;
            set &= set - 1;
        }
    }

    /// The best-supported of the wanted languages, the earlier of equals. `bonus` decides with, but is not in the score.
    pub(super) fn best(&self, is_wanted: impl Fn(Language) -> bool, bonus: impl Fn(Language) -> i32) -> Best {
        let mut best = Best { language: Language::Other, score: 0, second: 0 };
        let mut highest = 0;
        for (marks, &score) in MARKS.iter().zip(&self.scores) {
            if score == 0 || !is_wanted(marks.language) {
                continue;
            }
            let total = score + bonus(marks.language);
            if total > highest {
                highest = total;
                best = Best { language: marks.language, score, second: best.score.max(best.second) };
            } else {
                best.second = best.second.max(score);
            }
        }
        best
    }

    /// In lower case, without accents, a space behind each.
    pub(super) fn first_words(&self) -> &str {
        &self.opening
    }
}

/// One word in lower case, as it is written and without its accents.
#[derive(Default)]
struct Word {
    written: String,
    plain: String,
    is_capitalised: bool,
}

impl Word {
    fn push(&mut self, c: char) {
        self.is_capitalised |= self.written.is_empty() && c.is_uppercase();
        self.written.extend(c.to_lowercase());
    }

    /// At the end of the word.
    fn fold(&mut self) {
        self.plain.clear();
        if !self.written.is_ascii() {
            fold(&self.written, &mut self.plain);
        }
    }

    fn plain(&self) -> &str {
        if self.plain.is_empty() { &self.written } else { &self.plain }
    }

    fn has_letters(&self) -> bool {
        !self.written.is_empty()
    }

    fn clear(&mut self) {
        self.written.clear();
        self.is_capitalised = false;
    }
}

/// Whether capitals say nothing here, because nearly all letters are.
fn is_shouting(text: &str) -> bool {
    let upper = text.bytes().filter(u8::is_ascii_uppercase).count();
    let lower = text.bytes().filter(u8::is_ascii_lowercase).count();
    upper > lower
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}
