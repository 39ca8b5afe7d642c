//! `docent show`: one document, as docent read it.

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::json::DocumentJson;
use super::screen::{BOLD, DIM};
use super::show_text::{harmless, one_line, size};
use crate::domain::Document;
use crate::fault::Fault;
use crate::library::Snapshot;

/// Shows a document and its text
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docent show d3\n  docent show notes/heart.pdf\n  docent show d3 --json")]
pub(super) struct ShowArgs {
    /// Its id, the beginning of its id, or the file it came from
    document: String,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: ShowArgs, desk: &mut Desk<'_>) -> Outcome {
    let snapshot = desk.snapshot()?;
    let document = find_one(&snapshot, &args.document)?;
    let text = snapshot.text(&document.id)?.unwrap_or_default();
    if args.json {
        desk.screen.json(&[DocumentJson { text: Some(text), ..DocumentJson::from(&document) }])?;
        return Ok(Ending::Fine);
    }
    desk.screen.line(&format_args!("{BOLD}{}{BOLD:#}", one_line(&document.title)))?;
    for (name, value) in [
        ("id", document.id.to_string()),
        ("source", one_line(&document.source)),
        ("collection", document.collection.to_string()),
        ("format", document.format.to_string()),
        ("language", document.language.english_name().to_owned()),
        ("passages", document.chunks.to_string()),
        ("size", size(document.bytes)),
        ("added", document.added_at.to_string()),
    ] {
        desk.screen.line(&format_args!("{DIM}{name:10}{DIM:#}  {value}"))?;
    }
    desk.screen.line(&format_args!("\n{}", harmless(&text).trim_end()))?;
    Ok(Ending::Fine)
}

/// What a person means by an id, the beginning of one, a source, or the path of a file.
pub(super) fn find_one(snapshot: &Snapshot, typed: &str) -> Result<Document, Fault> {
    let mut found = find(snapshot, typed)?;
    match found.len() {
        0 => Err(Fault::caller("no_such_document", format!("there is no document {typed:?}"))
            .hint("`docent list` shows every document with its id and its source")),
        1 => Ok(found.remove(0)),
        _ => {
            let ids: Vec<String> =
                found.iter().take(5).map(|document| format!("{} ({})", document.id, document.collection)).collect();
            Err(Fault::caller("ambiguous_document", format!("{typed:?} stands for {} documents", found.len()))
                .hint(format!("name one of them by its id: {}", ids.join(", "))))
        }
    }
}

fn find(snapshot: &Snapshot, typed: &str) -> Result<Vec<Document>, Fault> {
    let mut found = snapshot.find(typed)?;
    if found.is_empty() && !typed.is_empty() {
        // Files are known by their absolute paths; a file that is gone has no other.
        let path = std::path::absolute(typed).unwrap_or_default();
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        for path in [real, path] {
            if found.is_empty() {
                found = snapshot.find(&path.to_string_lossy())?;
            }
        }
    }
    if found.is_empty() && !typed.is_empty() {
        found = snapshot.documents(None)?;
        found.retain(|document| document.id.as_str().starts_with(typed));
    }
    Ok(found)
}
