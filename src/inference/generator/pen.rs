//! How do logits become one answer's text? Chooses a token, says it, and holds back what may be the end.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::engine::{Unchosen, Writer};
use super::sampling::Sampler;
use super::shape::Guide;
use super::stops::Stops;
use super::words::{Detokenizer, Words};
use crate::inference::Limits;

pub(super) struct Pen {
    words: Arc<Words>,
    sampler: Sampler,
    detokenizer: Detokenizer,
    stops: Stops,
    guide: Option<Guide>,
    ignores_end: bool,
    is_stopped: bool,
}

impl Pen {
    /// For an answer that goes on from `prompt`.
    pub(super) fn new(words: &Arc<Words>, prompt: &[u32], limits: &Limits, guide: Option<Guide>) -> Pen {
        // What is written in a shape ends with it: a text that ends other answers may be a part of this one.
        let usual = if guide.is_none() { words.stop() } else { &[] };
        let stop: Vec<String> = limits.stop.iter().chain(usual).cloned().collect();
        Pen {
            words: Arc::clone(words),
            sampler: Sampler::new(&limits.sampling),
            detokenizer: Detokenizer::after(words, prompt),
            stops: Stops::new(&stop),
            ignores_end: limits.ignore_end && guide.is_none(),
            guide,
            is_stopped: false,
        }
    }
}

impl Writer for Pen {
    fn choose(&mut self, logits: &mut [f32], before: &[u32]) -> Result<u32, Unchosen> {
        // Some models have more rows than there are tokens, to be divisible by something.
        let known = logits.len().min(self.words.vocabulary());
        let token = self.sampler.choose(&mut logits[..known], before, self.guide.as_mut())?;
        if let Some(guide) = &mut self.guide {
            guide.take(token)?;
        }
        Ok(token)
    }

    fn write(&mut self, token: u32, text: &mut String) -> ControlFlow<()> {
        if !self.ignores_end && self.words.ends().contains(&token) {
            return ControlFlow::Break(());
        }
        let held = self.stops.push(self.detokenizer.push(&self.words, token));
        text.push_str(&held.text);
        self.is_stopped = held.is_over;
        let is_complete = self.guide.as_ref().is_some_and(Guide::is_over);
        if held.is_over || is_complete { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn finish(&mut self, text: &mut String) {
        if self.is_stopped {
            return;
        }
        let held = self.stops.push(self.detokenizer.finish());
        text.push_str(&held.text);
        if !held.is_over {
            text.push_str(&self.stops.finish());
        }
    }
}
