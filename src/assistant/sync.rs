//! Making the library say what a folder says: like adding, and what is gone there is gone here.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::add::{AddEvent, AddOptions, AddReport, Run};
use super::gate::Gate;
use super::prepare::is_gone;
use super::walk::{Depth, walk};
use crate::clock::Clock;
use crate::fault::{Fault, Result};
use crate::library::Library;
use crate::read;

/// Adds what is new under `paths`, updates what changed, and removes documents of the collection whose file is gone.
///
/// Nothing is removed under a path that is itself not there: more likely a disk is not plugged in.
pub fn sync(
    library: &Library,
    paths: &[PathBuf],
    options: &AddOptions,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(AddEvent<'_>),
    stop: &AtomicBool,
) -> Result<AddReport> {
    let began = clock.instant();
    let mut walk = walk(paths, Depth::All, &read::is_readable_name);
    for (path, fault) in &mut walk.failed {
        if fault.code == "file_not_found" {
            let what = format!("{} is not there, so nothing under it was removed", path.display());
            *fault = Fault::caller("file_not_found", what)
                .hint("plug its disk in, or take its documents out with `docent remove`");
        }
    }
    let roots = std::mem::take(&mut walk.roots);
    let mut run = Run::new(library.begin()?, clock, progress);
    run.add(library, walk, options, stop);
    if run.report.broken.is_none() && !run.report.stopped {
        remove_gone(&mut run, library, options, &roots)?;
    }
    run.finish(library, options, began)
}

fn remove_gone(run: &mut Run<'_>, library: &Library, options: &AddOptions, roots: &[PathBuf]) -> Result<()> {
    let gate = Gate::new(0);
    // As it was before this run: what was renamed since stands there with its old source.
    for (source, id) in library.snapshot().sources(&options.collection)? {
        let path = Path::new(&source);
        if run.report.broken.is_some() {
            break;
        }
        if roots.iter().any(|root| path.starts_with(root)) && is_gone(path) && !run.renamed.contains(&id) {
            run.remove(&source, &id, &gate);
        }
    }
    run.commit(&gate);
    Ok(())
}
