//! The text as a person gets it, while it is written. What was told is never taken back: everything that may still change
//! is held until it cannot, which is a word or two.

use std::ops::Range;

use super::marks::{Marks, Unit};
use super::sentence::{Rounds, Sentence, is_unspaced, key};
use super::unknown::does_not_know;
use crate::domain::Language;
use crate::text::{fold, sentences};

/// Where a statement stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It states nothing.
    Nothing,
    /// These say it.
    Sources(Vec<u32>),
    Unsupported,
}

/// Why no more is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// A whole sentence began to be said a second time, and was left out.
    Repeats,
    /// The same few words came again and again.
    RunsOn,
    /// The sentence that was agreed upon for it says that the sources do not answer.
    Unknown,
}

/// Which of `own`, or which others, say a statement.
pub(crate) type Judge<'a> = &'a mut dyn FnMut(&str, &[u32]) -> Verdict;

pub(crate) struct Citer<'a> {
    judge: Judge<'a>,
    language: Language,
    sources: u32,
    marks: Marks,
    /// Settled.
    text: String,
    /// Of `text`.
    chars: usize,
    sentence: Sentence,
    /// White space that comes before the next word, or is left out with a mark.
    gap: String,
    /// A mark was left out behind the gap.
    dropped: bool,
    /// A word behind what may be the end of the sentence.
    look: String,
    /// Sentences said before, as [`Sentence::key`].
    said: Vec<String>,
    unknown: String,
    rounds: Rounds,
    unsupported: Vec<Range<usize>>,
    /// The sources that marks in the text point at.
    cited: Vec<u32>,
    over: Option<Over>,
}

/// Words that come after what may be a sentence's end are enough at this length to know whether it was one.
const LONG_ENOUGH: usize = 24;
/// Shorter sentences may come again: `Yes.`
const LEAST_REPEATED: usize = 12;
/// A clause behind the last mark is a statement of its own from so many words on.
const LEAST_CLAUSE: usize = 5;

impl<'a> Citer<'a> {
    /// `unknown` is the sentence that says that the sources do not answer.
    pub(crate) fn new(sources: usize, language: Language, unknown: &str, judge: Judge<'a>) -> Citer<'a> {
        Citer {
            judge,
            language,
            sources: u32::try_from(sources).unwrap_or(u32::MAX),
            marks: Marks::default(),
            text: String::new(),
            chars: 0,
            sentence: Sentence::new(),
            gap: String::new(),
            dropped: false,
            look: String::new(),
            said: Vec::new(),
            unknown: key(unknown),
            rounds: Rounds::default(),
            unsupported: Vec::new(),
            cited: Vec::new(),
            over: None,
        }
    }

    /// What is settled by now; it only grows.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn over(&self) -> Option<Over> {
        self.over
    }

    /// Whether a source supports something that was said.
    pub(crate) fn has_cited(&self) -> bool {
        !self.cited.is_empty()
    }

    /// The sources that marks in the text point at, in order.
    pub(crate) fn cited(&self) -> &[u32] {
        &self.cited
    }

    /// In characters of the text.
    pub(crate) fn unsupported(&self) -> &[Range<usize>] {
        &self.unsupported
    }

    pub(crate) fn push(&mut self, piece: &str) {
        let mut marks = std::mem::take(&mut self.marks);
        for c in piece.chars() {
            marks.push(c, &mut |unit| self.unit(unit));
        }
        self.marks = marks;
    }

    /// Nothing comes any more. `cut`: not because all was said.
    pub(crate) fn finish(&mut self, cut: bool) {
        let mut marks = std::mem::take(&mut self.marks);
        marks.finish(&mut |unit| self.unit(unit));
        if self.over.is_some() {
            return;
        }
        self.settle();
        let is_begun = |said: &String| said.starts_with(&self.sentence.key);
        let repeats = self.sentence.young.is_some() && self.sentence.key.len() >= LEAST_REPEATED;
        if cut && repeats && self.said.iter().chain([&self.unknown]).any(is_begun) {
            return;
        }
        self.close();
    }

    fn unit(&mut self, unit: Unit) {
        if self.over.is_some() {
            return;
        }
        match unit {
            Unit::Mark(numbers) => {
                self.settle();
                if self.over.is_none() {
                    self.mark(numbers);
                }
            }
            // A dash or a quotation mark alone does not tell what comes.
            Unit::Char(c) if !self.look.is_empty() && !self.look.contains(char::is_alphanumeric) => self.look.push(c),
            Unit::Char(c) if c.is_whitespace() => {
                self.settle();
                // Not before the first word, and once only around a mark that was left out.
                let is_first = self.text.is_empty() && self.sentence.clean.is_empty();
                let is_second = self.dropped && c == ' ' && !self.gap.is_empty();
                if !is_first && !is_second {
                    self.gap.push(c);
                }
            }
            Unit::Char(c) => self.solid(c),
        }
    }

    fn solid(&mut self, c: char) {
        if std::mem::take(&mut self.dropped) && matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')') {
            self.gap.clear();
        }
        if !self.look.is_empty() || self.sentence.may_end(&self.gap) {
            self.look.push(c);
        } else {
            let mut text = std::mem::take(&mut self.gap);
            text.push(c);
            self.take(&text);
            return;
        }
        if self.look.len() >= LONG_ENOUGH || is_unspaced(c) {
            self.settle();
        }
    }

    /// Whether the sentence ended before the word behind it can be told now.
    fn settle(&mut self) {
        if self.look.is_empty() {
            return;
        }
        let look = std::mem::take(&mut self.look);
        let gap = std::mem::take(&mut self.gap);
        let before = self.sentence.clean.len();
        let candidate = format!("{}{gap}{look}", self.sentence.clean);
        let has_ended = sentences(&candidate, self.language).last().is_some_and(|last| last.start >= before);
        if has_ended {
            self.close();
            if self.over.is_some() {
                return;
            }
        }
        self.take(&format!("{gap}{look}"));
    }

    /// The next words of the sentence, with the white space before them.
    fn take(&mut self, text: &str) {
        if self.sentence.clean.is_empty() {
            self.sentence.clean.push_str(text.trim_start());
        } else {
            self.sentence.clean.push_str(text);
        }
        for c in text.chars() {
            if c.is_alphanumeric() {
                fold(c.encode_utf8(&mut [0; 4]), &mut self.sentence.key);
            } else if !self.sentence.key.is_empty() && !self.sentence.key.ends_with(' ') {
                self.word();
                self.sentence.key.push(' ');
            }
        }
        self.say(text);
        let key = &self.sentence.key;
        if !self.said.iter().chain([&self.unknown]).any(|said| said.starts_with(key.trim_end())) {
            self.release();
        }
    }

    fn say(&mut self, text: &str) {
        match &mut self.sentence.young {
            Some(young) => young.push_str(text),
            None => {
                self.text.push_str(text);
                self.chars += text.chars().count();
            }
        }
    }

    fn release(&mut self) {
        let Some(young) = self.sentence.young.take() else { return };
        self.sentence.start = self.chars + young.chars().take_while(|c| c.is_whitespace()).count();
        self.say(&young);
    }

    /// Notes the word that ended.
    fn word(&mut self) {
        let word = self.sentence.key.rsplit(' ').next().unwrap_or_default();
        if self.rounds.go_on_with(word) {
            self.over = Some(Over::RunsOn);
        }
    }

    fn mark(&mut self, mut numbers: Vec<u32>) {
        numbers.retain(|number| (1..=self.sources).contains(number));
        if !self.sentence.has_words() {
            self.sentence.tried.extend(numbers);
            self.dropped = true;
            return;
        }
        let clean = &self.sentence.clean;
        let mut from = self.sentence.clause;
        if !clean[from..].contains(char::is_alphanumeric) {
            from = self.sentence.last_clause;
        }
        let verdict = if numbers.is_empty() { Verdict::Unsupported } else { (self.judge)(&clean[from..], &numbers) };
        let supporting = match verdict {
            Verdict::Sources(supporting) => supporting,
            Verdict::Nothing => numbers.clone(),
            Verdict::Unsupported => {
                self.sentence.tried.extend(numbers);
                self.dropped = true;
                return;
            }
        };
        let again = from != self.sentence.clause;
        let is_new = |number: &u32| !(again && self.sentence.cited.contains(number));
        let supporting: Vec<u32> = supporting.into_iter().filter(is_new).collect();
        if supporting.is_empty() {
            self.dropped = true;
            return;
        }
        let gap = std::mem::take(&mut self.gap);
        self.cite(if gap.is_empty() { "" } else { " " }, &supporting);
        self.sentence.last_clause = from;
        self.sentence.clause = self.sentence.clean.len();
    }

    fn cite(&mut self, gap: &str, numbers: &[u32]) {
        let marks: String = numbers.iter().map(|number| format!("[{number}]")).collect();
        self.say(&format!("{gap}{marks}"));
        self.sentence.cited.extend(numbers);
        self.cited.extend(numbers);
        self.cited.sort_unstable();
        self.cited.dedup();
    }

    /// The sentence is complete.
    fn close(&mut self) {
        if !self.sentence.key.is_empty() && !self.sentence.key.ends_with(' ') {
            self.word();
        }
        if !self.sentence.has_words() {
            self.release();
            return;
        }
        let key = self.sentence.key.trim_end().to_owned();
        if self.sentence.young.is_some() {
            if key == self.unknown {
                self.over = Some(if self.said.is_empty() { Over::Unknown } else { Over::Repeats });
                return;
            }
            if key.len() >= LEAST_REPEATED && self.said.contains(&key) {
                self.over = Some(Over::Repeats);
                return;
            }
            self.release();
        }
        let clean = std::mem::take(&mut self.sentence.clean);
        if self.sentence.cited.is_empty() {
            let tried = std::mem::take(&mut self.sentence.tried);
            let verdict =
                if does_not_know(&clean, self.language) { Verdict::Nothing } else { (self.judge)(&clean, &tried) };
            match verdict {
                Verdict::Nothing => {}
                Verdict::Sources(numbers) => self.cite(" ", &numbers),
                Verdict::Unsupported => self.unsupported.push(self.sentence.start..self.chars),
            }
        } else {
            self.close_clause(&clean[self.sentence.clause..]);
        }
        self.said.push(key);
        self.sentence = Sentence::new();
    }

    /// What stands behind the last mark of a sentence.
    fn close_clause(&mut self, clause: &str) {
        let words = clause.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        if words.count() < LEAST_CLAUSE {
            return;
        }
        match (self.judge)(clause, &[]) {
            Verdict::Nothing => {}
            Verdict::Sources(numbers) if numbers.iter().all(|number| self.sentence.cited.contains(number)) => {}
            Verdict::Sources(numbers) => self.cite(" ", &numbers),
            Verdict::Unsupported => {
                // It is what was told last.
                let length = clause.trim_start_matches(|c: char| !c.is_alphanumeric()).chars().count();
                self.unsupported.push(self.chars - length..self.chars);
            }
        }
    }
}
