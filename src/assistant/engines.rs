//! The models that the product works with: opened on first need, once. Without them, or when one fails, everything goes on
//! by words alone, and what happened is said once.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::Receiver;

use crate::assistant::apart::apart;
use crate::assistant::named::Beside;
use crate::assistant::query::no_embedder;
use crate::assistant::recall::Recall;
use crate::assistant::slot::Slot;
use crate::domain::Language;
use crate::fault::{Fault, Result};
use crate::inference::{Embedder, Generator, Pulse, Reranker, Urgency};

/// Cheap to clone; clones share what was opened.
#[derive(Clone, Debug)]
pub struct Engines {
    pub(super) inner: Arc<Inner>,
    pub(super) urgency: Urgency,
    /// Who writes, where that is not the generator that was chosen.
    pub(super) writer: Option<Choice>,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    embedder: Option<Slot<dyn Embedder>>,
    reranker: Option<Slot<dyn Reranker>>,
    generator: Option<Slot<dyn Generator>>,
    /// The models beside the chosen ones.
    others: Option<Beside>,
    /// Not yet told.
    troubles: Mutex<Vec<Fault>>,
    pub(super) recall: Recall,
    /// The last question and its vector, for those who have no cache.
    pub(super) last: Mutex<Option<(String, Vec<f32>)>>,
}

/// A model that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub name: String,
    /// What its vectors are kept under.
    pub id: String,
    /// Those it was made for; empty where nobody knows.
    pub languages: Vec<Language>,
}

/// Nothing where none is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulses {
    pub embedder: Option<Pulse>,
    pub reranker: Option<Pulse>,
    pub generator: Option<Pulse>,
}

/// How long a question waits at most for its vector, or its passages for the reranker. Words alone answer sooner.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

impl Engines {
    /// No model: by words alone.
    pub fn none() -> Engines {
        Engines::default()
    }

    /// `open` is called when the model is first needed.
    #[must_use]
    pub fn with_embedder(
        self,
        choice: Choice,
        open: impl Fn() -> Result<Arc<dyn Embedder>> + Send + Sync + 'static,
    ) -> Engines {
        let embedder = Some(Slot::new(choice, open));
        self.rebuilt(|inner| Inner { embedder, ..inner })
    }

    #[must_use]
    pub fn with_reranker(
        self,
        choice: Choice,
        open: impl Fn() -> Result<Arc<dyn Reranker>> + Send + Sync + 'static,
    ) -> Engines {
        let reranker = Some(Slot::new(choice, open));
        self.rebuilt(|inner| Inner { reranker, ..inner })
    }

    #[must_use]
    pub fn with_generator(
        self,
        choice: Choice,
        open: impl Fn() -> Result<Arc<dyn Generator>> + Send + Sync + 'static,
    ) -> Engines {
        let generator = Some(Slot::new(choice, open));
        self.rebuilt(|inner| Inner { generator, ..inner })
    }

    #[must_use]
    pub(super) fn with_others(self, others: Beside) -> Engines {
        self.rebuilt(|inner| Inner { others: Some(others), ..inner })
    }

    #[must_use]
    pub(super) fn with_trouble(self, fault: Fault) -> Engines {
        self.trouble(fault);
        self
    }

    fn rebuilt(self, change: impl FnOnce(Inner) -> Inner) -> Engines {
        Engines { inner: Arc::new(change(Arc::into_inner(self.inner).unwrap_or_default())), ..Engines::none() }
    }

    pub(super) fn recalling(self, change: impl FnOnce(Recall) -> Recall) -> Engines {
        self.rebuilt(|inner| Inner { recall: change(inner.recall), ..inner })
    }

    /// The embedder that was chosen, whether it can be opened or not.
    pub fn embedder_choice(&self) -> Option<&Choice> {
        self.inner.embedder.as_ref().map(Slot::choice)
    }

    pub fn reranker_choice(&self) -> Option<&Choice> {
        self.inner.reranker.as_ref().map(Slot::choice)
    }

    /// Who writes.
    pub fn generator_choice(&self) -> Option<&Choice> {
        if self.writer.is_some() {
            return self.writer.as_ref();
        }
        self.inner.generator.as_ref().map(Slot::choice)
    }

    pub(super) fn embedder_slot(&self) -> Option<&Slot<dyn Embedder>> {
        self.inner.embedder.as_ref()
    }

    pub(super) fn generator_slot(&self) -> Option<&Slot<dyn Generator>> {
        self.inner.generator.as_ref()
    }

    pub(super) fn others(&self) -> Option<&Beside> {
        self.inner.others.as_ref()
    }

    /// `None` when none was chosen, or when it cannot be opened; then there is a trouble to be told.
    pub fn embedder(&self) -> Option<Arc<dyn Embedder>> {
        self.inner.embedder.as_ref()?.open(self).ok()
    }

    fn reranker(&self) -> Option<Arc<dyn Reranker>> {
        self.inner.reranker.as_ref()?.open(self).ok()
    }

    /// Opened on a thread of its own where it is not open yet: a large one takes seconds, and who does not wait for it
    /// finds it open the next time. `None` comes when none was chosen, or when it cannot be opened; then there is a trouble
    /// to be told.
    pub fn generator(&self) -> Receiver<Option<Arc<dyn Generator>>> {
        let engines = self.clone();
        match self.inner.generator.as_ref().map(Slot::opened) {
            Some(None) => apart(move || engines.inner.generator.as_ref()?.open(&engines).ok()),
            here => {
                let (sender, receiver) = crossbeam_channel::bounded(1);
                let _ = sender.send(here.flatten().and_then(Result::ok));
                receiver
            }
        }
    }

    /// How it is with the models that are open, by what they do.
    pub fn pulses(&self) -> Pulses {
        let Inner { embedder, reranker, generator, .. } = &*self.inner;
        Pulses {
            embedder: embedder.as_ref().and_then(|slot| slot.opened()?.ok()?.pulse()),
            reranker: reranker.as_ref().and_then(|slot| slot.opened()?.ok()?.pulse()),
            generator: generator.as_ref().and_then(|slot| slot.opened()?.ok()?.pulse()),
        }
    }

    /// What went wrong since this was last asked.
    pub fn take_troubles(&self) -> Vec<Fault> {
        std::mem::take(&mut *lock(&self.inner.troubles))
    }

    /// Why there is no embedder to work with, or that none was chosen.
    pub(super) fn no_embedder(&self) -> Fault {
        self.take_troubles().pop().unwrap_or_else(no_embedder)
    }

    pub(super) fn trouble(&self, fault: Fault) {
        tracing::info!(code = fault.code, what = fault.what, "a model was not used");
        self.do_without();
        let mut troubles = lock(&self.inner.troubles);
        if troubles.iter().all(|told| told.what != fault.what) {
            troubles.push(fault);
        }
    }

    /// How well each passage answers, by the reranker. `None`: there is none, it failed, or it is late.
    pub(super) fn rerank(&self, question: &str, passages: Vec<String>, patience: Duration) -> Option<Vec<f32>> {
        self.reranker_choice()?;
        let scores = self.scores(question, passages, patience);
        if scores.is_none() {
            self.do_without();
        }
        scores
    }

    fn scores(&self, question: &str, passages: Vec<String>, patience: Duration) -> Option<Vec<f32>> {
        let (engines, question, count) = (self.clone(), question.to_owned(), passages.len());
        let scores = apart(move || {
            let reranker = engines.reranker()?;
            let passages: Vec<&str> = passages.iter().map(String::as_str).collect();
            reranker.score(&question, &passages, engines.urgency).map_err(|error| engines.trouble(error.into())).ok()
        });
        self.in_time(&scores, patience)
            .filter(|scores| scores.len() == count && scores.iter().all(|score| score.is_finite()))
    }

    pub(super) fn in_time<T>(&self, coming: &Receiver<Option<T>>, patience: Duration) -> Option<T> {
        coming.recv_timeout(patience).unwrap_or_else(|error| {
            self.do_without();
            let late = error.is_timeout();
            let what = if late { "a model took too long, so it was left out" } else { "a model failed" };
            self.trouble(
                Fault::machine("model_late", what).hint("`docent search --mode lexical` does without; try again later"),
            );
            None
        })
    }
}

impl Default for Engines {
    fn default() -> Engines {
        Engines { inner: Arc::default(), urgency: Urgency::Ask, writer: None }
    }
}

impl Choice {
    /// Whether it was made for a language.
    pub fn speaks(&self, language: Language) -> bool {
        language != Language::Other && self.languages.contains(&language)
    }
}

/// As many as the machine has.
pub(super) fn threads() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
