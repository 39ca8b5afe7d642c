//! One sequence after another through a model of candle's.

use super::family::{Family, Loaded};
use super::sound;
use crate::inference::contain::contained;
use crate::inference::error::{InferenceError, ModelFile};
use crate::inference::generator::file::Opened;
use crate::inference::generator::model::{Begun, Model, Piece, Slot, Wants};
use crate::inference::mapped::Map;

/// Nothing is kept from one sequence to the next.
#[derive(Debug)]
pub(in crate::inference::generator) struct CandleModel {
    file: ModelFile,
    family: Family,
    vocabulary: usize,
    context: usize,
    /// Has read nothing. `None`: in use, and of a kind without copies.
    fresh: Option<Loaded>,
    running: Option<Running>,
    begun: usize,
}

#[derive(Debug)]
struct Running {
    slot: Slot,
    /// `None`: as if it had read nothing.
    model: Option<Loaded>,
    tokens: Vec<u32>,
    /// So many of them `model` has read.
    read: usize,
}

impl CandleModel {
    /// For sequences of at most `context` tokens.
    pub(in crate::inference::generator) fn open(
        opened: &Opened,
        context: usize,
    ) -> Result<CandleModel, InferenceError> {
        let Opened { file, contents, map } = opened;
        let name = contents.text("general.architecture").ok_or_else(|| file.damaged("names no architecture"))?;
        let family = Family::named(name)
            .ok_or_else(|| file.unsupported(format!("its architecture is {name:?}, which docent does not know")))?;
        sound::check(family, contents, file)?;
        let vocabulary = sound::vocabulary(contents, file)?;
        let made_for = contents.integer(&format!("{name}.context_length"));
        let made_for = made_for.and_then(|tokens| usize::try_from(tokens).ok()).filter(|&tokens| tokens > 0);
        let made_for = made_for.ok_or_else(|| file.damaged(format!("says no {name}.context_length")))?;
        let context = context.min(made_for).min(family.most_context());
        let fresh = Some(load(file, map, family, context)?);
        map.release(0..map.len());
        Ok(CandleModel { file: file.clone(), family, vocabulary, context, fresh, running: None, begun: 0 })
    }

    /// One that has read nothing: the weights are read again only where candle can neither copy a model nor make it forget.
    fn fresh(&mut self) -> Result<Loaded, InferenceError> {
        match self.fresh.as_ref().and_then(Loaded::copy).or_else(|| self.fresh.take()) {
            Some(fresh) => Ok(fresh),
            None => load(&self.file, &Map::open(&self.file)?, self.family, self.context),
        }
    }

    fn failed(&self, why: impl Into<String>) -> InferenceError {
        InferenceError::Failed { model: self.file.model.clone(), why: why.into() }
    }

    /// Takes the sequence to its first `end` tokens; the logits of the last of them.
    fn advance(&mut self, end: usize) -> Result<Vec<f32>, InferenceError> {
        const REFUSED: &str = "pieces of no sequence are refused before";
        let mut model = match self.running.as_mut().expect(REFUSED).model.take() {
            Some(model) => model,
            None => self.fresh()?,
        };
        let running = self.running.as_mut().expect(REFUSED);
        let slices = self.family.goes_on_in_slices();
        // Until all has gone well: what a model has read that failed may be half done.
        let mut read = std::mem::take(&mut running.read);
        let mut logits = Vec::new();
        while read < end {
            let to = if read == 0 || slices { end } else { read + 1 };
            logits = match contained(|| model.forward(&running.tokens[read..to], read)) {
                Ok(Ok(found)) if found.len() == self.vocabulary => found,
                Ok(Ok(found)) => {
                    return Err(self.failed(format!("it gave {} logits for {} tokens", found.len(), self.vocabulary)));
                }
                Ok(Err(error)) => {
                    tracing::error!(error = %error, "candle could not take a step");
                    return Err(self.failed("it could not take a step"));
                }
                Err(_) => return Err(self.failed("it broke down")),
            };
            read = to;
        }
        running.read = read;
        running.model = Some(model);
        Ok(logits)
    }
}

fn load(file: &ModelFile, bytes: &[u8], family: Family, context: usize) -> Result<Loaded, InferenceError> {
    let name = family.name();
    contained(|| family.load(bytes, context))
        .map_err(|_| file.damaged(format!("holds what no {name} can be made of")))?
        .map_err(|error| file.damaged_by(format!("lacks something that a {name} has"), error))
}

impl Model for CandleModel {
    fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    fn context(&self) -> usize {
        self.context
    }

    /// What cannot go on in slices reads its prompt best at once.
    fn slice(&self) -> usize {
        if self.family.goes_on_in_slices() { 64 } else { self.context.min(4096) }
    }

    fn begin(&mut self, _tokens: &[u32], _most: usize) -> Option<Begun> {
        if self.running.is_some() {
            return None;
        }
        self.begun += 1;
        let slot = Slot(self.begun);
        self.running = Some(Running { slot, model: None, tokens: Vec::new(), read: 0 });
        Some(Begun { slot, reused: 0 })
    }

    fn step(&mut self, pieces: &[Piece<'_>], logits: &mut Vec<f32>) -> Result<(), InferenceError> {
        logits.clear();
        for piece in pieces {
            let running = self.running.as_mut().filter(|running| running.slot == piece.slot);
            let Some(running) = running else { return Err(self.failed("it was asked for a sequence that ended")) };
            let before = running.tokens.len();
            running.tokens.extend(piece.tokens);
            let after = running.tokens.len();
            if after > self.context {
                return Err(self.failed(format!("a sequence is longer than {} tokens", self.context)));
            }
            if piece.wants == Wants::All {
                for end in before + 1..=after {
                    logits.extend(self.advance(end)?);
                }
            } else {
                let last = self.advance(after)?;
                if piece.wants == Wants::Last {
                    logits.extend(last);
                }
            }
        }
        Ok(())
    }

    /// Candle forgets everything or nothing: what stays is read again with the next piece.
    fn roll_back(&mut self, slot: Slot, tokens: usize) -> bool {
        if let Some(running) = self.running.as_mut().filter(|running| running.slot == slot) {
            running.tokens.truncate(tokens);
            if running.read > tokens {
                running.model = None;
                running.read = 0;
            }
        }
        true
    }

    fn end(&mut self, slot: Slot) {
        self.running.take_if(|running| running.slot == slot);
    }
}
