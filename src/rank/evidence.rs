//! Does a passage answer the question at all, or does it only share some words with it?

use crate::rank::marks::Probe;
use crate::rank::reading::{Reading, nearness, total_weight};

/// What speaks for an answer being in the best passage; each a share of what the question asks for, so that the size
/// of the library does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Of the weight of the question's words, what the best two sentences in a row hold.
    pub together: f32,
    /// Of the names and numbers in the question, what those two sentences hold.
    pub names: f32,
    /// How near to each other the words stand.
    pub near: f32,
    /// The passage's score in relation to the question's weight.
    pub score: f32,
    /// Natural logarithm of the number of words asked for.
    pub words: f32,
    /// How far the passage stands out in meaning, where an embedder that knows the languages says so.
    pub rise: Option<f32>,
}

impl Evidence {
    pub fn of(reading: &Reading<'_>, probes: &[Probe], score: f32) -> Evidence {
        if probes.is_empty() {
            return Evidence::default();
        }
        let total = total_weight(probes);
        let names: f32 = probes.iter().filter(|probe| probe.name).map(|probe| probe.weight).sum();
        let weigh_names = |marks: &[crate::rank::Mark]| {
            let mut best = vec![0.0f32; probes.len()];
            for mark in marks.iter().filter(|mark| probes[mark.probe].name) {
                best[mark.probe] = best[mark.probe].max(mark.likeness);
            }
            best.iter().zip(probes).map(|(likeness, probe)| likeness * probe.weight).sum::<f32>()
        };
        Evidence {
            together: reading.best_stretch(2, |marks| reading.covered(marks, probes)) / total,
            names: if names > 0.0 { reading.best_stretch(2, weigh_names) / names } else { NO_NAMES },
            near: reading.best_stretch(1, |marks| nearness(marks, probes)) / total,
            score: score / total,
            words: (probes.len() as f32).ln(),
            rise: None,
        }
    }

    /// The likelihood, from 0 to 1, that the passage answers the question.
    pub fn likelihood(&self) -> f32 {
        let sum =
            BIAS + 1.45 * self.together + 1.33 * self.names + 1.90 * self.near + 2.10 * self.score + 0.61 * self.words;
        let meant = self.rise.map_or(0.0, |rise| RISE * (rise - USUAL_RISE));
        1.0 / (1.0 + (-sum - meant).exp())
    }
}

/// The likelihood, from 0 to 1, that a passage in another language answers, of which the words can say nothing: by its rise
/// alone. On English questions 70% of the right passages are above one half, and a fifth of those where the right one
/// was taken out.
pub fn likelihood_by_meaning(rise: f32) -> f32 {
    1.0 / (1.0 + (-9.8 * (rise - 0.42)).exp())
}

/// From which likelihood on an answer is given, when nobody says otherwise: where it is more likely than not.
pub const CERTAINTY: f32 = 0.5;

/// The share counted where a question names nothing: about the mean of questions that do.
const NO_NAMES: f32 = 0.7;

// Weights, bias and [`CERTAINTY`] come from a logistic regression over 7,500 questions in Spanish, Portuguese, German and
// Romanian, each asked of libraries of 10, 50 and 240 to 600 paragraphs with its paragraph there and with it taken
// out. On English, which was held out, it keeps 95% of the answerable questions and refuses 72% of the others
// among 240 paragraphs, of which five each are about the same thing; among 10 or 50 it refuses over 90%.
const BIAS: f32 = -5.22;

/// From a logistic regression over 1,190 English questions with their paragraph and without, beside the likelihood by
/// words, whose weight came out as 1.0.
const RISE: f32 = 4.0;
/// What the rise must be to change nothing: so chosen that as many answerable questions are answered as by words alone
/// (94.5%). Of the others 77% are refused then, where words alone refuse 73%.
const USUAL_RISE: f32 = 0.41;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Language;
    use crate::rank::marks::probes_of;
    use crate::rank::reading::{paragraph, rate};
    use crate::text::Analyser;

    fn is_enough(question: &[(&str, f32)], text: &str) -> bool {
        let probes = probes_of(question, Language::English);
        let reading = paragraph(text, "", &probes, &mut Analyser::new(Language::English));
        Evidence::of(&reading, &probes, rate(&reading, &probes, 60.0)).likelihood() >= CERTAINTY
    }

    #[test]
    fn a_passage_that_only_shares_a_word_does_not_answer() {
        let eyewash = "Rinse the eyes at the eyewash for fifteen minutes. Then tell the supervisor.";
        let question = [("long", 2.0), ("rinse", 4.0), ("eyes", 3.0), ("eyewash", 4.0)];
        assert!(is_enough(&question, eyewash));
        let other = [("capital", 5.0), ("Mongolia", 6.0), ("minutes", 3.0)];
        assert!(!is_enough(&other, eyewash));
        assert!(!is_enough(&[], eyewash));
    }

    #[test]
    fn meaning_tips_the_scales_and_words_keep_their_weight() {
        let evidence =
            |together, rise| Evidence { together, names: together, near: 0.4, score: together, words: 1.5, rise };
        let undecided = evidence(0.7, None).likelihood();
        assert!(evidence(0.7, Some(0.6)).likelihood() > undecided);
        assert!(evidence(0.7, Some(0.2)).likelihood() < undecided);
        assert!(evidence(0.0, Some(0.6)).likelihood() < CERTAINTY, "about it, without a word of it");
    }

    #[test]
    fn the_words_of_one_subject_far_apart_are_no_answer() {
        let filler = "This sentence is about other things altogether. ".repeat(8);
        let scattered =
            format!("The supervisor has a key. {filler} Acids stand below. {filler} Some sit by the window.");
        assert!(!is_enough(&[("supervisor", 4.0), ("acids", 4.0), ("window", 4.0), ("Tuesday", 5.0)], &scattered));
    }
}
