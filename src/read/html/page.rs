//! The page as it is read: what is open, what is hidden, and the words that are being gathered.

use html5ever::tokenizer::Tag;

use super::tags::{attribute, has_role, heading, is_block, is_hidden, is_unread, is_void, number};
use crate::domain::{BlockKind, Place};
use crate::read::Problem;
use crate::read::draft::{Draft, tidied};
use crate::read::table::{header, row_text};

/// How much of what surrounds the content is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Nothing.
    Kept,
    /// `nav` and what plays its role.
    Navigation,
    /// Also asides and footers, where they stand outside of `main` and `article`.
    AroundMain,
}

/// Elements deeper than this are not told apart; their text is still read.
const DEPTH: usize = 512;
/// Rows kept back to see whether the first is a header.
const TABLE_ROWS: usize = 100_000;
const SPAN: usize = 64;
/// A cell longer than this is not repeated in the rows or columns it spans.
const REPEATED: usize = 400;

pub(super) struct Page<'d, 'l> {
    pub(super) line: u32,
    draft: &'d mut Draft<'l>,
    frame: Frame,
    open: Vec<Element>,
    /// How many open elements hide what is in them.
    hidden: usize,
    words: String,
    start_line: u32,
    title: Option<String>,
    tables: Vec<Table>,
}

struct Element {
    name: String,
    hides: bool,
}

/// A table is gathered until its end; one that turns out to be layout gives its cells away as paragraphs.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    row: Row,
    cell: Option<Cell>,
    layout: bool,
    /// Cells that reach down into rows below: column, rows left with their own, text.
    reaching: Vec<(usize, usize, String)>,
}

#[derive(Default)]
struct Row {
    line: u32,
    cells: Vec<String>,
    headers: usize,
    first_is_header: bool,
}

struct Cell {
    is_header: bool,
    columns: usize,
    rows: usize,
}

impl<'d, 'l> Page<'d, 'l> {
    pub(super) fn new(draft: &'d mut Draft<'l>, frame: Frame) -> Page<'d, 'l> {
        Page {
            line: 1,
            draft,
            frame,
            open: Vec::new(),
            hidden: 0,
            words: String::new(),
            start_line: 1,
            title: None,
            tables: Vec::new(),
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.is_in("title") && !self.is_in("svg") {
            if self.title.as_ref().is_none_or(|title| title.len() < 1000) {
                self.title.get_or_insert_default().push_str(text);
            }
            return;
        }
        if self.hidden > 0 {
            return;
        }
        if self.words.is_empty() {
            self.start_line = self.line;
        }
        if self.is_in_code() {
            self.words.push_str(text);
        } else {
            // A line break in the source is a space to the reader.
            self.words.extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
        }
    }

    pub(super) fn open(&mut self, tag: &Tag) -> Result<(), Problem> {
        let name = &*tag.name;
        if name == "br" {
            self.words.push('\n');
            return Ok(());
        }
        if is_block(name) && self.hidden == 0 {
            self.begin(name, tag)?;
        } else if name == "img" || name == "input" {
            self.words.push(' ');
            // What a picture shows is told in words; one word is a label or a file's name.
            if let Some(shown) = attribute(tag, "alt").filter(|shown| shown.trim().contains(' ') && self.hidden == 0) {
                self.text(shown);
                self.words.push(' ');
            }
        }
        if !is_void(name) && !tag.self_closing && self.open.len() < DEPTH {
            // A paragraph, an item or a cell that was never closed ends where the next one begins.
            if let Some(last) = self.open.last()
                && matches!(name, "p" | "li" | "tr" | "td" | "th" | "dt" | "dd" | "option")
                && last.name == name
            {
                self.pop();
            }
            let hides = is_unread(name) || is_hidden(tag) || self.is_frame(tag);
            self.hidden += usize::from(hides);
            self.open.push(Element { name: name.to_owned(), hides });
        }
        Ok(())
    }

    pub(super) fn close(&mut self, name: &str) -> Result<(), Problem> {
        if name == "br" {
            self.words.push('\n');
        }
        if is_block(name) && self.hidden == 0 {
            self.end(name)?;
        }
        // A cell or a table does not end because something inside of it was closed twice.
        if let Some(at) = self.open.iter().rposition(|element| element.name == name) {
            while self.open.len() > at {
                self.pop();
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Option<String>, Problem> {
        self.flush()?;
        while !self.tables.is_empty() {
            self.end_table()?;
        }
        Ok(self.title.map(|title| tidied(&title)).filter(|title| !title.is_empty()))
    }

    fn pop(&mut self) {
        if let Some(element) = self.open.pop() {
            self.hidden -= usize::from(element.hides);
        }
    }

    fn is_in(&self, name: &str) -> bool {
        self.open.iter().rev().take(4).any(|element| element.name == name)
    }

    fn is_in_code(&self) -> bool {
        self.open.iter().rev().take(16).any(|element| matches!(element.name.as_str(), "pre" | "xmp" | "listing"))
    }

    fn is_frame(&self, tag: &Tag) -> bool {
        match self.frame {
            Frame::Kept => false,
            _ if &*tag.name == "nav" || has_role(tag, &["navigation", "menu", "menubar"]) => true,
            Frame::Navigation => false,
            Frame::AroundMain => {
                let outside = !self.open.iter().any(|element| matches!(element.name.as_str(), "main" | "article"));
                outside
                    && (matches!(&*tag.name, "aside" | "footer") || has_role(tag, &["complementary", "contentinfo"]))
            }
        }
    }

    fn begin(&mut self, name: &str, tag: &Tag) -> Result<(), Problem> {
        match name {
            "table" => {
                self.flush_cell_as_layout()?;
                if self.tables.len() < DEPTH {
                    self.tables.push(Table::default());
                }
            }
            "tr" => self.end_row()?,
            "td" | "th" if !self.tables.is_empty() => {
                self.end_cell()?;
                let span = |name: &str| number(tag, name).unwrap_or(1).clamp(1, SPAN);
                let cell = Cell { is_header: name == "th", columns: span("colspan"), rows: span("rowspan") };
                let line = self.line;
                if let Some(table) = self.tables.last_mut() {
                    if table.row.cells.is_empty() {
                        table.row.line = line;
                    }
                    table.cell = Some(cell);
                }
                self.words.clear();
            }
            "dd" if self.words_are_a_term() => self.words.push_str(": "),
            _ if heading(name).is_some() => self.flush_cell_as_layout()?,
            _ if self.is_in_cell() => self.words.push('\n'),
            _ => self.flush()?,
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), Problem> {
        match name {
            "td" | "th" => self.end_cell(),
            "tr" => self.end_row(),
            "table" => self.end_table(),
            "dt" => Ok(()),
            _ if heading(name).is_some() && !self.is_in_cell() => self.flush(),
            _ if self.is_in_cell() => {
                self.words.push('\n');
                Ok(())
            }
            _ => self.flush(),
        }
    }

    fn words_are_a_term(&self) -> bool {
        !self.words.trim().is_empty() && !self.is_in_cell()
    }

    fn is_in_cell(&self) -> bool {
        self.tables.last().is_some_and(|table| table.cell.is_some() && !table.layout)
    }

    fn kind(&self) -> BlockKind {
        for element in self.open.iter().rev().take(16) {
            match element.name.as_str() {
                "pre" | "xmp" | "listing" => return BlockKind::Code,
                "li" | "dt" | "dd" => return BlockKind::ListItem,
                "table" | "blockquote" | "article" => break,
                name => {
                    if let Some(level) = heading(name) {
                        return BlockKind::Heading(level);
                    }
                }
            }
        }
        BlockKind::Paragraph
    }

    fn flush(&mut self) -> Result<(), Problem> {
        if self.words.trim().is_empty() {
            self.words.clear();
            return Ok(());
        }
        let pushed = self.draft.push(self.kind(), Place::line(self.start_line), &self.words);
        self.words.clear();
        pushed
    }

    /// A heading or a table inside a cell: the table around it only arranges the page.
    fn flush_cell_as_layout(&mut self) -> Result<(), Problem> {
        if let Some(table) = self.tables.last_mut()
            && table.cell.is_some()
            && !table.layout
        {
            table.layout = true;
            let rows = std::mem::take(&mut table.rows);
            let row = std::mem::take(&mut table.row);
            for row in rows.into_iter().chain([row]) {
                for cell in row.cells {
                    self.draft.push(BlockKind::Paragraph, Place::line(row.line.max(1)), &cell)?;
                }
            }
        }
        self.flush()
    }

    fn end_cell(&mut self) -> Result<(), Problem> {
        let Some(table) = self.tables.last_mut() else { return self.flush() };
        let Some(cell) = table.cell.take() else { return self.flush() };
        if table.layout {
            return self.flush();
        }
        let text = self.words.trim().replace('\n', " ");
        self.words.clear();
        table.take_reaching();
        let at = table.row.cells.len();
        table.row.first_is_header |= cell.is_header && at == 0;
        table.row.headers += usize::from(cell.is_header);
        if cell.rows > 1 && text.len() < REPEATED {
            table.reaching.push((at, cell.rows, text.clone()));
        }
        let text_len = text.len();
        table.row.cells.push(text);
        // A header over several columns names each of them; a value is said once.
        let repeated = if cell.is_header && text_len < REPEATED { table.row.cells[at].clone() } else { String::new() };
        table.row.cells.extend(std::iter::repeat_n(repeated, cell.columns - 1));
        table.row.headers += if cell.is_header { cell.columns - 1 } else { 0 };
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Problem> {
        self.end_cell()?;
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        table.take_reaching();
        let row = std::mem::take(&mut table.row);
        for reaching in &mut table.reaching {
            reaching.1 = reaching.1.saturating_sub(usize::from(reaching.0 < row.cells.len()));
        }
        table.reaching.retain(|reaching| reaching.1 > 0);
        if row.cells.iter().any(|cell| !cell.is_empty()) {
            table.rows.push(row);
        }
        if table.rows.len() >= TABLE_ROWS {
            self.push_rows()?;
        }
        Ok(())
    }

    fn end_table(&mut self) -> Result<(), Problem> {
        self.end_row()?;
        self.push_rows()?;
        self.tables.pop();
        Ok(())
    }

    fn push_rows(&mut self) -> Result<(), Problem> {
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        let rows = std::mem::take(&mut table.rows);
        let marked = rows.first().is_some_and(|row| row.headers == row.cells.len());
        // Rows that each begin with their own name need no other.
        let named = !marked && rows.iter().all(|row| row.first_is_header && row.headers == 1 && row.cells.len() == 2);
        let lines: Vec<u32> = rows.iter().map(|row| row.line).collect();
        let cells: Vec<Vec<String>> = rows.into_iter().map(|row| row.cells).collect();
        let header = header(&cells, marked);
        for (row, line) in cells.iter().zip(lines).skip(usize::from(!header.is_empty())) {
            let text = if named { row_text(&row[..1], &row[1..]) } else { row_text(header, row) };
            let kind = if row.len() == 1 { BlockKind::Paragraph } else { BlockKind::TableRow };
            self.draft.push(kind, Place::line(line), &text)?;
        }
        Ok(())
    }
}

impl Table {
    /// Puts in the cells that reach down into the column that comes next.
    fn take_reaching(&mut self) {
        while let Some((_, _, text)) = self.reaching.iter().find(|(column, ..)| *column == self.row.cells.len()) {
            self.row.cells.push(text.clone());
            if self.row.cells.len() > 10_000 {
                break;
            }
        }
    }
}
