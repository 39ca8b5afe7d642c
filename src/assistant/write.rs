//! An answer that a model writes: from passages to a prompt, and from what is written to what is told.

use std::ops::{ControlFlow, Deref};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};

use crate::assistant::apart::{Came, wait};
use crate::assistant::ask::{Time, Writing};
use crate::assistant::engines::Engines;
use crate::assistant::phrases::nothing_found;
use crate::assistant::remember::{self, Written};
use crate::assistant::tell::{Began, tell};
use crate::domain::{Answer, Because, Event, Language, Origin, Passage, Remembered, Turn};
use crate::fault::{Fault, Result as Checked, Whose};
use crate::inference::{Finish, Generator, InferenceError, Limits, Prompt, Sampling, Urgency};
use crate::library::Snapshot;
use crate::prompt::{Ask, Budget, Composed, compose};

pub(super) struct Job<'a> {
    pub snapshot: &'a Snapshot,
    pub engines: &'a Engines,
    pub question: &'a str,
    pub history: &'a [Turn],
    pub language: Language,
    /// Best first; their numbers are their places here.
    pub passages: &'a [Passage],
    pub writing: &'a Writing,
    /// Whether the passages answer for all we know. Where not, the model is believed only if the first thing it says is
    /// in a source, and nothing is told before.
    pub is_sure: bool,
    pub time: &'a Time<'a>,
}

/// Why there is nothing, and nothing was told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unwritten {
    Because(Because),
    /// Nobody listens any more.
    Gone,
}

pub(super) type Listener<'a> = &'a mut dyn FnMut(Event) -> ControlFlow<()>;

/// Kept free between what a model is told to be its end and the asker's: a twentieth of all the time, within bounds.
const RESERVE: (u32, Duration, Duration) = (20, Duration::from_millis(20), Duration::from_millis(250));
/// Of a context, what an answer may take at most, however much was asked for.
const MOST_OF_CONTEXT: usize = 2;
/// Words are chosen among the likeliest only: a small model's long tail is noise.
const TOP_K: usize = 40;
const TOP_P: f32 = 0.95;
const MIN_P: f32 = 0.05;

pub(super) fn write(job: &Job<'_>, listener: Listener<'_>) -> Result<Answer, Unwritten> {
    let because = |because| Err(Unwritten::Because(because));
    let Some(choice) = job.engines.generator_choice() else { return because(Because::NoGenerator) };
    if job.passages.is_empty() {
        return because(Because::NothingFound);
    }
    let (share, least, most) = RESERVE;
    let reserve = (job.time.left() / share).clamp(least, most);
    let until = job.time.deadline.checked_sub(reserve / 2).unwrap_or(job.time.deadline);
    let Some(coming) = job.engines.lend_writer() else { return because(Because::Failed) };
    let generator = match wait(&coming.receiver, until, job.time.clock, listener) {
        Came::Here(Ok(generator)) => generator,
        // One that was chosen and cannot be opened was told of then.
        Came::Here(Err(fault)) if job.engines.writer.is_some() => return because(job.failed(fault)),
        Came::Here(Err(_)) | Came::Lost => return because(Because::Failed),
        Came::Late => return because(job.late("was not loaded")),
        Came::Gone => return Err(Unwritten::Gone),
    };
    let (unknown, max_tokens) = (nothing_found(job.language), most_tokens(job, &*generator));
    let Some(composed) = prompt(job, &*generator) else {
        let what = format!("the question does not fit the {} tokens that {} reads", generator.context(), choice.name);
        return because(job.failed(Fault::caller("prompt_too_long", what).hint("ask it in fewer words")));
    };
    let limits = Limits {
        max_tokens,
        ignore_end: false,
        deadline: Some(until.checked_sub(reserve / 2).unwrap_or(until)),
        stop: Vec::new(),
        sampling: sampling(job.writing),
        shape: None,
    };
    let key = remember::key(&choice.id, &composed.messages, &limits);
    let mut began = Began { name: choice.name.clone(), until, unknown, composed, key: None };
    if let Some(written) = remember::look(job.engines, &key) {
        let pieces = again(&written);
        let answer = tell(job, began, &*generator, &pieces, listener)?;
        let remembered = Some(Remembered { because: None, at: written.at, question: None });
        return Ok(Answer { origin: Origin::Remembered(written.tier), remembered, ..answer });
    }
    began.key = Some(key);
    let prompt = Prompt::Chat(began.composed.messages.clone());
    let pieces = start(generator.clone(), prompt, limits, job.engines.urgency());
    tell(job, began, &*generator, &pieces, listener)
}

fn most_tokens(job: &Job<'_>, generator: &dyn Generator) -> usize {
    job.writing.max_tokens.min(generator.context() / MOST_OF_CONTEXT)
}

/// Nothing where not even a part of the best passage fits.
fn prompt(job: &Job<'_>, generator: &dyn Generator) -> Option<Composed> {
    let unknown = nothing_found(job.language);
    let ask =
        Ask { question: job.question, language: job.language, unknown, passages: job.passages, history: job.history };
    let most = generator.context().saturating_sub(most_tokens(job, generator));
    compose(&ask, Budget { aim: job.writing.prompt_tokens, most }, &|text| generator.count_tokens(text))
}

/// Reads the prompt, and writes nothing.
pub(super) fn warm(job: &Job<'_>, listener: Listener<'_>) -> Checked<()> {
    if job.engines.generator_choice().is_none() || job.passages.is_empty() {
        return Ok(());
    }
    let Some(coming) = job.engines.lend_writer() else { return Ok(()) };
    let Came::Here(Ok(generator)) = wait(&coming.receiver, job.time.deadline, job.time.clock, listener) else {
        return Ok(());
    };
    let Some(composed) = prompt(job, &*generator) else { return Ok(()) };
    Ok(generator.warm(&Prompt::Chat(composed.messages), job.engines.urgency())?)
}

/// What was written before, as if it were written now.
fn again(written: &Written) -> Receiver<Piece> {
    let (sender, receiver) = unbounded();
    let _ = sender.send(Piece::Text(written.text.clone()));
    let _ = sender.send(Piece::End(Ok(written.finish)));
    receiver
}

fn sampling(writing: &Writing) -> Sampling {
    let seeded = Sampling { temperature: writing.temperature, seed: writing.seed, ..Sampling::greedy() };
    if writing.temperature > 0.0 { Sampling { top_k: TOP_K, top_p: TOP_P, min_p: MIN_P, ..seeded } } else { seeded }
}

impl Job<'_> {
    /// The person who waited is told, and what can be done about it.
    pub(super) fn late(&self, what: &str) -> Because {
        let name = self.engines.generator_choice().map_or("the generator", |choice| choice.name.as_str());
        let what = format!("{name} {what} in time, so the answer is in the documents' own words");
        self.engines.trouble(
            Fault::machine("generator_late", what)
                .hint("`--timeout 1m` waits longer; a smaller model is faster: `docent models list`"),
        );
        Because::Late
    }

    pub(super) fn failed(&self, fault: Fault) -> Because {
        let because = if fault.whose == Whose::Busy { Because::Busy } else { Because::Failed };
        self.engines.trouble(fault);
        because
    }
}

pub(super) enum Piece {
    Text(String),
    End(Result<Finish, InferenceError>),
}

/// On a thread of its own, so that no model can hold an asker up. It ends when nobody takes its pieces.
pub(super) fn start<G>(generator: G, prompt: Prompt, limits: Limits, urgency: Urgency) -> Receiver<Piece>
where
    G: Deref<Target = dyn Generator> + Send + 'static,
{
    let (sender, receiver) = unbounded();
    thread::spawn(move || {
        let mut listener = |text: &str| match sender.send(Piece::Text(text.to_owned())) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let finish = generator.generate(&prompt, &limits, urgency, &mut listener);
        let _ = sender.send(Piece::End(finish));
    });
    receiver
}
