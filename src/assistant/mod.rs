//! What docent does for a person: it adds documents, finds passages, and answers from them.

mod add;
mod ask;
mod evaluate;
#[cfg(test)]
mod fixture;
mod gate;
mod phrases;
mod prepare;
mod query;
mod retrieve;
mod sync;
mod walk;

pub use add::{AddEvent, AddOptions, AddReport, Outcome, add};
pub use ask::{Question, ask};
pub use evaluate::{Evaluation, Latency, RECALL_AT, Scores, evaluate};
pub use query::{Mode, Query};
pub use retrieve::search;
pub use sync::sync;
pub use walk::{Depth, absolute};

#[cfg(test)]
mod add_tests;
