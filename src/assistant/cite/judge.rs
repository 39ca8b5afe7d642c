//! Which sources say a statement: its own are checked, and where it has none, or wrong ones, those are found that do.

use std::ops::Range;

use super::stream::Verdict;
use crate::domain::{Language, Passage};
use crate::rank::{Probe, Reading, Support, support};
use crate::text::Analysers;

/// How much a word says, by its forms in the languages that are there.
pub(crate) type Weigh<'a> = &'a dyn Fn(&[(Language, String)]) -> f32;

/// What the statements of one answer are held against.
pub(crate) struct Bench<'a> {
    pub(crate) passages: &'a [Passage],
    /// What of each was shown; those beyond were not.
    pub(crate) shown: &'a [Range<usize>],
    pub(crate) question: &'a str,
    /// Of question and answer.
    pub(crate) language: Language,
    pub(crate) weigh: Weigh<'a>,
    pub(crate) analysers: Analysers,
    /// For each source the sentence that supports an answer's statement best, and how well.
    pub(crate) quotes: Vec<Option<(f32, Range<usize>)>>,
}

/// A source that the generator named itself says the statement if it holds so much of it: models reword.
const OWN: f32 = 0.35;
/// One that it did not name must hold more.
const FOUND: f32 = 0.6;
/// Another source that holds so much more of the statement is the one that was meant.
const BETTER: f32 = 0.3;
/// Statements of fewer words say little without the question.
const SHORT: usize = 3;
/// Alone they leave it to the next sentence to state something.
const YES_AND_NO: [&str; 7] = ["yes", "no", "sí", "si", "sim", "não", "nao"];

impl<'a> Bench<'a> {
    pub(crate) fn judge(&mut self, statement: &str, own: &[u32]) -> Verdict {
        let statement = without_item_mark(statement.trim());
        if own.is_empty() && statement.ends_with([':', '：']) {
            return Verdict::Nothing;
        }
        let alone = self.probes(statement);
        if own.is_empty() && alone.iter().all(|probe| YES_AND_NO.contains(&probe.written.to_lowercase().as_str())) {
            return Verdict::Nothing;
        }
        let is_short = alone.len() < SHORT;
        let together = if is_short { self.probes(&format!("{statement} {}", self.question)) } else { Vec::new() };
        let found: Vec<Option<Support>> = (0..self.shown.len())
            .map(|source| {
                let own = self.support(source, &alone)?;
                // A word or two must be there; the question's beside them tell which source is meant.
                let counts = is_short && (alone.is_empty() || own.share >= FOUND);
                if !counts {
                    return Some(own);
                }
                let beside = self.support(source, &together)?;
                Some(Support { share: FOUND + (1.0 - FOUND) * beside.share, ..beside })
            })
            .collect();
        let supporting = self.choose(&found, own);
        if supporting.is_empty() {
            return Verdict::Unsupported;
        }
        for &number in &supporting {
            let index = number as usize - 1;
            let Some(support) = &found[index] else { continue };
            let best = &mut self.quotes[index];
            if best.as_ref().is_none_or(|(share, _)| support.share > *share) {
                *best = Some((support.share, support.sentence.clone()));
            }
        }
        Verdict::Sources(supporting)
    }

    fn choose(&self, found: &[Option<Support>], own: &[u32]) -> Vec<u32> {
        let mut kept = Vec::new();
        let mut most = 0.0f32;
        for &number in own {
            let Some(Some(support)) = found.get(number as usize - 1) else { continue };
            // What was written in another language shares its numbers, and few words.
            let least = if self.is_foreign(number as usize - 1) { 0.0 } else { OWN };
            if support.has_numbers && support.share >= least {
                kept.push(number);
                most = most.max(if least == 0.0 { 1.0 } else { support.share });
            }
        }
        let others = found.iter().enumerate().filter_map(|(index, support)| Some((index, support.as_ref()?)));
        let best = others
            .filter(|(_, support)| support.has_numbers && support.share >= FOUND)
            // Of equals the better ranked.
            .reduce(|best, other| if other.1.share > best.1.share { other } else { best });
        match best {
            Some((index, support)) if kept.is_empty() || support.share > most + BETTER => vec![index as u32 + 1],
            _ => kept,
        }
    }

    fn is_foreign(&self, source: usize) -> bool {
        let language = self.passages[source].language;
        language != self.language && language != Language::Other && self.language != Language::Other
    }

    fn support(&mut self, source: usize, probes: &[Probe]) -> Option<Support> {
        let (passage, shown) = (&self.passages[source], &self.shown[source]);
        let head = [passage.title.as_str()].into_iter().chain(passage.headings.iter().map(String::as_str));
        let head = head.collect::<Vec<_>>().join("\n");
        let analyser = self.analysers.of(passage.language);
        let mut reading = Reading::of(&passage.text, &passage.parts, &head, probes, analyser);
        reading.sentences.retain(|range| range.start < shown.end && shown.start < range.end);
        support(&reading, probes)
    }

    fn probes(&mut self, statement: &str) -> Vec<Probe> {
        let mut words: Vec<(Range<usize>, String)> = Vec::new();
        self.analysers.of(self.language).for_each(statement, |range, term| words.push((range, term.to_owned())));
        let mut languages: Vec<Language> =
            self.passages[..self.shown.len()].iter().map(|passage| passage.language).collect();
        languages.sort_unstable();
        languages.dedup();
        languages.retain(|language| *language != self.language);
        let mut probes: Vec<Probe> = Vec::new();
        for (range, term) in words {
            let written = &statement[range];
            let mut terms = vec![(self.language, term)];
            for &other in &languages {
                if let Some(term) = self.analysers.of(other).term(written) {
                    terms.push((other, term.to_owned()));
                }
            }
            if probes.iter().any(|probe| probe.terms == terms) {
                continue;
            }
            let weight = (self.weigh)(&terms);
            probes.push(Probe { written: written.to_owned(), weight, name: false, terms });
        }
        probes
    }
}

/// The number of an item states nothing.
fn without_item_mark(statement: &str) -> &str {
    let bare = statement.trim_start_matches(['-', '*', '•', '–', '#', ' ']);
    match bare.split_once(['.', ')']) {
        Some((number, rest))
            if number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit()) && rest.starts_with(' ') =>
        {
            rest.trim_start()
        }
        _ => bare,
    }
}
