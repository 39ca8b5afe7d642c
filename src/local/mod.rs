//! What the owner of a data folder can have done with it, by whichever process has the library open: this one, or a server that
//! runs on the same machine. One list of tasks, each with what it is sent as and what comes of it, so that no command knows
//! the difference.

mod add;
mod ahead;
mod ask;
mod backup;
mod cache;
mod documents;
mod embed;
mod evaluate;
mod task;
mod topics;

pub use add::{Add, AddTold, Added};
pub use ahead::{Prefetch, Warm};
pub use ask::{Ask, Search};
pub use backup::{Backup, BackupJson};
pub use cache::{CacheClear, CacheEntries, CacheGet, CacheReportJson, CacheStatus, CacheTrouble};
pub use documents::{Documents, Find, HasCollection, Remove, Text};
pub use embed::{Embed, EmbedTold};
pub use evaluate::{Evaluate, ScoresJson, Sheet};
pub use task::{Any, FaultJson, Holder, Line, Needs, Task, Tell, read};
pub use topics::{TopicSet, TopicsList, TopicsRemove, WrittenJson};
