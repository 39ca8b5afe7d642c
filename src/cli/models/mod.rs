//! `docent models`: which models there are, which are here, and how they get here and to other machines.

mod carry;
mod list;
mod shelf;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::desk::Desk;
use super::ending::Outcome;

/// Lists, pulls, checks and carries the models that docent can use
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "docent works without any model; with an embedder it also finds passages by meaning.\n\n\
                  Examples:\n  \
                  docent models list\n  \
                  docent models use all-MiniLM-L6-v2\n  \
                  docent models export all-MiniLM-L6-v2 -o minilm.models\n  \
                  docent models import minilm.models"
)]
pub(super) struct ModelsArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Every model: installed, in use, size, memory it will take, licence
    List(Json),
    /// Reads every byte of installed models again, and compares sums
    Verify {
        /// All that are installed, when none is named
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Takes models off the disk
    Remove {
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        #[command(flatten)]
        json: Json,
    },
    /// Uses this model among those of its kind
    Use {
        name: String,
        #[command(flatten)]
        json: Json,
    },
    /// Writes installed models to one file, for machines without a network
    Export {
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// The file that is written
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Replaces a file that is there
        #[arg(short, long)]
        force: bool,
        #[command(flatten)]
        json: Json,
    },
    /// Takes models from a file or a folder: of `models export`, a GGUF file, a sentence-transformers folder, a hub's cache
    Import {
        #[arg(value_name = "FILE_OR_DIR")]
        path: PathBuf,
        /// The name it gets here
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        json: Json,
    },
}

#[derive(Clone, Copy, Debug, Args)]
struct Json {
    /// One JSON value on stdout
    #[arg(long = "json")]
    wanted: bool,
}

pub(super) fn run(args: ModelsArgs, desk: &mut Desk<'_>) -> Outcome {
    match args.what {
        What::List(json) => list::run(json, desk),
        What::Verify { names, json } => shelf::verify(&names, json, desk),
        What::Remove { names, json } => shelf::remove(&names, json, desk),
        What::Use { name, json } => shelf::use_(&name, json, desk),
        What::Export { names, output, force, json } => carry::export(&names, &output, force, json, desk),
        What::Import { path, name, json } => carry::import(&path, name.as_deref(), json, desk),
    }
}
