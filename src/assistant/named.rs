//! Which model does a name mean? The chosen one stays open; any other on the shelf is opened while somebody works with it.

use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};

use crate::assistant::apart::apart;
use crate::assistant::engines::{Choice, Engines};
use crate::assistant::facts::Heads;
use crate::assistant::pool::{Lease, Pool};
use crate::assistant::slot::Slot;
use crate::fault::{Fault, Result};
use crate::inference::{Embedder, Generator};
use crate::models::{Kind, Shelf};

/// What else is on the shelf.
#[derive(Debug)]
pub(super) struct Beside {
    pub shelf: Shelf,
    pub generators: Arc<Pool<dyn Generator>>,
    pub embedders: Arc<Pool<dyn Embedder>>,
    pub heads: Heads,
}

/// A model on its way: it is waited for with the receiver, and no longer opened when this is dropped.
pub(super) struct Coming<T: ?Sized> {
    pub choice: Choice,
    pub receiver: Receiver<Result<Lease<T>>>,
    _wanted: Arc<()>,
}

impl Engines {
    /// By its name, or the chosen one. An error where no such generator is installed; what goes wrong while it is opened
    /// comes with it.
    pub(super) fn lend_generator(&self, name: Option<&str>) -> Result<Coming<dyn Generator>> {
        self.lend(
            Kind::Generator,
            |engines| engines.generator_slot(),
            self.others().map(|others| &others.generators),
            name,
        )
    }

    /// The same engines, with any generator on the shelf to write what is asked of them.
    pub fn writing_with(&self, name: &str) -> Result<Engines> {
        let chosen = self.generator_slot().map(Slot::choice).filter(|chosen| chosen.name == name);
        if chosen.is_some() {
            return Ok(Engines { writer: None, ..self.clone() });
        }
        let Some(others) = self.others() else { return Err(unknown(Kind::Generator, name)) };
        Ok(Engines { writer: Some(others.generators.find(name)?.choice), ..self.clone() })
    }

    /// Who writes. `None` where there is nobody.
    pub(super) fn lend_writer(&self) -> Option<Coming<dyn Generator>> {
        let lent = self.lend_generator(self.writer.as_ref().map(|writer| writer.name.as_str()));
        lent.map_err(|fault| tracing::info!(code = fault.code, "{}", fault.what)).ok()
    }

    pub(super) fn lend_embedder(&self, name: Option<&str>) -> Result<Coming<dyn Embedder>> {
        self.lend(
            Kind::Embedder,
            |engines| engines.embedder_slot(),
            self.others().map(|others| &others.embedders),
            name,
        )
    }

    fn lend<T: ?Sized + Send + Sync + 'static>(
        &self,
        kind: Kind,
        slot: impl Fn(&Engines) -> Option<&Slot<T>> + Send + 'static,
        others: Option<&Arc<Pool<T>>>,
        name: Option<&str>,
    ) -> Result<Coming<T>> {
        let wanted = Arc::new(());
        let chosen = slot(self);
        let Some(name) = name else {
            let Some(chosen) = chosen else { return Err(none_chosen(kind)) };
            let choice = chosen.choice().clone();
            return Ok(Coming { choice, receiver: self.chosen(chosen, slot), _wanted: wanted });
        };
        if let Some(chosen) = chosen.filter(|chosen| chosen.choice().name == name) {
            let choice = chosen.choice().clone();
            return Ok(Coming { choice, receiver: self.chosen(chosen, slot), _wanted: wanted });
        }
        let Some(others) = others else { return Err(unknown(kind, name)) };
        let found = others.find(name)?;
        let choice = found.choice.clone();
        if let Some(chosen) = chosen.filter(|chosen| chosen.choice().id == choice.id) {
            return Ok(Coming { choice, receiver: self.chosen(chosen, slot), _wanted: wanted });
        }
        let (others, waits) = (Arc::clone(others), Arc::downgrade(&wanted));
        let receiver = apart(move || {
            let is_wanted = || waits.strong_count() > 0;
            // Nobody hears what comes when it is no longer wanted.
            others.lend(found, &is_wanted).unwrap_or_else(|| Err(unknown(kind, "")))
        });
        Ok(Coming { choice, receiver, _wanted: wanted })
    }

    /// Opened on a thread of its own where it is not open yet.
    fn chosen<T: ?Sized + Send + Sync + 'static>(
        &self,
        here: &Slot<T>,
        slot: impl Fn(&Engines) -> Option<&Slot<T>> + Send + 'static,
    ) -> Receiver<Result<Lease<T>>> {
        if let Some(opened) = here.opened() {
            let (sender, receiver) = bounded(1);
            let _ = sender.send(opened.map(Lease::of));
            return receiver;
        }
        let engines = self.clone();
        apart(move || {
            let slot = slot(&engines).expect("a slot that was there stays there");
            slot.open(&engines).map(Lease::of)
        })
    }

    /// What is in memory now.
    pub fn opened(&self) -> Vec<Choice> {
        let generator = self.generator_slot().filter(|slot| slot.is_open()).map(|slot| slot.choice().clone());
        let embedder = self.embedder_slot().filter(|slot| slot.is_open()).map(|slot| slot.choice().clone());
        let others = self.others().map(|others| [others.generators.opened(), others.embedders.opened()]);
        let others = others.into_iter().flatten().flatten();
        generator.into_iter().chain(embedder).chain(others).collect()
    }

    /// Gives its memory back, if nobody works with it; a chosen one stays open.
    pub fn close(&self, name: &str) {
        if let Some(others) = self.others() {
            others.generators.close(name);
            others.embedders.close(name);
        }
    }
}

fn none_chosen(kind: Kind) -> Fault {
    Fault::caller("no_model", format!("no {kind} is installed"))
        .hint("`docent models list` shows those there are, and `docent models pull NAME` brings one")
}

fn unknown(kind: Kind, name: &str) -> Fault {
    Fault::caller("no_such_model", format!("there is no {kind} {name:?}"))
        .hint("`docent models list` shows those that are installed")
}
