//! `docent remove`: takes documents, or a whole collection, out of the library. Files on disk stay as they are.

use std::io::{self, BufRead, IsTerminal};

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::json::DocumentJson;
use super::list::must_exist;
use super::show::find_one;
use super::show_text::{count, one_line};
use crate::domain::{CollectionName, Document};
use crate::fault::Fault;
use crate::library::Library;
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
    let library = desk.library()?;
    let documents = match &args.collection {
        Some(collection) => match confirmed(collection, &library, &args)? {
            Some(documents) => remove_collection(&library, collection, documents)?,
            None => {
                desk.screen.note(&"nothing was removed");
                return Ok(Ending::Fine);
            }
        },
        None => remove_documents(&library, &args.documents)?,
    };
    library.close()?;
    if args.json {
        desk.screen.json(&documents.iter().map(DocumentJson::from).collect::<Vec<_>>())?;
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
fn remove_documents(library: &Library, typed: &[String]) -> Result<Vec<Document>, Fault> {
    let snapshot = library.snapshot();
    let mut documents: Vec<Document> = Vec::new();
    for name in typed {
        let document = find_one(&snapshot, name)?;
        if !documents.contains(&document) {
            documents.push(document);
        }
    }
    let mut writer = library.begin()?;
    for document in &documents {
        writer.remove(&document.id)?;
    }
    writer.publish()?;
    Ok(documents)
}

/// The collection's documents; `None` when somebody thought again.
fn confirmed(
    collection: &CollectionName,
    library: &Library,
    args: &RemoveArgs,
) -> Result<Option<Vec<Document>>, Fault> {
    let snapshot = library.snapshot();
    must_exist(&snapshot, collection)?;
    let documents = snapshot.documents(Some(collection))?;
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

fn remove_collection(
    library: &Library,
    collection: &CollectionName,
    documents: Vec<Document>,
) -> Result<Vec<Document>, Fault> {
    let mut writer = library.begin()?;
    writer.remove_collection(collection)?;
    writer.publish()?;
    Ok(documents)
}
