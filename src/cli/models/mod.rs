//! `docent models`: which models there are, which are here, and how they get here and to other machines.

mod carry;
mod doctor;
mod list;
mod pull;
mod shelf;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::desk::Desk;
use super::ending::Outcome;
pub(super) use doctor::checks;

/// Lists, pulls, checks and carries the models that docent can use
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "docent works without any model; with an embedder it also finds passages by meaning.\n\n\
                  Examples:\n  \
                  docent models list\n  \
                  docent models pull paraphrase-multilingual-MiniLM-L12-v2\n  \
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
    /// Brings models from the hub: the only command that opens a connection to another machine
    #[command(
        after_help = "What is cut off goes on where it stopped. Sums that the catalogue or the hub names are checked; \
                            files for which\nnobody names one are taken as they come the first time, remembered, and from then \
                            on nothing else is accepted.\n\nHF_ENDPOINT names a mirror, HF_TOKEN a token for models whose \
                            licence has to be accepted;\nHTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are followed.\n\n\
                            Examples:\n  \
                            docent models pull paraphrase-multilingual-MiniLM-L12-v2\n  \
                            docent models pull --latest Qwen2.5-1.5B-Instruct"
    )]
    Pull {
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        /// What the hub has now, also where another revision was pulled before
        #[arg(long)]
        latest: bool,
        #[command(flatten)]
        json: Json,
    },
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
        What::Pull { names, latest, json } => pull::run(&names, latest, json, desk),
        What::Verify { names, json } => shelf::verify(&names, json, desk),
        What::Remove { names, json } => shelf::remove(&names, json, desk),
        What::Use { name, json } => shelf::use_(&name, json, desk),
        What::Export { names, output, force, json } => carry::export(&names, &output, force, json, desk),
        What::Import { path, name, json } => carry::import(&path, name.as_deref(), json, desk),
    }
}
