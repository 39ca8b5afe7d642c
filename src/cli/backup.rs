//! `docent backup`: the whole library as one file.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::show_text::size;
use crate::library::{Overwrite, backup};

/// Writes the whole library to one file
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docent backup monday.docent\n  docent backup --force latest.docent")]
pub(super) struct BackupArgs {
    file: PathBuf,
    /// Replaces a file that is there
    #[arg(short, long)]
    force: bool,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct BackupJson {
    file: String,
    bytes: u64,
}

pub(super) fn run(args: BackupArgs, desk: &mut Desk<'_>) -> Outcome {
    let library = desk.library_to_read()?;
    let overwrite = if args.force { Overwrite::Replace } else { Overwrite::Refuse };
    let bytes = backup(&library, &args.file, overwrite)?;
    let file = args.file.display();
    if args.json {
        desk.screen.json(&BackupJson { file: file.to_string(), bytes })?;
    } else {
        desk.screen.line(&format_args!("wrote {file}, {}", size(bytes)))?;
    }
    Ok(Ending::Fine)
}
