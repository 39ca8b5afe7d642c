//! `docent list`: which documents are there?

use clap::Args;
use unicode_width::UnicodeWidthStr;

use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::json::DocumentJson;
use super::screen::{BOLD, DIM};
use super::show_text::{cut, one_line, size};
use crate::domain::CollectionName;
use crate::local::Documents;
use crate::settings::parse;

/// Lists the documents
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docent list\n  docent list --collection biology --json")]
pub(super) struct ListArgs {
    /// Only those of this collection
    #[arg(short, long, value_name = "NAME", value_parser = parse::<CollectionName>)]
    collection: Option<CollectionName>,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: ListArgs, desk: &mut Desk<'_>) -> Outcome {
    let collection = args.collection.map(|name| name.to_string());
    let documents = desk.run(Documents { collection })?;
    if args.json {
        desk.screen.json(&documents)?;
    } else if documents.is_empty() {
        desk.screen.note(&"there are no documents yet");
        desk.screen.hint(&"`docent add PATH` adds files and folders");
    } else {
        table(&documents, desk)?;
    }
    Ok(Ending::Fine)
}

const HEAD: [&str; 8] = ["ID", "TITLE", "COLLECTION", "FORMAT", "LANG", "PASSAGES", "SIZE", "SOURCE"];
/// Numbers stand on the right of their column.
const NUMBERS: [usize; 2] = [5, 6];
const WIDEST_TITLE: usize = 40;

fn table(documents: &[DocumentJson], desk: &mut Desk<'_>) -> Result<(), Failure> {
    let rows: Vec<[String; 8]> = documents.iter().map(cells).collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    desk.screen.line(&format_args!("{BOLD}{}{BOLD:#}", aligned(&HEAD.map(str::to_owned), &widths)))?;
    for row in &rows {
        desk.screen.line(&aligned(row, &widths))?;
    }
    desk.screen.detail(&format_args!("{DIM}{} documents{DIM:#}", documents.len()));
    Ok(())
}

fn cells(document: &DocumentJson) -> [String; 8] {
    [
        document.id.clone(),
        cut(&one_line(&document.title), WIDEST_TITLE).into_owned(),
        document.collection.clone(),
        document.format.clone(),
        document.language.clone(),
        document.chunks.to_string(),
        size(document.bytes),
        one_line(&document.source),
    ]
}

/// The last column is as long as it likes: a path that was cut cannot be used.
fn aligned(row: &[String; 8], widths: &[usize; 8]) -> String {
    let mut line = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let space = " ".repeat(width - cell.width());
        match column {
            7 => line.push_str(cell),
            column if NUMBERS.contains(&column) => line.extend([&space, cell, "  "]),
            _ => line.extend([cell, &space, "  "]),
        }
    }
    line
}
