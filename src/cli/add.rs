//! `docent add` and `docent sync`: files and folders into the library, and what became of them.

use std::path::PathBuf;

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::interrupt::Interrupt;
use super::json::ReportJson;
use super::progress::Progress;
use super::show_text::{count, size};
use super::through::Server;
use super::watch::Watch;
use crate::assistant::{self, AddOptions, AddReport, Depth};
use crate::domain::CollectionName;
use crate::settings::parse;
use crate::wire::AddPathsJson;

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
    kind: Kind,
    paths: Vec<PathBuf>,
    options: AddOptions,
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Add,
    Sync,
}

pub(super) fn run(args: AddArgs, desk: &mut Desk<'_>) -> Outcome {
    let depth = if args.recursive { Depth::All } else { Depth::Direct };
    let options = options(args.collection, depth, desk);
    let job = Job { kind: Kind::Add, paths: args.paths, options, json: args.json };
    let interrupt = Interrupt::listen()?;
    if args.watch { watch(&job, &interrupt, desk) } else { once(&job, &interrupt, desk) }
}

pub(super) fn run_sync(args: SyncArgs, desk: &mut Desk<'_>) -> Outcome {
    let options = options(args.collection, Depth::All, desk);
    let job = Job { kind: Kind::Sync, paths: args.paths, options, json: args.json };
    once(&job, &Interrupt::listen()?, desk)
}

fn options(collection: Option<CollectionName>, depth: Depth, desk: &Desk<'_>) -> AddOptions {
    AddOptions { depth, ..desk.settings.adding(collection, desk.engines()) }
}

fn once(job: &Job, interrupt: &Interrupt, desk: &mut Desk<'_>) -> Outcome {
    let report = work(job, interrupt, desk)?;
    if job.json {
        desk.screen.json(&ReportJson::from(&report))?;
    } else {
        summary(&report, desk)?;
    }
    ending(report)
}

fn work(job: &Job, interrupt: &Interrupt, desk: &mut Desk<'_>) -> Result<AddReport, Failure> {
    let library = match desk.library() {
        Ok(library) => library,
        Err(error) => return work_through(&desk.through(error)?, job, interrupt, desk),
    };
    let mut progress = Progress::new(desk.screen);
    let work = match job.kind {
        Kind::Add => assistant::add,
        Kind::Sync => assistant::sync,
    };
    let mut listen = |event: assistant::AddEvent<'_>| progress.event(&event);
    let report = work(&library, &job.paths, &job.options, desk.clock, &mut listen, interrupt.flag());
    progress.end();
    desk.tell_troubles();
    let report = report?;
    library.close()?;
    tracing::info!(
        added = report.added,
        updated = report.updated,
        removed = report.removed,
        failed = report.failed.len(),
        took = ?report.took,
        "documents added"
    );
    Ok(report)
}

/// A server has the library open: it reads the files, and tells as it goes on.
fn work_through(server: &Server, job: &Job, interrupt: &Interrupt, desk: &mut Desk<'_>) -> Result<AddReport, Failure> {
    let asked = AddPathsJson {
        paths: Vec::new(),
        collection: Some(job.options.collection.to_string()),
        recursive: job.options.depth == Depth::All,
        sync: job.kind == Kind::Sync,
    };
    let mut progress = Progress::new(desk.screen);
    let mut listen = |event: assistant::AddEvent<'_>| progress.event(&event);
    let report = server.add(&job.paths, asked, &mut listen, &|| interrupt.is_pressed());
    progress.end();
    Ok(report?)
}

fn ending(report: AddReport) -> Outcome {
    if let Some(fault) = report.broken {
        return Err(Failure::Fault(fault));
    }
    Ok(match (report.stopped, report.failed.is_empty()) {
        (true, _) => Ending::Interrupted,
        (false, false) => Ending::Partly,
        (false, true) => Ending::Fine,
    })
}

fn summary(report: &AddReport, desk: &mut Desk<'_>) -> Result<(), Failure> {
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
    let seconds = report.took.as_secs_f64();
    if report.broken.is_some() {
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
    let mut watch = Watch::new(&job.paths, job.options.depth);
    let mut ending = Ending::Fine;
    loop {
        let report = work(job, interrupt, desk)?;
        if job.json {
            desk.screen.json_line(&ReportJson::from(&report))?;
        } else {
            summary(&report, desk)?;
            desk.screen.flush()?;
        }
        ending = match self::ending(report)? {
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
