//! `docent backup`: the whole library as one file.

use std::path::PathBuf;

use clap::Args;

use super::add::folder;
use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::show_text::size;
use crate::local::Backup;

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

pub(super) fn run(args: BackupArgs, desk: &mut Desk<'_>) -> Outcome {
    let written = desk.run(Backup { file: args.file, folder: folder()?, force: args.force })?;
    if args.json {
        desk.screen.json(&written)?;
    } else {
        desk.screen.line(&format_args!("wrote {}, {}", written.file, size(written.bytes)))?;
    }
    Ok(Ending::Fine)
}
