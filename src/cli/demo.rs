//! `docent demo`: a few documents that come with docent, and answers from them; needs no model and no network.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::ask;
use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::json::DemoJson;
use super::screen::{BOLD, MARK};
use crate::assistant::{self, AddOptions, Engines, Question};
use crate::fault::Fault;
use crate::library::Library;
use crate::local::Ask;

/// Shows what docent does, on a few documents that come with it
#[derive(Debug, Args)]
#[command(after_help = "Everything happens in a temporary folder; your own library is not touched.\n\n\
                        Examples:\n  docent demo\n  docent demo --json")]
pub(super) struct DemoArgs {
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

const DOCUMENTS: [(&str, &[u8]); 4] = [
    ("calculo-derivadas.html", include_bytes!("../../assets/demo/calculo-derivadas.html")),
    ("cancer-de-pulmon.md", include_bytes!("../../assets/demo/cancer-de-pulmon.md")),
    ("farmacos.csv", include_bytes!("../../assets/demo/farmacos.csv")),
    ("lab-safety.pdf", include_bytes!("../../assets/demo/lab-safety.pdf")),
];

/// The last one has no answer in the documents.
const QUESTIONS: [&str; 6] = [
    "¿En cuánto redujo el tamizaje las muertes por cáncer de pulmón?",
    "¿Cuántos paquetes-año acumula quien fumó media cajetilla al día durante cuarenta años?",
    "Quando um limite existe?",
    "How many litres of flammable liquid may stand outside the cabinet?",
    "What neutralises an acid spill?",
    "Quem pintou a Mona Lisa?",
];

pub(super) fn run(args: DemoArgs, desk: &mut Desk<'_>) -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| unwritable(&std::env::temp_dir(), error))?;
    let library = library(folder.path(), desk)?;
    let passages: u32 = library.snapshot().documents(None)?.iter().map(|document| document.chunks).sum();
    let reach = desk.reach_with(library, Engines::none());
    if args.json {
        let mut answers = Vec::new();
        for question in QUESTIONS {
            let answer = reach.run(Ask::from(&asked(question, desk)))?;
            answers.push(DemoJson { question: question.to_owned(), answer });
        }
        desk.screen.json(&answers)?;
        return Ok(Ending::Fine);
    }
    desk.screen.note(&format_args!(
        "{} documents in Spanish, Portuguese and English, {passages} passages; no model, no network\n",
        DOCUMENTS.len()
    ));
    for question in QUESTIONS {
        desk.screen.line(&format_args!("{MARK}›{MARK:#} {BOLD}{question}{BOLD:#}\n"))?;
        ask::aloud(&reach, &asked(question, desk), desk, &AtomicBool::new(false))?;
        desk.screen.line(&"")?;
    }
    desk.screen.hint(&"now your own: `docent add FOLDER`, then `docent ask \"your question\"`");
    Ok(Ending::Fine)
}

/// The documents as files in `folder`, added as anybody's would be.
fn library(folder: &Path, desk: &Desk<'_>) -> Result<Library, Failure> {
    let documents = folder.join("documents");
    fs::create_dir(&documents).map_err(|error| unwritable(&documents, error))?;
    for (name, bytes) in DOCUMENTS {
        let path = documents.join(name);
        fs::write(&path, bytes).map_err(|error| unwritable(&path, error))?;
    }
    let library = Library::open(&folder.join("library"))?;
    let options = AddOptions { limits: desk.settings.limits(), cut: desk.settings.cut(), ..AddOptions::default() };
    let stop = AtomicBool::new(false);
    let report = assistant::add(&library, &[documents], &options, desk.clock, &mut |_| {}, &stop)?;
    match report.broken.or(report.failed.into_iter().next().map(|(_, fault)| fault)) {
        Some(fault) => Err(Failure::Fault(fault)),
        None => Ok(library),
    }
}

fn asked(question: &str, desk: &Desk<'_>) -> Question {
    Question { k: desk.settings.search_k.value.get(), certainty: desk.settings.certainty(), ..Question::new(question) }
}

fn unwritable(path: &Path, error: std::io::Error) -> Fault {
    Fault::machine("no_temporary_folder", format!("cannot write {}: {}", path.display(), error.kind()))
        .hint("check the disk, or set TMPDIR to a folder that can be written")
        .because_of(error)
}
