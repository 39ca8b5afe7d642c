//! `docent search`: the passages that fit a query best.

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::show_answer::passage;
use crate::assistant::{Mode, Query};
use crate::domain::{CollectionName, Passage};
use crate::local::{Needs, Search};
use crate::settings::{Count, parse};

/// Finds passages, best first
#[derive(Debug, Args)]
#[command(
    after_help = "The score beside a passage says how well it fits in comparison with the others of the same search: what its \
                        words weigh and what its meaning adds; with --mode vector the cosine; with a reranker how likely \
                        it takes the passage to answer, from 0 to 1.\nCopies of a passage are shown once, and neighbours \
                        together.\nExit code 4 when nothing fits.\n\nExamples:\n  docent search \"derivada de un producto\"\n  \
                        docent search -k 10 --collection biology mitosis --json\n  \
                        docent search --mode lexical \"left ventricle\""
)]
pub(super) struct SearchArgs {
    /// Words or a question, in any language
    #[arg(required = true)]
    query: Vec<String>,
    /// How many passages
    #[arg(short, value_name = "N", value_parser = parse::<Count<1, 100>>)]
    k: Option<Count<1, 100>>,
    /// Only in this collection
    #[arg(short, long, value_name = "NAME", value_parser = parse::<CollectionName>)]
    collection: Option<CollectionName>,
    /// lexical: by words; vector: by meaning, with an embedder; hybrid: by both, as far as they are there
    #[arg(long, value_name = "MODE", value_parser = parse::<Mode>)]
    mode: Option<Mode>,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: SearchArgs, desk: &mut Desk<'_>) -> Outcome {
    let query = Query {
        text: args.query.join(" "),
        collection: args.collection,
        k: args.k.unwrap_or(desk.settings.search_k.value).get(),
        mode: args.mode.unwrap_or(desk.settings.search_mode.value),
    };
    let reach = desk.reach(Needs::ToRead)?;
    let began = desk.clock.instant();
    let found = reach.run(Search::from(&query))?;
    desk.tell_troubles();
    tracing::info!(passages = found.len(), took = ?desk.clock.instant().duration_since(began), "searched");
    if args.json {
        desk.screen.json(&found)?;
    } else if found.is_empty() {
        desk.screen.note(&"no passage has these words");
        if reach.is_empty()? {
            desk.screen.hint(&"there are no documents yet; `docent add PATH` adds files and folders");
        }
    } else {
        let words = words(&query.text);
        for found in &found {
            let width = desk.screen.width;
            let shown = Passage::from(found.clone());
            passage(desk.screen.stdout(), width, found.rank, &shown, &words).map_err(Failure::Stdout)?;
        }
    }
    Ok(if found.is_empty() { Ending::NothingFound } else { Ending::Fine })
}

/// What is worth marking where it is found: words of some length, lower case.
fn words(query: &str) -> Vec<String> {
    query.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2).map(str::to_lowercase).collect()
}
