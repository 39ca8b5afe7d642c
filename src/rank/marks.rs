//! Where the words of a question stand in a text. Everything in this room is reckoned from these marks.

use std::collections::HashMap;
use std::ops::Range;

use crate::domain::Language;
use crate::text::Analyser;

/// A word of the question that a passage can hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// As the asker wrote it.
    pub written: String,
    /// How much finding it says: its inverse document frequency in the library.
    pub weight: f32,
    /// Written with a capital inside the question, or a number: what it names must be there.
    pub name: bool,
    /// The term under the rules of each language that the library holds.
    pub terms: Vec<(Language, String)>,
}

impl Probe {
    pub fn term(&self, language: Language) -> Option<&str> {
        self.terms.iter().find(|(of, _)| *of == language).map(|(_, term)| term.as_str())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Index of the probe.
    pub probe: usize,
    /// Counted in terms from the beginning of the text.
    pub position: u32,
    /// Bytes of the text.
    pub range: Range<usize>,
    /// 1 for the word itself, less for a relative of it (a compound, a derivation).
    pub likeness: f32,
}

/// A text as the question sees it.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    pub marks: Vec<Mark>,
    /// How many terms the text has.
    pub length: u32,
}

impl Marks {
    /// Marks every probe in `text`. Where the word itself is missing, its relatives are taken instead.
    pub fn of(text: &str, probes: &[Probe], analyser: &mut Analyser) -> Marks {
        let language = analyser.language();
        let wanted: HashMap<&str, usize> =
            probes.iter().enumerate().rev().filter_map(|(i, probe)| Some((probe.term(language)?, i))).collect();
        let mut marks = Marks::default();
        let mut found = vec![false; probes.len()];
        analyser.for_each(text, |range, term| {
            if let Some(&probe) = wanted.get(term) {
                found[probe] = true;
                marks.marks.push(Mark { probe, position: marks.length, range, likeness: 1.0 });
            }
            marks.length += 1;
        });
        if found.contains(&false) {
            marks.add_relatives(text, probes, &found, analyser);
        }
        marks
    }

    fn add_relatives(&mut self, text: &str, probes: &[Probe], found: &[bool], analyser: &mut Analyser) {
        let language = analyser.language();
        let missing: Vec<(usize, &str)> = probes
            .iter()
            .enumerate()
            .filter(|(i, _)| !found[*i])
            .filter_map(|(i, probe)| Some((i, probe.term(language)?)))
            .filter(|(_, term)| term.len() >= SHORTEST_RELATIVE)
            .collect();
        if missing.is_empty() {
            return;
        }
        let mut position = 0;
        analyser.for_each(text, |range, term| {
            for &(probe, wanted) in &missing {
                let likeness = likeness(wanted, term);
                if likeness > 0.0 {
                    self.marks.push(Mark { probe, position, range: range.clone(), likeness });
                }
            }
            position += 1;
        });
        self.marks.sort_by_key(|mark| mark.position);
    }

    /// The best likeness with which each probe was found; 0 where it was not.
    pub fn found(&self, probes: usize) -> Vec<f32> {
        let mut found = vec![0.0f32; probes];
        for mark in &self.marks {
            found[mark.probe] = found[mark.probe].max(mark.likeness);
        }
        found
    }

    /// The marks inside a stretch of the text.
    pub fn within(&self, range: &Range<usize>) -> &[Mark] {
        let from = self.marks.partition_point(|mark| mark.range.start < range.start);
        let to = self.marks.partition_point(|mark| mark.range.start < range.end);
        &self.marks[from..to]
    }
}

const SHORTEST_RELATIVE: usize = 4;

/// How near two terms are that are not the same: a long common beginning (`calculate`, `calculus`) or one inside the
/// other, as in compounds (`Grundgesetz`, `Gesetz`). Bytes are compared, for speed; both terms are folded.
fn likeness(wanted: &str, term: &str) -> f32 {
    let (short, long) = if wanted.len() <= term.len() { (wanted, term) } else { (term, wanted) };
    if short.len() < SHORTEST_RELATIVE || short.bytes().all(|b| b.is_ascii_digit()) {
        return 0.0;
    }
    let common = short.bytes().zip(long.bytes()).take_while(|(a, b)| a == b).count();
    let share = common as f32 / long.len() as f32;
    if common >= SHORTEST_RELATIVE && share >= 0.6 {
        return share * 0.8;
    }
    if short.len() >= 5 && long.contains(short) {
        return 0.4 + 0.4 * short.len() as f32 / long.len() as f32;
    }
    0.0
}

/// Probes for tests: words with their weights.
#[cfg(test)]
pub(crate) fn probes_of(words: &[(&str, f32)], language: Language) -> Vec<Probe> {
    let mut analyser = Analyser::new(language);
    words
        .iter()
        .map(|&(written, weight)| Probe {
            written: written.to_owned(),
            weight,
            name: written.starts_with(|c: char| c.is_uppercase() || c.is_numeric()),
            terms: vec![(language, analyser.term(written).unwrap_or_default().to_owned())],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_form() {
        let probes = probes_of(&[("derivatives", 1.0), ("Leibniz", 1.0)], Language::English);
        let text = "The derivative was written by Leibniz; derivatives are slopes.";
        let marks = Marks::of(text, &probes, &mut Analyser::new(Language::English));
        let words: Vec<(usize, &str)> = marks.marks.iter().map(|m| (m.probe, &text[m.range.clone()])).collect();
        assert_eq!(words, [(0, "derivative"), (1, "Leibniz"), (0, "derivatives")]);
        assert_eq!(marks.found(2), [1.0, 1.0]);
        assert_eq!(marks.length, 5);
    }

    #[test]
    fn a_missing_word_is_found_by_its_relatives() {
        let probes = probes_of(&[("Gesetz", 1.0), ("Mond", 1.0)], Language::German);
        let marks = Marks::of("Das Grundgesetz gilt.", &probes, &mut Analyser::new(Language::German));
        let found = marks.found(2);
        assert!(found[0] > 0.4 && found[0] < 1.0, "{found:?}");
        assert_eq!(found[1], 0.0);
    }

    #[test]
    fn short_words_and_numbers_have_no_relatives() {
        assert_eq!(likeness("2016", "20161"), 0.0);
        assert_eq!(likeness("art", "arteri"), 0.0);
        assert_eq!(likeness("winter", "summer"), 0.0);
        assert!(likeness("calcul", "calculus") > 0.5);
    }

    #[test]
    fn a_stretch_has_its_own_marks() {
        let probes = probes_of(&[("acid", 1.0)], Language::English);
        let text = "acid here. No more. acid there.";
        let marks = Marks::of(text, &probes, &mut Analyser::new(Language::English));
        assert_eq!(marks.within(&(0..10)).len(), 1);
        assert_eq!(marks.within(&(10..19)).len(), 0);
        assert_eq!(marks.within(&(0..text.len())).len(), 2);
    }
}
