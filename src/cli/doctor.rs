//! `docent doctor`: is everything as it should be, and if not, what to do?

use std::net::TcpListener;
use std::path::Path;
use std::thread::available_parallelism;

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::json::{CheckJson, DoctorJson};
use super::models;
use super::screen::{BOLD, ERROR, GOOD, HINT};
use super::show_text::{count, harmless, size};
use crate::assistant::not_embedded;
use crate::cache::{DiskStatus, Setup};
use crate::fault::Fault;
use crate::library::{Library, LibraryError, stats};
use crate::machine;
use crate::models::{Kind, Shelf};

/// Checks the data folder, the library, its index and this machine
#[derive(Debug, Args)]
#[command(after_help = "Exit code 1 when something is wrong.\n\nExamples:\n  docent doctor\n  docent doctor --json")]
pub(super) struct DoctorArgs {
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

/// Less than this and the next documents may not fit.
const LITTLE_DISK: u64 = 500_000_000;
const LITTLE_MEMORY: u64 = 200_000_000;
const PORT: u16 = 7700;

pub(super) fn run(args: DoctorArgs, desk: &mut Desk<'_>) -> Outcome {
    let folder = desk.settings.data_dir.value.as_path();
    let mut checks = vec![data_folder(folder), disk(folder)];
    checks.extend(library(folder));
    checks.extend(models::checks(folder));
    checks.extend(embedder(desk));
    checks.push(generator(desk));
    checks.push(cache(desk));
    checks.extend([processor(), memory(), port()]);

    let ok = checks.iter().all(|check| check.ok);
    if args.json {
        desk.screen.json(&DoctorJson { ok, checks })?;
    } else {
        for check in &checks {
            let mark = if check.ok { format!("{GOOD}ok   {GOOD:#}") } else { format!("{ERROR}wrong{ERROR:#}") };
            let detail = harmless(&check.detail);
            desk.screen.line(&format_args!("{mark}  {BOLD}{:12}{BOLD:#}  {detail}", check.name))?;
            if let Some(hint) = &check.hint {
                desk.screen.line(&format_args!("{:21}{HINT}hint:{HINT:#} {}", "", harmless(hint)))?;
            }
        }
    }
    Ok(if ok { Ending::Fine } else { Ending::Failed })
}

fn fine(name: &'static str, detail: impl Into<String>) -> CheckJson {
    CheckJson { name, ok: true, detail: detail.into(), hint: None }
}

fn wrong(name: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> CheckJson {
    CheckJson { name, ok: false, detail: detail.into(), hint: Some(hint.into()) }
}

fn failed(name: &'static str, fault: Fault) -> CheckJson {
    CheckJson { name, ok: false, detail: fault.what, hint: fault.hint }
}

/// The folder itself, or where it would be made.
fn existing(folder: &Path) -> &Path {
    folder.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(folder)
}

fn data_folder(folder: &Path) -> CheckJson {
    const NAME: &str = "data folder";
    let there = existing(folder);
    let shown = folder.display();
    if !there.is_dir() {
        return wrong(NAME, format!("{} is not a folder", there.display()), "choose another with `--data-dir`");
    }
    match tempfile::tempfile_in(there) {
        Ok(_) if there == folder => fine(NAME, format!("{shown} can be written")),
        Ok(_) => fine(NAME, format!("{shown} will be made when it is needed")),
        Err(error) => wrong(
            NAME,
            format!("cannot write in {}: {}", there.display(), error.kind()),
            "check who owns the folder, or choose another with `--data-dir`",
        ),
    }
}

fn disk(folder: &Path) -> CheckJson {
    const NAME: &str = "disk";
    match machine::free_disk(existing(folder)) {
        None => fine(NAME, "free space is not known on this system"),
        Some(free) if free < LITTLE_DISK => {
            wrong(NAME, format!("only {} are free", size(free)), "make room, or move the data folder with `--data-dir`")
        }
        Some(free) => fine(NAME, format!("{} are free", size(free))),
    }
}

fn library(folder: &Path) -> Vec<CheckJson> {
    if !folder.join("library.redb").exists() {
        return vec![fine("library", "nothing was added yet")];
    }
    let found = Library::open_to_read(folder).and_then(|library| stats(&library));
    let stats = match found {
        Ok(stats) => stats,
        Err(LibraryError::InUse { .. }) => {
            return vec![fine(
                "library",
                "is used by another docent, which runs now; a server's `/health` looks at it",
            )];
        }
        Err(error) => return vec![failed("library", error.into())],
    };
    let library = format!(
        "{} in {}, {}, revision {}, {} on disk",
        count(stats.documents, "document"),
        count(stats.collections, "collection"),
        count(stats.chunks, "passage"),
        stats.revision,
        size(stats.file_bytes)
    );
    let index = if stats.agree() {
        fine("index", format!("finds every passage, {} on disk", size(stats.lexical_bytes)))
    } else {
        wrong(
            "index",
            format!("finds {} of {} passages", stats.lexical_chunks, stats.chunks),
            format!("delete the folder {}; it is built again from the library", folder.join("lexical").display()),
        )
    };
    vec![fine("library", library), index]
}

/// Whether the chosen embedder can be opened, and how much of the library it has read.
fn embedder(desk: &Desk<'_>) -> Vec<CheckJson> {
    const NAME: &str = "embedder";
    let engines = desk.engines();
    let Some(choice) = engines.embedder_choice() else {
        return vec![unused(NAME, Kind::Embedder, desk, "none is in use: passages are found by their words alone")];
    };
    let loaded = match engines.embedder() {
        Some(model) => {
            let (dimensions, tokens) = (model.dimensions(), model.max_tokens());
            fine(NAME, format!("{} loads: {dimensions} dimensions, {tokens} tokens at once", choice.name))
        }
        None => match engines.take_troubles().pop() {
            Some(fault) => failed(NAME, fault),
            None => wrong(NAME, format!("{} cannot be opened", choice.name), "run `docent models verify`"),
        },
    };
    let folder = &desk.settings.data_dir.value;
    if !folder.join("library.redb").exists() {
        return vec![loaded];
    }
    let counted = desk
        .snapshot()
        .map_err(Fault::from)
        .and_then(|snapshot| Ok((snapshot.document_count()?, not_embedded(&snapshot, &choice.id)?)));
    let vectors = match counted {
        Ok((documents, 0)) => fine("vectors", format!("cover all of {}", count(documents, "document"))),
        Ok((documents, missing)) => {
            let covered = documents.saturating_sub(missing);
            let hint = Some("`docent embed` lets the others be found by meaning too".to_owned());
            let detail = format!("cover {covered} of {}", count(documents, "document"));
            CheckJson { name: "vectors", ok: true, detail, hint }
        }
        Err(fault) => failed("vectors", fault),
    };
    vec![loaded, vectors]
}

/// None is chosen, or the one that is cannot be used.
fn unused(name: &'static str, kind: Kind, desk: &Desk<'_>, without: &str) -> CheckJson {
    match Shelf::open(&desk.settings.data_dir.value).chosen(kind) {
        Ok(_) => fine(name, without),
        Err(error) => failed(name, error.into()),
    }
}

/// Whether the chosen generator can be opened.
fn generator(desk: &Desk<'_>) -> CheckJson {
    const NAME: &str = "generator";
    let engines = desk.engines();
    let Some(choice) = engines.generator_choice() else {
        return unused(NAME, Kind::Generator, desk, "none is in use: answers are the documents' own sentences");
    };
    match engines.generator().recv().ok().flatten() {
        Some(model) => fine(NAME, format!("{} loads: {} tokens at once", choice.name, model.context())),
        None => match engines.take_troubles().pop() {
            Some(fault) => failed(NAME, fault),
            None => wrong(NAME, format!("{} cannot be opened", choice.name), "run `docent models verify`"),
        },
    }
}

/// Nothing that is asked fails for what is wrong with it.
fn cache(desk: &Desk<'_>) -> CheckJson {
    const NAME: &str = "cache";
    let folder = &desk.settings.data_dir.value;
    if !folder.join(Setup::FILE).exists() {
        return fine(NAME, "nothing is remembered yet");
    }
    match desk.cache().map(|cache| cache.status().disk) {
        Ok(Some(DiskStatus { is_locked: true, .. })) => fine(NAME, "is used by another docent, which runs now"),
        Ok(Some(DiskStatus { trouble: Some(trouble), .. })) => {
            let hint = format!("see who may write {}, or delete it", folder.join(Setup::FILE).display());
            wrong(NAME, trouble, hint)
        }
        Ok(Some(disk)) => fine(NAME, format!("{} entries in {}", disk.entries, size(disk.bytes))),
        Ok(None) => fine(NAME, "remembers in memory only"),
        Err(fault) => failed(NAME, fault),
    }
}

fn processor() -> CheckJson {
    let features = machine::processor_features();
    let known = if features.is_empty() { "no special features".to_owned() } else { features.join(" ") };
    let threads = available_parallelism().map_or(1, std::num::NonZero::get);
    fine("processor", format!("{}, {threads} threads, {known}", std::env::consts::ARCH))
}

fn memory() -> CheckJson {
    const NAME: &str = "memory";
    match machine::memory() {
        None => fine(NAME, "not known on this system"),
        Some(memory) if memory.available < LITTLE_MEMORY => wrong(
            NAME,
            format!("only {} of {} are available", size(memory.available), size(memory.total)),
            "close other programs before adding large documents",
        ),
        Some(memory) => fine(NAME, format!("{} of {} are available", size(memory.available), size(memory.total))),
    }
}

/// Somebody else may have it: the server takes another.
fn port() -> CheckJson {
    match TcpListener::bind(("127.0.0.1", PORT)) {
        Ok(_) => fine("port", format!("{PORT} on this machine is free")),
        Err(_) => {
            let detail = format!("{PORT} on this machine is used by another program");
            CheckJson {
                hint: Some("`docent serve --addr 127.0.0.1:8080` takes another".to_owned()),
                ..fine("port", detail)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_made_is_wrong_and_comes_with_a_hint() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let check = data_folder(&file.join("data"));
        assert!(!check.ok && check.hint.is_some(), "{check:?}");
        assert!(data_folder(&folder.path().join("a/b/c")).ok);
    }

    #[test]
    fn a_damaged_library_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        assert!(library(folder.path()).iter().all(|check| check.ok));
        std::fs::write(folder.path().join("library.redb"), "this is no library").unwrap();
        let checks = library(folder.path());
        assert!(!checks[0].ok && checks[0].hint.is_some(), "{checks:?}");
    }
}
