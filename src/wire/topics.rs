//! Topics, and what came of making them ready.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::assistant::{Done, Skipped, Topic, Why};
use crate::domain::CollectionName;

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TopicJson {
    pub name: String,
    pub query: String,
    pub collection: Option<String>,
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

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SkippedJson {
    pub topic: String,
    /// `fresh`, `limit` or `unknown`.
    pub why: String,
}

impl From<&Skipped> for SkippedJson {
    fn from(skipped: &Skipped) -> SkippedJson {
        let why = match skipped.why {
            Why::Fresh => "fresh",
            Why::Limit => "limit",
            Why::Unknown => "unknown",
        };
        SkippedJson { topic: skipped.name.clone(), why: why.to_owned() }
    }
}

/// A run to its end.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PrefetchedJson {
    pub ready: Vec<String>,
    pub skipped: Vec<SkippedJson>,
    pub failed: Vec<NotReadyJson>,
    pub stopped: bool,
    pub seconds: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NotReadyJson {
    pub topic: String,
    pub error: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl PrefetchedJson {
    pub fn new(skipped: &[Skipped], done: &Done) -> PrefetchedJson {
        let failed = |(topic, fault): &(String, crate::fault::Fault)| NotReadyJson {
            topic: topic.clone(),
            error: fault.what.clone(),
            hint: fault.hint.clone(),
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
