//! What happens in one turn? Who is over leaves, the next prompt is seated, everybody goes a step forward.

use super::Unchosen;
use super::desk::Desk;
use super::pace::Pace;
use super::sequence::{Now, Sequence};
use super::thread::Owner;
use crate::inference::Reason;
use crate::inference::contain::{Panicked, contained};
use crate::inference::error::InferenceError;
use crate::inference::generator::model::{Model, Piece, Slot, Wants};

pub(super) struct Turns<M, L> {
    owner: Owner<L>,
    /// `None` after a panic, until it is needed again.
    loaded: Option<M>,
    desk: Desk,
    pace: Pace,
    logits: Vec<f32>,
    text: String,
}

impl<M: Model, L: FnMut() -> Result<M, InferenceError> + Send> Turns<M, L> {
    pub(super) fn new(owner: Owner<L>, model: M) -> Turns<M, L> {
        let (desk, pace, logits, text) = (Desk::default(), Pace::default(), Vec::new(), String::new());
        Turns { owner, loaded: Some(model), desk, pace, logits, text }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.desk.all.is_empty()
    }

    pub(super) fn turn(&mut self, arrived: impl IntoIterator<Item = Sequence>) {
        arrived.into_iter().for_each(|sequence| self.desk.arrive(sequence));
        let now = self.owner.clock.instant();
        while let Some(at) = self.desk.over(now) {
            self.finish(at, Reason::Deadline);
        }
        if self.is_idle() {
            return;
        }
        if self.loaded.is_none() {
            match self.owner.load() {
                Ok(model) => self.loaded = Some(model),
                Err(error) => return self.desk.all.drain(..).for_each(|sequence| sequence.fail(&error)),
            }
        }
        let reader = self.seat_reader();
        let slice = self.loaded.as_ref().map_or(1, Model::slice);
        self.desk.share_out(reader, slice, &self.pace, self.owner.clock.instant());
        self.step();
    }

    /// Whose prompt is read in this step: it has a place when this returns.
    fn seat_reader(&mut self) -> Option<usize> {
        loop {
            let reader = self.desk.reader(self.desk.top()?)?;
            if self.desk.all[reader].slot.is_none() && !self.sit(reader)? {
                continue;
            }
            let Some(at) = self.desk.hopeless(reader, &self.pace, self.owner.clock.instant()) else {
                return Some(reader);
            };
            self.finish(at, Reason::Deadline);
        }
    }

    /// Whether it sits now. If not, somebody gave way to it, or it was told that it never will; `None` means to wait until
    /// somebody ends.
    fn sit(&mut self, reader: usize) -> Option<bool> {
        let (model, sequence) = (self.loaded.as_mut()?, &mut self.desk.all[reader]);
        match contained(|| model.begin(&sequence.tokens, sequence.most)) {
            Err(Panicked) => {
                self.fail(reader, PANICKED);
                self.crash();
                None
            }
            Ok(Some(begun)) => {
                sequence.sit(begun.slot, begun.reused);
                Some(true)
            }
            Ok(None) => {
                if let Some(other) = self.desk.gives_way(reader) {
                    let slot = self.desk.all[other].stand_up();
                    self.vacate(slot);
                } else if self.desk.nobody_sits() {
                    self.fail(reader, "its prompt and answer do not fit into the memory it may take");
                } else {
                    return None;
                }
                Some(false)
            }
        }
    }

    fn step(&mut self) {
        let Some(model) = &mut self.loaded else { return };
        let pieces: Vec<Piece<'_>> = self.desk.all.iter().filter_map(Sequence::piece).collect();
        let tokens = pieces.iter().map(|piece| piece.tokens.len()).sum();
        if tokens == 0 {
            return;
        }
        let vocabulary = model.vocabulary();
        let asked = vocabulary * pieces.iter().filter(|piece| piece.wants == Wants::Last).count();
        let logits = &mut self.logits;
        logits.clear();
        let before = self.owner.clock.instant();
        let Ok(done) = contained(|| model.step(&pieces, logits)) else {
            return self.crash();
        };
        let now = self.owner.clock.instant();
        let failure = match done {
            Err(error) => error,
            Ok(()) if self.logits.len() != asked => self.owner.failed("it gave other numbers than were asked for"),
            Ok(()) => {
                self.pace.measure(tokens, now.saturating_duration_since(before));
                return self.go_on(vocabulary);
            }
        };
        while let Some(at) = self.desk.all.iter().position(|sequence| sequence.next > 0) {
            let mut sequence = self.desk.all.remove(at);
            let slot = sequence.stand_up();
            sequence.fail(&failure);
            self.vacate(slot);
        }
    }

    /// Everybody who was in the step chooses a token.
    fn go_on(&mut self, vocabulary: usize) {
        let mut logits = std::mem::take(&mut self.logits);
        let mut rows = logits.chunks_exact_mut(vocabulary.max(1));
        let now = self.owner.clock.instant();
        let mut at = 0;
        while let Some(sequence) = self.desk.all.get_mut(at) {
            if sequence.next == 0 {
                at += 1;
                continue;
            }
            let row = if sequence.wants_logits() { rows.next() } else { None };
            match contained(|| sequence.go_on(row, now, &mut self.text)) {
                Ok(Now::GoesOn) => at += 1,
                Ok(Now::Over(reason)) => self.finish(at, reason),
                Ok(Now::Unchosen(Unchosen::NoNumbers)) => {
                    self.fail(at, "it gave no numbers that a word could be chosen by");
                }
                Ok(Now::Unchosen(Unchosen::NoShape)) => {
                    let why = "what was written so far cannot go on within it".to_owned();
                    self.fail_with(at, &InferenceError::Shape { model: self.owner.model.clone(), why });
                }
                Err(Panicked) => self.fail(at, "its words could not be written"),
            }
        }
        self.logits = logits;
    }

    fn finish(&mut self, at: usize, reason: Reason) {
        let mut sequence = self.desk.all.remove(at);
        let slot = sequence.stand_up();
        // If that panics, the caller is told that nothing more comes.
        let _ = contained(|| sequence.finish(reason, &mut self.text));
        self.vacate(slot);
    }

    fn fail(&mut self, at: usize, why: &str) {
        self.fail_with(at, &self.owner.failed(why));
    }

    fn fail_with(&mut self, at: usize, error: &InferenceError) {
        let mut sequence = self.desk.all.remove(at);
        let slot = sequence.stand_up();
        sequence.fail(error);
        self.vacate(slot);
    }

    fn vacate(&mut self, slot: Option<Slot>) {
        let (Some(slot), Some(model)) = (slot, &mut self.loaded) else { return };
        if contained(|| model.end(slot)).is_err() {
            self.crash();
        }
    }

    /// After a panic the model may be half changed: it goes, and with it everything it knew.
    fn crash(&mut self) {
        let model = self.loaded.take();
        let _ = contained(|| drop(model));
        let error = self.owner.failed(PANICKED);
        self.desk.all.extract_if(.., |sequence| sequence.slot.is_some()).for_each(|sequence| sequence.fail(&error));
    }
}

const PANICKED: &str = "it stopped in the middle of its work";
