//! `docent models list`: every model of the catalogue and of the shelf, with what a person chooses by.

use std::cmp::Reverse;

use unicode_width::UnicodeWidthStr;

use super::Json;
use crate::cli::desk::Desk;
use crate::cli::ending::{Ending, Failure, Outcome};
use crate::cli::json::{ModelJson, ModelState};
use crate::cli::screen::{BOLD, DIM};
use crate::cli::show_text::{count, harmless, size};
use crate::models::{Catalogue, Installed, Kind, ModelsError, Shelf};

pub(super) fn run(json: Json, desk: &mut Desk<'_>) -> Outcome {
    let data = &desk.settings.data_dir.value;
    let (shelf, catalogue) = (Shelf::open(data), Catalogue::load(data)?);
    let (models, broken) = models(&shelf, &catalogue)?;
    if json.wanted {
        desk.screen.json(&models)?;
    } else {
        table(&models, desk)?;
        if models.iter().all(|model| !model.installed) {
            desk.screen.hint(&"`docent models pull NAME` brings one; docent works without any");
        }
    }
    for error in broken {
        let fault = crate::fault::Fault::from(error);
        desk.screen.error(&harmless(&fault.what), fault.hint.as_deref());
    }
    Ok(Ending::Fine)
}

/// By kind, what is here first; and what lies on the shelf and cannot be used.
fn models(shelf: &Shelf, catalogue: &Catalogue) -> Result<(Vec<ModelJson>, Vec<ModelsError>), ModelsError> {
    let (installed, broken) = shelf.survey();
    let in_use = in_use(shelf)?;
    let is_here = |name: &str| installed.iter().any(|model| model.name == name);
    let mut models: Vec<ModelJson> = installed.iter().map(|model| here(model, catalogue, &in_use)).collect();
    let absent = catalogue.entries().iter().filter(|entry| !is_here(&entry.name));
    models.extend(absent.map(ModelJson::available));
    models.sort_by_key(|model| (model.kind, Reverse(model.installed)));
    Ok((models, broken.into_iter().map(|broken| broken.error).collect()))
}

/// One of each kind, at most.
pub(super) fn in_use(shelf: &Shelf) -> Result<Vec<String>, ModelsError> {
    let mut names = Vec::new();
    for kind in Kind::ALL {
        names.extend(shelf.choice(kind)?.map(|model| model.name));
    }
    Ok(names)
}

pub(super) fn here(model: &Installed, catalogue: &Catalogue, in_use: &[String]) -> ModelJson {
    let state = if model.has_its_files().is_err() {
        ModelState::Damaged
    } else if in_use.contains(&model.name) {
        ModelState::InUse
    } else {
        ModelState::Installed
    };
    let is_default = catalogue.default_of(model.kind).is_some_and(|entry| entry.name == model.name);
    ModelJson::installed(model, state, is_default)
}

const HEAD: [&str; 7] = ["NAME", "KIND", "STATE", "SIZE", "MEMORY", "LICENCE", "LANGUAGES"];
/// Numbers stand on the right of their column.
const NUMBERS: [usize; 2] = [3, 4];

fn table(models: &[ModelJson], desk: &mut Desk<'_>) -> Result<(), Failure> {
    let rows: Vec<[String; 7]> = models.iter().map(cells).collect();
    let mut widths = HEAD.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    desk.screen.line(&format_args!("{BOLD}{}{BOLD:#}", aligned(&HEAD.map(str::to_owned), &widths)))?;
    for (row, model) in rows.iter().zip(models) {
        let style = if model.installed { BOLD } else { DIM };
        desk.screen.line(&format_args!("{style}{}{style:#}", aligned(row, &widths)))?;
    }
    desk.screen
        .detail(&"sizes are known once a model was pulled; memory is estimated from the size, and rather too high");
    Ok(())
}

fn cells(model: &ModelJson) -> [String; 7] {
    let unknown = || "-".to_owned();
    [
        model.name.clone(),
        model.kind.name().to_owned(),
        model.state.word(model.is_default).to_owned(),
        model.bytes.map_or_else(unknown, size),
        model.memory_bytes.map_or_else(unknown, |bytes| format!("~{}", size(bytes))),
        model.licence.as_deref().map_or_else(unknown, |licence| harmless(licence).into_owned()),
        languages(&model.languages),
    ]
}

fn languages(languages: &[String]) -> String {
    match languages {
        [] => "-".to_owned(),
        [one] if one == "multi" => "many".to_owned(),
        few if few.len() <= 8 => harmless(&few.join(" ")).into_owned(),
        many => {
            let ours = ["es", "pt", "en"].into_iter().filter(|ours| many.iter().any(|one| one == ours));
            let ours = ours.collect::<Vec<_>>();
            format!("{} and {} more", ours.join(" "), many.len() - ours.len())
        }
    }
}

fn aligned(row: &[String; 7], widths: &[usize; 7]) -> String {
    let mut line = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let space = " ".repeat(width - cell.width());
        match column {
            6 => line.push_str(cell),
            column if NUMBERS.contains(&column) => line.extend([&space, cell, "  "]),
            _ => line.extend([cell, &space, "  "]),
        }
    }
    line
}

/// `3 models, 1.2 GB`.
pub(super) fn summary(models: &[Installed]) -> String {
    let bytes = models.iter().map(|model| model.bytes).sum();
    format!("{}, {}", count(models.len() as u64, "model"), size(bytes))
}
