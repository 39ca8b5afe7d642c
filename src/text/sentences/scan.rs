//! Where does a sentence begin and end?
//!
//! One pass over the bytes: only what may end a sentence is looked at closely, and every look is of bounded length or
//! is remembered, so that hostile text takes no longer than any other.

use std::ops::Range;

use super::end_marks::{Kind, Stop};
use super::full_stop;
use super::line_breaks::Lines;
use crate::domain::Language;

/// Bytes after which a stretch without any sentence end is cut at a word border.
pub(super) const LONGEST: usize = 1600;

/// Thai has no full stops; it sets a space where others set a comma or a stop.
pub(super) const LONGEST_THAI: usize = 450;

/// Marks that open a quotation, a bracket or an item before the first letter of a sentence.
const OPENERS: &str = "([{\"'«“„‘‹¿¡-–—*_#• ";
const MOST_OPENERS: usize = 8;

/// The sentences of a text: byte ranges in order, trimmed, never empty, that cover everything but white space.
pub fn sentences(text: &str, language: Language) -> Vec<Range<usize>> {
    let mut scan = Scan {
        text,
        language,
        longest: if language == Language::Thai { LONGEST_THAI } else { LONGEST },
        start: 0,
        wordless_until: 0,
        has_capitals: None,
        found: Vec::with_capacity(text.len() / 90 + 1),
    };
    let bytes = text.as_bytes();
    let mut lines = Lines::new(text);
    let mut at = 0;
    loop {
        at += next_candidate(&bytes[at..]);
        if at == bytes.len() {
            break;
        }
        if bytes[at] == b'\n' {
            let next = skip_space(text, at);
            if next == text.len() || lines.ends_at(at, next) {
                scan.push(at);
            }
            at = next;
        } else if let Some(stop) = Stop::at(text, at) {
            if scan.ends_with(at, &stop) {
                scan.push(stop.closed);
            }
            at = stop.closed;
        } else {
            at += 1;
        }
    }
    scan.push(text.len());
    scan.found
}

/// How far the next byte is that may begin a sentence end.
fn next_candidate(bytes: &[u8]) -> usize {
    // Most stretches hold none: the compiler looks at many bytes at a time.
    let mut passed = 0;
    for block in bytes.chunks_exact(32) {
        if block.iter().fold(false, |found, &byte| found | may_end(byte)) {
            break;
        }
        passed += block.len();
    }
    passed + bytes[passed..].iter().position(|&byte| may_end(byte)).unwrap_or(bytes.len() - passed)
}

/// Beside ASCII the first bytes of ؟ (d8), ۔ (db), ։ (d6), । (e0), ። (e1), … (e2), 。 (e3) and ！ (ef).
fn may_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'.' | b'!' | b'?' | 0xd6..=0xef) && !matches!(byte, 0xe4..=0xee)
}

struct Scan<'a> {
    text: &'a str,
    language: Language,
    longest: usize,
    /// Of the sentence being read.
    start: usize,
    /// Up to here the sentence being read has no letter and no digit.
    wordless_until: usize,
    /// Whether the text uses capitals at all; found out when first needed.
    has_capitals: Option<bool>,
    found: Vec<Range<usize>>,
}

impl Scan<'_> {
    fn ends_with(&mut self, at: usize, stop: &Stop) -> bool {
        if !self.has_word(at) {
            return false;
        }
        let Some(next) = self.text[stop.closed..].chars().next() else { return true };
        if stop.kind == Kind::Sure {
            // 「はい。」と言った: what was said is part of the sentence.
            return !(next == 'と' && self.text[..stop.closed].ends_with(['」', '』']));
        }
        if !next.is_whitespace() {
            return match stop.kind {
                _ if matches!(next, '¿' | '¡') => true,
                Kind::Mark => is_unspaced(next),
                Kind::FullStop => is_missing_space(&self.text[self.start..at], &self.text[stop.closed..]),
                _ => false,
            };
        }
        let rest = &self.text[skip_space(self.text, stop.closed)..];
        if rest.starts_with([')', ']', '}', '»', '”', ',', ';', ':']) {
            return false;
        }
        let after = skip_openers(rest);
        let Some(first) = after.chars().next() else { return true };
        let is_inverted = rest.starts_with(['¿', '¡']);
        if first.is_lowercase() && !is_inverted && !self.begins_low(after) {
            return false;
        }
        stop.kind != Kind::FullStop || full_stop::ends_sentence(&self.text[self.start..at], after, self.language)
    }

    /// Whether a sentence may begin with the small letter at the head of `after`: `iPhone`, `pH`, or any word where the
    /// text has no capitals at all.
    fn begins_low(&mut self, after: &str) -> bool {
        let word = after.chars().take(12).take_while(|c| c.is_alphanumeric());
        if word.clone().any(char::is_uppercase) {
            return true;
        }
        let head = &self.text[..self.text.floor_char_boundary(4096)];
        !*self.has_capitals.get_or_insert_with(|| head.chars().any(char::is_uppercase))
    }

    fn has_word(&mut self, until: usize) -> bool {
        let from = self.wordless_until.max(self.start);
        match self.text[from..until].find(char::is_alphanumeric) {
            Some(_) => true,
            None => {
                self.wordless_until = until;
                false
            }
        }
    }

    /// Ends the sentence being read at `end`.
    fn push(&mut self, end: usize) {
        let mut start = self.start;
        while end - start > self.longest {
            let cut = start + cut_at(&self.text[start..], self.longest);
            self.push_trimmed(start..cut);
            start = cut;
        }
        self.push_trimmed(start..end);
        self.start = end;
    }

    fn push_trimmed(&mut self, range: Range<usize>) {
        let piece = &self.text[range.clone()];
        let start = range.start + (piece.len() - piece.trim_start().len());
        let end = start + piece.trim().len();
        if start < end {
            self.found.push(start..end);
        }
    }
}

/// Where to cut a text that is longer than `longest` and has no sentence end: behind a comma or the like, else at a
/// space, both in the second half; else anywhere between two characters.
fn cut_at(text: &str, longest: usize) -> usize {
    let window = &text[..text.floor_char_boundary(longest)];
    let half = window.ceil_char_boundary(longest / 2);
    let pause = |c: char| matches!(c, ',' | ';' | ':' | '，' | '、' | '；' | '：' | '،' | '؛');
    let behind = |at: usize| at + window[at..].chars().next().map_or(0, char::len_utf8);
    let mut pauses = window.rmatch_indices(pause).map(|(at, _)| behind(at)).take_while(|&at| at > half);
    pauses
        .find(|&at| window[..at].ends_with(|c: char| !c.is_ascii()) || window[at..].starts_with(char::is_whitespace))
        .or_else(|| window.rfind(char::is_whitespace).filter(|&at| at > half))
        .unwrap_or(window.len())
}

/// The text from its first letter, digit or sign on, without quotes, brackets and dashes before it.
fn skip_openers(text: &str) -> &str {
    let mut left = MOST_OPENERS;
    text.trim_start_matches(|c: char| {
        left = left.saturating_sub(1);
        left > 0 && OPENERS.contains(c)
    })
}

/// `the end.Another`, as some files have it; not `notes.Final.txt`, `system.Out(`.
fn is_missing_space(before: &str, after: &str) -> bool {
    let letters = before.chars().rev().take(4).take_while(|c| c.is_lowercase()).count();
    let mut next = after.chars();
    let begins = next.next().is_some_and(char::is_uppercase) && next.next().is_some_and(char::is_lowercase);
    letters == 4 && begins && next.find(|c| !c.is_alphanumeric()).is_some_and(|c| c.is_whitespace() || c == ',')
}

/// Scripts that set no space between sentences.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{3000}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

fn skip_space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}
