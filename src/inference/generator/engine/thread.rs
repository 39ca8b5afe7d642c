//! The thread that owns a model: loads it, and takes turns as long as there is somebody.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use super::callers::Shape;
use super::sequence::Sequence;
use super::turn::Turns;
use crate::clock::Clock;
use crate::inference::contain::contained;
use crate::inference::error::InferenceError;
use crate::inference::generator::model::Model;
use crate::inference::line::{Closes, Line};

pub(super) struct Owner<L> {
    pub(super) model: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) line: Arc<Line<Sequence>>,
    pub(super) load: L,
}

impl<L> Owner<L> {
    pub(super) fn work<M>(mut self, ready: &SyncSender<Result<Shape, InferenceError>>)
    where
        M: Model,
        L: FnMut() -> Result<M, InferenceError> + Send,
    {
        let line = Arc::clone(&self.line);
        let _closes = Closes(&line);
        let model = match self.load() {
            Ok(model) => model,
            Err(error) => {
                let _ = ready.send(Err(error));
                return;
            }
        };
        // Whoever opens the model waits for this, or has gone: then the line is closed soon.
        let _ = ready.send(Ok(Shape { context: model.context(), vocabulary: model.vocabulary() }));
        let mut turns = Turns::new(self, model);
        while let Some(arrived) = line.arrivals(turns.is_idle()) {
            turns.turn(arrived);
        }
    }

    pub(super) fn load<M>(&mut self) -> Result<M, InferenceError>
    where
        M: Model,
        L: FnMut() -> Result<M, InferenceError> + Send,
    {
        contained(&mut self.load).unwrap_or_else(|_| Err(self.failed("it could not be made ready")))
    }

    pub(super) fn failed(&self, why: &str) -> InferenceError {
        InferenceError::Failed { model: self.model.clone(), why: why.to_owned() }
    }
}
