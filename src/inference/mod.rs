//! Runs the models: text into vectors, pairs into scores.
//!
//! Knows files and numbers; not which models there are, nor what the vectors are for.

mod contain;
mod embedder;
mod encoder;
mod engine;
mod error;
mod generator;
mod line;
mod mapped;
mod reranker;
mod source;
mod tokens;

use std::fmt;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::domain::Message;

pub use embedder::open_embedder;
pub use error::InferenceError;
pub use generator::{GeneratorSource, open_generator};
pub use reranker::open_reranker;
pub use source::{EncoderSource, Pooling};

/// How it is with the thread that runs a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// Since it last got on: a step was done, or somebody came when it had nothing to do.
    pub since: Duration,
    /// It has something to get on with.
    pub is_wanted: bool,
    /// There is no thread any more.
    pub is_gone: bool,
}

/// Turns text into vectors whose cosine says how alike two texts are in meaning.
pub trait Embedder: Send + Sync + fmt::Debug {
    /// What its vectors are kept under: two embedders with the same name give the same vectors.
    fn id(&self) -> &str;

    fn dimensions(&self) -> usize;

    /// How many tokens of a text it reads at once, its prefix and marks not counted.
    fn max_tokens(&self) -> usize;

    /// The tokens of a text, without prefix and marks.
    fn count_tokens(&self, text: &str) -> usize;

    /// One vector for each text, in order, of length 1 unless its source says that lengths mean something. Of a text longer than [`Embedder::max_tokens`] every part counts.
    fn embed(&self, texts: &[&str], role: Role, urgency: Urgency) -> Result<Vec<Vec<f32>>, InferenceError>;

    /// `None` where no thread of its own runs it.
    fn pulse(&self) -> Option<Pulse> {
        None
    }
}

/// Reads a question and a passage together, which finds more than comparing two vectors and costs more.
pub trait Reranker: Send + Sync + fmt::Debug {
    fn id(&self) -> &str;

    /// How well each passage answers: the model's own score, higher is better.
    fn score(&self, question: &str, passages: &[&str], urgency: Urgency) -> Result<Vec<f32>, InferenceError>;

    /// `None` where no thread of its own runs it.
    fn pulse(&self) -> Option<Pulse> {
        None
    }
}

/// Writes text that goes on from a prompt.
pub trait Generator: Send + Sync + fmt::Debug {
    fn id(&self) -> &str;

    /// How many tokens prompt and answer have together at most.
    fn context(&self) -> usize;

    /// The tokens of a text by itself.
    fn count_tokens(&self, text: &str) -> usize;

    /// Tells the listener the text while it is written, in pieces that are whole characters; a listener that breaks ends
    /// it. Whoever waits longer than the deadline gets what there is by then.
    fn generate(
        &self,
        prompt: &Prompt,
        limits: &Limits,
        urgency: Urgency,
        listener: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Finish, InferenceError>;

    /// Reads a prompt without answering it, for those who will come with one that begins alike.
    fn warm(&self, prompt: &Prompt, urgency: Urgency) -> Result<(), InferenceError>;

    /// `None` where no thread of its own runs it.
    fn pulse(&self) -> Option<Pulse> {
        None
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Put into the model's own form of a conversation.
    Chat(Vec<Message>),
    /// As it stands.
    Text(String),
    /// Already taken apart: for measuring, where only how many there are matters.
    Tokens(Vec<u32>),
}

/// When an answer ends, and how its words are chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    pub max_tokens: usize,
    /// Goes on behind the token that ends an answer, which only measuring wants.
    pub ignore_end: bool,
    /// Kept even if nothing was written by then.
    pub deadline: Option<Instant>,
    /// Texts that end the answer, and are not part of it.
    pub stop: Vec<String>,
    pub sampling: Sampling,
    pub shape: Option<Shape>,
}

/// What an answer is, from its first character to its last: JSON, as compact as the model likes. It ends when it is
/// complete. One that was cut, by [`Limits::max_tokens`], [`Limits::stop`], its deadline or its listener, is the beginning
/// of what fits: [`Finish::reason`] tells, save for a text of `stop`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    AnyObject,
    /// What fits this JSON schema. What cannot be kept to is said before anything is written.
    Schema(String),
}

/// How the next token is chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// 0 always takes the likeliest.
    pub temperature: f32,
    /// Only among so many likeliest; 0: among all.
    pub top_k: usize,
    /// Only among the likeliest that together have this probability.
    pub top_p: f32,
    /// Only those at least this likely, compared with the likeliest.
    pub min_p: f32,
    /// What was there among the last [`Sampling::repeat_last`] tokens is less likely by this; 1 changes nothing.
    pub repeat_penalty: f32,
    pub repeat_last: usize,
    /// The same seed writes the same text.
    pub seed: u64,
    /// Added to the scores of single tokens.
    pub bias: Vec<(u32, f32)>,
}

impl Sampling {
    /// The likeliest token, always.
    pub fn greedy() -> Sampling {
        Sampling {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            repeat_penalty: 1.0,
            repeat_last: 64,
            seed: 0,
            bias: Vec::new(),
        }
    }
}

/// How writing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finish {
    pub reason: Reason,
    pub prompt_tokens: usize,
    /// How many of them were not read again.
    pub reused_tokens: usize,
    pub generated_tokens: usize,
    /// From the call to the first token.
    pub first_token: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The model had said it all, or came to one of the texts that end an answer.
    End,
    /// As many tokens as were allowed, or as fit.
    Length,
    Deadline,
    /// The listener broke.
    Stopped,
}

/// Some embedders want to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Question,
    Passage,
}

/// Who goes first when several wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nobody waits for it.
    Prefetch,
    Add,
    /// A person waits.
    Ask,
}

#[cfg(test)]
mod tests;
