//! `docent topics`: names for what will be asked, so that it can be made ready.

use clap::{Args, Subcommand};

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::screen::{BOLD, DIM};
use super::show_text::one_line;
use crate::domain::CollectionName;
use crate::local::{TopicSet, TopicsList, TopicsRemove};
use crate::settings::{Count, parse};

/// Names what will be asked, so that `docent prefetch` makes it ready
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  docent topics set derivatives --query \"What is a derivative?\" --collection calculus\n  \
                  docent topics list\n  docent topics remove derivatives"
)]
pub(super) struct TopicsArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Makes a topic, or another of it
    Set {
        name: String,
        /// A question, or the words that belong to it
        #[arg(long, value_name = "QUERY")]
        query: String,
        /// Only from this collection
        #[arg(short, long, value_name = "NAME", value_parser = parse::<CollectionName>)]
        collection: Option<CollectionName>,
        /// From how many passages
        #[arg(short, value_name = "N", value_parser = parse::<Count<1, 100>>)]
        k: Option<Count<1, 100>>,
        #[command(flatten)]
        json: Json,
    },
    /// All topics, in their order
    List(Json),
    /// Takes topics away; what was made ready for them stays
    Remove {
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug, Args)]
struct Json {
    /// One JSON value on stdout
    #[arg(long = "json")]
    wanted: bool,
}

pub(super) fn run(args: TopicsArgs, desk: &mut Desk<'_>) -> Outcome {
    match args.what {
        What::Set { name, query, collection, k, json } => {
            let collection = collection.map(|name| name.to_string());
            let written = desk.run(TopicSet { name, query, collection, k: k.map(Count::get) })?;
            if json.wanted {
                desk.screen.json(&written.topic)?;
            } else {
                let what = if written.is_new { "made" } else { "changed" };
                desk.screen.line(&format_args!("{what} topic {}", written.topic.name))?;
            }
        }
        What::List(json) => {
            let all = desk.run(TopicsList {})?;
            if json.wanted {
                desk.screen.json(&all)?;
                return Ok(Ending::Fine);
            }
            for topic in &all {
                let from = topic.collection.as_ref().map_or_else(String::new, |name| format!("  {DIM}{name}{DIM:#}"));
                desk.screen.line(&format_args!("{BOLD}{}{BOLD:#}  {}{from}", topic.name, one_line(&topic.query)))?;
            }
            if all.is_empty() {
                desk.screen.note(&"there are no topics yet");
                desk.screen.hint(&"`docent topics set NAME --query \"…\"` makes one");
            }
        }
        What::Remove { names } => {
            desk.run(TopicsRemove { names: names.clone() })?;
            for name in &names {
                desk.screen.line(&format_args!("removed topic {name}"))?;
            }
        }
    }
    Ok(Ending::Fine)
}
