//! What was done, how often and how long it took: counted without waiting for anybody, told by `/metrics` and `/stats`.

mod histogram;
mod tell;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use axum::http::{Method, StatusCode};

use crate::domain::{Answer, Because, Origin};

use self::histogram::Histogram;

pub(super) use self::tell::head;

/// What takes time and is worth knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A question, from its arrival to its whole answer.
    Ask,
    /// Of it: finding the passages.
    AskRetrieve,
    /// Of it: until the first word.
    AskFirstToken,
    Search,
    Context,
    Add,
    /// A conversation with a generator, without documents.
    Converse,
    ConverseFirstToken,
    Embed,
}

impl Stage {
    pub(super) const ALL: [(Stage, &str); 9] = [
        (Stage::Ask, "ask"),
        (Stage::AskRetrieve, "ask_retrieve"),
        (Stage::AskFirstToken, "ask_first_token"),
        (Stage::Search, "search"),
        (Stage::Context, "context"),
        (Stage::Add, "add"),
        (Stage::Converse, "converse"),
        (Stage::ConverseFirstToken, "converse_first_token"),
        (Stage::Embed, "embed"),
    ];
}

#[derive(Debug, Default)]
pub(crate) struct Meters {
    /// By route.
    calls: RwLock<HashMap<String, Vec<Calls>>>,
    /// In the order of [`Stage`].
    stages: [Histogram; Stage::ALL.len()],
    /// In the order of [`ORIGINS`].
    answers: [AtomicU64; ORIGINS.len()],
    prompt_tokens: AtomicU64,
    generated_tokens: AtomicU64,
    /// In microseconds, behind the first token.
    writing: AtomicU64,
    rate_limited: AtomicU64,
}

const ORIGINS: [&str; 4] = ["generated", "extracted", "nothing_found", "remembered"];

#[derive(Debug)]
struct Calls {
    method: Method,
    status: StatusCode,
    count: AtomicU64,
    micros: AtomicU64,
}

impl Meters {
    pub(super) fn called(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.rate_limited.fetch_add(1, Ordering::Relaxed);
        }
        // Methods are the client's words: what nobody knows is counted together, so that nobody can fill the memory.
        let known = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS];
        let method = if known.contains(method) { method.clone() } else { Method::TRACE };
        let add = |calls: &[Calls]| {
            let found = calls.iter().find(|calls| calls.status == status && calls.method == method);
            if let Some(calls) = found {
                calls.count.fetch_add(1, Ordering::Relaxed);
                calls.micros.fetch_add(micros(took), Ordering::Relaxed);
            }
            found.is_some()
        };
        if self.calls.read().unwrap_or_else(PoisonError::into_inner).get(route).is_some_and(|calls| add(calls)) {
            return;
        }
        let mut all = self.calls.write().unwrap_or_else(PoisonError::into_inner);
        let calls = all.entry(route.to_owned()).or_default();
        if !add(calls) {
            calls.push(Calls { method, status, count: AtomicU64::new(1), micros: AtomicU64::new(micros(took)) });
        }
    }

    pub(crate) fn took(&self, stage: Stage, time: Duration) {
        self.stages[stage as usize].add(time);
    }

    /// Of an answer from the documents.
    pub(crate) fn answered(&self, answer: &Answer) {
        let origin = match answer.origin {
            Origin::Generated => 0,
            Origin::Extracted(Because::NothingFound) => 2,
            Origin::Extracted(_) => 1,
            Origin::Remembered(_) => 3,
        };
        self.answers[origin].fetch_add(1, Ordering::Relaxed);
        let times = answer.timings;
        self.took(Stage::Ask, times.total);
        self.took(Stage::AskRetrieve, times.retrieve);
        if let Some(first) = times.first_token {
            self.took(Stage::AskFirstToken, first);
        }
        let writing = times.total.saturating_sub(times.first_token.unwrap_or(times.total));
        self.wrote(u64::from(times.prompt_tokens), u64::from(times.generated_tokens), writing);
    }

    /// `time` is what came behind the first token.
    pub(crate) fn wrote(&self, prompt_tokens: u64, generated_tokens: u64, time: Duration) {
        self.prompt_tokens.fetch_add(prompt_tokens, Ordering::Relaxed);
        self.generated_tokens.fetch_add(generated_tokens, Ordering::Relaxed);
        if generated_tokens > 0 {
            self.writing.fetch_add(micros(time), Ordering::Relaxed);
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
