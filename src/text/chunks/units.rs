//! What does a chunk consist of? Blocks where they fit, else their sentences or lines, else words.

use std::ops::Range;

use crate::domain::{Block, BlockKind, Language};
use crate::text::sentences;

/// What is never parted: a chunk is one or more of these.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) range: Range<usize>,
    /// In the measure's units.
    pub(super) size: usize,
    /// Of the manuscript.
    pub(super) block: usize,
    pub(super) page: Option<u32>,
    pub(super) is_heading: bool,
    /// A whole sentence of running text: the next chunk may repeat it.
    pub(super) may_repeat: bool,
}

/// No token and no word has more bytes: a text longer than that many per unit is over the limit unmeasured.
const LONGEST_TOKEN: usize = 64;

/// How far from the fair place a text without sentences is cut to hit a space.
const WORD_SEARCH: usize = 200;

pub(super) struct Splitter<'a> {
    pub(super) text: &'a str,
    pub(super) language: Language,
    pub(super) measure: &'a dyn Fn(&str) -> usize,
    pub(super) limit: usize,
    /// What the measure counts for nothing at all, such as the marks a model sets around a text.
    pub(super) base: usize,
    /// What fits in a chunk beside the base.
    pub(super) room: usize,
}

impl Splitter<'_> {
    /// Adds the units of a block, none when it is blank.
    pub(super) fn split(&self, number: usize, block: &Block, units: &mut Vec<Unit>) {
        let is_code = block.kind == BlockKind::Code;
        let Some(range) = self.trimmed(block.range.clone(), is_code) else { return };
        let whole = Unit {
            size: 0,
            range: range.clone(),
            block: number,
            page: block.place.page,
            is_heading: matches!(block.kind, BlockKind::Heading(_)),
            may_repeat: false,
        };
        if let Some(size) = self.fitting(&range) {
            units.push(Unit { size, ..whole });
            return;
        }
        let piece = &self.text[range.clone()];
        let may_repeat = matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem);
        let parts: Vec<Range<usize>> = if is_code { lines(piece) } else { sentences(piece, self.language) };
        for part in parts {
            let part = range.start + part.start..range.start + part.end;
            match self.fitting(&part) {
                Some(size) => units.push(Unit { size, range: part, may_repeat, ..whole }),
                None => self.divide(part, &whole, units),
            }
        }
    }

    pub(super) fn fits(&self, range: &Range<usize>) -> bool {
        self.fitting(range).is_some()
    }

    /// The size of a stretch of the text, if it has room in one chunk.
    fn fitting(&self, range: &Range<usize>) -> Option<usize> {
        if range.len() > self.room.saturating_mul(LONGEST_TOKEN) {
            return None;
        }
        let measured = (self.measure)(&self.text[range.clone()]);
        (measured <= self.limit).then_some(measured.saturating_sub(self.base))
    }

    /// Cuts what has no sentences, or too long a one, into parts of similar length between words.
    fn divide(&self, range: Range<usize>, like: &Unit, units: &mut Vec<Unit>) {
        let Some(range) = self.trimmed(range, false) else { return };
        if let Some(size) = self.fitting(&range) {
            units.push(Unit { size, range, ..like.clone() });
            return;
        }
        let is_long = range.len() > self.room.saturating_mul(LONGEST_TOKEN);
        let size = if is_long { range.len() / 4 } else { (self.measure)(&self.text[range.clone()]) };
        match self.border(&range, size.div_ceil(self.room).max(2)) {
            Some(at) => {
                self.divide(range.start..at, like, units);
                self.divide(at..range.end, like, units);
            }
            // A single character.
            None => units.push(Unit { size: self.room, range, ..like.clone() }),
        }
    }

    /// Where to cut a stretch that must become `parts`: at the space nearest to the middle part's beginning, else
    /// between any two characters.
    fn border(&self, range: &Range<usize>, parts: usize) -> Option<usize> {
        let fair = range.start + (range.len() as u128 * (parts / 2) as u128 / parts as u128) as usize;
        let reach = WORD_SEARCH.min(range.len() / 4);
        let low = self.text.ceil_char_boundary((fair - reach).max(range.start));
        let fair = self.text.floor_char_boundary(fair).max(low);
        let high = self.text.floor_char_boundary((fair + reach).min(range.end)).max(fair);
        let behind = self.text[fair..high].find(char::is_whitespace).map(|at| fair + at);
        let ahead = self.text[low..fair].rfind(char::is_whitespace).map(|at| low + at);
        let nearest = match (ahead, behind) {
            (Some(ahead), Some(behind)) => Some(if fair - ahead <= behind - fair { ahead } else { behind }),
            (one, other) => one.or(other),
        };
        let first = range.start + self.text[range.clone()].chars().next().map_or(0, char::len_utf8);
        let at = nearest.unwrap_or(fair).max(first);
        (at < range.end).then_some(at)
    }

    /// Without white space at its ends; code keeps the indentation of its first line.
    fn trimmed(&self, range: Range<usize>, is_code: bool) -> Option<Range<usize>> {
        let piece = self.text.get(range.clone())?;
        let end = range.start + piece.trim_end().len();
        let mut start = range.start + (piece.len() - piece.trim_start().len());
        if is_code && start < end {
            start = self.text[range.start..start].rfind('\n').map_or(range.start, |at| range.start + at + 1);
        }
        (start < end).then_some(start..end)
    }
}

/// The lines that hold anything, each with its indentation.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let length = line.trim_end().len();
        if length > 0 {
            found.push(start..start + length);
        }
        start += line.len();
    }
    found
}
