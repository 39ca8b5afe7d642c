//! Models as `--json` writes them.

use serde::Serialize;
use serde::ser::Serializer;

use crate::models::{Checked, Entry, Held, Installed, Kind, State, Trust};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::cli) enum ModelState {
    InUse,
    Installed,
    Damaged,
    Available,
}

impl ModelState {
    pub(in crate::cli) fn word(self, is_default: bool) -> &'static str {
        match self {
            ModelState::InUse => "in use",
            ModelState::Installed => "installed",
            ModelState::Damaged => "damaged",
            ModelState::Available if is_default => "- (default)",
            ModelState::Available => "-",
        }
    }
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct ModelJson {
    pub name: String,
    #[serde(serialize_with = "word")]
    pub kind: Kind,
    pub state: ModelState,
    pub installed: bool,
    pub in_use: bool,
    #[serde(rename = "default")]
    pub is_default: bool,
    /// What the files take on disk, where that is known.
    pub bytes: Option<u64>,
    /// An estimate.
    pub memory_bytes: Option<u64>,
    pub licence: Option<String>,
    pub languages: Vec<String>,
    format: &'static str,
    repo: Option<String>,
    revision: Option<String>,
    context: Option<usize>,
    max_tokens: Option<usize>,
    dimensions: Option<usize>,
    identity: Option<String>,
    folder: Option<String>,
}

fn word<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

impl ModelJson {
    pub(in crate::cli) fn available(entry: &Entry) -> ModelJson {
        ModelJson {
            name: entry.name.clone(),
            kind: entry.kind,
            state: ModelState::Available,
            installed: false,
            in_use: false,
            is_default: entry.is_default,
            bytes: entry.bytes(),
            memory_bytes: entry.memory(),
            licence: entry.licence.clone(),
            languages: entry.languages.clone(),
            format: entry.format.name(),
            repo: entry.repo.clone(),
            revision: entry.revision.clone(),
            context: entry.context,
            max_tokens: entry.max_tokens,
            dimensions: entry.dimensions,
            identity: None,
            folder: None,
        }
    }

    pub(in crate::cli) fn installed(model: &Installed, state: ModelState, is_default: bool) -> ModelJson {
        ModelJson {
            state,
            installed: true,
            in_use: state == ModelState::InUse,
            is_default,
            bytes: Some(model.bytes),
            memory_bytes: Some(model.memory()),
            revision: model.revision.clone(),
            identity: Some(model.identity.clone()),
            folder: Some(model.folder.display().to_string()),
            ..ModelJson::available(&model.entry)
        }
    }
}

/// What `verify` found.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct VerifiedJson {
    pub name: String,
    pub sound: bool,
    pub files: Vec<CheckedJson>,
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct CheckedJson {
    pub name: String,
    bytes: u64,
    sha256: String,
    pub state: &'static str,
    pub detail: Option<String>,
}

impl VerifiedJson {
    pub(in crate::cli) fn of(model: &Installed, checked: &[Checked]) -> VerifiedJson {
        let files = checked.iter().map(|Checked { file: Held { name, bytes, sha256, .. }, state }| {
            let (state, detail) = CheckedJson::words(state);
            CheckedJson { name: name.clone(), bytes: *bytes, sha256: sha256.to_string(), state, detail }
        });
        VerifiedJson {
            name: model.name.clone(),
            sound: checked.iter().all(|checked| checked.state == State::Sound),
            files: files.collect(),
        }
    }

    pub(in crate::cli) fn broken(name: String) -> VerifiedJson {
        VerifiedJson { name, sound: false, files: Vec::new() }
    }
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct RemovedJson {
    name: String,
    bytes: u64,
}

impl From<&Installed> for RemovedJson {
    fn from(model: &Installed) -> RemovedJson {
        RemovedJson { name: model.name.clone(), bytes: model.bytes }
    }
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct ExportedJson {
    pub file: String,
    pub bytes: u64,
    pub models: Vec<String>,
}

/// What `pull` brought.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct PulledJson {
    pub name: String,
    #[serde(serialize_with = "word")]
    pub kind: Kind,
    already: bool,
    revision: Option<String>,
    bytes: u64,
    folder: String,
    files: Vec<HeldJson>,
}

#[derive(Debug, Serialize)]
struct HeldJson {
    name: String,
    bytes: u64,
    sha256: String,
    /// Who vouched for the sum.
    trust: &'static str,
}

impl PulledJson {
    pub(in crate::cli) fn of(model: &Installed, already: bool) -> PulledJson {
        let files = model.files.iter().map(|Held { name, bytes, sha256, trust }| HeldJson {
            name: name.clone(),
            bytes: *bytes,
            sha256: sha256.to_string(),
            trust: match trust {
                Trust::Catalogue => "catalogue",
                Trust::Remembered => "remembered",
                Trust::Hub => "hub",
                Trust::Sender => "sender",
                Trust::FirstUse => "first_use",
            },
        });
        PulledJson {
            name: model.name.clone(),
            kind: model.kind,
            already,
            revision: model.revision.clone(),
            bytes: model.bytes,
            folder: model.folder.display().to_string(),
            files: files.collect(),
        }
    }
}
