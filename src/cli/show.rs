//! `docent show`: one document, as docent read it.

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::json::DocumentJson;
use super::screen::{BOLD, DIM};
use super::show_text::{harmless, one_line, size};
use crate::domain::Language;
use crate::local::{Needs, Text};

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
    let reach = desk.reach(Needs::ToRead)?;
    let document = reach.find_one(&args.document)?;
    let text = reach.run(Text { id: document.id.clone() })?;
    if args.json {
        desk.screen.json(&[DocumentJson { text: Some(text), ..document }])?;
        return Ok(Ending::Fine);
    }
    desk.screen.line(&format_args!("{BOLD}{}{BOLD:#}", one_line(&document.title)))?;
    for (name, value) in [
        ("id", document.id.clone()),
        ("source", one_line(&document.source)),
        ("collection", document.collection.clone()),
        ("format", document.format.clone()),
        ("language", Language::from_tag(&document.language).unwrap_or_default().english_name().to_owned()),
        ("passages", document.chunks.to_string()),
        ("size", size(document.bytes)),
        ("added", document.added_at.clone()),
    ] {
        desk.screen.line(&format_args!("{DIM}{name:10}{DIM:#}  {value}"))?;
    }
    desk.screen.line(&format_args!("\n{}", harmless(&text).trim_end()))?;
    Ok(Ending::Fine)
}
