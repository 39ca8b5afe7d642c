//! Whose turn is it? Everybody who was let in, in order of urgency and then of arrival; no threads, no model.

use std::time::Instant;

use super::pace::Pace;
use super::sequence::Sequence;
use crate::inference::Urgency;

#[derive(Default)]
pub(super) struct Desk {
    pub(super) all: Vec<Sequence>,
}

/// Tokens of a prompt that are read beside those who write. A step reads all weights once whoever is in it, and that is
/// what one token costs; with this many more it takes some three to four times as long, so answers keep flowing, and
/// the weights are a tenth of the cost of reading the prompt.
pub(super) const BESIDE: usize = 32;

/// However little time is left: fewer are not worth a step.
const LEAST: usize = 8;

/// Each has its row of logits, and beyond this many a step takes longer by as much as it brings.
const TOGETHER: usize = 32;

impl Desk {
    pub(super) fn arrive(&mut self, sequence: Sequence) {
        let behind = self.all.partition_point(|other| other.urgency >= sequence.urgency);
        self.all.insert(behind, sequence);
    }

    /// Who is more urgent than nobody here: only they take part in a step.
    pub(super) fn top(&self) -> Option<Urgency> {
        self.all.first().map(|first| first.urgency)
    }

    fn writing(&self, top: Urgency) -> impl Iterator<Item = &Sequence> {
        self.all.iter().filter(move |sequence| sequence.urgency == top && sequence.is_writing())
    }

    /// Whose prompt is read now, or goes on being read.
    pub(super) fn reader(&self, top: Urgency) -> Option<usize> {
        let at = self.all.iter().position(|sequence| sequence.urgency == top && !sequence.is_writing())?;
        (self.all[at].slot.is_some() || self.writing(top).count() < TOGETHER).then_some(at)
    }

    /// Who gives up its place so that `reader` has one: the last of those who are less urgent.
    pub(super) fn gives_way(&self, reader: usize) -> Option<usize> {
        let urgency = self.all[reader].urgency;
        self.all.iter().rposition(|other| other.slot.is_some() && other.urgency < urgency)
    }

    pub(super) fn nobody_sits(&self) -> bool {
        self.all.iter().all(|sequence| sequence.slot.is_none())
    }

    /// Somebody whom nobody waits for any more, or for whom it is too late.
    pub(super) fn over(&self, now: Instant) -> Option<usize> {
        self.all.iter().position(|sequence| {
            sequence.mail.is_caller_gone() || sequence.left(now).is_some_and(|left| left.is_zero())
        })
    }

    /// Somebody whose prompt cannot be read in time, at the best pace seen lately: the reader itself, or one of those
    /// behind it. Who is alone may try: nobody else could use the time, and what was read is there the next time.
    pub(super) fn hopeless(&self, reader: usize, pace: &Pace, now: Instant) -> Option<usize> {
        if self.all.len() == 1 {
            return None;
        }
        let needed = pace.at_best(self.all[reader].unread());
        let waits = |at: &usize| *at == reader || *at > reader && self.all[*at].slot.is_none();
        let too_late = |at: &usize| self.all[*at].left(now).is_some_and(|left| left < needed);
        (0..self.all.len()).filter(waits).find(too_late)
    }

    /// Says what of everybody goes into the next step, of prompts no more than `slice`.
    pub(super) fn share_out(&mut self, reader: Option<usize>, slice: usize, pace: &Pace, now: Instant) {
        let Some(top) = self.top() else { return };
        let is_alone = self.writing(top).next().is_none();
        let waiting = self.writing(top).chain(reader.map(|at| &self.all[at]));
        let left = waiting.filter_map(|sequence| sequence.left(now)).min();
        // Whoever nobody waits for takes small slices: somebody may come. So does everybody until the pace is known.
        let full = is_alone && top == Urgency::Ask && pace.is_known();
        let usual = if full { slice } else { BESIDE.min(slice) };
        let in_time = left.map_or(usize::MAX, |left| pace.surely(left)).max(LEAST);
        // A small rest is not worth a step of its own.
        let last = (usual + usual / 4).min(slice);
        let part = |unread: usize| if unread <= last { unread } else { usual }.min(in_time).max(1);
        for (at, sequence) in self.all.iter_mut().enumerate() {
            sequence.next = match reader {
                Some(reader) if reader == at => part(sequence.unread()),
                _ if sequence.urgency == top && sequence.is_writing() => 1,
                _ => 0,
            };
        }
    }
}
