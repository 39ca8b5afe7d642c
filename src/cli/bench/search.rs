//! How fast is the library searched, by words and by meaning?

use std::time::Duration;

use super::samples::Measured;
use crate::assistant::{self, Mode, Query};
use crate::cli::desk::Desk;
use crate::cli::ending::Failure;
use crate::fault::Fault;

const SUITE: &str = "search";
/// Searches in all, and how long they may take together.
const SEARCHES: usize = 1000;
const LONG: Duration = Duration::from_secs(5);

/// Searches the library that is there for the beginnings of `texts`.
pub(super) fn run(texts: &[String], desk: &Desk<'_>) -> Result<Vec<Measured>, Failure> {
    let snapshot = desk.snapshot()?;
    if snapshot.document_count()? == 0 {
        let fault = Fault::caller("library_empty", "the library is empty, so there is nothing to search");
        return Err(fault.hint("`docent add PATH` adds files and folders").into());
    }
    let engines = desk.engines();
    let mut modes = vec![(Mode::Lexical, "search_lexical")];
    let embedders = snapshot.embedders()?;
    if engines.embedder_choice().is_some_and(|choice| embedders.iter().any(|(id, _)| *id == choice.id)) {
        modes.extend([(Mode::Vector, "search_vector"), (Mode::Hybrid, "search_hybrid")]);
    }
    let mut measured = Vec::new();
    for (mode, name) in modes {
        let search = |text: &String| -> Result<Duration, Failure> {
            let text = text.chars().take(200).collect();
            let query = Query { text, collection: None, k: desk.settings.search_k.value.get(), mode };
            let began = desk.clock.instant();
            assistant::search(&snapshot, &engines, &query)?;
            Ok(desk.clock.instant() - began)
        };
        // What is read on first use is not what is measured.
        search(&texts[0])?;
        let mut samples = Vec::new();
        let began = desk.clock.instant();
        for text in texts.iter().cycle().take(SEARCHES) {
            samples.push(search(text)?.as_secs_f64() * 1e3);
            if desk.clock.instant() - began > LONG {
                break;
            }
        }
        measured.push(Measured::of(SUITE, name, "ms", &samples));
    }
    Ok(measured)
}
