//! How do logits become one answer's text? Chooses a token, says it, and holds back what may be the end.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::engine::Writer;
use super::sampling::Sampler;
use super::stops::Stops;
use super::words::{Detokenizer, Words};
use crate::inference::Limits;

pub(super) struct Pen {
    words: Arc<Words>,
    sampler: Sampler,
    detokenizer: Detokenizer,
    stops: Stops,
    ignores_end: bool,
    is_stopped: bool,
}

impl Pen {
    /// For an answer that goes on from `prompt`.
    pub(super) fn new(words: &Arc<Words>, prompt: &[u32], limits: &Limits) -> Pen {
        let stop: Vec<String> = limits.stop.iter().chain(words.stop()).cloned().collect();
        Pen {
            words: Arc::clone(words),
            sampler: Sampler::new(&limits.sampling),
            detokenizer: Detokenizer::after(words, prompt),
            stops: Stops::new(&stop),
            ignores_end: limits.ignore_end,
            is_stopped: false,
        }
    }
}

impl Writer for Pen {
    fn choose(&mut self, logits: &mut [f32], before: &[u32]) -> Option<u32> {
        // Some models have more rows than there are tokens, to be divisible by something.
        let known = logits.len().min(self.words.vocabulary());
        self.sampler.choose(&mut logits[..known], before).ok()
    }

    fn write(&mut self, token: u32, text: &mut String) -> ControlFlow<()> {
        if !self.ignores_end && self.words.ends().contains(&token) {
            return ControlFlow::Break(());
        }
        let held = self.stops.push(self.detokenizer.push(&self.words, token));
        text.push_str(&held.text);
        self.is_stopped = held.is_over;
        if held.is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
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
