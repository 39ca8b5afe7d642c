//! `docent add` and `docent sync`: files and folders into the library, and what became of them.

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::interrupt::Interrupt;
use super::json::ReportJson;
use super::progress::Progress;
use super::show_text::{count, size};
use super::watch::Watch;
use crate::assistant::{AddReport, Depth};
use crate::domain::CollectionName;
use crate::fault::Fault;
use crate::local::{Add, Added, Needs};
use crate::settings::parse;

/// Adds files and folders, and updates what changed
#[derive(Debug, Args)]
#[command(
    after_help = "Reads text, Markdown, HTML, CSV, JSON, PDF and DOCX. In a folder, hidden files and files of other \
                        kinds are passed over.\nExit code 3 when some files could not be read; the others are added.\n\n\
                        Examples:\n  docent add notes.md slides.pdf\n  docent add --recursive ~/courses --collection biology\n  \
                        docent add --recursive --watch ~/notes"
)]
pub(super) struct AddArgs {
    /// Files and folders
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Into this collection
    #[arg(short, long, value_name = "NAME", value_parser = parse::<CollectionName>)]
    collection: Option<CollectionName>,
    /// Folders inside folders too
    #[arg(short, long)]
    recursive: bool,
    /// Stays, and adds again whenever a file changes, until Ctrl-C
    #[arg(short, long)]
    watch: bool,
    /// One JSON value on stdout; with --watch a line for every change
    #[arg(long)]
    json: bool,
}

/// Makes a collection say what a folder says: like add, and removes documents whose file is gone
#[derive(Debug, Args)]
#[command(
    after_help = "Folders inside the folder belong to it. A path that is itself gone removes nothing: more likely \
                        a disk is not plugged in.\n\nExamples:\n  docent sync ~/courses\n  \
                        docent sync ~/courses --collection biology --json"
)]
pub(super) struct SyncArgs {
    /// Files and folders
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// The collection that mirrors them
    #[arg(short, long, value_name = "NAME", value_parser = parse::<CollectionName>)]
    collection: Option<CollectionName>,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

/// What to do, checked.
struct Job {
    task: Add,
    depth: Depth,
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Add,
    Sync,
}

pub(super) fn run(args: AddArgs, desk: &mut Desk<'_>) -> Outcome {
    let depth = if args.recursive { Depth::All } else { Depth::Direct };
    let job = Job { task: task(args.paths, args.collection, depth, Kind::Add)?, depth, json: args.json };
    let interrupt = Interrupt::listen()?;
    if args.watch { watch(&job, &interrupt, desk) } else { once(&job, &interrupt, desk) }
}

pub(super) fn run_sync(args: SyncArgs, desk: &mut Desk<'_>) -> Outcome {
    let task = task(args.paths, args.collection, Depth::All, Kind::Sync)?;
    let job = Job { task, depth: Depth::All, json: args.json };
    once(&job, &Interrupt::listen()?, desk)
}

fn task(paths: Vec<PathBuf>, collection: Option<CollectionName>, depth: Depth, kind: Kind) -> Result<Add, Fault> {
    let collection = collection.map(|name| name.to_string());
    Ok(Add { paths, folder: folder()?, collection, recursive: depth == Depth::All, sync: kind == Kind::Sync })
}

/// Where relative paths begin.
pub(super) fn folder() -> Result<PathBuf, Fault> {
    std::env::current_dir().map_err(|error| {
        Fault::machine("no_folder", "the folder that this runs in is gone, or may not be read")
            .hint("change to another folder")
            .because_of(error)
    })
}

fn once(job: &Job, interrupt: &Interrupt, desk: &mut Desk<'_>) -> Outcome {
    let added = work(job, interrupt, desk)?;
    if job.json {
        desk.screen.json(&added.report)?;
    } else {
        summary(&added, desk)?;
    }
    ending(added)
}

fn work(job: &Job, interrupt: &Interrupt, desk: &mut Desk<'_>) -> Result<Added, Failure> {
    let reach = desk.reach(Needs::ToWrite)?;
    let mut progress = Progress::new(desk.screen);
    let mut so_far = AddReport { stopped: true, ..AddReport::default() };
    let added = reach.hear(job.task.clone(), interrupt.flag(), &mut |told| {
        told.count(&mut so_far);
        told.hear(&mut |event| progress.event(event));
        ControlFlow::Continue(())
    });
    progress.end();
    desk.tell_troubles();
    let added = added?.unwrap_or_else(|| Added { report: ReportJson::from(&so_far), broken: None });
    reach.close()?;
    let ReportJson { added: new, updated, removed, failed, seconds, .. } = &added.report;
    tracing::info!(added = new, updated, removed, failed = failed.len(), seconds, "documents added");
    Ok(added)
}

fn ending(added: Added) -> Outcome {
    if let Some(fault) = added.broken {
        return Err(Failure::Fault(fault.into()));
    }
    Ok(match (added.report.stopped, added.report.failed.is_empty()) {
        (true, _) => Ending::Interrupted,
        (false, false) => Ending::Partly,
        (false, true) => Ending::Fine,
    })
}

fn summary(Added { report, broken }: &Added, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let counts = [
        (report.added, "added"),
        (report.updated, "updated"),
        (report.renamed, "renamed"),
        (report.removed, "removed"),
        (report.unchanged, "unchanged"),
        (report.failed.len() as u64, "failed"),
    ];
    let said: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let said = if said.is_empty() { "nothing to add".to_owned() } else { said.join(", ") };
    let stopped = if report.stopped { ", stopped before the end" } else { "" };
    let seconds = report.seconds;
    if broken.is_some() {
        // What the collection has is not known to a library that failed.
        return desk.screen.line(&format_args!("{said} in {seconds:.1} s; the library failed"));
    }
    let (documents, chunks) = (count(report.documents, "document"), count(report.chunks, "passage"));
    desk.screen.line(&format_args!("{said} in {seconds:.1} s{stopped}; the collection has {documents}, {chunks}"))?;
    if report.not_embedded > 0 {
        let documents = count(report.not_embedded, "document");
        desk.screen.hint(&format_args!("{documents} cannot be found by meaning yet; `docent embed` changes that"));
    }
    Ok(())
}

/// The library is opened anew for every change, so that questions can be asked in between.
fn watch(job: &Job, interrupt: &Interrupt, desk: &mut Desk<'_>) -> Outcome {
    let mut watch = Watch::new(&job.task.paths, job.depth);
    let mut ending = Ending::Fine;
    loop {
        let added = work(job, interrupt, desk)?;
        if job.json {
            desk.screen.json_line(&added.report)?;
        } else {
            summary(&added, desk)?;
            desk.screen.flush()?;
        }
        ending = match self::ending(added)? {
            Ending::Fine => ending,
            other => other,
        };
        let files = count(watch.files() as u64, "file");
        desk.screen.note(&format_args!("watching {files}, {}; Ctrl-C ends it", size(watch.bytes())));
        if !watch.wait_for_change(&mut |longest| interrupt.wait(longest)) {
            // Ctrl-C is how watching is meant to end.
            return Ok(if ending == Ending::Interrupted { Ending::Fine } else { ending });
        }
    }
}
