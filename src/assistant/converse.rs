//! A conversation with a generator, without documents: for programs that bring their own words.
//!
//! The deadline is kept as it is for answers, and whoever does not want to wait any longer is free at once.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::assistant::apart::{Came, wait};
use crate::assistant::engines::Engines;
use crate::assistant::write::{Piece, start};
use crate::clock::Clock;
use crate::fault::{Fault, Result};
use crate::inference::{Finish, Limits, Prompt, Reason, Sampling, Shape, Urgency};

#[derive(Clone, Debug)]
pub struct Conversation {
    /// A conversation, or a text to go on from.
    pub prompt: Prompt,
    /// The generator's name; `None`: the one that was chosen.
    pub model: Option<String>,
    /// Never more than the generator holds at once.
    pub max_tokens: usize,
    pub sampling: Sampling,
    /// Texts that end what is written, and are not part of it.
    pub stop: Vec<String>,
    /// What form it is to have.
    pub shape: Option<Shape>,
    /// When it has to be over, counted from the call.
    pub timeout: Duration,
}

/// What happens while it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The generator is in memory, and begins to read.
    Ready,
    Text(String),
    /// Nothing yet; said several times a second, so that whoever does not want to wait any longer can break.
    Waiting,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The generator's name as the shelf has it.
    pub model: String,
    pub reason: Reason,
    pub prompt_tokens: usize,
    pub generated_tokens: usize,
    /// Until the generator was in memory.
    pub load: Duration,
    /// From there to the first token.
    pub read: Duration,
    pub total: Duration,
}

/// Kept free between what a generator is told to be its end and the caller's.
const RESERVE: (u32, Duration) = (20, Duration::from_millis(200));

/// Tells the listener the text while it is written. What was told is all there is, whatever comes back; an error after the
/// first word says why no more came.
pub fn converse(
    engines: &Engines,
    conversation: &Conversation,
    clock: &dyn Clock,
    listener: &mut dyn FnMut(Heard) -> ControlFlow<()>,
) -> Result<Written> {
    let began = clock.instant();
    let until = began + conversation.timeout;
    let coming = engines.lend_generator(conversation.model.as_deref())?;
    let name = coming.choice.name.clone();
    let gone = |load| Written {
        model: name.clone(),
        reason: Reason::Stopped,
        prompt_tokens: 0,
        generated_tokens: 0,
        load,
        read: Duration::ZERO,
        total: clock.instant().saturating_duration_since(began),
    };
    let generator = match wait(&coming.receiver, until, clock, &mut |_| listener(Heard::Waiting)) {
        Came::Here(generator) => generator?,
        Came::Lost => return Err(lost(&name)),
        Came::Late => return Err(late(&name, "is not loaded, or busy with others")),
        Came::Gone => return Ok(gone(Duration::ZERO)),
    };
    drop(coming);
    let loaded = clock.instant();
    let load = loaded.saturating_duration_since(began);
    if listener(Heard::Ready).is_break() {
        return Ok(gone(load));
    }
    let (share, most) = RESERVE;
    let reserve = (conversation.timeout / share).min(most);
    let limits = Limits {
        max_tokens: conversation.max_tokens.min(generator.context()),
        ignore_end: false,
        deadline: Some(until.checked_sub(reserve).unwrap_or(until)),
        stop: conversation.stop.clone(),
        sampling: conversation.sampling.clone(),
        shape: conversation.shape.clone(),
    };
    let pieces = start(generator, conversation.prompt.clone(), limits, Urgency::Ask);
    let mut first = None;
    let mut told = 0;
    let finish = loop {
        match wait(&pieces, until, clock, &mut |_| listener(Heard::Waiting)) {
            Came::Here(Piece::Text(text)) => {
                first.get_or_insert_with(|| clock.instant());
                told += 1;
                if listener(Heard::Text(text)).is_break() {
                    break None;
                }
            }
            Came::Here(Piece::End(Ok(finish))) => break Some(finish),
            Came::Here(Piece::End(Err(error))) => return Err(error.into()),
            Came::Lost => return Err(lost(&name)),
            Came::Late => break Some(Finish { reason: Reason::Deadline, generated_tokens: told, ..NOTHING }),
            Came::Gone => break None,
        }
    };
    let read = first.unwrap_or_else(|| clock.instant()).saturating_duration_since(loaded);
    let Some(finish) = finish else { return Ok(Written { read, generated_tokens: told, ..gone(load) }) };
    if finish.reason == Reason::Deadline && told == 0 {
        return Err(late(&name, "had not written a word"));
    }
    Ok(Written {
        reason: finish.reason,
        prompt_tokens: finish.prompt_tokens,
        generated_tokens: finish.generated_tokens,
        read: finish.first_token.unwrap_or(read),
        ..gone(load)
    })
}

/// Puts a generator into memory, and says how long that took; `None` when the listener broke.
pub fn load(
    engines: &Engines,
    name: &str,
    timeout: Duration,
    clock: &dyn Clock,
    listener: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Duration>> {
    let began = clock.instant();
    let coming = engines.lend_generator(Some(name))?;
    match wait(&coming.receiver, began + timeout, clock, &mut |_| listener()) {
        Came::Here(generator) => {
            generator?;
            Ok(Some(clock.instant().saturating_duration_since(began)))
        }
        Came::Lost => Err(lost(name)),
        Came::Late => Err(late(name, "is not loaded, or busy with others")),
        Came::Gone => Ok(None),
    }
}

/// What is known of one that did not come to its end in time.
const NOTHING: Finish =
    Finish { reason: Reason::Deadline, prompt_tokens: 0, reused_tokens: 0, generated_tokens: 0, first_token: None };

fn late(name: &str, what: &str) -> Fault {
    Fault::busy("generator_late", format!("{name} {what} when time was up"))
        .hint("ask again, give it more time (`ask.timeout`), or choose a smaller model")
}

fn lost(name: &str) -> Fault {
    Fault::bug("generator_lost", format!("{name} ended without a word")).hint("run it again")
}
