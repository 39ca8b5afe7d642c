//! Topics, and what came of making them ready.

use serde::Serialize;
use utoipa::ToSchema;

use crate::assistant::{Done, Skipped, Topic, Why};
use crate::domain::CollectionName;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopicJson {
    name: String,
    query: String,
    collection: Option<String>,
    k: Option<usize>,
}

impl From<&Topic> for TopicJson {
    fn from(topic: &Topic) -> TopicJson {
        TopicJson {
            name: topic.name.clone(),
            query: topic.query.clone(),
            collection: topic.collection.as_ref().map(CollectionName::to_string),
            k: topic.k,
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SkippedJson {
    topic: String,
    /// `fresh`, `limit` or `unknown`.
    why: &'static str,
}

impl From<&Skipped> for SkippedJson {
    fn from(skipped: &Skipped) -> SkippedJson {
        let why = match skipped.why {
            Why::Fresh => "fresh",
            Why::Limit => "limit",
            Why::Unknown => "unknown",
        };
        SkippedJson { topic: skipped.name.clone(), why }
    }
}

/// A run to its end.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PrefetchedJson {
    ready: Vec<String>,
    skipped: Vec<SkippedJson>,
    failed: Vec<FailedJson>,
    stopped: bool,
    seconds: f64,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct FailedJson {
    topic: String,
    error: String,
}

impl PrefetchedJson {
    pub fn new(skipped: &[Skipped], done: &Done) -> PrefetchedJson {
        let failed = |(topic, fault): &(String, crate::fault::Fault)| FailedJson {
            topic: topic.clone(),
            error: fault.what.clone(),
        };
        PrefetchedJson {
            ready: done.ready.clone(),
            skipped: skipped.iter().map(SkippedJson::from).collect(),
            failed: done.failed.iter().map(failed).collect(),
            stopped: done.stopped,
            seconds: (done.took.as_secs_f64() * 1e3).round() / 1e3,
        }
    }
}
