//! A generator for tests, stricter than the real ones: it says what it was told to say, and checks what it is given.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::assistant::engines::{Choice, Engines};
use crate::domain::{Message, Speaker};
use crate::inference::{Finish, Generator, InferenceError, Limits, Prompt, Reason, Urgency};

#[derive(Debug)]
pub(super) struct FakeGenerator {
    context: usize,
    /// Whether anything may be said to it, and not only what an answer from documents needs.
    is_free: bool,
    script: Mutex<VecDeque<Says>>,
    /// What it was given, in order.
    pub prompts: Mutex<Vec<(Vec<Message>, Limits)>>,
    /// How each piece of work ended.
    ended: (Sender<Reason>, Receiver<Reason>),
    /// Held while it hangs.
    hold: (Sender<()>, Receiver<()>),
}

/// What it does when it is asked, after the text in pieces of three characters.
#[derive(Clone, Debug)]
pub(super) enum Says {
    All(String),
    /// As many tokens as were allowed.
    Cut(String),
    Fails(String),
    Busy,
    Panics,
    /// Until it is let go.
    Hangs(String),
}

impl FakeGenerator {
    pub(super) fn new(script: impl IntoIterator<Item = Says>) -> Arc<FakeGenerator> {
        FakeGenerator::with_context(4096, script)
    }

    pub(super) fn with_context(context: usize, script: impl IntoIterator<Item = Says>) -> Arc<FakeGenerator> {
        Arc::new(FakeGenerator::made(context, false, script))
    }

    /// For conversations without documents.
    pub(super) fn free(script: impl IntoIterator<Item = Says>) -> Arc<FakeGenerator> {
        Arc::new(FakeGenerator::made(4096, true, script))
    }

    fn made(context: usize, is_free: bool, script: impl IntoIterator<Item = Says>) -> FakeGenerator {
        FakeGenerator {
            context,
            is_free,
            script: Mutex::new(script.into_iter().collect()),
            prompts: Mutex::default(),
            ended: bounded(100),
            hold: bounded(100),
        }
    }

    pub(super) fn saying(text: &str) -> Arc<FakeGenerator> {
        FakeGenerator::new([Says::All(text.to_owned())])
    }

    pub(super) fn engines(self: &Arc<Self>) -> Engines {
        let generator = Arc::clone(self);
        Engines::none().with_generator(choice(), move || Ok(Arc::clone(&generator) as _))
    }

    /// Lets it go on that hangs.
    pub(super) fn let_go(&self) {
        self.hold.0.send(()).unwrap();
    }

    /// How the piece of work that comes next to its end ended.
    pub(super) fn ended(&self) -> Reason {
        self.ended.1.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    /// The text of the last message it was given first.
    pub(super) fn asked(&self) -> String {
        self.prompts.lock().unwrap()[0].0.last().unwrap().text.clone()
    }
}

impl FakeGenerator {
    /// What an answer from documents is asked with: what it is to be, then speakers in turns, and room for the answer.
    fn check(&self, messages: &[Message], tokens: usize) {
        let speakers: Vec<Speaker> = messages.iter().map(|message| message.speaker).collect();
        assert_eq!((speakers[0], speakers[speakers.len() - 1]), (Speaker::System, Speaker::User));
        assert!(speakers[1..].windows(2).all(|pair| pair[0] != pair[1]), "two in a row: {speakers:?}");
        assert!(tokens <= self.context, "{tokens} tokens are too many");
    }
}

pub(super) fn choice() -> Choice {
    Choice { name: "fake".to_owned(), id: "fake@1".to_owned(), languages: Vec::new() }
}

impl Generator for FakeGenerator {
    fn id(&self) -> &str {
        "fake@1"
    }

    fn context(&self) -> usize {
        self.context
    }

    /// A token for every four letters, and every other sign.
    fn count_tokens(&self, text: &str) -> usize {
        text.split_inclusive(|c: char| !c.is_alphanumeric()).map(|word| word.chars().count().div_ceil(4)).sum()
    }

    fn generate(
        &self,
        prompt: &Prompt,
        limits: &Limits,
        urgency: Urgency,
        listener: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Finish, InferenceError> {
        assert_eq!(urgency, Urgency::Ask);
        assert!(limits.deadline.is_some() && limits.max_tokens > 0 && !limits.ignore_end, "{limits:?}");
        let messages = match prompt {
            Prompt::Chat(messages) => messages.clone(),
            Prompt::Text(text) if self.is_free => vec![Message { speaker: Speaker::User, text: text.clone() }],
            _ => panic!("no conversation: {prompt:?}"),
        };
        let prompt_tokens = messages.iter().map(|message| self.count_tokens(&message.text) + 4).sum();
        if self.is_free {
            assert!(limits.max_tokens <= self.context, "{limits:?}");
        } else {
            self.check(&messages, prompt_tokens + limits.max_tokens);
        }
        self.prompts.lock().unwrap().push((messages, limits.clone()));
        let says = self.script.lock().unwrap().pop_front().expect("it is not asked more often than was agreed");
        let (text, reason) = match &says {
            Says::All(text) => (text.as_str(), Reason::End),
            Says::Cut(text) => (text.as_str(), Reason::Length),
            Says::Fails(text) | Says::Hangs(text) => (text.as_str(), Reason::Deadline),
            Says::Busy => return Err(InferenceError::Busy { model: "fake@1".to_owned() }),
            Says::Panics => panic!("it was told to"),
        };
        let letters: Vec<char> = text.chars().collect();
        let mut ended = reason;
        let mut generated_tokens = 0;
        for piece in letters.chunks(3) {
            generated_tokens += 1;
            if listener(&piece.iter().collect::<String>()).is_break() {
                ended = Reason::Stopped;
                break;
            }
        }
        if let (Says::Hangs(_), Reason::Deadline) = (&says, ended) {
            self.hold.1.recv().unwrap();
            if listener("too late").is_break() {
                ended = Reason::Stopped;
            }
        }
        self.ended.0.send(ended).unwrap();
        if let (Says::Fails(_), Reason::Deadline) = (&says, ended) {
            return Err(InferenceError::Failed { model: "fake@1".to_owned(), why: "it was told to".to_owned() });
        }
        let first_token = Some(Duration::from_millis(1));
        Ok(Finish { reason: ended, prompt_tokens, reused_tokens: 0, generated_tokens, first_token })
    }

    fn warm(&self, _: &Prompt, urgency: Urgency) -> Result<(), InferenceError> {
        assert_eq!(urgency, Urgency::Prefetch);
        Ok(())
    }
}
