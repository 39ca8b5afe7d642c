//! `docent cache`: what is remembered, how well that does, and how it is thrown away or filled.

mod status;
mod warm;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::screen::{BOLD, DIM};
use super::show_text::{count, harmless, one_line, size};
use crate::assistant::Ready;
use crate::local::{CacheClear, CacheEntries, CacheGet, CacheStatus, Needs};
use crate::settings::parse;
use crate::wire::{CacheEntryJson, ClearedJson};

/// Shows what is remembered, throws it away, or fills it ahead of questions
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "What was asked, found or embedded before is given out again as long as it is what would come out today. \
                  The file cache.redb in the data folder may be deleted at any time.\nIn patterns, * stands for any text \
                  and ? for one character.\n\nExamples:\n  docent cache status\n  docent cache entries 'answer:*'\n  \
                  docent cache clear 'context:calculus/*'\n  docent cache clear --expired\n  \
                  docent cache warm questions.txt"
)]
pub(super) struct CacheArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Hits and misses, how full it is, and what would make it better
    Status(Json),
    /// What is in it, by name
    Entries {
        /// Only those that fit
        #[arg(value_name = "PATTERN", default_value = "*", hide_default_value = true)]
        pattern: String,
        /// How many at most
        #[arg(short, value_name = "N", default_value = "1000")]
        n: usize,
        #[command(flatten)]
        json: Json,
    },
    /// One entry with what it says
    Get {
        /// Its name, or the end of it
        key: String,
        #[command(flatten)]
        json: Json,
    },
    /// Throws entries away; all of them where neither a pattern nor --expired is given
    Clear {
        #[arg(value_name = "PATTERN")]
        pattern: Option<String>,
        /// Only what is too old
        #[arg(long)]
        expired: bool,
        #[command(flatten)]
        json: Json,
    },
    /// Answers the questions in a file ahead of those who will ask them
    Warm {
        /// A question on each line, or a JSON list of questions or of {"query", "collection"}
        file: PathBuf,
        /// context, kv or answer: how far ahead
        #[arg(long, value_name = "DEPTH", value_parser = parse::<Ready>, default_value = "answer")]
        depth: Ready,
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

pub(super) fn run(args: CacheArgs, desk: &mut Desk<'_>) -> Outcome {
    let reach = desk.reach(Needs::Folder)?;
    let outcome = match args.what {
        What::Status(json) => status::show(&reach.run(CacheStatus {})?, json.wanted, desk),
        What::Entries { pattern, n, json } => entries(&reach.run(CacheEntries { pattern, most: n })?, json, desk),
        What::Get { key, json } => get(&reach.run(CacheGet { key })?, json, desk),
        What::Clear { pattern, expired, json } => {
            clear(&reach.run(CacheClear { pattern, expired_only: expired })?, json, desk)
        }
        What::Warm { file, depth, json } => warm::run(&file, depth, json.wanted, desk),
    };
    if let Some((trouble, hint)) = reach.cache_trouble()? {
        desk.screen.warning(&trouble, Some(hint));
    }
    outcome
}

fn entries(entries: &[CacheEntryJson], json: Json, desk: &mut Desk<'_>) -> Outcome {
    if json.wanted {
        desk.screen.json(&entries)?;
        return Ok(Ending::Fine);
    }
    for entry in entries {
        let name = one_line(&entry.key);
        let expires = match &entry.expires {
            _ if entry.expired => "expired".to_owned(),
            Some(at) => format!("until {at}"),
            None => "for ever".to_owned(),
        };
        desk.screen.line(&format_args!("{BOLD}{name}{BOLD:#}  {DIM}{}, {expires}{DIM:#}", size(entry.bytes)))?;
    }
    if entries.is_empty() {
        desk.screen.note(&"nothing in the cache fits");
    }
    Ok(Ending::Fine)
}

fn get(entry: &CacheEntryJson, json: Json, desk: &mut Desk<'_>) -> Outcome {
    if json.wanted {
        desk.screen.json(entry)?;
        return Ok(Ending::Fine);
    }
    desk.screen.line(&format_args!("{BOLD}{}{BOLD:#}", one_line(&entry.key)))?;
    let expires = entry.expires.as_ref().map_or_else(|| "never expires".to_owned(), |at| format!("expires {at}"));
    let facts = format!("{}, made {}, {expires}", size(entry.bytes), entry.made);
    desk.screen.line(&format_args!("{DIM}{facts}{DIM:#}"))?;
    match &entry.content {
        Some(content) => desk.screen.line(&format_args!("\n{}", harmless(content)))?,
        None => desk.screen.line(&format_args!("\n{} that are no text", count(entry.bytes, "byte")))?,
    }
    Ok(Ending::Fine)
}

fn clear(cleared: &ClearedJson, json: Json, desk: &mut Desk<'_>) -> Outcome {
    if json.wanted {
        desk.screen.json(cleared)?;
    } else {
        let entries = if cleared.disk == 1 { "entry" } else { "entries" };
        desk.screen.line(&format_args!("removed {} {entries} from disk", cleared.disk))?;
    }
    Ok(Ending::Fine)
}
