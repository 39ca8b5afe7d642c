//! Hearing an answer that is being made for somebody else: from its beginning, and no longer than one's own time.

use std::ops::ControlFlow;
use std::time::Duration;

use super::ask::{Asking, Listener};
use crate::assistant::apart::{Came, wait};
use crate::assistant::ask::{Question, answer_anew};
use crate::cache::Following;
use crate::domain::{Answer, Because, Citation, Event, Language, Origin, Passage, Timings};
use crate::fault::Result;

/// What one listener has heard so far, from whomever.
#[derive(Debug, Default)]
pub(super) struct Told {
    sources: Option<Vec<Passage>>,
    text: String,
    is_done: bool,
}

pub(super) enum Followed {
    ToTheEnd(Answer),
    /// Whoever made it gave up before a word was said: somebody has to begin again.
    Nowhere,
}

/// Kept free for the documents' own sentences: a tenth of all the time, and no more than this.
const RESERVE: (u32, Duration) = (10, Duration::from_millis(250));

pub(super) fn follow(
    asking: &Asking<'_>,
    following: &Following<Event>,
    told: &mut Told,
    listener: Listener<'_>,
) -> Result<Followed> {
    let timeout = asking.question.timeout;
    let deadline = asking.began + timeout;
    let until = deadline.checked_sub(RESERVE.1.min(timeout / RESERVE.0)).unwrap_or(deadline);
    let mut first = None;
    let heard = loop {
        match wait(&following.told, until, asking.clock, listener) {
            Came::Here(Event::Done(mut answer)) => {
                answer.timings.total = asking.passed();
                answer.timings.first_token = first.or(answer.timings.first_token);
                let _ = told.pass_on(Event::Done(answer.clone()), listener);
                return Ok(Followed::ToTheEnd(*answer));
            }
            Came::Here(event) => {
                if matches!(event, Event::Text(_)) {
                    first.get_or_insert_with(|| asking.passed());
                }
                if told.pass_on(event, listener).is_break() {
                    break false;
                }
            }
            Came::Gone => break false,
            Came::Lost if told.text.is_empty() => return Ok(Followed::Nowhere),
            Came::Late if told.text.is_empty() => return late(asking, told, listener).map(Followed::ToTheEnd),
            Came::Late | Came::Lost => break true,
        }
    };
    let mut answer = told.so_far();
    answer.timings = Timings { first_token: first, total: asking.passed(), ..Timings::default() };
    if heard {
        let _ = told.pass_on(Event::Done(Box::new(answer.clone())), listener);
    }
    Ok(Followed::ToTheEnd(answer))
}

/// Not a word in time: the documents' own sentences.
fn late(asking: &Asking<'_>, told: &mut Told, listener: Listener<'_>) -> Result<Answer> {
    let question = Question { writing: None, ..asking.question.clone() };
    let mut done = None;
    let answer = answer_anew(asking.snapshot, asking.engines, &question, asking.clock, &mut |event| match event {
        Event::Done(answer) => {
            done = Some(answer);
            ControlFlow::Continue(())
        }
        event => told.pass_on(event, listener),
    })?;
    let origin = if answer.is_found() { Origin::Extracted(Because::Late) } else { answer.origin };
    let timings = Timings { total: asking.passed(), ..answer.timings };
    let answer = Answer { origin, timings, ..answer };
    if done.is_some() {
        let _ = told.pass_on(Event::Done(Box::new(answer.clone())), listener);
    }
    Ok(answer)
}

impl Told {
    pub(super) fn is_nothing(&self) -> bool {
        self.sources.is_none() && self.text.is_empty()
    }

    /// Sources are told once, whoever finds them, and nothing comes after the end.
    pub(super) fn pass_on(&mut self, event: Event, listener: Listener<'_>) -> ControlFlow<()> {
        match &event {
            Event::Sources(_) if self.sources.is_some() => return ControlFlow::Continue(()),
            Event::Sources(passages) => self.sources = Some(passages.clone()),
            Event::Text(text) => self.text.push_str(text),
            Event::Done(_) if self.is_done => return ControlFlow::Continue(()),
            Event::Done(_) => self.is_done = true,
            Event::Waiting => {}
        }
        listener(event)
    }

    /// What of an answer this listener heard before it went away.
    pub(super) fn cut(&self, answer: Answer) -> Answer {
        let length = self.text.chars().count();
        let mut answer = Answer { text: self.text.clone(), complete: false, ..answer };
        answer.unsupported.retain(|range| range.end <= length);
        answer.citations.retain(|citation| self.text.contains(&format!("[{}]", citation.n)));
        answer
    }

    /// As much of an answer as was told; what its numbers point at is cited whole.
    fn so_far(&self) -> Answer {
        let passages = self.sources.as_deref().unwrap_or_default();
        let cited = |(n, passage): (u32, &Passage)| {
            self.text.contains(&format!("[{n}]")).then(|| Citation {
                n,
                document: passage.document.clone(),
                source: passage.source.clone(),
                title: passage.title.clone(),
                place: passage.place.clone(),
                quote: passage.text.clone(),
                score: passage.score,
            })
        };
        Answer {
            text: self.text.clone(),
            origin: Origin::Generated,
            complete: false,
            language: passages.first().map_or(Language::Other, |passage| passage.language),
            citations: (1u32..).zip(passages).filter_map(cited).collect(),
            unsupported: Vec::new(),
            timings: Timings::default(),
            model: None,
            remembered: None,
        }
    }
}
