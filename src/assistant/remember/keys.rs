//! What decides what comes out: everything that does is in the key, and nothing else.

use crate::assistant::ask::{Question, Writing};
use crate::assistant::engines::Engines;
use crate::assistant::query::{Mode, Query};
use crate::cache::{Key, KeyMaker, Space};
use crate::domain::CollectionName;
use crate::library::Snapshot;
use crate::text::plain_question;

/// Counts up when what is kept is made, or written, in another way: also when a prompt's text or a search's weights change.
pub(super) const VERSION: u32 = 1;
/// Retrieval may be another in another docent.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// The state of the library that something is right for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Revision(pub u64, pub u64);

impl Revision {
    pub(super) fn of(snapshot: &Snapshot) -> Revision {
        Revision(snapshot.identity(), snapshot.revision())
    }
}

pub(super) fn of_query(space: &str, engines: &Engines, query: &Query) -> Key {
    searched(space, engines, &query.text, query.collection.as_ref(), query.k, query.mode).finish()
}

pub(super) fn of_question(engines: &Engines, question: &Question) -> Key {
    let Question { text, collection, k, mode, history, certainty, timeout: _, writing } = question;
    let mut key = searched(Space::ANSWER, engines, text, collection.as_ref(), *k, *mode);
    key = key.number(u64::from(certainty.to_bits())).number(history.len() as u64);
    for turn in history {
        key = key.text(&turn.question).text(&turn.answer);
    }
    key = match writing {
        None => key.text("sentences"),
        Some(writing) => {
            let Writing { prompt_tokens, max_tokens, temperature, seed } = writing;
            let generator = engines.generator_choice().map_or("", |choice| choice.id.as_str());
            key.text(generator)
                .number(*prompt_tokens as u64)
                .number(*max_tokens as u64)
                .number(u64::from(temperature.to_bits()))
                .number(*seed)
        }
    };
    key.finish()
}

/// Those who ask the same in the same state of the library, and wait equally long.
pub(super) fn of_flight(key: &Key, revision: Revision, engines: &Engines, question: &Question) -> Key {
    Key::of("flight", VERSION)
        .text(&format!("{key:?}{:?}", engines.urgency()))
        .number(revision.0)
        .number(revision.1)
        .number(u64::try_from(question.timeout.as_millis()).unwrap_or(u64::MAX))
        .finish()
}

/// What people see of it.
pub(super) fn label(collection: Option<&CollectionName>, text: &str) -> String {
    format!("{}/{}", collection.map_or("all", CollectionName::as_str), text)
}

fn searched(
    space: &str,
    engines: &Engines,
    text: &str,
    collection: Option<&CollectionName>,
    k: usize,
    mode: Mode,
) -> KeyMaker {
    let mut key = Key::of(space, VERSION).text(PROGRAM).text(engines.setup());
    for choice in [engines.embedder_choice(), engines.reranker_choice()] {
        key = match choice {
            None => key.text(""),
            Some(choice) => key.text(&choice.id).text(&format!("{:?}", choice.languages)),
        };
    }
    key.text(collection.map_or("", CollectionName::as_str))
        .number(k as u64)
        .text(&format!("{mode:?}"))
        .text(&plain_question(text))
}
