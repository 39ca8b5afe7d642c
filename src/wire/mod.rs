//! The JSON shapes that the command line and the server share: clients rely on their names.

mod cache;
mod topics;

pub use cache::{
    CacheConfigJson, CacheEntryJson, CacheHealthJson, CacheStatusJson, ClearedJson, PerformanceJson, RememberedJson,
};
pub use topics::{PrefetchedJson, SkippedJson, TopicJson};
