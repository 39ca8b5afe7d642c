//! Where callers come to, and wait.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, JoinHandle};

use super::mail::{Ticket, mail};
use super::sequence::Sequence;
use super::{Request, thread};
use crate::clock::Clock;
use crate::inference::error::InferenceError;
use crate::inference::generator::model::Model;
use crate::inference::line::{Line, Refused};
use crate::inference::{Pulse, Urgency};

/// Runs a model on a thread of its own until it is dropped.
pub(in crate::inference::generator) struct Engine {
    model: String,
    shape: Shape,
    clock: Arc<dyn Clock>,
    line: Arc<Line<Sequence>>,
    thread: Option<JoinHandle<()>>,
}

/// What a caller has to keep to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// How many tokens prompt and answer have together at most.
    pub(super) context: usize,
    pub(super) vocabulary: usize,
}

/// More callers than this at once are told to come back: each takes seconds.
pub(super) const MOST_CALLERS: usize = 64;

/// Places that are kept for those whom a person waits for.
pub(super) const KEPT: usize = 16;

impl Engine {
    /// Loads the model on the thread that will own it; `load` is called again if the model has to be made anew.
    pub(in crate::inference::generator) fn start<M: Model>(
        model: &str,
        clock: Arc<dyn Clock>,
        load: impl FnMut() -> Result<M, InferenceError> + Send + 'static,
    ) -> Result<Engine, InferenceError> {
        let line = Arc::new(Line::new(Arc::clone(&clock)));
        let (ready, loaded) = sync_channel(1);
        let owned = thread::Owner { model: model.to_owned(), clock: Arc::clone(&clock), line: Arc::clone(&line), load };
        let thread = Builder::new().name("generator".into()).spawn(move || owned.work(&ready)).map_err(|error| {
            tracing::warn!(%error, model, "no thread could be started");
            let why = "the system gave no thread to run it".to_owned();
            InferenceError::Failed { model: model.to_owned(), why }
        })?;
        let mut engine = Engine { model: model.to_owned(), shape: Shape::default(), clock, line, thread: Some(thread) };
        engine.shape = loaded.recv().unwrap_or_else(|_| Err(engine.stopped()))?;
        Ok(engine)
    }

    /// How many tokens prompt and answer have together at most.
    pub(in crate::inference::generator) fn context(&self) -> usize {
        self.shape.context
    }

    pub(in crate::inference::generator) fn queue(&self, request: Request) -> Result<Ticket, InferenceError> {
        let Shape { context, vocabulary } = self.shape;
        let prompt = request.prompt.len();
        let answer = if request.writer.is_some() { request.max_tokens.max(1) } else { 0 };
        if prompt + answer.min(1) > context {
            return Err(InferenceError::TooLong { model: self.model.clone(), tokens: prompt, context });
        }
        if prompt == 0 {
            return Err(self.failed("its prompt is empty".to_owned()));
        }
        if let Some(token) = request.prompt.iter().find(|&&token| token as usize >= vocabulary) {
            return Err(self.failed(format!("its prompt has the token {token}, and it knows {vocabulary}")));
        }
        let (sender, receiver) = mail();
        let (deadline, clock) = (request.deadline, Arc::clone(&self.clock));
        let most = prompt.saturating_add(answer).min(context);
        let callers = if request.urgency == Urgency::Ask { MOST_CALLERS } else { MOST_CALLERS - KEPT };
        let place =
            self.line.enter(Sequence::new(request, most, sender), callers).map_err(|refused| match refused {
                Refused::Closed => self.stopped(),
                Refused::Full => InferenceError::Busy { model: self.model.clone() },
            })?;
        Ok(Ticket { model: self.model.clone(), prompt, deadline, clock, receiver, _place: place })
    }

    pub(in crate::inference::generator) fn pulse(&self) -> Pulse {
        self.line.pulse()
    }

    fn failed(&self, why: String) -> InferenceError {
        InferenceError::Failed { model: self.model.clone(), why }
    }

    fn stopped(&self) -> InferenceError {
        InferenceError::Stopped { model: self.model.clone() }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("model", &self.model).field("shape", &self.shape).finish_non_exhaustive()
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
