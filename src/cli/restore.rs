//! `docent restore`: puts a backup in place of the library.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::show_text::count;
use super::through::Server;
use crate::fault::Fault;
use crate::library::restore;

/// Puts a backup in place of the library
#[derive(Debug, Args)]
#[command(after_help = "The library that was there stays beside the new one, under a name that is printed.\n\n\
                        Examples:\n  docent restore monday.docent\n  \
                        docent --data-dir /srv/docent restore monday.docent")]
pub(super) struct RestoreArgs {
    file: PathBuf,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct RestoreJson {
    documents: u64,
    /// Where the library went that was there before.
    previous: Option<String>,
}

pub(super) fn run(args: RestoreArgs, desk: &mut Desk<'_>) -> Outcome {
    let previous = restore(&args.file, &desk.settings.data_dir.value).map_err(|error| match desk.server(&error) {
        Some(server) => held(&server),
        None => error.into(),
    })?;
    let previous = previous.map(|path| path.display().to_string());
    // Opened to write: the index is built again now, and not when the first question waits for it.
    let library = desk.library()?;
    let documents = library.snapshot().document_count()?;
    library.close()?;
    if args.json {
        desk.screen.json(&RestoreJson { documents, previous })?;
    } else {
        desk.screen.line(&format_args!("restored {} from {}", count(documents, "document"), args.file.display()))?;
        if let Some(previous) = previous {
            desk.screen.line(&format_args!("the library that was there is now {previous}"))?;
        }
    }
    Ok(Ending::Fine)
}

/// A library is not put in place of one that is being asked.
fn held(server: &Server) -> Fault {
    let (addr, process) = server.whereabouts();
    Fault::busy(
        "library_locked",
        format!("the library is open in the server at {addr}, and cannot be replaced under it"),
    )
    .hint(format!("end the server (process {process}), restore, and start it again"))
}
