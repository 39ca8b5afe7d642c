//! The namespaces: what belongs together, and how long it may be believed.

use std::time::Duration;

/// How a namespace keeps what is put into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    pub name: String,
    /// For ever where there is none; nothing is kept where it is 0.
    pub ttl: Option<Duration>,
    /// Of what says that there is nothing: what was not there a moment ago may be there soon.
    pub negative: Duration,
    /// For so long after its time an entry is still given out, while whoever asked sees to a new one.
    pub stale: Duration,
    /// Whether it outlives the process.
    pub on_disk: bool,
    /// Whether its values are worth the attempt to write them shorter.
    pub compresses: bool,
    /// Asked on the way to something else: counted by itself, and not in the totals.
    pub is_part: bool,
    /// Was learned and cannot be computed: who throws everything away does not mean it.
    pub is_learned: bool,
}

const MINUTE: Duration = Duration::from_secs(60);

impl Space {
    /// For ever, on disk.
    pub fn new(name: &str) -> Space {
        Space {
            name: name.to_owned(),
            ttl: None,
            negative: MINUTE,
            stale: Duration::ZERO,
            on_disk: true,
            compresses: true,
            is_part: false,
            is_learned: false,
        }
    }

    #[must_use]
    pub fn lasting(self, ttl: Duration) -> Space {
        Space { ttl: Some(ttl), ..self }
    }

    /// Those that are always there, with the times they have unless somebody says otherwise.
    pub fn usual() -> Vec<Space> {
        vec![
            Space { compresses: false, is_part: true, ..Space::new(Space::EMBEDDING) },
            Space::new(Space::SEARCH).lasting(10 * MINUTE),
            Space::new(Space::CONTEXT).lasting(120 * MINUTE),
            Space::new(Space::ANSWER).lasting(24 * 60 * MINUTE),
            Space { is_part: true, is_learned: true, ..Space::new(Space::USAGE) },
            Space { is_part: true, ..Space::new(Space::WRITTEN).lasting(24 * 60 * MINUTE) },
        ]
    }

    /// Vectors, by the text they were made of.
    pub const EMBEDDING: &str = "embedding";
    /// Passages found.
    pub const SEARCH: &str = "search";
    /// Passages made ready for a prompt.
    pub const CONTEXT: &str = "context";
    /// Whole answers.
    pub const ANSWER: &str = "answer";
    /// What a model wrote, by the prompt it was given.
    pub const WRITTEN: &str = "written";

    /// A name is one word of the names of entries.
    pub(super) fn is_name(name: &str) -> bool {
        (1..=64).contains(&name.len()) && !name.contains(|c: char| c.is_control() || matches!(c, ':' | '*' | '?'))
    }

    /// What is asked how often, and by whom.
    pub const USAGE: &str = "usage";

    /// The namespace of an entry, by its name.
    pub(super) fn of(name: &str) -> &str {
        name.split(':').next().unwrap_or_default()
    }
}
