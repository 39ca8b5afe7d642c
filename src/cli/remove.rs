//! `docent remove`: takes documents, or a whole collection, out of the library. Files on disk stay as they are.

use std::io::{self, BufRead, IsTerminal};

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::json::DocumentJson;
use super::reach::Reach;
use super::show_text::{count, one_line};
use crate::domain::CollectionName;
use crate::fault::Fault;
use crate::local::{Documents, Needs, Remove};
use crate::settings::parse;

/// Removes documents from the library; the files stay where they are
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  docent remove d3\n  docent remove notes/heart.pdf notes/lungs.pdf\n  \
                        docent remove --collection biology --yes")]
pub(super) struct RemoveArgs {
    /// Ids, beginnings of ids, or the files they came from
    #[arg(value_name = "DOC", required_unless_present = "collection", conflicts_with = "collection")]
    documents: Vec<String>,
    /// A collection with everything in it
    #[arg(short, long, value_name = "NAME", value_parser = parse::<CollectionName>)]
    collection: Option<CollectionName>,
    /// Asks nothing
    #[arg(short, long)]
    yes: bool,
    /// One JSON value on stdout: what was removed
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: RemoveArgs, desk: &mut Desk<'_>) -> Outcome {
    let reach = desk.reach(Needs::ToWrite)?;
    let documents = match &args.collection {
        Some(collection) => confirmed(collection, &reach, &args)?,
        None => Some(meant(&reach, &args.documents)?),
    };
    let Some(documents) = documents else {
        desk.screen.note(&"nothing was removed");
        return Ok(Ending::Fine);
    };
    reach.run(match &args.collection {
        Some(collection) => Remove { ids: Vec::new(), collection: Some(collection.to_string()) },
        None => Remove { ids: documents.iter().map(|document| document.id.clone()).collect(), collection: None },
    })?;
    reach.close()?;
    if args.json {
        desk.screen.json(&documents)?;
    } else if args.collection.is_some() {
        let name = args.collection.map(|name| name.to_string()).unwrap_or_default();
        desk.screen
            .line(&format_args!("removed collection {name} with {}", count(documents.len() as u64, "document")))?;
    } else {
        for document in &documents {
            desk.screen.line(&format_args!("removed {} {}", document.id, one_line(&document.source)))?;
        }
    }
    Ok(Ending::Fine)
}

/// All of them or none: a typing error in the last one must not cost the first.
fn meant(reach: &Reach, typed: &[String]) -> Result<Vec<DocumentJson>, Fault> {
    let mut documents: Vec<DocumentJson> = Vec::new();
    for name in typed {
        let document = reach.find_one(name)?;
        if documents.iter().all(|known| known.id != document.id) {
            documents.push(document);
        }
    }
    Ok(documents)
}

/// The collection's documents; `None` when somebody thought again.
fn confirmed(
    collection: &CollectionName,
    reach: &Reach,
    args: &RemoveArgs,
) -> Result<Option<Vec<DocumentJson>>, Fault> {
    let documents = reach.run(Documents { collection: Some(collection.to_string()) })?;
    // A script meant what it says.
    if args.yes || !io::stdin().is_terminal() {
        return Ok(Some(documents));
    }
    anstream::eprint!("remove collection {collection} with {}? [y/N] ", count(documents.len() as u64, "document"));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Fault::machine("stdin", "cannot read from the terminal").because_of(error))?;
    let yes = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "s" | "si" | "sí" | "sim");
    Ok(yes.then_some(documents))
}
