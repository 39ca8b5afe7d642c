//! What docent does for a person: it adds documents, finds passages, and answers from them.

mod across;
mod add;
mod apart;
mod ask;
mod calm;
mod cite;
mod context;
mod converse;
mod embed;
mod engines;
mod evaluate;
mod facts;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod fake_generator;
#[cfg(test)]
mod fixture;
mod follow_up;
mod gate;
mod gather;
mod keeper;
mod meant;
mod named;
mod phrases;
mod pool;
mod predict;
mod prefetch;
mod prepare;
mod put;
mod query;
mod quote;
mod recall;
mod remember;
mod retrieve;
mod shelf;
mod slot;
mod stage;
mod stretches;
mod sync;
mod tell;
mod texts;
mod topics;
mod usage;
mod vectors;
mod walk;
mod write;

pub use add::{AddEvent, AddOptions, AddReport, Outcome, add};
pub use ask::{Question, TIMEOUT, Writing, ask};
pub use context::context;
pub use converse::{Conversation, Heard, Written, converse, load};
pub use embed::{EmbedEvent, EmbedReport, Others, embed, not_embedded};
pub use engines::{Choice, Engines, Pulses};
pub use evaluate::{Evaluation, Latency, RECALL_AT, Ranks, Scores, brings_paragraphs, evaluate};
pub use facts::{Head, ModelFacts};
pub use keeper::{Chore, Keeper, Schedule};
pub use meant::documents_meant;
pub use predict::{Order, Visit, predict};
pub use prefetch::{Done, Errand, Plan, Ready, Skipped, Why, Wish, do_chore, plan, popular, prefetch};
pub use put::{Kept, Sending, Sent, put};
pub use query::{Mode, Query};
pub use remember::{is_fresh, remembered_text};
pub use retrieve::{find_context, search};
pub use shelf::{Wishes, encoder_source, generator_source};
pub use sync::sync;
pub use texts::{Texts, Vectors, vectors};
pub use topics::{Topic, Topics};
pub use usage::Popular;
pub use walk::{Depth, absolute};

#[cfg(test)]
mod add_tests;
#[cfg(test)]
mod ask_tests;
#[cfg(test)]
mod converse_tests;
#[cfg(test)]
mod meaning_tests;
#[cfg(test)]
mod write_tests;
