//! Where callers come to, and wait.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::desk::{Answer, Job};
use super::{Runner, thread};
use crate::clock::Clock;
use crate::inference::error::InferenceError;
use crate::inference::line::{Line, Place, Refused};
use crate::inference::tokens::Tokens;
use crate::inference::{Pulse, Urgency};

/// Runs a model on a thread of its own until it is dropped.
#[derive(Debug)]
pub(in crate::inference) struct Engine {
    model: String,
    line: Arc<Line<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// Somebody's place in the line. Dropping it gives the place up, and what was not run yet is not run.
#[derive(Debug)]
pub(super) struct Ticket {
    model: String,
    answer: Receiver<Answer>,
    _caller: Arc<()>,
    _place: Place,
}

/// More callers than this at once are told to come back.
pub(super) const MOST_CALLERS: usize = 512;

impl Engine {
    /// Loads the model on the thread that will own it; `load` is called again if the model has to be made anew.
    pub(in crate::inference) fn start<R: Runner>(
        model: &str,
        threads: NonZeroUsize,
        clock: Arc<dyn Clock>,
        load: impl FnMut() -> Result<R, InferenceError> + Send + 'static,
    ) -> Result<Engine, InferenceError> {
        let line = Arc::new(Line::new(clock));
        let (ready, loaded) = sync_channel(1);
        let owned = thread::Owner { model: model.to_owned(), threads, line: Arc::clone(&line), load };
        let thread = Builder::new().name("model".into()).spawn(move || owned.work(&ready)).map_err(|error| {
            tracing::warn!(%error, model, "no thread could be started");
            InferenceError::Failed { model: model.to_owned(), why: "the system gave no thread to run it".to_owned() }
        })?;
        let engine = Engine { model: model.to_owned(), line, thread: Some(thread) };
        loaded.recv().unwrap_or_else(|_| Err(engine.stopped()))?;
        Ok(engine)
    }

    /// One row of numbers for each text, in order.
    pub(in crate::inference) fn run(
        &self,
        texts: Vec<Tokens>,
        urgency: Urgency,
    ) -> Result<Vec<Vec<f32>>, InferenceError> {
        self.queue(texts, urgency)?.wait()
    }

    pub(super) fn queue(&self, texts: Vec<Tokens>, urgency: Urgency) -> Result<Ticket, InferenceError> {
        let caller = Arc::new(());
        let (answer, receiver) = sync_channel(1);
        let job = Job { texts, urgency, answer, caller: Arc::downgrade(&caller) };
        let place = self.line.enter(job, MOST_CALLERS).map_err(|refused| match refused {
            Refused::Closed => self.stopped(),
            Refused::Full => InferenceError::Busy { model: self.model.clone() },
        })?;
        Ok(Ticket { model: self.model.clone(), answer: receiver, _caller: caller, _place: place })
    }

    pub(in crate::inference) fn pulse(&self) -> Pulse {
        self.line.pulse()
    }

    fn stopped(&self) -> InferenceError {
        InferenceError::Stopped { model: self.model.clone() }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.line.close();
        if let Some(thread) = self.thread.take() {
            // What it threw was told to those who waited.
            let _ = thread.join();
        }
    }
}

impl Ticket {
    pub(super) fn wait(self) -> Answer {
        self.answer.recv().unwrap_or(Err(InferenceError::Stopped { model: self.model }))
    }
}
