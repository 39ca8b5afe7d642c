//! How does an answer get from the engine's thread to its caller? The thread never waits for the listener: what was not
//! heard yet gathers, and is heard at once.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::inference::error::InferenceError;
use crate::inference::line::Place;
use crate::inference::{Finish, Reason};

/// How far a sequence has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    pub(super) reused: usize,
    pub(super) generated: usize,
    pub(super) first_token: Option<Duration>,
}

#[derive(Debug, Default)]
struct Mail {
    state: Mutex<State>,
    news: Condvar,
    is_caller_gone: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    text: String,
    progress: Progress,
    end: Option<Result<Reason, InferenceError>>,
    /// Nothing will come any more, and whatever should have ended it did not.
    is_torn: bool,
}

/// The thread's end. Dropped without an end, it tells the caller that the model stopped.
#[derive(Debug)]
pub(super) struct Sender(Arc<Mail>);

/// The caller's end, and its place in the line. Dropping it gives both up.
pub(in crate::inference::generator) struct Ticket {
    pub(super) model: String,
    pub(super) prompt: usize,
    pub(super) deadline: Option<Instant>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) receiver: Receiver,
    pub(super) _place: Place,
}

#[derive(Debug)]
pub(super) struct Receiver(Arc<Mail>);

/// The thread may be in the middle of a step when time is up: it is given this long to say so itself, with what was held
/// back of the text.
const GRACE: Duration = Duration::from_millis(40);

pub(super) fn mail() -> (Sender, Receiver) {
    let mail = Arc::new(Mail::default());
    (Sender(Arc::clone(&mail)), Receiver(mail))
}

impl Sender {
    pub(super) fn is_caller_gone(&self) -> bool {
        self.0.is_caller_gone.load(Ordering::Relaxed)
    }

    pub(super) fn say(&self, text: &str, progress: Progress) {
        let mut state = self.0.state();
        state.text.push_str(text);
        state.progress = progress;
        if !text.is_empty() {
            self.0.news.notify_one();
        }
    }

    pub(super) fn end(self, end: Result<Reason, InferenceError>) {
        self.0.state().end = Some(end);
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.state().is_torn = true;
        self.0.news.notify_one();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.0.is_caller_gone.store(true, Ordering::Relaxed);
    }
}

impl Ticket {
    /// Hears the answer to its end, or until time is up.
    pub(in crate::inference::generator) fn wait(
        self,
        listener: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Finish, InferenceError> {
        let mut heard = String::new();
        loop {
            heard.clear();
            let (progress, end) = self.news(&mut heard);
            let finish = |reason| Finish {
                reason,
                prompt_tokens: self.prompt,
                reused_tokens: progress.reused,
                generated_tokens: progress.generated,
                first_token: progress.first_token,
            };
            if !heard.is_empty() && listener(&heard).is_break() {
                return Ok(finish(Reason::Stopped));
            }
            if let Some(end) = end {
                return end.map(finish);
            }
        }
    }

    fn news(&self, heard: &mut String) -> (Progress, Option<Result<Reason, InferenceError>>) {
        let mail = &self.receiver.0;
        let mut state = mail.state();
        loop {
            let mut end = state.end.take();
            if end.is_none() && state.is_torn {
                end = Some(Err(InferenceError::Stopped { model: self.model.clone() }));
            }
            if end.is_some() || !state.text.is_empty() {
                std::mem::swap(&mut state.text, heard);
                return (state.progress, end);
            }
            state = match self.deadline {
                None => mail.news.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = (deadline + GRACE).saturating_duration_since(self.clock.instant());
                    if left.is_zero() {
                        return (state.progress, Some(Ok(Reason::Deadline)));
                    }
                    mail.news.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

impl Mail {
    /// Nothing that is done under the lock can stop half way.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
