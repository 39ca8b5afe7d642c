//! Documents, checks and settings as `--json` writes them.

use serde::Serialize;
use serde::ser::Serializer;

use crate::domain::Document;
use crate::settings::{Entry, Plain};

#[derive(Debug, Serialize)]
pub(in crate::cli) struct DocumentJson {
    pub id: String,
    pub source: String,
    pub title: String,
    pub format: &'static str,
    pub language: &'static str,
    pub collection: String,
    pub chunks: u32,
    pub bytes: u64,
    pub added_at: String,
    /// With `show` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl From<&Document> for DocumentJson {
    fn from(document: &Document) -> DocumentJson {
        DocumentJson {
            id: document.id.to_string(),
            source: document.source.clone(),
            title: document.title.clone(),
            format: document.format.name(),
            language: document.language.tag(),
            collection: document.collection.to_string(),
            chunks: document.chunks,
            bytes: document.bytes,
            added_at: document.added_at.to_string(),
            text: None,
        }
    }
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct DoctorJson {
    pub ok: bool,
    pub checks: Vec<CheckJson>,
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct CheckJson {
    pub name: &'static str,
    pub ok: bool,
    pub detail: String,
    pub hint: Option<String>,
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct SettingJson {
    key: &'static str,
    #[serde(serialize_with = "plain")]
    value: Plain,
    origin: String,
    help: &'static str,
    variable: String,
}

impl From<&Entry> for SettingJson {
    fn from(entry: &Entry) -> SettingJson {
        SettingJson {
            key: entry.key.name,
            value: entry.value.clone(),
            origin: entry.origin.to_string(),
            help: entry.key.help,
            variable: entry.key.variable(),
        }
    }
}

fn plain<S: Serializer>(value: &Plain, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Plain::Flag(value) => serializer.serialize_bool(*value),
        Plain::Number(value) => serializer.serialize_u64(*value),
        Plain::Text(value) => serializer.serialize_str(value),
    }
}
