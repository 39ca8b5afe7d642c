//! Which models are there, and can they be used yet? They are opened while the server answers already.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::assistant::Engines;

#[derive(Debug)]
pub(in crate::http) struct Models {
    embedder: AtomicU8,
    generator: AtomicU8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// None was chosen.
    None,
    Loading,
    Ready,
    Failed,
}

const STATES: [State; 4] = [State::None, State::Loading, State::Ready, State::Failed];

impl Models {
    pub(in crate::http) fn of(engines: &Engines) -> Models {
        let state = |is_chosen| AtomicU8::new(if is_chosen { State::Loading as u8 } else { State::None as u8 });
        Models {
            embedder: state(engines.embedder_choice().is_some()),
            generator: state(engines.generator_choice().is_some()),
        }
    }

    /// Opens them; takes as long as it takes.
    pub(in crate::http) fn open(&self, engines: &Engines) {
        let settle = |model: &AtomicU8, is_open: bool| {
            if model.load(Ordering::Relaxed) != State::None as u8 {
                model.store(if is_open { State::Ready } else { State::Failed } as u8, Ordering::Relaxed);
            }
        };
        settle(&self.embedder, engines.embedder().is_some());
        settle(&self.generator, engines.generator().recv().is_ok_and(|model| model.is_some()));
    }

    pub(super) fn embedder(&self) -> State {
        STATES[usize::from(self.embedder.load(Ordering::Relaxed))]
    }

    pub(super) fn generator(&self) -> State {
        STATES[usize::from(self.generator.load(Ordering::Relaxed))]
    }
}
