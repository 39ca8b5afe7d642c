//! How do lines become paragraphs, headings, items and rows?

use std::collections::{HashMap, HashSet};

use super::lines::Line;
use crate::domain::{BlockKind, Place};
use crate::read::Problem;
use crate::read::draft::Draft;

pub(super) fn push(draft: &mut Draft<'_>, pages: &[Vec<Line>]) -> Result<(), Problem> {
    let look = Look::of(pages);
    let mut open: Option<Open> = None;
    for (lines, number) in pages.iter().zip(1u32..) {
        for (at, line) in lines.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| &lines[at]);
            let kind = look.kind(line, before, lines.get(at + 1));
            match &mut open {
                Some(open) if open.goes_on(line, kind, number, &look) => open.add(line, &look, number),
                _ => {
                    if let Some(open) = open.replace(Open::new(line, kind, number)) {
                        open.push(draft)?;
                    }
                }
            }
        }
    }
    open.map_or(Ok(()), |open| open.push(draft))
}

/// What the document looks like as a whole.
struct Look {
    body: f32,
    /// Sizes of headings in tenths of a point, the largest first.
    headings: Vec<i32>,
    /// Usual distance from line to line, in ems.
    pitch: f32,
    words: HashSet<String>,
}

impl Look {
    fn of(pages: &[Vec<Line>]) -> Look {
        let mut sizes: HashMap<i32, usize> = HashMap::new();
        let mut pitches: Vec<f32> = Vec::new();
        let mut words = HashSet::new();
        for lines in pages {
            for line in lines.iter().filter(|line| !line.turned) {
                *sizes.entry(tenths(line.size)).or_default() += line.text.chars().count();
                for word in line.text.split_whitespace().filter(|word| word.len() < 40) {
                    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
                    if bare.len() > 3 && !words.contains(bare) && words.len() < 200_000 {
                        words.insert(bare.to_lowercase());
                    }
                }
            }
            pitches.extend(lines.windows(2).filter_map(|pair| {
                let pitch = (pair[1].y - pair[0].y) / pair[0].size.max(0.1);
                (pair[0].column == pair[1].column && (0.8..3.0).contains(&pitch)).then_some(pitch)
            }));
        }
        let body = sizes.iter().max_by_key(|(size, count)| (**count, **size)).map_or(100, |(size, _)| *size);
        let mut headings: HashMap<i32, usize> = HashMap::new();
        for line in pages.iter().flatten().filter(|line| is_large(line, body as f32 / 10.0)) {
            *headings.entry(tenths(line.size)).or_default() += 1;
        }
        // A size used once is a cover's, and would push all others down.
        let often = headings.values().filter(|count| **count > 1).count();
        let mut headings: Vec<i32> =
            headings.into_iter().filter(|(_, count)| *count > 1 || often < 3).map(|(size, _)| size).collect();
        headings.sort_unstable_by(|a, b| b.cmp(a));
        pitches.sort_by(f32::total_cmp);
        let pitch = pitches.get(pitches.len() / 2).copied().unwrap_or(1.2);
        Look { body: body as f32 / 10.0, headings, pitch, words }
    }

    fn kind(&self, line: &Line, before: Option<&Line>, after: Option<&Line>) -> BlockKind {
        let letters = line.text.chars().filter(|c| c.is_alphabetic()).count();
        let length = line.text.chars().count();
        if is_large(line, self.body) {
            let rank = self.headings.iter().take_while(|size| **size > tenths(line.size)).count();
            return BlockKind::Heading(u8::try_from(rank + 1).unwrap_or(6).min(4));
        }
        let cells = |line: &Line| if is_bullet(&line.cells[0]) { line.cells.len() - 1 } else { line.cells.len() };
        let beside = |other: Option<&Line>| other.is_some_and(|other| other.column == line.column && cells(other) > 1);
        if cells(line) > 2 || (cells(line) > 1 && (beside(before) || beside(after))) {
            return BlockKind::TableRow;
        }
        // Short lines that stand alone and end like no sentence head what follows, if they are bold or numbered.
        let short = line.x1 - line.x0 < 0.8 * (line.right - line.left) || length < 60;
        let could = letters >= 3 && length <= 100 && short && after.is_some() && line.size >= self.body * 0.97;
        if could && !line.text.ends_with(['.', ',', ';', ':', '?', '!']) {
            let apart = |other: Option<&Line>| other.is_none_or(|other| other.column != line.column || !other.bold);
            let pitch = self.pitch * line.size;
            let space = |from: Option<&Line>, to: Option<&Line>| match (from, to) {
                (Some(from), Some(to)) => from.column != to.column || to.y - from.y > 1.25 * pitch,
                _ => true,
            };
            if let Some(depth) = numbered(&line.text).filter(|_| space(before, Some(line)) && space(Some(line), after))
            {
                return BlockKind::Heading((depth + u8::from(!self.headings.is_empty())).min(6));
            }
            if line.bold && apart(before) && apart(after) {
                return BlockKind::Heading(u8::try_from(self.headings.len().min(3) + 1).unwrap_or(4));
            }
        }
        if is_bullet(&line.text) { BlockKind::ListItem } else { BlockKind::Paragraph }
    }
}

/// Larger than the text, and not too long to be a heading.
fn is_large(line: &Line, body: f32) -> bool {
    line.size >= body * 1.14
        && line.cells.len() < 3
        && !line.text.starts_with(['•', '◦', '▪', '●', '■', '○', '➢', '✓', '–', '-', '*'])
        && line.text.chars().count() <= 150
        && line.text.chars().filter(|c| c.is_alphabetic()).count() >= 3
}

/// `2.1 Methods`: as deep as it has numbers.
fn numbered(text: &str) -> Option<u8> {
    let (number, rest) = text.split_once(' ')?;
    let parts = number.trim_end_matches('.').split('.');
    let fits = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let depth = parts.clone().count();
    let starts = rest.trim_start().starts_with(char::is_uppercase);
    (starts && depth <= 4 && parts.clone().all(fits)).then_some(u8::try_from(depth).unwrap_or(4))
}

fn tenths(size: f32) -> i32 {
    // To the nearest half point: scaled pages give sizes that differ by nothing one can see.
    (size * 2.0).round() as i32 * 5
}

struct Open {
    text: String,
    kind: BlockKind,
    page: u32,
    last_page: u32,
    last: Line,
    lines: usize,
    /// Where lines behind the first begin.
    hang: f32,
}

impl Open {
    fn new(line: &Line, kind: BlockKind, page: u32) -> Open {
        let text = if kind == BlockKind::TableRow { line.cells.join("; ") } else { line.text.clone() };
        Open { text, kind, page, last_page: page, last: line.clone(), lines: 1, hang: line.x0 }
    }

    fn goes_on(&self, line: &Line, kind: BlockKind, page: u32, look: &Look) -> bool {
        if line.turned != self.last.turned || self.text.len() > 6000 {
            return false;
        }
        let same_size = (line.size - self.last.size).abs() <= 0.12 * self.last.size;
        let dy = line.y - self.last.y;
        let pitch = look.pitch * self.last.size.max(line.size);
        let close = dy > 0.0 && dy < 1.35 * pitch.max(1.1 * self.last.size);
        let here = page == self.last_page && line.column == self.last.column;
        match (self.kind, kind) {
            (BlockKind::Heading(a), BlockKind::Heading(b)) => {
                a == b
                    && here
                    && same_size
                    && dy > 0.0
                    && dy < 1.7 * line.size
                    && self.lines < 4
                    && self.last.bold == line.bold
            }
            (BlockKind::Paragraph | BlockKind::ListItem, BlockKind::Paragraph) if !here => {
                // Over a page's or a column's end goes what was in the middle of a sentence.
                same_size && !ends_sentence(&self.text) && line.text.starts_with(char::is_lowercase) && self.lines > 1
            }
            (BlockKind::Paragraph, BlockKind::Paragraph) => {
                let em = self.last.size;
                let indented = line.x0 > self.hang + 0.8 * em && self.lines > 1 || line.x0 > self.last.x0 + 0.8 * em;
                let full = self.last.x1 > self.last.right - 0.25 * (self.last.right - self.last.left);
                let sentence = ends_sentence(&self.text);
                same_size && close && !self.broke_off(line) && !(indented && sentence) && (full || !sentence)
            }
            (BlockKind::ListItem, BlockKind::Paragraph) => {
                same_size
                    && close
                    && !self.broke_off(line)
                    && line.x0 > self.last.x0 - 0.3 * line.size + if self.lines == 1 { 0.4 } else { 0.0 }
            }
            _ => false,
        }
    }

    /// The next line's first word would have had room: the break was meant.
    fn broke_off(&self, line: &Line) -> bool {
        if self.last.text.contains(" ... ") {
            return true;
        }
        let word = line.text.split(' ').next().unwrap_or("").chars().count() as f32;
        let letter = (line.x1 - line.x0) / line.text.chars().count().max(1) as f32;
        let room = self.last.right - self.last.x1;
        let width = self.last.right - self.last.left;
        room > (word + 1.0) * letter + 0.15 * width && !line.text.starts_with(char::is_lowercase)
    }

    fn add(&mut self, line: &Line, look: &Look, page: u32) {
        if self.lines == 1 {
            self.hang = line.x0;
        }
        match self.text.strip_suffix(['-', '\u{ad}', '\u{2010}']) {
            Some(head) if head.ends_with(char::is_alphabetic) && line.text.starts_with(char::is_alphabetic) => {
                let first = head.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_lowercase();
                let second = line.text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("").to_lowercase();
                let kept = !look.words.contains(&format!("{first}{second}"))
                    && (look.words.contains(&format!("{first}-{second}"))
                        || !line.text.starts_with(char::is_lowercase));
                if !kept {
                    self.text.truncate(head.len());
                }
            }
            _ if joins_without_space(&self.text, &line.text) => {}
            _ => self.text.push(' '),
        }
        self.text.push_str(&line.text);
        self.last = line.clone();
        self.last_page = page;
        self.lines += 1;
    }

    fn push(self, draft: &mut Draft<'_>) -> Result<(), Problem> {
        draft.push(self.kind, Place::page(self.page), &self.text)
    }
}

/// Between signs that are words by themselves nothing stands.
fn joins_without_space(before: &str, after: &str) -> bool {
    let dense = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}');
    before.ends_with(dense) && after.starts_with(dense)
}

fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', '»', '”', '’', ')', ']']);
    text.ends_with(['.', '!', '?', ':', ';', '…', '。', '！', '？', '؟', '।'])
}

fn is_bullet(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('•' | '‣' | '◦' | '▪' | '■' | '●' | '○' | '·' | '–' | '-' | '*' | '➢' | '✓' | '►') => {
            chars.next().is_none_or(|c| c == ' ')
        }
        Some(c) if c.is_ascii_alphanumeric() || c == '(' => {
            let mark = text.split(' ').next().unwrap_or("");
            let body = mark.trim_matches(['(', ')', '.']);
            mark.ends_with(['.', ')'])
                && (1..=3).contains(&body.len())
                && (body.bytes().all(|byte| byte.is_ascii_digit()) || (body.len() == 1 && mark.ends_with(')')))
                && text.len() > mark.len()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_make_headings() {
        for (text, depth) in
            [("1 Introduction", Some(1)), ("2.1. Métodos", Some(2)), ("2024 Report", None), ("3 apples", None)]
        {
            assert_eq!(numbered(text), depth, "{text}");
        }
    }

    #[test]
    fn bullets() {
        for text in ["• a", "1. a", "12) a", "a) b", "(3) x", "–"] {
            assert!(is_bullet(text), "{text}");
        }
        for text in ["A. Smith wrote", "2024. It was", "-5 degrees", "e.g. this", "1.", "(see) that"] {
            assert!(!is_bullet(text), "{text}");
        }
    }
}
