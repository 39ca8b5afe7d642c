//! What the command line and a running server on the same machine say to each other.

use serde::{Deserialize, Serialize};

use super::library::{DocumentJson, FailedJson, ReportJson};

/// Files and folders that the server is to read itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AddPathsJson {
    /// Absolute.
    pub paths: Vec<String>,
    pub collection: Option<String>,
    pub recursive: bool,
    /// Removes what is gone, too.
    pub sync: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum AddEventJson {
    Started { files: u64, bytes: u64 },
    Done { path: String, bytes: u64, outcome: String },
    Failed { bytes: u64, what: FailedJson },
    Embedded { passages: u64 },
    Publishing,
    Report { report: ReportJson },
}

/// What somebody typed for a document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FindJson {
    pub typed: String,
    /// The same as paths.
    pub paths: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FoundJson {
    pub documents: Vec<DocumentJson>,
}
