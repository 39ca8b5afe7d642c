//! How do blocks found one by one become a manuscript?

use super::{Limits, Problem};
use crate::domain::{Block, BlockKind, Format, Manuscript, Place};

/// A manuscript in the making. Text is tidied on its way in: one space between words, no invisible characters.
#[derive(Debug)]
pub(super) struct Draft<'l> {
    pub(super) title: Option<String>,
    text: String,
    blocks: Vec<Block>,
    limits: &'l Limits,
}

impl<'l> Draft<'l> {
    pub(super) fn new(limits: &'l Limits) -> Draft<'l> {
        Draft { title: None, text: String::new(), blocks: Vec::new(), limits }
    }

    /// Line breaks in `text` are kept as such; what is only white space leaves no block.
    pub(super) fn push(&mut self, kind: BlockKind, place: Place, text: &str) -> Result<(), Problem> {
        let end = self.text.len();
        if let Some(last) = self.blocks.last() {
            let close = last.kind == kind && matches!(kind, BlockKind::ListItem | BlockKind::TableRow);
            self.text.push_str(if close { "\n" } else { "\n\n" });
        }
        let start = self.text.len();
        if kind == BlockKind::Code {
            tidy_code(&mut self.text, text)
        } else {
            tidy(&mut self.text, text)
        }
        if self.text.len() == start {
            self.text.truncate(end);
            return Ok(());
        }
        if self.text.len() > self.limits.text_bytes {
            return Err(Problem::TooMuchText { limit: self.limits.text_bytes });
        }
        if self.blocks.len() >= self.limits.blocks {
            return Err(Problem::TooManyBlocks { limit: self.limits.blocks });
        }
        self.blocks.push(Block { range: start..self.text.len(), kind, place });
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Without a title of its own, a document is called by its first outermost heading.
    pub(super) fn finish(self, format: Format) -> Result<Manuscript, Problem> {
        if self.blocks.is_empty() {
            return Err(Problem::NoText(format));
        }
        let heading = || {
            let first = self.blocks.iter().take(20).find(|block| block.kind == BlockKind::Heading(1))?;
            Some(self.text[first.range.clone()].to_owned())
        };
        let title = self.title.as_deref().map(tidied).filter(|title| !title.is_empty()).or_else(heading);
        let title = title.map(|title| title.chars().take(300).collect());
        Ok(Manuscript { title, format, text: self.text, blocks: self.blocks })
    }
}

/// One line, one space between words.
pub(super) fn tidied(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    tidy(&mut out, text);
    if out.contains('\n') { out.replace('\n', " ") } else { out }
}

fn tidy(out: &mut String, text: &str) {
    if is_tidy(text) {
        return out.push_str(text);
    }
    let start = out.len();
    let mut gap: Option<char> = None;
    for word in text.split_inclusive(|c: char| c.is_whitespace() || is_invisible(c)) {
        let (body, end) = match word.char_indices().next_back() {
            Some((at, c)) if c.is_whitespace() || is_invisible(c) => (&word[..at], Some(c)),
            _ => (word, None),
        };
        if !body.is_empty() {
            if let Some(gap) = gap.take()
                && out.len() > start
            {
                out.push(gap);
            }
            out.push_str(body);
        }
        match end {
            Some('\n' | '\u{2028}' | '\u{2029}') => gap = Some('\n'),
            Some(c) if c.is_whitespace() => gap = gap.or(Some(' ')),
            _ => {}
        }
    }
}

/// True only of text that tidying would not change: most text comes tidy, and is looked over faster than rebuilt.
fn is_tidy(text: &str) -> bool {
    let (mut first, mut before) = (0, b' ');
    for byte in text.bytes() {
        let odd = match (first, before, byte) {
            (_, b' ', b' ') | (_, _, 0x7f) => true,
            (_, _, ..b' ') => true,
            (_, 0xc2, byte) => byte <= 0xa0 || byte == 0xad,
            (0xe1, 0x9a, 0x80) | (0xe3, 0x80, 0x80) | (0xef, 0xbb, 0xbf) | (0xef, 0xbf, 0xbe) => true,
            (0xe2, 0x80, byte) => byte <= 0x8b || matches!(byte, 0xa8 | 0xa9 | 0xaf),
            (0xe2, 0x81, byte) => byte >= 0x9f,
            _ => false,
        };
        if odd {
            return false;
        }
        (first, before) = (before, byte);
    }
    before != b' '
}

fn tidy_code(out: &mut String, text: &str) {
    let start = out.len();
    for line in text.trim_end().split('\n') {
        if out.len() == start && line.trim().is_empty() {
            continue;
        }
        if out.len() > start {
            out.push('\n');
        }
        out.extend(line.trim_end().chars().filter(|c| !is_invisible(*c)));
    }
}

/// Soft hyphens, zero-width marks and control characters: they would hide a word from its finder.
/// Joiners (U+200C, U+200D) stay: they spell words in several scripts.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{fffe}') || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_their_text_and_are_tidy() {
        let limits = Limits::default();
        let mut draft = Draft::new(&limits);
        draft.push(BlockKind::Heading(1), Place::line(1), "  Lung\u{a0} can\u{ad}cer ").unwrap();
        draft.push(BlockKind::Paragraph, Place::line(2), " \u{200b}\n").unwrap();
        draft.push(BlockKind::ListItem, Place::line(3), "one \n two").unwrap();
        draft.push(BlockKind::ListItem, Place::line(4), "three").unwrap();
        draft.push(BlockKind::Code, Place::line(5), "\n  a\n    b  \n\n").unwrap();
        let manuscript = draft.finish(Format::Text).unwrap();
        assert_eq!(manuscript.text, "Lung cancer\n\none\ntwo\nthree\n\n  a\n    b");
        assert_eq!(manuscript.title.as_deref(), Some("Lung cancer"));
        let texts: Vec<&str> = manuscript.blocks.iter().map(|block| &manuscript.text[block.range.clone()]).collect();
        assert_eq!(texts, ["Lung cancer", "one\ntwo", "three", "  a\n    b"]);
    }

    #[test]
    fn what_is_taken_for_tidy_is_tidy() {
        for c in (0..0x11000).filter_map(char::from_u32) {
            for text in [format!("a{c}b"), format!("{c}"), format!("a {c} b"), format!("a{c}")] {
                if is_tidy(&text) {
                    assert!(!text.chars().any(|c| (c.is_whitespace() && c != ' ') || is_invisible(c)), "{text:?}");
                    assert!(text.trim() == text && !text.contains("  "), "{text:?}");
                }
            }
        }
        assert!(is_tidy("¿Qué es «esto»? – Đây là tiếng Việt"));
    }

    #[test]
    fn limits_are_errors() {
        let limits = Limits { text_bytes: 10, blocks: 1, ..Limits::default() };
        let mut draft = Draft::new(&limits);
        draft.push(BlockKind::Paragraph, Place::default(), "four").unwrap();
        let many = draft.push(BlockKind::Paragraph, Place::default(), "b");
        assert!(matches!(many, Err(Problem::TooManyBlocks { limit: 1 })));
        let long = draft.push(BlockKind::Paragraph, Place::default(), "far too long");
        assert!(matches!(long, Err(Problem::TooMuchText { limit: 10 })));
    }
}
