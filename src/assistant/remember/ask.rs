//! An answer that is remembered, or is being made for somebody else, or is made now and remembered then.

use std::ops::ControlFlow;
use std::time::Instant;

use super::follow::{Followed, Told, follow};
use super::keys::{Revision, label, of_flight, of_question};
use super::rows::AnswerRow;
use crate::assistant::ask::{Question, answer_anew};
use crate::assistant::engines::Engines;
use crate::cache::{Cache, Entry, Flights, Hit, Key, Lead, Seat, Space, pack, unpack};
use crate::clock::Clock;
use crate::domain::{Answer, Because, Event, Origin, Passage, Remembered};
use crate::fault::Result;
use crate::inference::Urgency;
use crate::library::Snapshot;

/// Questions that are being answered.
pub(in crate::assistant) type Asks = Flights<Event>;

pub(super) type Listener<'a> = &'a mut dyn FnMut(Event) -> ControlFlow<()>;

type Read = (Vec<Passage>, Option<Because>, Answer);

/// What was answered in another state of the library.
struct Before {
    row: AnswerRow,
    hit: Hit,
}

/// One who asks.
pub(super) struct Asking<'a> {
    pub snapshot: &'a Snapshot,
    pub engines: &'a Engines,
    pub question: &'a Question,
    pub clock: &'a dyn Clock,
    pub began: Instant,
    cache: &'a Cache,
    key: Key,
    revision: Revision,
}

pub(in crate::assistant) fn ask(
    snapshot: &Snapshot,
    engines: &Engines,
    question: &Question,
    clock: &dyn Clock,
    listener: Listener<'_>,
) -> Result<Answer> {
    // Whoever works ahead gives way, and does not count as a person who asks.
    let is_person = engines.urgency() == Urgency::Ask;
    let _asker = is_person.then(|| engines.calm().enter());
    let Some(cache) = engines.cache() else { return answer_anew(snapshot, engines, question, clock, listener) };
    question.query().check(snapshot)?;
    if is_person && question.history.is_empty() {
        engines.usage().note(cache, &question.text, question.collection.as_ref());
    }
    let (revision, key) = (Revision::of(snapshot), of_question(engines, question));
    let asking = Asking { snapshot, engines, question, clock, began: clock.instant(), cache, key, revision };
    let mut before = None;
    if let Some(hit) = cache.get(Space::ANSWER, &key) {
        match unpack::<AnswerRow>(&hit.bytes) {
            Some(row) if row.revision() == revision => match row.clone().read() {
                Some(read) => return Ok(asking.tell(read, &hit, None, listener)),
                None => cache.recount(Space::ANSWER, &hit),
            },
            row => {
                cache.recount(Space::ANSWER, &hit);
                before = row.map(|row| Before { row, hit });
            }
        }
    }
    if let Some((read, hit, asked)) = asking.alike() {
        return Ok(asking.tell(read, &hit, Some(asked), listener));
    }
    let flight = of_flight(&key, revision, engines, question);
    let mut told = Told::default();
    loop {
        match engines.asks().join(flight) {
            Seat::Leads(lead) => {
                // Another may have answered it between the look and the seat.
                if let Some((read, hit)) = asking.peek().filter(|_| told.is_nothing()) {
                    return Ok(asking.tell(read, &hit, None, listener));
                }
                return asking.lead(&lead, before, told, listener);
            }
            Seat::Follows(following) => match follow(&asking, &following, &mut told, listener)? {
                Followed::ToTheEnd(answer) => {
                    cache.share(Space::ANSWER);
                    return Ok(answer);
                }
                Followed::Nowhere => {}
            },
        }
    }
}

/// Whether asking it would cost nothing now.
pub fn is_fresh(snapshot: &Snapshot, engines: &Engines, question: &Question) -> bool {
    let Some(cache) = engines.cache() else { return false };
    let hit = cache.glance(Space::ANSWER, &of_question(engines, question));
    let row = hit.and_then(|hit| unpack::<AnswerRow>(&hit.bytes));
    row.is_some_and(|row| row.revision() == Revision::of(snapshot))
}

impl Before {
    /// The documents changed and the answer did not: it is the one that is remembered.
    fn upheld_by(&self, answer: Answer) -> Answer {
        let Origin::Extracted(because) = answer.origin else { return answer };
        if !self.row.says_the_same_as(&answer) {
            return answer;
        }
        let remembered = Remembered { because: Some(because), at: self.hit.made, question: None };
        Answer { origin: Origin::Remembered(self.hit.tier), remembered: Some(remembered), ..answer }
    }
}

impl Asking<'_> {
    fn peek(&self) -> Option<(Read, Hit)> {
        let hit = self.cache.peek(Space::ANSWER, &self.key)?;
        let row = unpack::<AnswerRow>(&hit.bytes).filter(|row| row.revision() == self.revision)?;
        Some((row.read()?, hit))
    }

    /// Answered in other words; nothing where that is not switched on.
    fn alike(&self) -> Option<(Read, Hit, String)> {
        if !self.question.history.is_empty() {
            return None;
        }
        let key = self.engines.answered().like(self.engines, &self.kind(), &self.question.text)?;
        let hit = self.cache.glance(Space::ANSWER, &key)?;
        let row = unpack::<AnswerRow>(&hit.bytes).filter(|row| row.revision() == self.revision)?;
        let asked = row.asked.clone();
        Some((row.read()?, hit, asked))
    }

    /// Everything but the question's words.
    fn kind(&self) -> Key {
        of_question(self.engines, &Question { text: String::new(), ..self.question.clone() })
    }

    /// Through the same events as one that is made now.
    fn tell(
        &self,
        (passages, because, answer): Read,
        hit: &Hit,
        question: Option<String>,
        listener: Listener<'_>,
    ) -> Answer {
        let remembered = Some(Remembered { because, at: hit.made, question });
        let mut answer = Answer { origin: Origin::Remembered(hit.tier), remembered, ..answer };
        let mut heard = listener(Event::Sources(passages)).is_continue();
        answer.timings.retrieve = self.passed();
        if heard {
            answer.timings.first_token = Some(self.passed());
            heard = listener(Event::Text(answer.text.clone())).is_continue();
        }
        answer.complete = heard;
        answer.timings.total = self.passed();
        if heard {
            let _ = listener(Event::Done(Box::new(answer.clone())));
        }
        answer
    }

    /// Makes it, and lets all who want the same follow. Goes on for them when nobody listens here any more.
    fn lead(
        &self,
        lead: &Lead<Event>,
        before: Option<Before>,
        mut told: Told,
        listener: Listener<'_>,
    ) -> Result<Answer> {
        // Written another way it is the same question; as it was asked first, the model's text is remembered.
        let asked = before.as_ref().map_or(&self.question.text, |before| &before.row.asked);
        let question = Question { text: asked.clone(), ..self.question.clone() };
        let without = self.engines.times_without();
        let mut passages: Vec<Passage> = Vec::new();
        let mut heard = true;
        let settled = |answer: Answer| match &before {
            Some(before) => before.upheld_by(answer),
            None => answer,
        };
        let answer = answer_anew(self.snapshot, self.engines, &question, self.clock, &mut |event| {
            let event = match event {
                Event::Done(answer) => Event::Done(Box::new(settled(*answer))),
                event => event,
            };
            if let Event::Sources(found) = &event {
                passages.clone_from(found);
            }
            // Whoever asks again as soon as this is told finds it remembered.
            if let Event::Done(answer) = &event
                && self.engines.times_without() == without
            {
                self.keep(&question.text, &passages, answer);
            }
            if !matches!(event, Event::Waiting) {
                lead.tell(event.clone());
            }
            heard = heard && told.pass_on(event, listener).is_continue();
            if heard || lead.followers() > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let answer = settled(answer);
        if let (Some(before), Origin::Remembered(_)) = (&before, answer.origin) {
            self.cache.uphold(Space::ANSWER, before.hit.tier);
        }
        Ok(if heard { answer } else { told.cut(answer) })
    }

    fn keep(&self, asked: &str, passages: &[Passage], answer: &Answer) {
        let Some(row) = AnswerRow::of(self.revision, asked, passages, answer) else { return };
        let is_negative = !answer.is_found();
        let entry = Entry { bytes: pack(&row), cost: answer.timings.total, is_negative, ttl: None };
        if answer.is_found() && self.question.history.is_empty() {
            self.engines.answered().note(self.engines, self.kind(), asked, self.key);
        }
        self.cache.put(Space::ANSWER, self.key, &label(self.question.collection.as_ref(), asked), entry);
    }

    pub(super) fn passed(&self) -> std::time::Duration {
        self.clock.instant().saturating_duration_since(self.began)
    }
}
