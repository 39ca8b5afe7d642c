//! A generator whose text depends on all of its prompt and on nothing else, and that can be held.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use crossbeam_channel::Receiver;

use crate::assistant::{Choice, Engines};
use crate::inference::{Finish, Generator, InferenceError, Limits, Prompt, Reason, Urgency};

#[derive(Debug, Default)]
pub(super) struct Echo {
    pub calls: AtomicUsize,
    pub fails: AtomicBool,
    /// Prompts that were only read.
    pub warmed: AtomicUsize,
    /// Every prompt it was given.
    pub prompts: Mutex<Vec<String>>,
    /// Where there is one, a piece waits for each of its messages.
    pub gate: Mutex<Option<Receiver<()>>>,
}

impl Echo {
    pub(super) fn engines(self: &Arc<Self>) -> Engines {
        let echo = Arc::clone(self);
        let choice = Choice { name: "echo".to_owned(), id: "echo@1".to_owned(), languages: Vec::new() };
        Engines::none().with_generator(choice, move || Ok(Arc::clone(&echo) as _))
    }
}

impl Generator for Echo {
    fn id(&self) -> &str {
        "echo@1"
    }

    fn context(&self) -> usize {
        4096
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }

    /// Says the first line of the first source, and where it is from.
    fn generate(
        &self,
        prompt: &Prompt,
        limits: &Limits,
        _: Urgency,
        listener: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Finish, InferenceError> {
        assert!(limits.deadline.is_some());
        self.calls.fetch_add(1, SeqCst);
        let Prompt::Chat(messages) = prompt else { panic!("no conversation") };
        let whole: String = messages.iter().map(|message| format!("{}\n", message.text)).collect();
        let line = whole.lines().find_map(|line| line.strip_prefix("> ")).unwrap_or_default().to_owned();
        self.prompts.lock().unwrap().push(whole);
        if self.fails.load(SeqCst) {
            return Err(InferenceError::Failed { model: "echo@1".to_owned(), why: "it was told to".to_owned() });
        }
        let gate = self.gate.lock().unwrap().clone();
        let text = format!("{} [1].", line.trim_end_matches('.'));
        let mut reason = Reason::End;
        for piece in text.split_inclusive(' ') {
            if let Some(gate) = &gate {
                let _ = gate.recv();
            }
            if listener(piece).is_break() {
                reason = Reason::Stopped;
                break;
            }
        }
        Ok(Finish { reason, prompt_tokens: 9, reused_tokens: 0, generated_tokens: 9, first_token: None })
    }

    fn warm(&self, _: &Prompt, urgency: Urgency) -> Result<(), InferenceError> {
        assert_eq!(urgency, Urgency::Prefetch);
        self.warmed.fetch_add(1, SeqCst);
        Ok(())
    }
}
