//! What the engines remember, and who wants something of them now.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::assistant::calm::Calm;
use crate::assistant::engines::Engines;
use crate::assistant::remember::{Answered, Asks};
use crate::assistant::usage::Usage;
use crate::cache::Cache;
use crate::inference::Urgency;

#[derive(Debug, Default)]
pub(super) struct Recall {
    cache: Option<Cache>,
    /// Questions that are being answered.
    asks: Asks,
    answered: Answered,
    /// From which cosine on two questions may be the same one; never where there is none.
    likeness: Option<f32>,
    /// What is asked how often.
    usage: Usage,
    /// Those who wait for an answer.
    calm: Calm,
    /// What of the settings changes what the models make.
    setup: String,
    /// How often somebody had to do without a model that should have helped.
    without: AtomicU64,
}

impl Engines {
    /// What was embedded, found or answered once is remembered as long as it is right.
    #[must_use]
    pub fn with_cache(self, cache: Cache) -> Engines {
        self.recalling(|recall| Recall { cache: Some(cache), ..recall })
    }

    /// `setup` names what else, beside the models, decides what they make: with another, nothing is taken for the same.
    #[must_use]
    pub fn with_setup(self, setup: String) -> Engines {
        self.recalling(|recall| Recall { setup, ..recall })
    }

    /// Lets questions in other words be given the answer to one that asks the same, from this cosine on.
    #[must_use]
    pub fn with_likeness(self, likeness: Option<f32>) -> Engines {
        self.recalling(|recall| Recall { likeness, ..recall })
    }

    /// The same engines for somebody who can wait longer, or less long.
    #[must_use]
    pub fn at(&self, urgency: Urgency) -> Engines {
        Engines { urgency, ..self.clone() }
    }

    pub fn cache(&self) -> Option<&Cache> {
        self.inner.recall.cache.as_ref()
    }

    /// Everything that is to be remembered is on disk when this returns, as far as there is one.
    pub fn settle(&self) {
        if let Some(cache) = self.cache() {
            self.usage().save(cache);
            self.answered().save(cache);
            cache.settle();
        }
    }

    pub(super) fn urgency(&self) -> Urgency {
        self.urgency
    }

    pub(super) fn asks(&self) -> &Asks {
        &self.inner.recall.asks
    }

    pub(super) fn likeness(&self) -> Option<f32> {
        self.inner.recall.likeness
    }

    pub(super) fn answered(&self) -> &Answered {
        &self.inner.recall.answered
    }

    pub(super) fn usage(&self) -> &Usage {
        &self.inner.recall.usage
    }

    pub(super) fn calm(&self) -> &Calm {
        &self.inner.recall.calm
    }

    pub(super) fn setup(&self) -> &str {
        &self.inner.recall.setup
    }

    /// Counts up when somebody had to do without: what was made meanwhile is not what it should be.
    pub(super) fn times_without(&self) -> u64 {
        self.inner.recall.without.load(Ordering::Relaxed)
    }

    pub(super) fn do_without(&self) {
        self.inner.recall.without.fetch_add(1, Ordering::Relaxed);
    }
}
