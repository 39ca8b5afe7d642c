//! How does markdown read? As headings, paragraphs, items, rows and code, without its marks.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, MetadataBlockKind, Options, Parser, Tag, TagEnd};

use super::draft::Draft;
use super::formats::Source;
use super::table::row_text;
use super::{Problem, html};
use crate::domain::{BlockKind, Format, Manuscript, Place};

pub(super) fn read(source: &Source<'_>) -> Result<Manuscript, Problem> {
    let text = source.text()?;
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_MATH
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_WIKILINKS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut page = Page {
        draft: Draft::new(source.limits),
        lines: Lines { text: &text, offset: 0, line: 1 },
        words: String::new(),
        start: None,
        lists: Vec::new(),
        header: Vec::new(),
        cells: Vec::new(),
        inside: Inside::Prose,
    };
    for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
        page.event(event, range)?;
    }
    page.flush(BlockKind::Paragraph)?;
    page.draft.finish(Format::Markdown)
}

struct Page<'s> {
    draft: Draft<'s>,
    lines: Lines<'s>,
    words: String,
    /// Where the block that `words` belong to began.
    start: Option<usize>,
    /// The next number of each open list, none where it has bullets.
    lists: Vec<Option<u64>>,
    header: Vec<String>,
    cells: Vec<String>,
    inside: Inside,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Prose,
    Code,
    Html,
    Metadata,
}

impl Page<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) -> Result<(), Problem> {
        match event {
            Event::Start(tag) => self.open(tag, range.start),
            Event::End(tag) => self.close(tag),
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.say(&text, range.start);
                Ok(())
            }
            Event::Html(text) => {
                self.say(&text, range.start);
                Ok(())
            }
            Event::InlineHtml(tag) => {
                if tag.len() >= 3 && tag[..3].eq_ignore_ascii_case("<br") {
                    self.words.push('\n');
                }
                Ok(())
            }
            Event::SoftBreak => {
                self.words.push(' ');
                Ok(())
            }
            Event::HardBreak => {
                self.words.push('\n');
                Ok(())
            }
            Event::Rule => self.flush(BlockKind::Paragraph),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => Ok(()),
        }
    }

    fn say(&mut self, text: &str, at: usize) {
        self.start.get_or_insert(at);
        self.words.push_str(text);
    }

    fn open(&mut self, tag: Tag<'_>, at: usize) -> Result<(), Problem> {
        match tag {
            Tag::CodeBlock(kind) => {
                self.flush(self.prose())?;
                self.inside = Inside::Code;
                // The line of the code itself, not of its fence.
                let fence = matches!(kind, CodeBlockKind::Fenced(_));
                let body = self.lines.text[at..].find('\n').map_or(at, |end| at + end + 1);
                self.start = Some(if fence { body } else { at });
            }
            Tag::HtmlBlock => {
                self.flush(self.prose())?;
                self.inside = Inside::Html;
                self.start = Some(at);
            }
            Tag::MetadataBlock(_) => self.inside = Inside::Metadata,
            Tag::List(first) => {
                self.flush(self.prose())?;
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush(BlockKind::ListItem)?;
                self.start = Some(at);
                if let Some(Some(number)) = self.lists.last_mut() {
                    self.words = format!("{number}. ");
                    *number += 1;
                }
            }
            Tag::TableHead => self.cells.clear(),
            Tag::TableRow => {
                self.cells.clear();
                self.start = Some(at);
            }
            Tag::TableCell => self.words.clear(),
            Tag::Heading { .. } | Tag::Paragraph | Tag::Table(_) | Tag::DefinitionListTitle => {
                // A paragraph that opens an item goes on behind the item's number.
                if !matches!(tag, Tag::Paragraph) || self.words.trim_end_matches(". ").len() > 4 {
                    self.flush(self.prose())?;
                }
                self.start.get_or_insert(at);
            }
            Tag::DefinitionListDefinition => self.words.push_str(": "),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, tag: TagEnd) -> Result<(), Problem> {
        match tag {
            TagEnd::Heading(level) => self.flush(BlockKind::Heading(depth(level))),
            TagEnd::Paragraph | TagEnd::FootnoteDefinition => self.flush(self.prose()),
            TagEnd::Item => self.flush(BlockKind::ListItem),
            TagEnd::List(_) => {
                self.lists.pop();
                Ok(())
            }
            TagEnd::DefinitionListDefinition => self.flush(BlockKind::ListItem),
            TagEnd::CodeBlock => {
                self.inside = Inside::Prose;
                self.flush(BlockKind::Code)
            }
            TagEnd::TableCell => {
                self.cells.push(std::mem::take(&mut self.words));
                Ok(())
            }
            TagEnd::TableHead => {
                self.header = std::mem::take(&mut self.cells);
                Ok(())
            }
            TagEnd::TableRow => {
                self.words = row_text(&self.header, &self.cells);
                self.flush(BlockKind::TableRow)
            }
            TagEnd::Table => {
                self.words.clear();
                self.header.clear();
                Ok(())
            }
            TagEnd::HtmlBlock => {
                self.inside = Inside::Prose;
                let line = self.lines.of(self.start.take().unwrap_or(0));
                let markup = std::mem::take(&mut self.words);
                html::read_into(&mut self.draft, &markup, line)
            }
            TagEnd::MetadataBlock(kind) => {
                self.inside = Inside::Prose;
                self.start = None;
                let front = std::mem::take(&mut self.words);
                self.metadata(&front, kind)
            }
            _ => Ok(()),
        }
    }

    fn prose(&self) -> BlockKind {
        if self.lists.is_empty() { BlockKind::Paragraph } else { BlockKind::ListItem }
    }

    fn flush(&mut self, kind: BlockKind) -> Result<(), Problem> {
        let start = self.start.take();
        if self.words.trim().is_empty() {
            self.words.clear();
            return Ok(());
        }
        let place = Place::line(self.lines.of(start.unwrap_or(self.lines.offset)));
        let pushed = self.draft.push(kind, place, &self.words);
        self.words.clear();
        pushed
    }

    /// Of what stands before the text, its title and what describes it.
    fn metadata(&mut self, front: &str, kind: MetadataBlockKind) -> Result<(), Problem> {
        const TOLD: [&str; 9] =
            ["subtitle", "description", "summary", "abstract", "author", "authors", "date", "tags", "keywords"];
        let sign = if kind == MetadataBlockKind::YamlStyle { ':' } else { '=' };
        let mut told = String::new();
        for (key, value) in front.lines().filter_map(|line| line.split_once(sign)) {
            let (key, value) = (key.trim(), value.trim().trim_matches(['"', '\'', '[', ']']));
            if value.is_empty() {
                continue;
            }
            if key.eq_ignore_ascii_case("title") {
                self.draft.title = Some(value.to_owned());
            } else if TOLD.iter().any(|name| key.eq_ignore_ascii_case(name)) {
                told.push_str(&format!("{key}: {value}\n"));
            }
        }
        self.draft.push(BlockKind::Paragraph, Place::line(1), &told)
    }
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Turns offsets into lines. They come in rising order, so each line is counted once.
struct Lines<'t> {
    text: &'t str,
    offset: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, offset: usize) -> u32 {
        if offset > self.offset {
            let passed = self.text.as_bytes()[self.offset..offset].iter().filter(|byte| **byte == b'\n').count();
            self.line += u32::try_from(passed).unwrap_or(u32::MAX);
            self.offset = offset;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Limits, parse};

    fn check(text: &str, expected: &[(BlockKind, u32, &str)]) -> Manuscript {
        let manuscript = parse("a.md", text.as_bytes(), &Limits::default()).unwrap();
        let found: Vec<(BlockKind, u32, &str)> = manuscript
            .blocks
            .iter()
            .map(|block| (block.kind, block.place.line.unwrap(), &manuscript.text[block.range.clone()]))
            .collect();
        assert_eq!(found, expected);
        manuscript
    }

    #[test]
    fn headings_paragraphs_and_marks() {
        let text = "# One *two*\n\nSome **bold** and [a link](http://x.y) with `code`\nand more<br>here <!-- no -->.\n\nTwo\n---\n\n> quoted\n";
        let manuscript = check(
            text,
            &[
                (BlockKind::Heading(1), 1, "One two"),
                (BlockKind::Paragraph, 3, "Some bold and a link with code and more\nhere ."),
                (BlockKind::Heading(2), 6, "Two"),
                (BlockKind::Paragraph, 9, "quoted"),
            ],
        );
        assert_eq!(manuscript.title.as_deref(), Some("One two"));
    }

    #[test]
    fn lists_keep_their_numbers() {
        check(
            "- a\n  - b\n- c\n\n  d\n\n3. x\n4. y\n\n- [x] done\n",
            &[
                (BlockKind::ListItem, 1, "a"),
                (BlockKind::ListItem, 2, "b"),
                (BlockKind::ListItem, 3, "c"),
                (BlockKind::ListItem, 5, "d"),
                (BlockKind::ListItem, 7, "3. x"),
                (BlockKind::ListItem, 8, "4. y"),
                (BlockKind::ListItem, 10, "done"),
            ],
        );
    }

    #[test]
    fn tables_and_code() {
        check(
            "| a | b |\n|---|---|\n| 1 | **2** |\n| 3 | |\n\n```rust\nfn main() {\n    x\n}\n```\n",
            &[
                (BlockKind::TableRow, 3, "a: 1; b: 2"),
                (BlockKind::TableRow, 4, "a: 3"),
                (BlockKind::Code, 7, "fn main() {\n    x\n}"),
            ],
        );
    }

    #[test]
    fn front_matter_and_html() {
        let text = "---\ntitle: \"El pulmón\"\nlayout: post\ndescription: Un resumen\n---\n\n<!-- hidden -->\n\n<p align=\"center\">Shown &amp; read</p>\n\nEnd\n";
        let manuscript = check(
            text,
            &[
                (BlockKind::Paragraph, 1, "description: Un resumen"),
                (BlockKind::Paragraph, 9, "Shown & read"),
                (BlockKind::Paragraph, 11, "End"),
            ],
        );
        assert_eq!(manuscript.title.as_deref(), Some("El pulmón"));
    }

    #[test]
    fn nesting_and_noise_end_quickly() {
        for text in [
            ">".repeat(50_000),
            "[".repeat(50_000),
            "*a ".repeat(30_000),
            "- ".repeat(20_000),
            "`".repeat(1000) + &"a`".repeat(20_000),
            "|a".repeat(20_000) + "\n" + &"|-".repeat(20_000) + "\n" + &"|b".repeat(20_000),
        ] {
            let _ = parse("a.md", text.as_bytes(), &Limits::default());
        }
    }
}
