//! A passage read with a question in mind: which of the question's words it holds, how close together, and how well it
//! does for that.

use std::ops::Range;

use crate::domain::{BlockKind, Language, Part};
use crate::rank::clues::clue;
use crate::rank::extract::Asked;
use crate::rank::marks::{Mark, Marks, Probe};
use crate::rank::question::Wanted;
use crate::text::{Analyser, sentences};

#[derive(Clone, Debug)]
pub struct Reading<'a> {
    pub text: &'a str,
    /// What can be quoted: sentences of running text, rows of tables, short pieces of code. Headings are not.
    pub sentences: Vec<Range<usize>>,
    pub marks: Marks,
    /// For each probe, what its standing in the title or a heading counts for.
    head: Vec<f32>,
}

/// What a word in a heading counts, compared with one in the passage itself.
const HEAD_SHARE: f32 = 0.9;

impl<'a> Reading<'a> {
    /// `head` is the title and the headings that the passage stands under.
    pub fn of(text: &'a str, parts: &[Part], head: &str, probes: &[Probe], analyser: &mut Analyser) -> Reading<'a> {
        let mut above = Marks::of(head, probes, analyser).found(probes.len());
        above.iter_mut().for_each(|likeness| *likeness *= HEAD_SHARE);
        Reading {
            text,
            sentences: parts.iter().flat_map(|part| quotable(text, part, analyser.language())).collect(),
            marks: Marks::of(text, probes, analyser),
            head: above,
        }
    }

    /// The weight of the probes among `marks` and in the headings, each counted once, relatives in part.
    pub(crate) fn covered(&self, marks: &[Mark], probes: &[Probe]) -> f32 {
        let mut best = self.head.clone();
        for mark in marks {
            best[mark.probe] = best[mark.probe].max(mark.likeness);
        }
        best.iter().zip(probes).map(|(likeness, probe)| likeness * probe.weight).sum()
    }

    /// From the beginning of sentence `first` to the end of sentence `last`, or of the passage.
    pub(crate) fn stretch(&self, first: usize, last: usize) -> Range<usize> {
        let last = last.min(self.sentences.len() - 1);
        self.sentences[first].start..self.sentences[last].end
    }

    /// The most that any `count` sentences in a row cover.
    pub(crate) fn best_stretch(&self, count: usize, weigh: impl Fn(&[Mark]) -> f32) -> f32 {
        (0..self.sentences.len())
            .map(|first| weigh(self.marks.within(&self.stretch(first, first + count - 1))))
            .fold(0.0, f32::max)
    }
}

/// A row or a listing up to this many bytes is quoted as a whole.
const LONGEST_WHOLE: usize = 600;
/// A sentence of so few words at the beginning of a part is the label of what follows: `Radon. This gas …`
const LONGEST_LABEL: usize = 3;

fn quotable(text: &str, part: &Part, language: Language) -> Vec<Range<usize>> {
    let Some(piece) = text.get(part.range.clone()) else { return Vec::new() };
    let whole = match part.kind {
        BlockKind::Heading(_) => return Vec::new(),
        BlockKind::TableRow | BlockKind::Code => piece.len() <= LONGEST_WHOLE,
        BlockKind::Paragraph | BlockKind::ListItem => false,
    };
    if whole {
        return vec![part.range.clone()];
    }
    let mut found = sentences(piece, language);
    let is_label =
        |sentence: &str| sentence.split_whitespace().count() <= LONGEST_LABEL && !sentence.ends_with(['?', '!']);
    if found.len() > 1 && is_label(&piece[found[0].clone()]) {
        found[1].start = found[0].start;
        found.remove(0);
    }
    found.into_iter().map(|range| part.range.start + range.start..part.range.start + range.end).collect()
}

pub(crate) fn total_weight(probes: &[Probe]) -> f32 {
    probes.iter().map(|probe| probe.weight).sum::<f32>().max(f32::MIN_POSITIVE)
}

/// Weight of neighbouring probes by how near each other they stand.
pub(crate) fn nearness(marks: &[Mark], probes: &[Probe]) -> f32 {
    marks
        .windows(2)
        .filter(|pair| pair[0].probe != pair[1].probe)
        .map(|pair| {
            let apart = (pair[1].position - pair[0].position).max(1) as f32;
            probes[pair[0].probe].weight.min(probes[pair[1].probe].weight) / apart
        })
        .sum()
}

/// How well a passage matches: BM25 as the base, then what BM25 does not see. The weights were fitted by a conditional
/// logit over the 40 best candidates of 6,000 questions in English, Spanish, Portuguese, German and Romanian, and
/// rounded. They take recall@1 over 240 paragraphs from 0.944 to 0.950 (en), 0.929 to 0.939 (es), 0.898 to 0.926 (de)
/// and 0.934 to 0.947 (ro); weights fitted without English find 0.950 of it too.
pub fn rate(reading: &Reading<'_>, probes: &[Probe], average_length: f32) -> f32 {
    let found = reading.marks.found(probes.len());
    let relatives: f32 =
        found.iter().zip(probes).filter(|(found, _)| **found < 1.0).map(|(found, probe)| found * probe.weight).sum();
    let one = reading.best_stretch(1, |marks| reading.covered(marks, probes));
    let two = reading.best_stretch(2, |marks| reading.covered(marks, probes));
    bm25(&reading.marks, probes, average_length)
        + 0.8 * relatives
        + 0.7 * one
        + 0.3 * two
        + 0.2 * in_sequence(&reading.marks, probes)
        + 0.6 * as_written(reading, probes)
}

/// What a passage gains that says what the subject of a short question is, as a share of the question's weight.
const DEFINITION: f32 = 0.5;
/// Questions of more words ask for something more particular than a definition.
pub(crate) const SHORT_QUESTION: usize = 3;

/// The gain of a passage that holds the definition asked for: `What is a derivative?`
pub fn definition(reading: &Reading<'_>, asked: &Asked<'_>, language: Language) -> f32 {
    if asked.wanted != Wanted::Meaning || asked.probes.len() > SHORT_QUESTION {
        return 0.0;
    }
    let best =
        reading.sentences.iter().map(|range| clue(&reading.text[range.clone()], asked, language)).fold(0.0, f32::max);
    DEFINITION * best * total_weight(asked.probes)
}

/// Saturation and length normalisation that suit passages, which are short and of like length.
const K1: f32 = 0.9;
const B: f32 = 0.4;

fn bm25(marks: &Marks, probes: &[Probe], average_length: f32) -> f32 {
    let mut counts = vec![0.0f32; probes.len()];
    for mark in marks.marks.iter().filter(|mark| mark.likeness == 1.0) {
        counts[mark.probe] += 1.0;
    }
    let length = 1.0 - B + B * marks.length as f32 / average_length.max(1.0);
    counts.iter().zip(probes).map(|(count, probe)| probe.weight * count * (K1 + 1.0) / (count + K1 * length)).sum()
}

/// Words that follow each other in the question and in the passage.
fn in_sequence(marks: &Marks, probes: &[Probe]) -> f32 {
    (1..probes.len())
        .filter(|&second| {
            marks.marks.windows(2).any(|pair| {
                pair[0].probe + 1 == second && pair[1].probe == second && pair[1].position == pair[0].position + 1
            })
        })
        .map(|second| probes[second - 1].weight.min(probes[second].weight))
        .sum()
}

/// Words that stand in the passage in the very form of the question.
fn as_written(reading: &Reading<'_>, probes: &[Probe]) -> f32 {
    let mut same = vec![false; probes.len()];
    for mark in &reading.marks.marks {
        if !same[mark.probe] {
            let here = &reading.text[mark.range.clone()];
            let wanted = &probes[mark.probe].written;
            same[mark.probe] = here == wanted || here.to_lowercase() == wanted.to_lowercase();
        }
    }
    same.iter().zip(probes).filter(|(same, _)| **same).map(|(_, probe)| probe.weight).sum()
}

/// Reads a text that is one paragraph, for tests.
#[cfg(test)]
pub(crate) fn paragraph<'a>(text: &'a str, head: &str, probes: &[Probe], analyser: &mut Analyser) -> Reading<'a> {
    let part = Part { range: 0..text.len(), kind: BlockKind::Paragraph, place: crate::domain::Place::default() };
    Reading::of(text, &[part], head, probes, analyser)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Place;
    use crate::rank::marks::probes_of;

    #[test]
    fn rows_are_quoted_whole_labels_with_what_they_label_and_headings_not_at_all() {
        let text = "Risks\nRadon. This gas gathers in cellars. Air them.\ndrug: A. B.; route: oral";
        let part = |range: Range<usize>, kind| Part { range, kind, place: Place::default() };
        let parts = [
            part(0..5, BlockKind::Heading(1)),
            part(6..51, BlockKind::ListItem),
            part(52..text.len(), BlockKind::TableRow),
        ];
        let reading = Reading::of(text, &parts, "", &[], &mut Analyser::new(Language::English));
        let quotable: Vec<&str> = reading.sentences.iter().map(|range| &text[range.clone()]).collect();
        assert_eq!(quotable, ["Radon. This gas gathers in cellars.", "Air them.", "drug: A. B.; route: oral"]);
    }

    fn score(text: &str, head: &str) -> f32 {
        let probes = probes_of(&[("fume", 3.0), ("hood", 3.0), ("sash", 4.0)], Language::English);
        rate(&paragraph(text, head, &probes, &mut Analyser::new(Language::English)), &probes, 20.0)
    }

    #[test]
    fn more_of_the_question_and_closer_together_is_better() {
        let all = score("Keep the sash of the fume hood low.", "");
        let apart = score("Keep the sash low. The fume was dense. A hood is worn when it rains outside.", "");
        let part = score("Wear a hood.", "");
        assert!(all > apart && apart > part && part > 0.0, "{all} {apart} {part}");
        assert_eq!(score("Nothing of the kind.", ""), 0.0);
    }

    #[test]
    fn headings_count_and_the_text_counts_more() {
        let without = score("Keep the sash low.", "");
        let below = score("Keep the sash low.", "Fume hood");
        let inside = score("Keep the sash of the fume hood low.", "Fume hood");
        assert!(without < below && below < inside, "{without} {below} {inside}");
    }

    #[test]
    fn a_text_without_sentences_is_no_trouble() {
        assert_eq!(score("", ""), 0.0);
        assert_eq!(score(" \n ", "Fume hood"), 0.0);
    }
}
