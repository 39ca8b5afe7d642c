//! How good results were, as numbers.

use std::collections::HashMap;
use std::time::Duration;

use crate::assistant::query::Mode;
use crate::text::fold;

/// What an evaluation measured. Shares are from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    pub questions: usize,
    /// In the mode that was asked for.
    pub ranks: Ranks,
    /// And in the others, where there are vectors to compare it with.
    pub others: Vec<(Mode, Ranks)>,
    /// The answer is a gold answer, to the word.
    pub exact: f64,
    pub f1: f64,
    /// A gold answer stands in the answer.
    pub contains: f64,
    /// Sentences quoted per answered question.
    pub quotes: f64,
    /// Of the questions that the documents answer, those that got an answer.
    pub answered: f64,
    /// Of the questions that they do not answer, those that were told so. Nothing when there were none.
    pub refused: Option<f64>,
    pub latency: Latency,
}

/// How far up the right document was.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ranks {
    /// Among the first 1, 3, 5 and 10.
    pub recall_at: [f64; 4],
    pub mrr: f64,
    pub ndcg_at_10: f64,
}

pub const RECALL_AT: [usize; 4] = [1, 3, 5, 10];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    pub p50: Duration,
    pub p95: Duration,
    pub p99: Duration,
}

impl Latency {
    pub(super) fn of(times: &mut [Duration]) -> Latency {
        times.sort_unstable();
        let at = |share: f64| {
            let rank = (times.len() as f64 * share).ceil() as usize;
            times.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Latency { p50: at(0.50), p95: at(0.95), p99: at(0.99) }
    }
}

/// Adds up one question after the other.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The mode asked for comes first.
    modes: Vec<(Mode, Ranking)>,
    answerable: usize,
    answered: usize,
    quotes: usize,
    exact: usize,
    f1: f64,
    contains: usize,
    unanswerable: usize,
    refused: usize,
    times: Vec<Duration>,
}

/// Ranks in one mode, added up.
#[derive(Clone, Copy, Debug, Default)]
struct Ranking {
    ranked: usize,
    recall: [usize; 4],
    reciprocal: f64,
    gain: f64,
}

impl Ranking {
    fn add(&mut self, rank: Option<usize>) {
        self.ranked += 1;
        let Some(rank) = rank else { return };
        for (count, at) in self.recall.iter_mut().zip(RECALL_AT) {
            *count += usize::from(rank <= at);
        }
        self.reciprocal += 1.0 / rank as f64;
        if rank <= 10 {
            self.gain += 1.0 / (1.0 + rank as f64).log2();
        }
    }

    fn ranks(&self) -> Ranks {
        let of = self.ranked.max(1) as f64;
        Ranks {
            recall_at: self.recall.map(|count| count as f64 / of),
            mrr: self.reciprocal / of,
            ndcg_at_10: self.gain / of,
        }
    }
}

impl Tally {
    /// `rank` counts from 1; nothing when the right document was not found.
    pub(super) fn ranked(&mut self, mode: Mode, rank: Option<usize>) {
        let place = self.modes.iter().position(|(known, _)| *known == mode).unwrap_or_else(|| {
            self.modes.push((mode, Ranking::default()));
            self.modes.len() - 1
        });
        self.modes[place].1.add(rank);
    }

    /// `answer` is the text that was taken from the documents; nothing when docent said that nothing answers.
    pub(super) fn answered(&mut self, answer: Option<&str>, quotes: usize, gold: &[String]) {
        self.answerable += 1;
        let Some(answer) = answer else { return };
        self.answered += 1;
        self.quotes += quotes;
        let words = words(answer);
        let best = gold.iter().map(|gold| f1(&words, &self::words(gold))).fold(0.0, f64::max);
        self.f1 += best;
        self.exact += usize::from(gold.iter().any(|gold| self::words(gold) == words));
        self.contains += usize::from(gold.iter().any(|gold| contains(&words, &self::words(gold))));
    }

    pub(super) fn unanswerable(&mut self, was_refused: bool) {
        self.unanswerable += 1;
        self.refused += usize::from(was_refused);
    }

    pub(super) fn took(&mut self, time: Duration) {
        self.times.push(time);
    }

    pub(super) fn scores(mut self) -> Scores {
        let share = |count: usize, of: usize| if of == 0 { 0.0 } else { count as f64 / of as f64 };
        let mean = |sum: f64, of: usize| if of == 0 { 0.0 } else { sum / of as f64 };
        let mut ranks = self.modes.iter().map(|(mode, ranking)| (*mode, ranking.ranks()));
        Scores {
            questions: self.times.len(),
            ranks: ranks.next().map(|(_, ranks)| ranks).unwrap_or_default(),
            others: ranks.collect(),
            exact: share(self.exact, self.answerable),
            f1: mean(self.f1, self.answerable),
            contains: share(self.contains, self.answerable),
            quotes: share(self.quotes, self.answered),
            answered: share(self.answered, self.answerable),
            refused: (self.unanswerable > 0).then(|| share(self.refused, self.unanswerable)),
            latency: Latency::of(&mut self.times),
        }
    }
}

/// Compared without case, accents, punctuation and English articles, as the SQuAD scores are.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut folded = String::new();
            fold(word, &mut folded);
            folded
        })
        .filter(|word| !matches!(word.as_str(), "a" | "an" | "the"))
        .collect()
}

fn contains(words: &[String], gold: &[String]) -> bool {
    !gold.is_empty() && words.windows(gold.len()).any(|window| window == gold)
}

fn f1(words: &[String], gold: &[String]) -> f64 {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for word in gold {
        *left.entry(word).or_default() += 1;
    }
    let mut common = 0usize;
    for word in words {
        if let Some(count) = left.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    if common == 0 {
        return 0.0;
    }
    2.0 * common as f64 / (words.len() + gold.len()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gold(answers: &[&str]) -> Vec<String> {
        answers.iter().map(|answer| (*answer).to_owned()).collect()
    }

    #[test]
    fn ranks_become_shares() {
        let mut tally = Tally::default();
        for rank in [Some(1), Some(3), None, Some(10)] {
            tally.ranked(Mode::Hybrid, rank);
            tally.ranked(Mode::Vector, None);
            tally.took(Duration::from_millis(1));
        }
        let scores = tally.scores();
        assert_eq!(scores.ranks.recall_at, [0.25, 0.5, 0.5, 0.75]);
        assert_eq!(scores.others, [(Mode::Vector, Ranks::default())]);
        assert!((scores.ranks.mrr - (1.0 + 1.0 / 3.0 + 0.1) / 4.0).abs() < 1e-9);
        assert!((scores.ranks.ndcg_at_10 - (1.0 + 0.5 + 1.0 / 11f64.log2()) / 4.0).abs() < 1e-9);
    }

    #[test]
    fn answers_are_compared_by_their_words() {
        let mut tally = Tally::default();
        tally.answered(Some("It was the Denver Broncos, in 2016."), 1, &gold(&["Denver Broncos", "x"]));
        tally.answered(Some("Función"), 1, &gold(&["la función", "funcion"]));
        tally.answered(Some("12 apples"), 2, &gold(&["2 apples"]));
        tally.answered(None, 0, &gold(&["y"]));
        let scores = tally.scores();
        assert_eq!((scores.contains, scores.exact, scores.answered), (0.5, 0.25, 0.75));
        assert!((scores.f1 - (0.5 + 1.0 + 0.5) / 4.0).abs() < 1e-9, "{}", scores.f1);
        assert_eq!(scores.refused, None);
    }

    #[test]
    fn latencies_are_the_nearest_rank() {
        let mut times: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        let latency = Latency::of(&mut times);
        assert_eq!([latency.p50, latency.p95, latency.p99].map(|time| time.as_millis()), [50, 95, 99]);
        assert_eq!(Latency::of(&mut []), Latency::default());
    }
}
