//! The shapes of results as clients read them: what `--json` prints and what the server answers with.
//!
//! Every name in here is a promise. Knows what docent talks about, and no way of sending it.

mod ahead;
mod answers;
mod cache;
mod described;
mod door;
mod library;
mod requests;
mod topics;

pub use ahead::{
    CacheChangeJson, CacheEntriesJson, ClearJson, DepthJson, PrefetchAcceptedJson, PrefetchJson, TopicInJson,
    TopicsJson, WarmQueryJson, WarmUpJson,
};
pub(crate) use answers::millis;
pub use answers::{AnswerJson, CitationJson, ContextJson, DemoJson, PassageJson, PassagesJson, PlaceJson, TimingsJson};
pub use cache::{
    CacheConfigJson, CacheEntryJson, CacheHealthJson, CacheStatusJson, ClearedJson, PerformanceJson, RememberedJson,
};
pub use described::{NameJson, ShelfJson};
pub use door::DoorJson;
pub use library::{
    AcceptedJson, AddedAnyJson, AddedJson, CollectionJson, CollectionsJson, DocumentJson, DocumentsJson, EmbedJson,
    FailedJson, JobJson, JobState, ReportJson,
};
pub use requests::{AskJson, DocumentInJson, ModeJson, QueryJson, TurnJson};
pub use topics::{PrefetchedJson, SkippedJson, TopicJson};
