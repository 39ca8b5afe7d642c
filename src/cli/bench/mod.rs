//! `docent bench`: how fast this machine is at what docent does, in figures that can be kept and compared.

mod cache;
mod embed;
mod llm;
mod samples;
mod search;

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use clap::{Args, ValueEnum};

pub(super) use self::samples::Measured;
use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::json::BenchJson;
use super::screen::{BOLD, DIM};
use crate::fault::Fault;

/// Measures how fast this machine embeds, searches, reads and writes
#[derive(Debug, Args)]
#[command(after_help = "Without a suite, all that can be measured here. Nothing is written to the library.\n\
                        Close other programs first; runs differ by a few percent.\n\n\
                        llm: prefill_N reads a prompt of N tokens that was not read before, up to the choice of the first \
                        token of the answer (as pp of llama-bench); decode_N writes N more tokens, reading not counted (as \
                        tg); decode_N_at_D behind a prompt of D tokens; decode_N_xP for P at once, added up. \
                        another_after_N_ms is the time to the first token when a question of 16 tokens comes behind N \
                        tokens that were read for another one. \
                        first_token_ms is loading and a prompt of 16 tokens. llm_memory is what the process holds more \
                        after that than before.\n\n\
                        Examples:\n  docent bench\n  docent bench embed --model all-MiniLM-L6-v2 --input texts.json\n  \
                        docent bench search --out today.json\n  docent bench search --compare today.json\n  \
                        docent bench llm --model FILE.gguf --prefill 64,512 --decode 64 --depth 1500 --parallel 1,8")]
pub(super) struct BenchArgs {
    /// What to measure
    #[arg(value_name = "SUITE")]
    suites: Vec<Suite>,
    /// A model by its name on the shelf, its folder, or its GGUF file; without it the one that is used
    #[arg(long, value_name = "NAME|FILE")]
    model: Option<String>,
    /// Texts to measure with: a JSON list of strings
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Keeps the texts' vectors in this file, as JSON
    #[arg(long, value_name = "FILE")]
    vectors: Option<PathBuf>,
    /// llm: tokens of the prompts that are read
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "64,512")]
    prefill: Vec<NonZeroUsize>,
    /// llm: tokens that are written
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "64")]
    decode: Vec<NonZeroUsize>,
    /// llm: tokens of the prompt behind which they are written, too
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1500")]
    depth: Vec<NonZeroUsize>,
    /// llm: for how many at once they are written
    #[arg(long, value_name = "N,…", value_delimiter = ',', default_value = "1,8")]
    parallel: Vec<NonZeroUsize>,
    /// Threads; as many as the machine has when not given
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Shows beside each figure what an earlier run had
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// Keeps the figures in this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// Texts into vectors: texts/s, and ms for one
    Embed,
    /// Searching the library: ms by words, and by meaning where it has vectors
    Search,
    /// The cache: µs for a hit in memory and on disk with values of 4 KiB, hits/s of two threads
    Cache,
    /// A generator: tokens/s read and written, ms to load it and to the first token
    Llm,
}

/// Used where no texts are given: questions and sentences of a usual length.
const TEXTS: &str = include_str!("../../../assets/bench/texts.json");

pub(super) fn run(args: BenchArgs, desk: &mut Desk<'_>) -> Outcome {
    let earlier = args.compare.as_deref().map(BenchJson::read).transpose()?;
    let texts = texts(args.input.as_deref())?;
    let threads = args.threads.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let job = embed::Job { model: args.model.as_deref(), texts: &texts, threads, vectors: args.vectors.as_deref() };
    let generator = llm::Job {
        model: args.model.as_deref(),
        prefill: &args.prefill,
        decode: &args.decode,
        depth: &args.depth,
        parallel: &args.parallel,
        threads,
    };
    let mut measured = Vec::new();
    for suite in [Suite::Embed, Suite::Search, Suite::Cache, Suite::Llm] {
        if !args.suites.is_empty() && !args.suites.contains(&suite) {
            continue;
        }
        let found = match suite {
            Suite::Embed => embed::run(&job, desk),
            Suite::Search => search::run(&texts, desk),
            Suite::Cache => cache::run(&texts, desk),
            Suite::Llm => llm::run(&generator, desk),
        };
        match found {
            Ok(found) => measured.extend(found),
            // What cannot be measured here was not asked for by name.
            Err(Failure::Fault(fault)) if args.suites.is_empty() => {
                desk.screen.note(&format_args!("left out: {fault}"));
            }
            Err(failure) => return Err(failure),
        }
    }
    let report = BenchJson::new(threads, &measured);
    if let Some(path) = &args.out {
        report.write(path)?;
    }
    if args.json {
        desk.screen.json(&report)?;
    } else {
        table(&measured, earlier.as_ref(), desk)?;
    }
    Ok(if measured.is_empty() { Ending::Failed } else { Ending::Fine })
}

fn texts(input: Option<&Path>) -> Result<Vec<String>, Fault> {
    let name = input.map_or_else(|| "the texts that come with docent".to_owned(), |path| path.display().to_string());
    let text = match input {
        None => TEXTS.to_owned(),
        Some(path) => fs::read_to_string(path).map_err(|error| {
            Fault::caller("file_unreadable", format!("cannot read {name}: {}", error.kind()))
                .hint("give a file with a JSON list of texts")
                .because_of(error)
        })?,
    };
    let texts: Vec<String> = serde_json::from_str(&text).map_err(|error| {
        let what = format!("{name} is no JSON list of texts: line {}, column {}", error.line(), error.column());
        Fault::caller("bad_input", what).hint("it should look like [\"one text\", \"another\"]").because_of(error)
    })?;
    if texts.is_empty() {
        return Err(Fault::caller("bad_input", format!("{name} holds no text")).hint("put at least one text into it"));
    }
    Ok(texts)
}

fn table(measured: &[Measured], earlier: Option<&BenchJson>, desk: &mut Desk<'_>) -> Result<(), Failure> {
    for one in measured {
        let mut line = format!(
            "{:18} {BOLD}{:>10}{BOLD:#} {:8} {DIM}from {} to {}, n {}{DIM:#}",
            one.name,
            figure(one.median),
            one.unit,
            figure(one.min),
            figure(one.max),
            one.n
        );
        if let Some(before) = earlier.and_then(|earlier| earlier.median(&one.name)) {
            line.push_str(&format!("  {:.2} × of {}", one.median / before, figure(before)));
        }
        desk.screen.line(&line)?;
    }
    Ok(())
}

/// Three digits that say something.
fn figure(value: f64) -> String {
    match value.abs() {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
