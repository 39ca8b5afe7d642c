//! The one to three sentences that answer a question.

use std::ops::Range;

use crate::domain::Language;
use crate::rank::clues::clue;
use crate::rank::marks::Probe;
use crate::rank::question::Wanted;
use crate::rank::reading::{Reading, SHORT_QUESTION, nearness, total_weight};
use crate::text::fold;

/// What the sentences are chosen by.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The question: what it already names is not the answer.
    pub(crate) folded: String,
    pub(crate) wanted: Wanted,
    pub(crate) probes: &'a [Probe],
}

impl<'a> Asked<'a> {
    pub fn new(question: &str, wanted: Wanted, probes: &'a [Probe]) -> Asked<'a> {
        let mut folded = String::with_capacity(question.len());
        fold(question, &mut folded);
        Asked { folded, wanted, probes }
    }
}

/// A sentence that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Excerpt {
    /// Index of the reading it comes from.
    pub passage: usize,
    /// Bytes of that reading's text.
    pub range: Range<usize>,
    /// How likely the answer is in it, compared with the other sentences.
    pub likelihood: f32,
}

/// The most sentences an answer has.
pub const MOST_SENTENCES: usize = 3;

/// Chooses from the best passages (best first, each with its score) as many sentences as it takes for the answer to be
/// among them with some certainty: one where one stands out, three at most. In reading order.
pub fn extract(asked: &Asked<'_>, readings: &[(Reading<'_>, Language, f32)]) -> Vec<Excerpt> {
    let Some(best) = readings.first().map(|(_, _, score)| *score).filter(|score| *score > 0.0) else {
        return Vec::new();
    };
    let mut sentences: Vec<Excerpt> = Vec::new();
    for (passage, (reading, language, score)) in readings.iter().enumerate() {
        for index in 0..reading.sentences.len() {
            let range = reading.sentences[index].clone();
            if is_too_short(&reading.text[range.clone()]) || repeats(&sentences, readings, &reading.text[range.clone()])
            {
                continue;
            }
            let likelihood = sentence_score(asked, reading, *language, index) + 4.1 * score / best;
            sentences.push(Excerpt { passage, range, likelihood });
        }
    }
    soften(&mut sentences);
    sentences.sort_by(|a, b| b.likelihood.total_cmp(&a.likelihood));
    let mut certain = 0.0;
    let mut enough = 0;
    for sentence in sentences.iter().take(MOST_SENTENCES) {
        enough += 1;
        certain += sentence.likelihood;
        if certain >= CERTAIN {
            break;
        }
    }
    sentences.truncate(enough);
    sentences.sort_by_key(|sentence| (sentence.passage, sentence.range.start));
    sentences
}

/// Another sentence is added until the answer is among the chosen with this likelihood.
const CERTAIN: f32 = 0.75;

/// Fitted like the weights of [`crate::rank::rate`], over all sentences of the three best passages. The sentence's
/// neighbours count because what a sentence speaks of is often named in the one before.
fn sentence_score(asked: &Asked<'_>, reading: &Reading<'_>, language: Language, index: usize) -> f32 {
    let probes = asked.probes;
    let total = total_weight(probes);
    let cover = |range: Range<usize>| reading.covered(reading.marks.within(&range), probes) / total;
    let range = reading.sentences[index].clone();
    let alone = cover(range.clone());
    let with_previous = cover(reading.stretch(index.saturating_sub(1), index));
    let with_next = cover(reading.stretch(index, index + 1));
    let near = nearness(reading.marks.within(&range), probes) / total;
    let clue_weight = match asked.wanted {
        Wanted::Number => 1.4,
        Wanted::Time => 2.0,
        Wanted::Person => 1.4,
        Wanted::Place => 0.8,
        Wanted::Reason => 0.3,
        Wanted::Meaning if probes.len() <= SHORT_QUESTION => 3.0,
        Wanted::Meaning => 0.3,
        Wanted::Manner | Wanted::Anything => 0.0,
    };
    let sign = if clue_weight > 0.0 { clue(&reading.text[range], asked, language) } else { 0.0 };
    2.4 * alone + 3.4 * with_previous + 2.2 * with_next + 1.2 * near + clue_weight * sign
}

/// A heading, a label, the number of a list item: nothing that says something by itself.
fn is_too_short(sentence: &str) -> bool {
    let letters = sentence.chars().filter(|c| c.is_alphanumeric()).count();
    letters < 6 && sentence.is_ascii() || letters < 3
}

/// Chunks overlap, and documents quote each other: the same sentence is not said twice.
fn repeats(chosen: &[Excerpt], readings: &[(Reading<'_>, Language, f32)], sentence: &str) -> bool {
    chosen.iter().any(|other| &readings[other.passage].0.text[other.range.clone()] == sentence)
}

fn soften(sentences: &mut [Excerpt]) {
    let highest = sentences.iter().map(|sentence| sentence.likelihood).fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for sentence in sentences.iter_mut() {
        sentence.likelihood = (sentence.likelihood - highest).exp();
        sum += sentence.likelihood;
    }
    for sentence in sentences {
        sentence.likelihood /= sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rank::marks::probes_of;
    use crate::rank::question::Asking;
    use crate::rank::reading::paragraph;
    use crate::text::Analyser;

    fn check(question: &str, words: &[(&str, f32)], passages: &[&str], expected: &[&str]) {
        let language = Language::English;
        let probes = probes_of(words, language);
        let mut analyser = Analyser::new(language);
        let readings: Vec<_> = passages
            .iter()
            .enumerate()
            .map(|(rank, text)| (paragraph(text, "", &probes, &mut analyser), language, 10.0 - rank as f32))
            .collect();
        let asked = Asked::new(question, Asking::of(question, language).wanted, &probes);
        let chosen = extract(&asked, &readings);
        let sentences: Vec<&str> =
            chosen.iter().map(|excerpt| &passages[excerpt.passage][excerpt.range.clone()]).collect();
        assert_eq!(sentences, expected, "{question}");
        assert!(chosen.iter().all(|excerpt| (0.0..=1.0).contains(&excerpt.likelihood)));
    }

    const SPILL: &str = "Every laboratory has a plan. Small spills are wiped up with absorbent pads within five minutes. \
                         The pads go into the yellow bin. Large spills are left to the safety officer.";

    #[test]
    fn one_sentence_where_one_stands_out() {
        check(
            "How fast are small spills wiped up?",
            &[("small", 3.0), ("spills", 3.0), ("wiped", 5.0)],
            &[SPILL],
            &["Small spills are wiped up with absorbent pads within five minutes."],
        );
    }

    #[test]
    fn in_reading_order_and_never_twice() {
        let copy = SPILL.to_owned();
        check(
            "What about spills?",
            &[("spills", 3.0)],
            &[SPILL, &copy],
            &[
                "Small spills are wiped up with absorbent pads within five minutes.",
                "Large spills are left to the safety officer.",
            ],
        );
    }

    #[test]
    fn nothing_from_nothing() {
        check("What?", &[], &[], &[]);
        check("What?", &[("what", 1.0)], &[""], &[]);
    }
}
