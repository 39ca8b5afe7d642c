//! From a question to a cited answer.
//!
//! The documents' own sentences are made ready first, which takes milliseconds: whatever happens to the model that is to
//! write the answer, they are there in time.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::assistant::across::sentences_by_meaning;
use crate::assistant::engines::{Engines, PATIENCE};
use crate::assistant::follow_up::stand_alone;
use crate::assistant::phrases::nothing_found;
use crate::assistant::query::{Mode, Query};
use crate::assistant::quote::quote;
use crate::assistant::remember;
use crate::assistant::retrieve::{Found, Retrieved, read, retrieve};
use crate::assistant::write::{Job, Listener, Unwritten, warm, write};
use crate::clock::Clock;
use crate::domain::{Answer, Because, CollectionName, Event, Language, Origin, Passage, Timings, Turn};
use crate::fault::Result;
use crate::library::Snapshot;
use crate::prompt::{Budget, leans};
use crate::rank::{Asked, CERTAINTY, Evidence, Excerpt, Reading, extract, likelihood_by_meaning};
use crate::text::Analysers;

#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub text: String,
    pub collection: Option<CollectionName>,
    /// How many passages to answer from.
    pub k: usize,
    /// How they are found.
    pub mode: Mode,
    /// What was said before in the same conversation, oldest first.
    pub history: Vec<Turn>,
    /// From 0 to 1: how likely it must be that the documents answer; below it, nothing answers.
    pub certainty: f32,
    /// When the answer has to be there, whoever makes it.
    pub timeout: Duration,
    /// How a model is to write it; `None`: the documents' own sentences are wanted.
    pub writing: Option<Writing>,
}

/// How a model writes an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Writing {
    /// How long the prompt may be, as far as the question leaves it to us.
    pub prompt_tokens: usize,
    /// How long the answer may be.
    pub max_tokens: usize,
    /// 0 always takes the likeliest word.
    pub temperature: f32,
    pub seed: u64,
}

impl Question {
    /// With every default.
    pub fn new(text: impl Into<String>) -> Question {
        Question {
            text: text.into(),
            collection: None,
            k: 5,
            mode: Mode::Hybrid,
            history: Vec::new(),
            certainty: CERTAINTY,
            timeout: TIMEOUT,
            writing: Some(Writing::default()),
        }
    }
}

impl Question {
    /// What is looked for.
    pub(super) fn query(&self) -> Query {
        Query { text: self.text.clone(), collection: self.collection.clone(), k: self.k, mode: self.mode }
    }
}

impl Default for Writing {
    fn default() -> Writing {
        Writing { prompt_tokens: Budget::AIM, max_tokens: Budget::ANSWER, temperature: 0.0, seed: 0 }
    }
}

/// When an answer has to be there, when nobody says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(15);
/// Sentences are taken from the best passages only: what the fourth holds was rarely asked for.
const READ_CLOSELY: usize = 5;
/// Of the likelihood that is asked for, so much is enough for a model to read the passages. The likelihood is told from
/// words that stand together, and a question whose answer has to be put together from several places, or that is asked in
/// other words, does not have them; a model can find it all the same. It is believed only if the first thing it says is
/// in a source. Below, reading would cost seconds and find nothing.
const WORTH_READING: f32 = 0.4;
/// Of the time that is left, what a search by meaning or a reranker may take.
const SHARE: u32 = 4;

/// Answers from the documents. Tells the listener the sources, then the text, then the whole answer; a listener that
/// breaks gets no more, and the answer returned is marked incomplete. What was answered before and is right still is
/// remembered, where the engines have a cache.
pub fn ask(
    snapshot: &Snapshot,
    engines: &Engines,
    question: &Question,
    clock: &dyn Clock,
    listener: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Answer> {
    remember::ask(snapshot, engines, question, clock, listener)
}

/// The same, whatever is remembered of whole answers.
pub(super) fn answer_anew(
    snapshot: &Snapshot,
    engines: &Engines,
    question: &Question,
    clock: &dyn Clock,
    listener: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Answer> {
    let began = clock.instant();
    let time = Time { began, deadline: began + question.timeout, clock };
    let found = find(snapshot, engines, question, &time, listener)?;
    let mut timings = Timings { retrieve: time.passed(), ..Timings::default() };
    let language = found.retrieved.parsed.language;
    let passages: Vec<Passage> = found.retrieved.found.into_iter().map(|found| found.passage).collect();
    let (text, citations) = match found.excerpts {
        Some(excerpts) if !excerpts.is_empty() => quote(&passages, &excerpts),
        _ => (nothing_found(language).to_owned(), Vec::new()),
    };

    let mut heard = listener(Event::Sources(passages.clone())).is_continue();
    let mut because = if question.writing.is_some() { Because::NoGenerator } else { Because::Asked };
    if let Some(writing) = question.writing.as_ref().filter(|_| heard) {
        let is_sure = !citations.is_empty();
        let job = Job {
            snapshot,
            engines,
            question: &found.asked,
            history: &question.history,
            language,
            passages: &passages,
            writing,
            is_sure,
            time: &time,
        };
        let is_worth_it = is_sure || found.likelihood >= question.certainty * WORTH_READING;
        match is_worth_it.then(|| write(&job, listener)) {
            Some(Ok(mut answer)) => {
                answer.timings.retrieve = timings.retrieve;
                return Ok(done(answer, &time, listener));
            }
            Some(Err(Unwritten::Gone)) => heard = false,
            Some(Err(Unwritten::Because(why))) => because = why,
            None => {}
        }
    }
    let origin = Origin::Extracted(if citations.is_empty() { Because::NothingFound } else { because });
    if heard {
        timings.first_token = Some(time.passed());
        heard = listener(Event::Text(text.clone())).is_continue();
    }
    let unsupported = Vec::new();
    let (model, remembered) = (None, None);
    let answer = Answer { text, origin, complete: heard, language, citations, unsupported, timings, model, remembered };
    Ok(if heard { done(answer, &time, listener) } else { Answer { timings: time.total(timings), ..answer } })
}

/// Has a model read what it would be shown for a question, so that it begins to write sooner when somebody asks.
pub(super) fn warm_up(
    snapshot: &Snapshot,
    engines: &Engines,
    question: &Question,
    clock: &dyn Clock,
    listener: Listener<'_>,
) -> Result<()> {
    let Some(writing) = &question.writing else { return Ok(()) };
    let began = clock.instant();
    let time = Time { began, deadline: began + question.timeout, clock };
    let found = find(snapshot, engines, question, &time, listener)?;
    let language = found.retrieved.parsed.language;
    let passages: Vec<Passage> = found.retrieved.found.into_iter().map(|found| found.passage).collect();
    let (asked, history) = (found.asked.as_str(), question.history.as_slice());
    let is_sure = found.excerpts.is_some();
    let passages = passages.as_slice();
    let job = Job { snapshot, engines, question: asked, history, language, passages, writing, is_sure, time: &time };
    warm(&job, listener)
}

/// Told whole to whoever is still there.
fn done(answer: Answer, time: &Time<'_>, listener: &mut dyn FnMut(Event) -> ControlFlow<()>) -> Answer {
    let answer = Answer { timings: time.total(answer.timings), ..answer };
    let _ = listener(Event::Done(Box::new(answer.clone())));
    answer
}

/// What is left of an asker's patience.
pub(super) struct Time<'a> {
    began: Instant,
    pub(super) deadline: Instant,
    pub(super) clock: &'a dyn Clock,
}

impl Time<'_> {
    pub(super) fn passed(&self) -> Duration {
        self.clock.instant().saturating_duration_since(self.began)
    }

    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(self.clock.instant())
    }

    /// For what can be done without.
    fn patience(&self) -> Duration {
        PATIENCE.min(self.left() / SHARE)
    }

    fn total(&self, timings: Timings) -> Timings {
        Timings { total: self.passed(), ..timings }
    }
}

/// What a search came to.
struct Answerable {
    /// The question as it was understood.
    asked: String,
    retrieved: Retrieved,
    /// The sentences that answer; none where nothing does.
    excerpts: Option<Vec<Excerpt>>,
    /// That the passages answer, from 0 to 1.
    likelihood: f32,
}

/// In a conversation a question may lean on what was said before it ("and in children?"). Where it looks like that, or
/// finds no answer alone, a model makes a question of its own of it; without one, the two last questions are tried together.
fn find(
    snapshot: &Snapshot,
    engines: &Engines,
    question: &Question,
    time: &Time<'_>,
    listener: Listener<'_>,
) -> Result<Answerable> {
    let query = question.query();
    query.check(snapshot)?;
    let mut analysers = Analysers::default();
    let mut look = |asked: String, text: String| -> Result<Answerable> {
        let query = Query { text, ..query.clone() };
        let retrieved = retrieve(snapshot, engines, &query, &mut analysers, time.patience())?;
        let (excerpts, likelihood) =
            choose(&retrieved, engines, question.certainty, &query.text, &mut analysers, time.patience());
        Ok(Answerable { asked, retrieved, excerpts, likelihood })
    };
    let alone = look(question.text.clone(), question.text.clone())?;
    let Some(before) = question.history.last() else { return Ok(alone) };
    let language = alone.retrieved.parsed.language;
    if alone.excerpts.is_some() && !leans(&question.text, language) {
        return Ok(alone);
    }
    let stand_alone = stand_alone(engines, question, language, time, listener);
    if stand_alone.is_none() && question.writing.is_some() && engines.generator_choice().is_some() {
        engines.do_without();
    }
    if let Some(asked) = stand_alone {
        let rewritten = look(asked.clone(), asked)?;
        if rewritten.excerpts.is_some() || rewritten.likelihood > alone.likelihood {
            return Ok(rewritten);
        }
    }
    if alone.excerpts.is_some() {
        return Ok(alone);
    }
    let together = look(question.text.clone(), format!("{} {}", before.question, question.text))?;
    Ok(if together.excerpts.is_some() || together.likelihood > alone.likelihood { together } else { alone })
}

fn choose(
    found: &Retrieved,
    engines: &Engines,
    certainty: f32,
    question: &str,
    analysers: &mut Analysers,
    patience: Duration,
) -> (Option<Vec<Excerpt>>, f32) {
    let probes = &found.parsed.probes;
    let readings: Vec<(Reading<'_>, Language, f32)> = found
        .found
        .iter()
        .take(READ_CLOSELY)
        .map(|Found { passage, weight, .. }| {
            (read(passage, probes, analysers.of(passage.language)), passage.language, *weight)
        })
        .collect();
    let (Some((best, ..)), Some(first)) = (readings.first(), found.found.first()) else { return (None, 0.0) };
    let evidence = Evidence { rise: first.rise, ..Evidence::of(best, probes, first.rate) };
    let likelihood = evidence.likelihood();
    if likelihood < certainty {
        let is_abroad = first.passage.language != found.parsed.language;
        let abroad = first.rise.filter(|_| is_abroad).map_or(0.0, likelihood_by_meaning);
        let by_meaning = || sentences_by_meaning(engines, question, best, patience);
        return (if abroad >= certainty { by_meaning() } else { None }, likelihood.max(abroad));
    }
    let asked = Asked::new(question, found.parsed.asking.wanted, probes);
    (Some(extract(&asked, &readings)), likelihood)
}
