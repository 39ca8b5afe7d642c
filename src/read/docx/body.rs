//! The walk through a document's body: paragraphs may hold boxes that hold paragraphs, and cells may hold tables.

use std::collections::HashMap;

use super::numbering::Numbering;
use super::styles::{Role, Styles};
use crate::domain::{BlockKind, Format, Place};
use crate::read::Problem;
use crate::read::draft::{Draft, tidied};
use crate::read::table::{header, row_text};
use crate::read::xml::{Element, Step, Xml};

/// Text by the number its reference carries, under `footnote 2` or `endnote 2`.
pub(super) type Notes = HashMap<String, String>;

/// A cell longer than this is a page's column, not a value.
const LONG_CELL: usize = 1200;

pub(super) struct Body<'a, 'l> {
    draft: &'a mut Draft<'l>,
    styles: &'a Styles,
    numbering: Numbering,
    notes: Notes,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    title: Option<String>,
    /// Known only where the program that saved the document left the breaks of its own layout.
    page: Option<u32>,
    section: Option<String>,
}

#[derive(Default)]
struct Paragraph {
    words: String,
    style: Option<String>,
    outline: Option<u8>,
    list: Option<String>,
    level: Option<u8>,
    notes: Vec<String>,
    page: Option<u32>,
}

#[derive(Default)]
struct Table {
    rows: Vec<Vec<Cell>>,
    has_header: bool,
}

#[derive(Default)]
struct Cell {
    blocks: Vec<(BlockKind, String)>,
    columns: usize,
    continues: bool,
}

impl<'a, 'l> Body<'a, 'l> {
    pub(super) fn new(
        draft: &'a mut Draft<'l>,
        styles: &'a Styles,
        numbering: Numbering,
        notes: Notes,
        main: &str,
    ) -> Body<'a, 'l> {
        let page = main.contains("lastRenderedPageBreak").then_some(1);
        Body {
            draft,
            styles,
            numbering,
            notes,
            paragraphs: Vec::new(),
            tables: Vec::new(),
            title: None,
            page,
            section: None,
        }
    }

    /// Reads it all; gives the text of the paragraph that is styled as the title.
    pub(super) fn read(mut self, text: &str) -> Result<Option<String>, Problem> {
        let mut xml = Xml::new(text, Format::Docx);
        let mut in_text = false;
        loop {
            let step = match xml.step() {
                Ok(Some(step)) => step,
                Ok(None) => break,
                // What was read before the damage is worth having.
                Err(Problem::Damaged { .. }) if !self.draft.is_empty() => break,
                Err(problem) => return Err(problem),
            };
            match step {
                Step::Open(element) => {
                    in_text = element.name == "t";
                    self.open(&element, &mut xml)?;
                }
                Step::Close(name) => {
                    in_text = false;
                    self.close(&name)?;
                }
                Step::Text(text) if in_text => self.say(&text),
                Step::Text(_) => {}
            }
        }
        while !self.paragraphs.is_empty() {
            self.end_paragraph()?;
        }
        while !self.tables.is_empty() {
            self.end_table()?;
        }
        Ok(self.title)
    }

    fn say(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.words.push_str(text);
        }
    }

    fn open(&mut self, element: &Element<'_>, xml: &mut Xml<'_>) -> Result<(), Problem> {
        match element.name.as_str() {
            "p" => self.paragraphs.push(Paragraph { page: self.page, ..Paragraph::default() }),
            "pPr" => self.paragraph_properties(xml)?,
            "rPr" => return run_properties(xml),
            "tab" | "ptab" => self.say("\t"),
            "br" | "cr" => self.say("\n"),
            "noBreakHyphen" => self.say("-"),
            "lastRenderedPageBreak" => {
                self.page = self.page.map(|page| page + 1);
                let page = self.page;
                if let Some(paragraph) = self.paragraphs.last_mut().filter(|paragraph| paragraph.words.is_empty()) {
                    paragraph.page = page;
                }
            }
            "footnoteReference" | "endnoteReference" => {
                let kind = element.name.trim_end_matches("Reference");
                let note = element.get("id").and_then(|id| self.notes.get(&format!("{kind} {id}")).cloned());
                if let (Some(paragraph), Some(note)) = (self.paragraphs.last_mut(), note) {
                    paragraph.notes.push(note);
                }
            }
            // Removed text, its twin for old programs, and what only arranges.
            "del" | "moveFrom" | "Fallback" | "sectPr" | "sdtPr" | "tblGrid" | "rubyPr" | "rt" | "instrText" => {
                xml.skip()?
            }
            "tbl" => self.tables.push(Table::default()),
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push(Vec::new());
                }
            }
            "tblHeader" if element.is_on() => {
                if let Some(table) = self.tables.last_mut().filter(|table| table.rows.len() == 1) {
                    table.has_header = true;
                }
            }
            "tc" => {
                if let Some(row) = self.row() {
                    row.push(Cell { columns: 1, ..Cell::default() });
                }
            }
            "gridSpan" => {
                let columns = element.get("val").and_then(|value| value.parse().ok()).unwrap_or(1);
                if let Some(cell) = self.row().and_then(|row| row.last_mut()) {
                    cell.columns = columns.clamp(1, 64);
                }
            }
            "vMerge" => {
                let continues = element.get("val").as_deref() != Some("restart");
                if let Some(cell) = self.row().and_then(|row| row.last_mut()) {
                    cell.continues = continues;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), Problem> {
        match name {
            "p" => self.end_paragraph(),
            "tbl" => self.end_table(),
            _ => Ok(()),
        }
    }

    fn row(&mut self) -> Option<&mut Vec<Cell>> {
        self.tables.last_mut()?.rows.last_mut()
    }

    fn paragraph_properties(&mut self, xml: &mut Xml<'_>) -> Result<(), Problem> {
        let mut ignored = Paragraph::default();
        let paragraph = self.paragraphs.last_mut().unwrap_or(&mut ignored);
        while let Some(step) = xml.step()? {
            match step {
                Step::Open(element) => match element.name.as_str() {
                    "pStyle" => paragraph.style = element.get("val"),
                    "outlineLvl" => paragraph.outline = element.get("val").and_then(|level| level.parse().ok()),
                    "numId" => paragraph.list = element.get("val"),
                    "ilvl" => paragraph.level = element.get("val").and_then(|level| level.parse().ok()),
                    // The same properties as they were before a change.
                    "pPrChange" => xml.skip()?,
                    _ => {}
                },
                Step::Close(name) if name == "pPr" => break,
                _ => {}
            }
        }
        Ok(())
    }

    fn end_paragraph(&mut self) -> Result<(), Problem> {
        let Some(paragraph) = self.paragraphs.pop() else { return Ok(()) };
        let role = paragraph.style.as_deref().map_or(Role::Text, |style| self.styles.role(style));
        let role = match paragraph.outline {
            Some(level) if level < 9 && role != Role::Title => Role::Heading(level + 1),
            _ => role,
        };
        if role == Role::Contents {
            return Ok(());
        }
        let styled = paragraph.style.as_deref().and_then(|style| self.styles.list(style));
        let list = match (&paragraph.list, styled) {
            (Some(list), styled) => {
                Some((list.clone(), paragraph.level.or(styled.map(|(_, level)| level)).unwrap_or(0)))
            }
            (None, styled) => styled,
        };
        // List 0 takes a paragraph out of the list of its style.
        let list = list.filter(|(list, _)| list != "0");
        let empty = paragraph.words.trim().is_empty();
        let mut words = paragraph.words;
        let kind = match role {
            Role::Title | Role::Heading(1) => BlockKind::Heading(1),
            Role::Heading(level) => BlockKind::Heading(level.min(6)),
            _ if list.is_some() || role == Role::ListItem => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        };
        if let Some((list, level)) = list.filter(|_| !empty) {
            let number = self.numbering.next(&list, level);
            if !number.is_empty() {
                words = format!("{number} {words}");
            }
        }
        if role == Role::Title && self.title.is_none() && !empty {
            self.title = Some(tidied(&words));
        }
        self.put(kind, paragraph.page, words)?;
        paragraph.notes.into_iter().try_for_each(|note| self.put(BlockKind::Paragraph, paragraph.page, note))
    }

    fn put(&mut self, kind: BlockKind, page: Option<u32>, words: String) -> Result<(), Problem> {
        if words.trim().is_empty() {
            return Ok(());
        }
        if let Some(cell) = self.row().and_then(|row| row.last_mut()) {
            cell.blocks.push((kind, words));
            return Ok(());
        }
        let place = match page {
            Some(page) => Place::page(page),
            None => Place { section: self.section.clone(), ..Place::default() },
        };
        if let BlockKind::Heading(_) = kind {
            self.section = Some(tidied(&words).chars().take(120).collect());
        }
        self.draft.push(kind, place, &words)
    }

    fn end_table(&mut self) -> Result<(), Problem> {
        let Some(table) = self.tables.pop() else { return Ok(()) };
        let page = self.page;
        let cells = || table.rows.iter().flatten();
        let is_layout = cells().count() == 1
            || cells().flat_map(|cell| &cell.blocks).any(|(kind, _)| matches!(kind, BlockKind::Heading(_)))
            || cells().any(|cell| cell.blocks.iter().map(|(_, text)| text.len()).sum::<usize>() > LONG_CELL);
        if is_layout {
            let blocks = table.rows.into_iter().flatten().flat_map(|cell| cell.blocks);
            return blocks.into_iter().try_for_each(|(kind, text)| self.put(kind, page, text));
        }
        let mut rows: Vec<Vec<String>> = Vec::new();
        for row in table.rows {
            let mut texts: Vec<String> = Vec::new();
            for cell in row {
                let mut text = cell.blocks.iter().map(|(_, text)| tidied(text)).collect::<Vec<_>>().join(" ");
                if cell.continues && text.is_empty() {
                    let above = rows.last().and_then(|above| above.get(texts.len()));
                    text = above.cloned().unwrap_or_default();
                }
                texts.push(text);
                texts.extend(std::iter::repeat_n(String::new(), cell.columns.max(1) - 1));
            }
            rows.push(texts);
        }
        let header = header(&rows, table.has_header);
        let rows = &rows[usize::from(!header.is_empty())..];
        rows.iter().try_for_each(|row| self.put(BlockKind::TableRow, page, row_text(header, row)))
    }
}

/// A run whose properties keep it from being shown is passed over.
fn run_properties(xml: &mut Xml<'_>) -> Result<(), Problem> {
    let mut hidden = false;
    while let Some(step) = xml.step()? {
        match step {
            Step::Open(element) if element.name == "vanish" => hidden = element.is_on(),
            Step::Close(name) if name == "rPr" && !hidden => break,
            Step::Close(name) if name == "r" => break,
            _ => {}
        }
    }
    Ok(())
}

/// The texts of footnotes or endnotes.
pub(super) fn notes(text: &str, kind: &str) -> Notes {
    let mut xml = Xml::new(text, Format::Docx);
    let mut notes = Notes::new();
    let mut open: Option<(String, String)> = None;
    let mut in_text = false;
    while let Ok(Some(step)) = xml.step() {
        match step {
            Step::Open(element) => {
                in_text = element.name == "t";
                if element.name == kind && element.get("type").is_none_or(|kind| kind == "normal") {
                    open = element.get("id").map(|id| (format!("{kind} {id}"), String::new()));
                }
            }
            Step::Close(name) => {
                in_text = false;
                if let Some((_, words)) = &mut open
                    && name == "p"
                {
                    words.push(' ');
                }
                if name == kind {
                    notes.extend(open.take());
                }
            }
            Step::Text(text) if in_text => {
                if let Some((_, words)) = &mut open {
                    words.push_str(&text);
                }
            }
            Step::Text(_) => {}
        }
    }
    notes
}
