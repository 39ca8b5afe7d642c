//! From a manuscript to chunks: section by section, each chunk with its place and the headings above it.

use std::ops::Range;

use super::pack::{Pack, pack};
use super::units::{Splitter, Unit};
use crate::domain::{Block, BlockKind, Chunk, Language, Manuscript, Part, Place};

/// How long chunks may be, in the units of the measure that [`cut`] is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// No chunk measures more.
    pub limit: usize,
    /// How much of one chunk's end the next repeats, in whole sentences, where a paragraph had to be cut.
    pub overlap: usize,
}

impl Default for Cut {
    /// In words. A paragraph or two: short enough to be read at a glance and to be about one thing, so that five fit a
    /// small model's context beside the answer; long enough that a pronoun finds its noun. The overlap is about two
    /// sentences.
    fn default() -> Cut {
        Cut { limit: 220, overlap: 40 }
    }
}

/// What a chunk carries of a heading at most, in characters: it is repeated in every chunk below.
const LONGEST_HEADING: usize = 160;

/// Levels beyond are taken for this one.
const DEEPEST_HEADING: u8 = 9;

/// Cuts a manuscript into chunks that together hold every character that is not white space.
///
/// A chunk never spans two sections, slides or sheets. `measure` need not be additive: it may be a tokenizer. Only a
/// single character that is over the limit by itself is let through.
pub fn cut(manuscript: &Manuscript, language: Language, cut: &Cut, measure: &dyn Fn(&str) -> usize) -> Vec<Chunk> {
    let base = measure("");
    let room = cut.limit.saturating_sub(base).max(1);
    let splitter = Splitter { text: &manuscript.text, language, measure, limit: cut.limit, base, room };
    let overlap = cut.overlap.min(room / 2);
    let mut desk = Desk { manuscript, splitter, overlap, headings: Vec::new(), units: Vec::new(), chunks: Vec::new() };
    for (number, block) in manuscript.blocks.iter().enumerate() {
        desk.take(number, block);
    }
    desk.finish_section();
    desk.chunks
}

struct Desk<'a> {
    manuscript: &'a Manuscript,
    splitter: Splitter<'a>,
    overlap: usize,
    /// Above what is being read, the outermost first.
    headings: Vec<(u8, String)>,
    /// Of the section being read.
    units: Vec<Unit>,
    chunks: Vec<Chunk>,
}

impl Desk<'_> {
    fn take(&mut self, number: usize, block: &Block) {
        if let Some(last) = self.units.last() {
            let before = &self.manuscript.blocks[last.block].place;
            let is_new_sheet = before.slide != block.place.slide || before.sheet != block.place.sheet;
            let is_new_section = matches!(block.kind, BlockKind::Heading(_)) && !last.is_heading;
            if is_new_sheet || is_new_section {
                self.finish_section();
            }
        }
        if let BlockKind::Heading(level) = block.kind {
            let level = level.clamp(1, DEEPEST_HEADING);
            let title = self.manuscript.text.get(block.range.clone()).map(title).unwrap_or_default();
            if !title.is_empty() {
                self.headings.truncate(self.headings.iter().take_while(|(above, _)| *above < level).count());
                self.headings.push((level, title));
            }
        }
        self.splitter.split(number, block, &mut self.units);
    }

    fn finish_section(&mut self) {
        let units = std::mem::take(&mut self.units);
        let mut places = Places::new(self.manuscript);
        for pack in pack(&units, self.splitter.room, self.overlap) {
            self.emit(&units, pack, &mut places);
        }
        self.units = units;
        self.units.clear();
    }

    /// A pack becomes a chunk, or several where its parts measure more together than one by one.
    fn emit(&mut self, units: &[Unit], pack: Pack, places: &mut Places) {
        let Pack { units: packed, mut lead } = pack;
        let range = |lead: usize| units[lead].range.start..units[packed.end - 1].range.end;
        // What is repeated gives way: to the limit, and so that no chunk begins before the one ahead of it.
        let last_start = self.chunks.last().map(|chunk| chunk.range.start);
        while lead < packed.start && (Some(units[lead].range.start) <= last_start || !self.splitter.fits(&range(lead)))
        {
            lead += 1;
        }
        if lead == packed.start && packed.len() > 1 && !self.splitter.fits(&range(lead)) {
            let middle = middle(units, &packed);
            self.emit(units, Pack { units: packed.start..middle, lead: packed.start }, places);
            self.emit(units, Pack { units: middle..packed.end, lead: middle }, places);
            return;
        }
        let headings = self.headings.iter().map(|(_, title)| title.clone()).collect();
        let parts = self.parts(&units[lead..packed.end], places);
        let place = parts.first().map(|part| part.place.clone()).unwrap_or_default();
        self.chunks.push(Chunk { range: range(lead), place, headings, parts });
    }

    /// Units of one block make one part.
    fn parts(&self, units: &[Unit], places: &mut Places<'_>) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut last = None;
        for unit in units {
            match parts.last_mut() {
                Some(part) if last == Some(unit.block) => part.range.end = unit.range.end,
                _ => parts.push(Part {
                    range: unit.range.clone(),
                    kind: self.manuscript.blocks[unit.block].kind,
                    place: places.of(unit.block, &unit.range),
                }),
            }
            last = Some(unit.block);
        }
        parts
    }
}

/// The unit that begins the second half of `packed`, which has two or more; not one that a heading stands before.
fn middle(units: &[Unit], packed: &Range<usize>) -> usize {
    let total: usize = units[packed.clone()].iter().map(|unit| unit.size).sum();
    let mut size = 0;
    let mut at = packed.start + 1;
    while at + 1 < packed.end && (size + units[at - 1].size) * 2 < total {
        size += units[at - 1].size;
        at += 1;
    }
    let free = (packed.start + 1..=at).rev().find(|&at| !units[at - 1].is_heading);
    free.or_else(|| (at..packed.end).find(|&at| !units[at - 1].is_heading)).unwrap_or(at)
}

/// A heading's text on one line.
fn title(heading: &str) -> String {
    let head = &heading[..heading.floor_char_boundary(LONGEST_HEADING * 8)];
    let mut title = head.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = title.char_indices().nth(LONGEST_HEADING) {
        title.truncate(end);
        title.push('…');
    }
    title
}

/// Where chunks begin. Asked in reading order, so that a long block's lines are counted once.
struct Places<'a> {
    manuscript: &'a Manuscript,
    block: usize,
    counted_to: usize,
    lines: u32,
    pages: u32,
}

impl<'a> Places<'a> {
    fn new(manuscript: &'a Manuscript) -> Places<'a> {
        Places { manuscript, block: usize::MAX, counted_to: 0, lines: 0, pages: 0 }
    }

    fn of(&mut self, number: usize, range: &Range<usize>) -> Place {
        let block = &self.manuscript.blocks[number];
        if self.block != number || range.start < self.counted_to {
            (self.block, self.counted_to, self.lines, self.pages) = (number, block.range.start, 0, 0);
        }
        let passed = &self.manuscript.text.as_bytes()[self.counted_to..range.start];
        self.lines += count(passed, b'\n');
        self.pages += count(passed, b'\x0c');
        self.counted_to = range.start;
        let mut place = block.place.clone();
        place.line = place.line.map(|line| line.saturating_add(self.lines));
        place.page = place.page.map(|page| page.saturating_add(self.pages));
        place
    }
}

fn count(bytes: &[u8], wanted: u8) -> u32 {
    bytes.iter().map(|&b| u32::from(b == wanted)).sum()
}
