//! The sentence that is being written, and whether the words go round in circles.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::text::fold;

/// Marks that end a sentence, and what may close behind them.
const ENDS: [char; 12] = ['.', '!', '?', '…', '。', '！', '？', '؟', '۔', '।', '።', '։'];
const CLOSERS: [char; 11] = ['"', '\'', ')', ']', '”', '’', '»', '*', '_', '」', '』'];

/// The one that is being written.
#[derive(Debug, Default)]
pub(super) struct Sentence {
    /// Without marks.
    pub(super) clean: String,
    /// Its folded words.
    pub(super) key: String,
    /// Where it begins in the text, in characters.
    pub(super) start: usize,
    /// Where in `clean` the last mark stood, and where the clause before it began.
    pub(super) clause: usize,
    pub(super) last_clause: usize,
    /// By marks that stand in the text.
    pub(super) cited: Vec<u32>,
    /// By marks that did not hold, or stood before the first word.
    pub(super) tried: Vec<u32>,
    /// Not told as long as it may repeat another.
    pub(super) young: Option<String>,
}

impl Sentence {
    pub(super) fn new() -> Sentence {
        Sentence { young: Some(String::new()), ..Sentence::default() }
    }

    pub(super) fn has_words(&self) -> bool {
        !self.key.is_empty()
    }

    /// Whether it may be over before the white space that comes next.
    pub(super) fn may_end(&self, gap: &str) -> bool {
        let bare = self.clean.trim_end_matches(CLOSERS);
        self.has_words() && (gap.contains('\n') || bare.ends_with(ENDS))
    }
}

/// Scripts whose words are written without a space between them.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c as u32, 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF)
}

/// Folded words with single spaces between.
pub(super) fn key(text: &str) -> String {
    let mut key = String::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !key.is_empty() {
            key.push(' ');
        }
        fold(word, &mut key);
    }
    key
}

/// The words of an answer, for noticing that the same few come again and again.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    words: Vec<u64>,
}

/// Up to so many words, at least three times, and so many in all.
const LONGEST_LOOP: usize = 24;
const LEAST_LOOPED: usize = 9;

impl Rounds {
    /// True when this word closes a circle once too often.
    pub(super) fn go_on_with(&mut self, word: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        word.hash(&mut hasher);
        self.words.push(hasher.finish());
        let words = &self.words;
        (1..=LONGEST_LOOP).any(|period| {
            let looped = (2 * period).max(LEAST_LOOPED);
            let from = words.len().checked_sub(looped).filter(|from| *from >= period);
            from.is_some_and(|from| (from..words.len()).all(|at| words[at] == words[at - period]))
        })
    }
}
