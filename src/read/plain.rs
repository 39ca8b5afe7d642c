//! How is plain text cut into paragraphs? By blank lines, with marks that people make: bullets, underlines, capitals.

use super::formats::Source;
use super::{Limits, Problem};
use crate::domain::{Block, BlockKind, Format, Manuscript, Place};

/// A paragraph longer than this is cut behind a line that ends a sentence, so that its places stay near.
const LONG: usize = 1500;
/// And longer than this, behind any line.
const VERY_LONG: usize = 4000;
/// Lines at least this long are paragraphs of their own: nobody wrapped them.
const UNWRAPPED: usize = 200;

pub(super) fn read(source: &Source<'_>) -> Result<Manuscript, Problem> {
    manuscript(source.text()?.into_owned(), source.limits)
}

/// The text as it stands, with blocks laid over it.
pub(super) fn manuscript(text: String, limits: &Limits) -> Result<Manuscript, Problem> {
    if text.len() > limits.text_bytes {
        return Err(Problem::TooMuchText { limit: limits.text_bytes });
    }
    let mut blocks = Blocks { text: &text, found: Vec::new(), open: None };
    let (mut start, mut number) = (0, 0);
    while start < text.len() {
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        number += 1;
        blocks.line(start, end, number);
        if blocks.found.len() > limits.blocks {
            return Err(Problem::TooManyBlocks { limit: limits.blocks });
        }
        start = end + 1;
    }
    blocks.close();
    let blocks = blocks.found;
    if blocks.is_empty() {
        return Err(Problem::NoText(Format::Text));
    }
    let title = blocks.first().filter(|first| matches!(first.kind, BlockKind::Heading(_)));
    let title = title.map(|first| text[first.range.clone()].to_owned());
    Ok(Manuscript { title, format: Format::Text, text, blocks })
}

struct Blocks<'t> {
    text: &'t str,
    found: Vec<Block>,
    open: Option<Open>,
}

struct Open {
    start: usize,
    end: usize,
    line: u32,
    lines: u32,
    kind: BlockKind,
}

impl Blocks<'_> {
    fn line(&mut self, start: usize, end: usize, number: u32) {
        let line = &self.text[start..end];
        let trimmed = line.trim();
        if trimmed.is_empty() {
            return self.close();
        }
        if let Some(level) = rule(trimmed) {
            if let Some(open) = &mut self.open
                && open.lines == 1
                && open.kind == BlockKind::Paragraph
                && self.text[open.start..open.end].chars().count() <= trimmed.len() * 3 / 2 + 2
            {
                open.kind = BlockKind::Heading(level);
            }
            return self.close();
        }
        let indent = line.len() - line.trim_start().len();
        let (start, end) = (start + indent, start + indent + trimmed.len());
        let kind = if is_bullet(trimmed) { BlockKind::ListItem } else { BlockKind::Paragraph };
        if let Some(open) = &self.open {
            let so_far = open.end - open.start;
            let apart = kind == BlockKind::ListItem
                || trimmed.len() >= UNWRAPPED
                || so_far >= VERY_LONG
                || (open.lines == 1 && so_far >= UNWRAPPED)
                || (so_far >= LONG && ends_sentence(&self.text[open.start..open.end]));
            if apart {
                self.close();
            }
        }
        match &mut self.open {
            Some(open) => (open.end, open.lines) = (end, open.lines + 1),
            None => self.open = Some(Open { start, end, line: number, lines: 1, kind }),
        }
    }

    fn close(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        if open.lines == 1 && open.kind == BlockKind::Paragraph && is_shouted(&self.text[open.start..open.end]) {
            open.kind = BlockKind::Heading(2);
        }
        self.found.push(Block { range: open.start..open.end, kind: open.kind, place: Place::line(open.line) });
    }
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', '»', '”', ')']).ends_with(['.', '!', '?', ':', '…', '。', '！', '？', '।', '؟'])
}

/// A line drawn with one sign; under a single line it makes that a heading.
fn rule(line: &str) -> Option<u8> {
    let sign = *line.as_bytes().first()?;
    let level = match sign {
        b'=' => 1,
        b'-' => 2,
        b'~' | b'^' | b'*' | b'_' | b'#' => 3,
        _ => return None,
    };
    (line.len() >= 3 && line.bytes().all(|byte| byte == sign)).then_some(level)
}

fn is_bullet(line: &str) -> bool {
    let mut chars = line.chars();
    match chars.next() {
        Some('-' | '*' | '+' | '•' | '‣' | '◦' | '▪' | '–') => chars.next() == Some(' '),
        Some(first) if first.is_ascii_digit() => {
            let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
            line.len() - rest.len() <= 3 && (rest.starts_with(". ") || rest.starts_with(") "))
        }
        _ => false,
    }
}

/// A short line alone and in capitals is a heading in a text that has no other means.
fn is_shouted(line: &str) -> bool {
    if line.len() > 100 || line.ends_with(['.', ',', ';', ':', '!']) {
        return false;
    }
    let (mut upper, mut lower) = (0, 0);
    for c in line.chars() {
        upper += usize::from(c.is_uppercase());
        lower += usize::from(c.is_lowercase());
    }
    lower == 0 && upper >= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Vec<(BlockKind, u32, String)> {
        let manuscript = manuscript(text.to_owned(), &Limits::default()).unwrap();
        let part =
            |block: &Block| (block.kind, block.place.line.unwrap(), manuscript.text[block.range.clone()].to_owned());
        manuscript.blocks.iter().map(part).collect()
    }

    #[test]
    fn paragraphs_lists_and_headings_with_their_lines() {
        let text = "Guide\n=====\n\nFirst line\n  second line\n\nSEGURIDAD Y ÉTICA\n\nWash:\n- hands\n  well\n- tools\n1. again\n----\nEnd.";
        let expected = [
            (BlockKind::Heading(1), 1, "Guide"),
            (BlockKind::Paragraph, 4, "First line\n  second line"),
            (BlockKind::Heading(2), 7, "SEGURIDAD Y ÉTICA"),
            (BlockKind::Paragraph, 9, "Wash:"),
            (BlockKind::ListItem, 10, "- hands\n  well"),
            (BlockKind::ListItem, 12, "- tools"),
            (BlockKind::ListItem, 13, "1. again"),
            (BlockKind::Paragraph, 15, "End."),
        ];
        assert_eq!(blocks(text), expected.map(|(kind, line, text)| (kind, line, text.to_owned())));
    }

    #[test]
    fn unwrapped_lines_are_paragraphs_of_their_own() {
        let long = "Una frase que se repite. ".repeat(12);
        let found = blocks(&format!("{long}\n{long}\n{long}"));
        assert_eq!(found.iter().map(|(_, line, _)| *line).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn a_text_without_blank_lines_is_still_cut() {
        let text = "a line of words without an end\n".repeat(1000);
        let found = blocks(&text);
        assert!(found.iter().all(|(_, _, text)| text.len() < VERY_LONG + 100));
        assert!(found.len() > 5);
    }

    #[test]
    fn one_gigantic_line_is_one_paragraph() {
        let text = "palabra ".repeat(1 << 18);
        assert_eq!(blocks(&text).len(), 1);
    }

    #[test]
    fn limits_hold() {
        let limits = Limits { text_bytes: 8, ..Limits::default() };
        assert!(matches!(manuscript("123456789".into(), &limits), Err(Problem::TooMuchText { limit: 8 })));
        let limits = Limits { blocks: 2, ..Limits::default() };
        assert!(matches!(manuscript("a\n\nb\n\nc\n\nd".into(), &limits), Err(Problem::TooManyBlocks { limit: 2 })));
    }
}
