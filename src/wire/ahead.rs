//! What clients send about topics, about what is to be made ready, and about the cache.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::described::{ShelfJson, WordsJson};
use super::topics::{SkippedJson, TopicJson};
use crate::assistant::Ready;

#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct TopicInJson {
    /// What is found, made ready and answered for it.
    #[schema(value_type = WordsJson)]
    pub query: String,
    #[schema(value_type = Option<ShelfJson>)]
    pub collection: Option<String>,
    #[schema(minimum = 1, maximum = 100)]
    pub k: Option<usize>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopicsJson {
    pub topics: Vec<TopicJson>,
}

/// How far ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DepthJson {
    Context,
    Kv,
    Answer,
}

impl From<DepthJson> for Ready {
    fn from(depth: DepthJson) -> Ready {
        match depth {
            DepthJson::Context => Ready::Context,
            DepthJson::Kv => Ready::Kv,
            DepthJson::Answer => Ready::Answer,
        }
    }
}

impl From<Ready> for DepthJson {
    fn from(ready: Ready) -> DepthJson {
        match ready {
            Ready::Context => DepthJson::Context,
            Ready::Kv => DepthJson::Kv,
            Ready::Answer => DepthJson::Answer,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct PrefetchJson {
    /// By name; none: those that the learner will probably open next.
    pub topics: Option<Vec<String>>,
    pub learner: Option<String>,
    /// How many topics at most: 3.
    #[schema(minimum = 1, maximum = 100)]
    pub limit: Option<usize>,
    /// How many passages of each: 3.
    #[schema(minimum = 1, maximum = 100)]
    pub k: Option<usize>,
    /// `context` where nothing is said.
    pub depth: Option<DepthJson>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PrefetchAcceptedJson {
    pub job: String,
    /// Names of topics.
    pub accepted: Vec<String>,
    pub skipped: Vec<SkippedJson>,
}

#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct ClearJson {
    /// With `*` for anything; everything where nothing is said.
    pub pattern: Option<String>,
    pub namespace: Option<String>,
    /// Only what is too old.
    pub expired_only: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct WarmUpJson {
    /// Questions that will be asked.
    #[schema(max_items = 10000)]
    pub queries: Option<Vec<WarmQueryJson>>,
    pub topics: Option<Vec<String>>,
    /// So many of those that were asked most.
    #[schema(maximum = 500)]
    pub top: Option<usize>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum WarmQueryJson {
    Text(String),
    Query {
        query: String,
        #[schema(value_type = Option<ShelfJson>)]
        collection: Option<String>,
    },
}

#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub struct CacheChangeJson {
    /// Seconds by namespace; 0 keeps nothing, null is as it was set up.
    #[schema(value_type = Option<BTreeMap<String, Option<usize>>>)]
    pub ttl: Option<BTreeMap<String, Option<i64>>>,
    #[schema(value_type = Option<usize>)]
    pub memory_bytes: Option<i64>,
    #[schema(value_type = Option<usize>)]
    pub disk_bytes: Option<i64>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CacheEntriesJson {
    pub entries: Vec<super::cache::CacheEntryJson>,
}
