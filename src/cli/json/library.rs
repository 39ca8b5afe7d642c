//! Documents, checks and settings as `--json` writes them.

use serde::Serialize;
use serde::ser::Serializer;

use crate::assistant::{AddReport, EmbedReport};
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

/// What `add` and `sync` did.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct ReportJson {
    added: u64,
    updated: u64,
    unchanged: u64,
    renamed: u64,
    removed: u64,
    failed: Vec<FailedJson>,
    stopped: bool,
    documents: u64,
    chunks: u64,
    /// Documents of the library that the embedder has not read yet.
    not_embedded: u64,
    seconds: f64,
}

#[derive(Debug, Serialize)]
struct FailedJson {
    path: String,
    error: String,
    code: &'static str,
    hint: Option<String>,
}

impl From<&AddReport> for ReportJson {
    fn from(report: &AddReport) -> ReportJson {
        let failed = report.failed.iter().map(|(path, fault)| FailedJson {
            path: path.display().to_string(),
            error: fault.what.clone(),
            code: fault.code,
            hint: fault.hint.clone(),
        });
        ReportJson {
            added: report.added,
            updated: report.updated,
            unchanged: report.unchanged,
            renamed: report.renamed,
            removed: report.removed,
            failed: failed.collect(),
            stopped: report.stopped,
            documents: report.documents,
            chunks: report.chunks,
            not_embedded: report.not_embedded,
            seconds: (report.took.as_secs_f64() * 1e3).round() / 1e3,
        }
    }
}

/// What `embed` did.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct EmbedJson {
    embedder: String,
    documents: u64,
    chunks: u64,
    remaining: u64,
    forgotten: Vec<String>,
    stopped: bool,
    seconds: f64,
}

impl From<&EmbedReport> for EmbedJson {
    fn from(report: &EmbedReport) -> EmbedJson {
        EmbedJson {
            embedder: report.embedder.clone(),
            documents: report.documents,
            chunks: report.chunks,
            remaining: report.remaining,
            forgotten: report.forgotten.clone(),
            stopped: report.stopped,
            seconds: (report.took.as_secs_f64() * 1e3).round() / 1e3,
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
