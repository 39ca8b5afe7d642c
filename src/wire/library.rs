//! Documents, collections, jobs, and what became of what was added.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::assistant::{AddReport, EmbedReport};
use crate::domain::Document;
use crate::fault::Fault;
use crate::library::CollectionSummary;

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DocumentJson {
    pub id: String,
    /// An absolute path, or the name a client gave.
    pub source: String,
    pub title: String,
    pub format: String,
    pub language: String,
    pub collection: String,
    /// How many passages it has.
    pub chunks: u32,
    /// Of the original file.
    pub bytes: u64,
    pub added_at: String,
    /// With `show` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl From<&Document> for DocumentJson {
    fn from(document: &Document) -> DocumentJson {
        DocumentJson {
            id: document.id.to_string(),
            source: document.source.clone(),
            title: document.title.clone(),
            format: document.format.name().to_owned(),
            language: document.language.tag().to_owned(),
            collection: document.collection.to_string(),
            chunks: document.chunks,
            bytes: document.bytes,
            added_at: document.added_at.to_string(),
            text: None,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DocumentsJson {
    pub documents: Vec<DocumentJson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CollectionJson {
    pub name: String,
    pub documents: u64,
    /// Passages.
    pub chunks: u64,
    /// Of the original files.
    pub bytes: u64,
}

impl From<&CollectionSummary> for CollectionJson {
    fn from(summary: &CollectionSummary) -> CollectionJson {
        CollectionJson {
            name: summary.name.to_string(),
            documents: summary.documents,
            chunks: summary.chunks,
            bytes: summary.bytes,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CollectionsJson {
    pub collections: Vec<CollectionJson>,
}

/// What `add` and `sync` did.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReportJson {
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub renamed: u64,
    pub removed: u64,
    pub failed: Vec<FailedJson>,
    pub stopped: bool,
    pub documents: u64,
    pub chunks: u64,
    /// Documents of the library that the embedder has not read yet.
    pub not_embedded: u64,
    pub seconds: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FailedJson {
    pub path: String,
    pub error: String,
    pub code: String,
    pub hint: Option<String>,
}

impl FailedJson {
    pub fn new(path: impl Into<String>, fault: &Fault) -> FailedJson {
        FailedJson {
            path: path.into(),
            error: fault.what.clone(),
            code: fault.code.to_owned(),
            hint: fault.hint.clone(),
        }
    }
}

impl From<&AddReport> for ReportJson {
    fn from(report: &AddReport) -> ReportJson {
        let failed = report.failed.iter().map(|(path, fault)| FailedJson::new(path.display().to_string(), fault));
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
            seconds: seconds(report.took),
        }
    }
}

/// Several files that came in one call.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AddedJson {
    pub documents: Vec<DocumentJson>,
    pub failed: Vec<FailedJson>,
}

/// What one call brought: one document as itself, several with what failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum AddedAnyJson {
    One(Box<DocumentJson>),
    Several(AddedJson),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    Waiting,
    Running,
    Done,
    Failed,
}

/// Work that goes on after its call was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobJson {
    pub id: String,
    pub state: JobState,
    pub done: u64,
    pub total: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Ids of documents that were added, in the order in which they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
}

/// Where to ask how it goes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AcceptedJson {
    pub job: String,
}

/// What `embed` did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmbedJson {
    pub embedder: String,
    pub documents: u64,
    pub chunks: u64,
    pub remaining: u64,
    pub forgotten: Vec<String>,
    pub stopped: bool,
    pub seconds: f64,
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
            seconds: seconds(report.took),
        }
    }
}

fn seconds(took: std::time::Duration) -> f64 {
    (took.as_secs_f64() * 1e3).round() / 1e3
}
