//! A generator that writes a word when it is told to, and says how it ended.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::assistant::{Choice, Engines};
use crate::inference::{Finish, Generator, InferenceError, Limits, Prompt, Pulse, Reason, Urgency};

#[derive(Debug)]
pub(super) struct Writes {
    /// What it is to write next; it ends when nobody can tell it any more.
    words: (Mutex<Option<Sender<&'static str>>>, Receiver<&'static str>),
    pub began: (Sender<()>, Receiver<()>),
    pub ended: (Sender<Reason>, Receiver<Reason>),
    pub pulse: Mutex<Option<Pulse>>,
}

impl Writes {
    pub(super) fn new() -> Arc<Writes> {
        let (sender, receiver) = unbounded();
        Arc::new(Writes {
            words: (Mutex::new(Some(sender)), receiver),
            began: unbounded(),
            ended: unbounded(),
            pulse: Mutex::default(),
        })
    }

    pub(super) fn engines(self: &Arc<Self>) -> Engines {
        let generator = Arc::clone(self);
        let choice = Choice { name: "writes".to_owned(), id: "writes@1".to_owned(), languages: Vec::new() };
        Engines::none().with_generator(choice, move || Ok(Arc::clone(&generator) as _))
    }

    pub(super) fn write(&self, word: &'static str) {
        self.words.0.lock().unwrap().as_ref().unwrap().send(word).unwrap();
    }

    /// All who write come to their end.
    pub(super) fn finish(&self) {
        self.words.0.lock().unwrap().take();
    }

    /// Waits until somebody has begun to write.
    pub(super) fn has_begun(&self) {
        self.began.1.recv_timeout(Duration::from_secs(20)).unwrap();
    }

    pub(super) fn has_ended(&self, longest: Duration) -> Reason {
        self.ended.1.recv_timeout(longest).unwrap()
    }
}

impl Generator for Writes {
    fn id(&self) -> &str {
        "writes@1"
    }

    fn context(&self) -> usize {
        4096
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }

    fn generate(
        &self,
        _: &Prompt,
        limits: &Limits,
        _: Urgency,
        listener: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Finish, InferenceError> {
        assert!(limits.deadline.is_some(), "whoever asks over HTTP has a deadline");
        self.began.0.send(()).unwrap();
        let mut reason = Reason::End;
        let mut generated_tokens = 0;
        loop {
            // Between two words it asks whether anybody still listens, as real ones do with every token.
            let word = match self.words.1.recv_timeout(Duration::from_millis(5)) {
                Ok(word) => word,
                Err(error) if error.is_timeout() => "",
                Err(_) => break,
            };
            generated_tokens += usize::from(!word.is_empty());
            if listener(word).is_break() {
                reason = Reason::Stopped;
                break;
            }
        }
        self.ended.0.send(reason).unwrap();
        Ok(Finish { reason, prompt_tokens: 10, reused_tokens: 0, generated_tokens, first_token: None })
    }

    fn warm(&self, _: &Prompt, _: Urgency) -> Result<(), InferenceError> {
        Ok(())
    }

    fn pulse(&self) -> Option<Pulse> {
        *self.pulse.lock().unwrap()
    }
}
