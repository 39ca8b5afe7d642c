//! `docent models export` and `import`: models to and from machines that never see a network.

use std::path::Path;

use super::Json;
use super::list::{here, in_use, summary};
use super::shelf::{named, open};
use crate::cli::desk::Desk;
use crate::cli::ending::{Ending, Outcome};
use crate::cli::json::ExportedJson;
use crate::cli::progress::bytes_bar;
use crate::cli::show_text::size;
use crate::models::{self, Overwrite};

pub(super) fn export(names: &[String], file: &Path, force: bool, json: Json, desk: &mut Desk<'_>) -> Outcome {
    let (shelf, catalogue) = open(desk)?;
    let models = named(&shelf, &catalogue, names)?;
    let overwrite = if force { Overwrite::Replace } else { Overwrite::Refuse };
    let bar = desk.screen.shows_progress().then(|| bytes_bar(models.iter().map(|model| model.bytes).sum()));
    let written = models::export(&models, file, overwrite, &mut |bytes| {
        if let Some(bar) = &bar {
            bar.inc(bytes);
        }
    });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let bytes = written?;
    if json.wanted {
        let models = models.into_iter().map(|model| model.name).collect();
        desk.screen.json(&ExportedJson { file: file.display().to_string(), bytes, models })?;
    } else {
        desk.screen.line(&format_args!("wrote {}, {}", file.display(), summary(&models)))?;
        desk.screen.hint(&format_args!("on the other machine: `docent models import {}`", file.display()));
    }
    Ok(Ending::Fine)
}

pub(super) fn import(path: &Path, name: Option<&str>, json: Json, desk: &mut Desk<'_>) -> Outcome {
    let (shelf, catalogue) = open(desk)?;
    let imported = models::import(&shelf, &catalogue, path, name, desk.clock.now())?;
    let in_use = in_use(&shelf)?;
    if json.wanted {
        let models = imported.iter().map(|model| here(model, &catalogue, &in_use));
        desk.screen.json(&models.collect::<Vec<_>>())?;
        return Ok(Ending::Fine);
    }
    for model in &imported {
        desk.screen.line(&format_args!("imported {}, {}, {}", model.name, model.kind, size(model.bytes)))?;
        if !in_use.contains(&model.name) {
            desk.screen
                .hint(&format_args!("`docent models use {}` makes it the {} that is used", model.name, model.kind));
        }
    }
    Ok(Ending::Fine)
}
