//! What `docent doctor` says about models: the local catalogue, and every byte of what is installed.

use std::path::Path;

use crate::cli::json::CheckJson;
use crate::cli::show_text::size;
use crate::fault::Fault;
use crate::models::{Catalogue, Installed, ModelsError, Shelf};

const NAME: &str = "models";

pub(in crate::cli) fn checks(data_dir: &Path) -> Vec<CheckJson> {
    let mut checks = Vec::new();
    if let Err(error) = Catalogue::load(data_dir) {
        checks.push(wrong("catalogue", error));
    }
    let (installed, broken) = Shelf::open(data_dir).survey();
    if installed.is_empty() && broken.is_empty() {
        checks.push(fine("none is installed; passages are found by their words".to_owned()));
    }
    checks.extend(installed.iter().map(|model| match model.is_sound() {
        Ok(()) => fine(sound(model)),
        Err(error) => wrong(NAME, error),
    }));
    checks.extend(broken.into_iter().map(|broken| wrong(NAME, broken.error)));
    checks
}

fn sound(model: &Installed) -> String {
    format!("{}, {}, {}, every sum is right", model.name, model.kind, size(model.bytes))
}

fn fine(detail: String) -> CheckJson {
    CheckJson { name: NAME, ok: true, detail, hint: None }
}

fn wrong(name: &'static str, error: ModelsError) -> CheckJson {
    let fault = Fault::from(error);
    CheckJson { name, ok: false, detail: fault.what, hint: fault.hint }
}
