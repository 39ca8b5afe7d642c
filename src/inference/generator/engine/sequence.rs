//! One prompt and the answer that grows behind it: how much of it the model has read, and what comes next.

use std::time::{Duration, Instant};

use super::mail::{Progress, Sender};
use super::{Request, Unchosen, Writer};
use crate::inference::error::InferenceError;
use crate::inference::generator::model::{Piece, Slot, Wants};
use crate::inference::{Reason, Urgency};

pub(super) struct Sequence {
    pub(super) urgency: Urgency,
    /// Of those who wait and write.
    pub(super) slot: Option<Slot>,
    /// The longest it may become.
    pub(super) most: usize,
    pub(super) tokens: Vec<u32>,
    /// How many of its tokens go into the step that comes.
    pub(super) next: usize,
    pub(super) mail: Sender,
    deadline: Option<Instant>,
    called: Instant,
    writer: Option<Box<dyn Writer>>,
    /// How many of its tokens the model has read.
    read: usize,
    progress: Progress,
}

/// What a step has brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Now {
    GoesOn,
    Over(Reason),
    Unchosen(Unchosen),
}

impl Sequence {
    /// `most` tokens, prompt and answer together.
    pub(super) fn new(request: Request, most: usize, mail: Sender) -> Sequence {
        Sequence {
            urgency: request.urgency,
            slot: None,
            most,
            next: 0,
            mail,
            deadline: request.deadline,
            called: request.called,
            writer: request.writer,
            read: 0,
            progress: Progress::default(),
            tokens: request.prompt,
        }
    }

    /// Has a place in the model, and needs no more than a step for its next token.
    pub(super) fn is_writing(&self) -> bool {
        self.slot.is_some() && self.progress.generated > 0 && self.unread() == 1
    }

    pub(super) fn unread(&self) -> usize {
        self.tokens.len() - self.read
    }

    /// `None`: as long as it takes.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(now))
    }

    pub(super) fn sit(&mut self, slot: Slot, reused: usize) {
        self.slot = Some(slot);
        if self.progress.first_token.is_none() && self.read == 0 {
            self.progress.reused = reused;
        }
        self.read = reused;
    }

    /// Its place is given up: it has to begin again, with all it has by now.
    pub(super) fn stand_up(&mut self) -> Option<Slot> {
        self.slot.take()
    }

    /// Its share of the step that comes, if it has one.
    pub(super) fn piece(&self) -> Option<Piece<'_>> {
        let slot = self.slot.filter(|_| self.next > 0)?;
        let wants = if self.wants_logits() { Wants::Last } else { Wants::Nothing };
        Some(Piece { slot, tokens: &self.tokens[self.read..self.read + self.next], wants })
    }

    /// Whether the step that comes ends with the token behind which it goes on.
    pub(super) fn wants_logits(&self) -> bool {
        self.next == self.unread() && self.writer.is_some()
    }

    /// What was in the step has been read. `logits` are there if it wanted them.
    pub(super) fn go_on(&mut self, logits: Option<&mut [f32]>, now: Instant, text: &mut String) -> Now {
        self.read += std::mem::take(&mut self.next);
        let (Some(writer), Some(logits)) = (&mut self.writer, logits) else {
            return if self.unread() == 0 { Now::Over(Reason::End) } else { Now::GoesOn };
        };
        let token = match writer.choose(logits, &self.tokens) {
            Ok(token) => token,
            Err(why) => return Now::Unchosen(why),
        };
        self.tokens.push(token);
        self.progress.generated += 1;
        self.progress.first_token.get_or_insert(now.saturating_duration_since(self.called));
        text.clear();
        let now = match writer.write(token, text) {
            flow if flow.is_break() => Now::Over(Reason::End),
            _ if self.tokens.len() >= self.most => Now::Over(Reason::Length),
            _ => Now::GoesOn,
        };
        self.mail.say(text, self.progress);
        now
    }

    /// Says what was held back, and how it ended.
    pub(super) fn finish(mut self, reason: Reason, text: &mut String) {
        text.clear();
        if let Some(writer) = &mut self.writer {
            writer.finish(text);
        }
        self.mail.say(text, self.progress);
        self.mail.end(Ok(reason));
    }

    pub(super) fn fail(self, error: &InferenceError) {
        self.mail.end(Err(error.again()));
    }
}
