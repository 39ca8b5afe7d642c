//! What is said, as the body of a response: piece by piece, with a sign of life where nothing is said for long, and an error
//! in the dialect's own form where it comes too late for a status.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use futures_core::Stream;

use super::words::{Over, Said, Words};
use crate::fault::{Fault, Result};

/// How a dialect writes what happens.
pub(in crate::http) trait Form: Send + Unpin + 'static {
    fn begin(&mut self) -> String {
        String::new()
    }

    fn text(&mut self, text: &str) -> String;

    fn over(&mut self, over: &Over) -> String;

    fn failed(&mut self, fault: &Fault) -> String;

    /// Something that means nothing.
    fn idle(&self) -> String;
}

/// What was heard before a status was decided.
pub(in crate::http) struct Begun {
    first: Option<Said>,
    words: Words,
}

/// A status is not waited for longer than so many beats of a tenth of a second: from then on, errors come in the stream.
const BEATS: usize = 20;
/// So many beats without a word are answered with a sign of life.
const SILENCE: usize = 50;

impl Begun {
    /// Waits for the first word, or for what goes wrong instead.
    pub(in crate::http) async fn wait(mut words: Words) -> Result<Begun> {
        for _ in 0..BEATS {
            match words.next().await {
                None => return Err(ended()),
                Some(Ok(Said::Waiting)) => {}
                Some(Ok(said)) => return Ok(Begun { first: Some(said), words }),
                Some(Err(fault)) => return Err(fault),
            }
        }
        Ok(Begun { first: None, words })
    }

    /// All of it at once.
    pub(in crate::http) async fn whole(mut words: Words) -> Result<(String, Over)> {
        let mut text = String::new();
        while let Some(said) = words.next().await {
            match said? {
                Said::Text(more) => text.push_str(&more),
                Said::Waiting => {}
                Said::Over(over) => return Ok((text, *over)),
            }
        }
        Err(ended())
    }

    pub(in crate::http) fn body(self, form: impl Form) -> Body {
        Body::from_stream(Written { words: Some(self.words), first: self.first, form, has_begun: false, silent: 0 })
    }
}

/// The server ends.
fn ended() -> Fault {
    Fault::busy("server_ending", "the answer was cut off: docent is being ended").hint("ask again in a moment")
}

struct Written<F> {
    /// None when all was said.
    words: Option<Words>,
    first: Option<Said>,
    form: F,
    has_begun: bool,
    silent: usize,
}

impl<F: Form> Written<F> {
    /// Nothing where nothing is to be sent.
    fn write(&mut self, said: Option<Result<Said>>) -> String {
        match said {
            Some(Ok(Said::Text(text))) => {
                self.silent = 0;
                self.form.text(&text)
            }
            Some(Ok(Said::Waiting)) => {
                self.silent += 1;
                if !self.silent.is_multiple_of(SILENCE) {
                    return String::new();
                }
                self.form.idle()
            }
            Some(Ok(Said::Over(over))) => {
                self.words = None;
                self.form.over(&over)
            }
            Some(Err(fault)) => {
                self.words = None;
                self.form.failed(&fault)
            }
            None => {
                self.words = None;
                self.form.failed(&ended())
            }
        }
    }
}

impl<F: Form> Stream for Written<F> {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let mut written = String::new();
        if !this.has_begun {
            this.has_begun = true;
            written = this.form.begin();
            if let Some(first) = this.first.take() {
                written.push_str(&this.write(Some(Ok(first))));
            }
        }
        // What is there already goes out together.
        while let Some(words) = &mut this.words {
            match Pin::new(words).poll_next(context) {
                Poll::Ready(said) => written.push_str(&this.write(said)),
                Poll::Pending if written.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(if written.is_empty() { None } else { Some(Ok(Bytes::from(written))) })
    }
}
