//! `docent models verify`, `remove`, `use`: what is done with models that are here.

use super::Json;
use super::list::here;
use crate::cli::desk::Desk;
use crate::cli::ending::{Ending, Outcome};
use crate::cli::json::{CheckedJson, RemovedJson, VerifiedJson};
use crate::cli::screen::{BOLD, ERROR, GOOD};
use crate::cli::show_text::{count, harmless, size};
use crate::fault::Fault;
use crate::models::{Catalogue, Installed, Kind, ModelsError, Shelf, State};

pub(super) fn verify(names: &[String], json: Json, desk: &mut Desk<'_>) -> Outcome {
    let (shelf, catalogue) = open(desk)?;
    let (models, broken) = if names.is_empty() { shelf.survey() } else { (named(&shelf, &catalogue, names)?, vec![]) };
    let mut sound = broken.is_empty();
    let mut verified = Vec::new();
    for model in &models {
        let found = VerifiedJson::of(model, &model.verify()?);
        sound &= found.sound;
        if !json.wanted {
            show(&found, desk)?;
        }
        verified.push(found);
    }
    for broken in broken {
        let fault = Fault::from(broken.error);
        desk.screen.error(&harmless(&fault.what), fault.hint.as_deref());
        verified.push(VerifiedJson::broken(broken.name));
    }
    if json.wanted {
        desk.screen.json(&verified)?;
    } else if verified.is_empty() {
        desk.screen.note(&"no models are installed");
    }
    for bad in verified.iter().filter(|model| !model.sound) {
        desk.screen
            .hint(&format_args!("`docent models pull {}` brings it anew, or import it again", harmless(&bad.name)));
    }
    Ok(if sound { Ending::Fine } else { Ending::Failed })
}

fn show(model: &VerifiedJson, desk: &mut Desk<'_>) -> Result<(), crate::cli::Failure> {
    let files = count(model.files.len() as u64, "file");
    if model.sound {
        desk.screen.line(&format_args!("{GOOD}sound{GOOD:#}    {BOLD}{}{BOLD:#}  {files}", model.name))?;
    } else {
        desk.screen.line(&format_args!("{ERROR}damaged{ERROR:#}  {BOLD}{}{BOLD:#}  {files}", model.name))?;
    }
    for CheckedJson { name, state, detail, .. } in &model.files {
        let line = format!("         {state}  {name}{}", detail.as_ref().map(|d| format!(": {d}")).unwrap_or_default());
        match *state {
            "sound" => desk.screen.detail(&line),
            _ => desk.screen.line(&line)?,
        }
    }
    Ok(())
}

pub(super) fn remove(names: &[String], json: Json, desk: &mut Desk<'_>) -> Outcome {
    let (shelf, catalogue) = open(desk)?;
    // All are looked up first: a typing error in the last one must not cost the first.
    let models = named(&shelf, &catalogue, names)?;
    for model in &models {
        shelf.remove(model)?;
        if !json.wanted {
            desk.screen.line(&format_args!("removed {}, {}", model.name, size(model.bytes)))?;
        }
    }
    if json.wanted {
        desk.screen.json(&models.iter().map(RemovedJson::from).collect::<Vec<_>>())?;
    }
    Ok(Ending::Fine)
}

pub(super) fn use_(name: &str, json: Json, desk: &mut Desk<'_>) -> Outcome {
    let (shelf, catalogue) = open(desk)?;
    let model = shelf.named(name, &catalogue)?;
    shelf.use_(&model)?;
    if json.wanted {
        desk.screen.json(&here(&model, &catalogue, std::slice::from_ref(&model.name)))?;
    } else {
        desk.screen.line(&format_args!("using {} as {}", model.name, model.kind))?;
    }
    if model.kind == Kind::Embedder && desk.settings.data_dir.value.join("library.redb").exists() {
        // It is chosen already: a library that cannot be opened right now does not change that.
        let snapshot = desk.snapshot().and_then(|snapshot| snapshot.without_vectors(&model.identity, usize::MAX));
        let waiting = snapshot.map_or(0, |documents| documents.len() as u64);
        if waiting > 0 {
            let documents = count(waiting, "document");
            desk.screen.hint(&format_args!(
                "{documents} of the library have no vectors of {} yet; until then they are found by their words",
                model.name
            ));
        }
    }
    Ok(Ending::Fine)
}

pub(super) fn open(desk: &Desk<'_>) -> Result<(Shelf, Catalogue), ModelsError> {
    let data = &desk.settings.data_dir.value;
    Ok((Shelf::open(data), Catalogue::load(data)?))
}

/// Each once, in the order they were named.
pub(super) fn named(shelf: &Shelf, catalogue: &Catalogue, names: &[String]) -> Result<Vec<Installed>, ModelsError> {
    let mut models: Vec<Installed> = Vec::new();
    for name in names {
        let model = shelf.named(name, catalogue)?;
        if models.iter().all(|other| other.name != model.name) {
            models.push(model);
        }
    }
    Ok(models)
}

impl CheckedJson {
    pub(in crate::cli) fn words(state: &State) -> (&'static str, Option<String>) {
        match state {
            State::Sound => ("sound", None),
            State::Gone => ("gone", None),
            State::Length(bytes) => ("length", Some(format!("it has {bytes} bytes now"))),
            State::Altered(sum) => ("altered", Some(format!("its sha256 is {sum} now"))),
            State::Unreadable(why) => ("unreadable", Some(why.clone())),
        }
    }
}
