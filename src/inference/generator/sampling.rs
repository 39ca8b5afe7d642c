//! Which token comes next? The likeliest, or one drawn among the likely ones; of equal ones, the one of the lowest number.
//!
//! In this order: bias and penalty change the scores, what leads out of the answer's shape is ruled out, the temperature
//! makes probabilities of the rest, then `top_k`, `top_p` and `min_p` leave some out. Nothing is sorted that is not close to
//! where the line is drawn.

mod numbers;

use self::numbers::{BLOCK, BUCKETS, Random, all_numbers, bucket, highest, power_of_two, powers, sum};
use super::engine::Unchosen;
use super::shape::{Guide, Lost};
use crate::inference::Sampling;

#[derive(Debug)]
pub(super) struct Sampler {
    sampling: Sampling,
    random: Random,
    /// The highest score of each block.
    highest: Vec<f32>,
    candidates: Vec<Candidate>,
    recent: Vec<u32>,
    buckets: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    score: f32,
    /// Not yet divided by the sum of all.
    probability: f32,
    id: u32,
}

/// What is less likely than the likeliest by e to this power is never drawn: all of it together, in a vocabulary of a
/// million tokens, is less than what a 32-bit number can tell from nothing.
const DEEPEST: f32 = 30.0;

/// The best scores of so many blocks are tried before all are looked at.
const FEW: usize = 256;

impl Sampler {
    pub(super) fn new(sampling: &Sampling) -> Sampler {
        let mut sampling = sampling.clone();
        sampling.bias.retain(|(_, bias)| !bias.is_nan());
        // An infinite one would leave no numbers to draw by.
        sampling.temperature = if sampling.temperature.is_nan() { 0.0 } else { sampling.temperature.min(1e6) };
        if !(sampling.repeat_penalty.is_finite() && sampling.repeat_penalty > 0.0) {
            sampling.repeat_penalty = 1.0;
        }
        let random = Random(sampling.seed);
        let (highest, candidates, recent, buckets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Sampler { sampling, random, highest, candidates, recent, buckets }
    }

    /// `before` is everything there is, prompt and answer; the scores are no longer the model's afterwards.
    pub(super) fn choose(
        &mut self,
        logits: &mut [f32],
        before: &[u32],
        guide: Option<&mut Guide>,
    ) -> Result<u32, Unchosen> {
        // A score may be no number, or an infinite one.
        if !all_numbers(logits) {
            return Err(Unchosen::NoNumbers);
        }
        self.change(logits, before);
        let takes_first = self.sampling.temperature <= 0.0 || self.sampling.top_k == 1;
        let mut highest = self.scan(logits);
        if let Some(guide) = guide {
            if takes_first
                && let Some(first) = self.first(logits, highest)
                && guide.allows(first)?
            {
                return Ok(first);
            }
            guide.rule_out(logits)?;
            highest = self.scan(logits);
        }
        // Everything may have been ruled out.
        if highest == f32::NEG_INFINITY {
            return Err(Unchosen::NoNumbers);
        }
        if takes_first {
            return self.first(logits, highest).ok_or(Unchosen::NoNumbers);
        }
        let cuts = self.sampling.top_p < 1.0;
        if cuts && self.sampling.top_k == 0 {
            self.collect_probable(logits, highest);
        } else {
            self.collect(logits, highest, self.lowest(highest));
            self.keep_most_likely();
            if cuts {
                let all = self.probability();
                self.keep_probable(all);
            }
        }
        self.draw(highest).ok_or(Unchosen::NoNumbers)
    }

    fn change(&mut self, logits: &mut [f32], before: &[u32]) {
        for &(id, bias) in &self.sampling.bias {
            if let Some(score) = logits.get_mut(id as usize) {
                *score = (*score + bias).min(f32::MAX);
            }
        }
        let penalty = self.sampling.repeat_penalty;
        if penalty == 1.0 {
            return;
        }
        self.recent.clear();
        self.recent.extend_from_slice(&before[before.len().saturating_sub(self.sampling.repeat_last)..]);
        self.recent.sort_unstable();
        self.recent.dedup();
        for &id in &self.recent {
            if let Some(score) = logits.get_mut(id as usize) {
                *score = if *score > 0.0 { (*score / penalty).min(f32::MAX) } else { *score * penalty };
            }
        }
    }

    /// The highest of all, and of each block.
    fn scan(&mut self, logits: &[f32]) -> f32 {
        self.highest.clear();
        self.highest.extend(logits.chunks(BLOCK).map(highest));
        highest(&self.highest)
    }

    fn first(&self, logits: &[f32], wanted: f32) -> Option<u32> {
        let block = self.highest.iter().position(|&score| score == wanted)?;
        let start = block * BLOCK;
        let inside = logits[start..].iter().position(|&score| score == wanted)?;
        Some((start + inside) as u32)
    }

    /// What is below it is not drawn. Of what `top_k` leaves out as little is above it as can be told without looking at
    /// each.
    fn lowest(&self, highest: f32) -> f32 {
        let Sampling { temperature, top_k, top_p, min_p, .. } = self.sampling;
        let mut lowest = highest - DEEPEST * temperature;
        if (1..self.highest.len()).contains(&top_k) {
            lowest = lowest.max(self.reached_by(top_k));
        }
        if min_p > 0.0 && top_p >= 1.0 {
            lowest = lowest.max(self.least(highest));
        }
        lowest
    }

    /// So many blocks have a score of at least this, and so there are as many scores.
    fn reached_by(&self, blocks: usize) -> f32 {
        let mut sorted = self.highest.clone();
        *sorted.select_nth_unstable_by(blocks - 1, |a, b| b.total_cmp(a)).1
    }

    fn collect(&mut self, logits: &[f32], highest: f32, lowest: f32) {
        let temperature = self.sampling.temperature;
        self.candidates.clear();
        for (block, scores) in logits.chunks(BLOCK).enumerate() {
            if self.highest[block] < lowest {
                continue;
            }
            let probabilities = powers(scores, highest, temperature).map(power_of_two);
            let start = (block * BLOCK) as u32;
            for ((id, &score), probability) in (start..).zip(scores).zip(probabilities) {
                // A score of minus infinity is not above the lowest even if that is minus infinity too.
                if score >= lowest && score > f32::NEG_INFINITY {
                    self.candidates.push(Candidate { score, probability, id });
                }
            }
        }
    }

    /// `top_p` of all. Most of the probability is mostly with a few; if not, only where the line is drawn are scores
    /// compared with each other.
    fn collect_probable(&mut self, logits: &[f32], highest: f32) {
        let temperature = self.sampling.temperature;
        if self.highest.len() > FEW {
            let sums = logits.chunks(BLOCK).map(|scores| {
                let probabilities = powers(scores, highest, temperature).map(power_of_two);
                f64::from(sum(&probabilities))
            });
            let all = sums.sum();
            self.collect(logits, highest, self.reached_by(FEW));
            if self.probability() >= all * f64::from(self.sampling.top_p) {
                return self.keep_probable(all);
            }
        }
        self.buckets.clear();
        self.buckets.resize(BUCKETS, 0.0);
        for scores in logits.chunks(BLOCK) {
            let powers = powers(scores, highest, temperature);
            let probabilities = powers.map(power_of_two);
            for (power, probability) in powers.into_iter().zip(probabilities).take(scores.len()) {
                self.buckets[bucket(power)] += f64::from(probability);
            }
        }
        let enough = self.buckets.iter().sum::<f64>() * f64::from(self.sampling.top_p);
        let mut sum = 0.0;
        let mut line = 0;
        while line + 1 < BUCKETS && sum + self.buckets[line] < enough {
            sum += self.buckets[line];
            line += 1;
        }
        self.candidates.clear();
        let mut close = Vec::new();
        for (block, scores) in logits.chunks(BLOCK).enumerate() {
            if bucket(powers(&self.highest[block..=block], highest, temperature)[0]) > line {
                continue;
            }
            let powers = powers(scores, highest, temperature);
            let start = (block * BLOCK) as u32;
            for ((id, &score), power) in (start..).zip(scores).zip(powers) {
                let bucket = bucket(power);
                if bucket <= line && score > f32::NEG_INFINITY {
                    let candidates = if bucket < line { &mut self.candidates } else { &mut close };
                    candidates.push(Candidate { score, probability: power_of_two(power), id });
                }
            }
        }
        close.sort_unstable_by(Candidate::by_score);
        for candidate in close {
            if sum >= enough && !self.candidates.is_empty() {
                break;
            }
            sum += f64::from(candidate.probability);
            self.candidates.push(candidate);
        }
    }

    /// `top_k`.
    fn keep_most_likely(&mut self) {
        let most = self.sampling.top_k;
        if most > 0 && self.candidates.len() > most {
            self.candidates.select_nth_unstable_by(most - 1, Candidate::by_score);
            self.candidates.truncate(most);
        }
    }

    fn probability(&self) -> f64 {
        self.candidates.iter().map(|candidate| f64::from(candidate.probability)).sum()
    }

    /// The likeliest, until they have `top_p` of the probability of all.
    fn keep_probable(&mut self, all: f64) {
        self.candidates.sort_unstable_by(Candidate::by_score);
        let enough = all * f64::from(self.sampling.top_p);
        let mut sum = 0.0;
        let last = self.candidates.iter().position(|candidate| {
            sum += f64::from(candidate.probability);
            sum >= enough
        });
        self.candidates.truncate(last.map_or(usize::MAX, |last| last + 1));
    }

    /// The lowest score that `min_p` allows.
    fn least(&self, highest: f32) -> f32 {
        highest + self.sampling.temperature * self.sampling.min_p.min(1.0).ln()
    }

    fn draw(&mut self, highest: f32) -> Option<u32> {
        if self.sampling.min_p > 0.0 {
            let least = self.least(highest);
            self.candidates.retain(|candidate| candidate.score >= least);
        }
        let mut rest = self.random.next() * self.probability();
        for candidate in &self.candidates {
            rest -= f64::from(candidate.probability);
            if rest < 0.0 {
                return Some(candidate.id);
            }
        }
        // What is rounded may be left over.
        self.candidates.last().map(|candidate| candidate.id)
    }
}

impl From<Lost> for Unchosen {
    fn from(_: Lost) -> Unchosen {
        Unchosen::NoShape
    }
}

impl Candidate {
    fn by_score(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
        b.score.total_cmp(&a.score).then(a.id.cmp(&b.id))
    }
}

#[cfg(test)]
mod tests;
