//! Does a passage say what a statement says? Told from the words they share, and from the numbers.

use std::ops::Range;

use crate::domain::Language;
use crate::rank::marks::Probe;
use crate::rank::reading::Reading;
use crate::text::fold;

/// How well a passage supports a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Support {
    /// Of the weight of the statement's words, what at most two sentences in a row hold, from 0 to 1.
    pub share: f32,
    /// The same of its fresh words alone: those that the question does not have, which are what it states. 1 where there are
    /// none.
    pub fresh: f32,
    /// Whether every number of the statement stands in the passage: a statement with another number says something else.
    pub has_numbers: bool,
    /// The sentence that holds most of it, in bytes of the passage's text.
    pub sentence: Range<usize>,
}

/// Two sentences that hold a statement between them say it a little less surely than one.
const IN_TWO: f32 = 0.95;

/// `probes` are the statement's words. Nothing where the passage has no sentence that could be quoted.
pub fn support(reading: &Reading<'_>, probes: &[Probe], is_fresh: &dyn Fn(&Probe) -> bool) -> Option<Support> {
    let has_numbers = has_numbers(reading, probes);
    // Numbers are looked at by themselves: `15` and `fifteen` share no letter.
    let weight = |probe: &Probe| if is_number(probe) { 0.0 } else { probe.weight };
    let weighed = |weight: &dyn Fn(&Probe) -> f32| -> Vec<Probe> {
        probes.iter().map(|probe| Probe { weight: weight(probe), ..probe.clone() }).collect()
    };
    let all = weighed(&weight);
    let fresh = weighed(&|probe| if is_fresh(probe) { weight(probe) } else { 0.0 });
    let numbers = |is_counted: &dyn Fn(&Probe) -> bool| -> f32 {
        probes.iter().filter(|probe| is_number(probe) && is_counted(probe)).map(|probe| probe.weight).sum()
    };
    let share = |range: &Range<usize>, words: &[Probe], numbers: f32| {
        let total = words.iter().map(|probe| probe.weight).sum::<f32>() + numbers;
        let held = reading.covered(reading.marks.within(range), words) + if has_numbers { numbers } else { 0.0 };
        if total > 0.0 { held / total } else { 1.0 }
    };
    let (every, new) = (numbers(&|_| true), numbers(is_fresh));
    let mut best: Option<(f32, Range<usize>)> = None;
    let (mut most, mut most_fresh) = (0.0f32, 0.0f32);
    for (index, range) in reading.sentences.iter().enumerate() {
        let with_next = reading.stretch(index, index + 1);
        let one = share(range, &all, every);
        most = most.max(one).max(share(&with_next, &all, every) * IN_TWO);
        most_fresh = most_fresh.max(share(&with_next, &fresh, new));
        if best.as_ref().is_none_or(|(most, _)| one > *most) {
            best = Some((one, range.clone()));
        }
    }
    let (_, sentence) = best?;
    Some(Support { share: most, fresh: most_fresh, has_numbers, sentence })
}

fn is_number(probe: &Probe) -> bool {
    probe.written.starts_with(|c: char| c.is_ascii_digit()) || spelled(probe).is_some()
}

fn has_numbers(reading: &Reading<'_>, probes: &[Probe]) -> bool {
    let numbers = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
        let digits = parts.map(|part| part.chars().filter(char::is_ascii_digit).collect::<String>());
        digits.filter(|digits| !digits.is_empty()).collect()
    };
    let wanted: Vec<String> = probes
        .iter()
        .flat_map(|probe| match probe.written.starts_with(|c: char| c.is_ascii_digit()) {
            true => numbers(&probe.written),
            false => spelled(probe).map(str::to_owned).into_iter().collect(),
        })
        .collect();
    if wanted.is_empty() {
        return true;
    }
    let there = numbers(reading.text);
    let mut folded = String::with_capacity(reading.text.len());
    fold(reading.text, &mut folded);
    wanted.iter().all(|number| there.contains(number) || is_spelled(number, &folded))
}

/// Numbers that people write in letters, in English, Spanish and Portuguese, folded. `one` and `un` are seldom meant as
/// numbers.
const SPELLED: [(&str, [&str; 3]); 30] = [
    ("2", ["two", "dos", "dois|duas"]),
    ("3", ["three", "tres", "tres"]),
    ("4", ["four", "cuatro", "quatro"]),
    ("5", ["five", "cinco", "cinco"]),
    ("6", ["six", "seis", "seis"]),
    ("7", ["seven", "siete", "sete"]),
    ("8", ["eight", "ocho", "oito"]),
    ("9", ["nine", "nueve", "nove"]),
    ("10", ["ten", "diez", "dez"]),
    ("11", ["eleven", "once", "onze"]),
    ("12", ["twelve|dozen", "doce|docena", "doze|duzia"]),
    ("13", ["thirteen", "trece", "treze"]),
    ("14", ["fourteen", "catorce", "catorze|quatorze"]),
    ("15", ["fifteen", "quince", "quinze"]),
    ("16", ["sixteen", "dieciseis", "dezesseis|dezasseis"]),
    ("17", ["seventeen", "diecisiete", "dezessete|dezassete"]),
    ("18", ["eighteen", "dieciocho", "dezoito"]),
    ("19", ["nineteen", "diecinueve", "dezenove|dezanove"]),
    ("20", ["twenty", "veinte", "vinte"]),
    ("24", ["", "veinticuatro", ""]),
    ("25", ["", "veinticinco", ""]),
    ("30", ["thirty", "treinta", "trinta"]),
    ("40", ["forty", "cuarenta", "quarenta"]),
    ("50", ["fifty", "cincuenta", "cinquenta"]),
    ("60", ["sixty", "sesenta", "sessenta"]),
    ("70", ["seventy", "setenta", "setenta"]),
    ("80", ["eighty", "ochenta", "oitenta"]),
    ("90", ["ninety", "noventa", "noventa"]),
    ("100", ["hundred", "cien|ciento", "cem|cento"]),
    ("1000", ["thousand", "mil", "mil"]),
];

/// The digits of a word that is a number in the language it was written in.
fn spelled(probe: &Probe) -> Option<&'static str> {
    let column = match probe.terms.first()?.0 {
        Language::English => 0,
        Language::Spanish => 1,
        Language::Portuguese => 2,
        _ => return None,
    };
    let mut folded = String::new();
    fold(&probe.written, &mut folded);
    let is_it = |words: &str| words.split('|').any(|word| word == folded);
    SPELLED.iter().find(|(_, words)| is_it(words[column])).map(|(digits, _)| *digits)
}

fn is_spelled(number: &str, folded: &str) -> bool {
    let Some((_, words)) = SPELLED.iter().find(|(digits, _)| *digits == number) else { return false };
    let is_one = |word: &str| words.iter().any(|words| words.split('|').any(|spelled| spelled == word));
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).any(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rank::marks::probes_of;
    use crate::rank::reading::paragraph;
    use crate::text::Analyser;

    const EYES: &str = "The laboratory opens at eight. If a chemical gets into the eyes, rinse them at the eyewash for \
                        fifteen minutes. Then tell the supervisor in room 12.";

    fn of(statement: &str) -> Support {
        let mut analyser = Analyser::new(Language::English);
        let mut words = Vec::new();
        analyser.for_each(statement, |range, _| words.push((statement[range].to_owned(), 1.0)));
        let words: Vec<(&str, f32)> = words.iter().map(|(word, weight)| (word.as_str(), *weight)).collect();
        let probes = probes_of(&words, Language::English);
        support(&paragraph(EYES, "Safety", &probes, &mut analyser), &probes, &|probe| probe.written != "eyes").unwrap()
    }

    #[test]
    fn what_stands_there_is_supported_and_quoted() {
        let said = of("Rinse the eyes at the eyewash for fifteen minutes.");
        assert!(said.share > 0.95 && said.has_numbers, "{said:?}");
        assert!(EYES[said.sentence.clone()].starts_with("If a chemical"));
        let both = of("The eyes are rinsed at the eyewash and the supervisor is told.");
        assert!(both.share > 0.7, "{both:?}");
        let made_up = of("The eyes see satellites.");
        assert!(made_up.share > 0.3 && made_up.fresh < 0.1, "{made_up:?}");
        let other = of("Jupiter has many satellites around it.");
        assert!(other.share < 0.1, "{other:?}");
    }

    #[test]
    fn another_number_says_something_else() {
        assert!(of("Rinse the eyes for 15 minutes.").has_numbers, "spelled out in the passage");
        assert!(of("The supervisor is in room 12.").has_numbers);
        assert!(!of("Rinse the eyes for 20 minutes.").has_numbers);
        assert!(!of("Rinse the eyes for twenty minutes.").has_numbers);
        assert!(of("Come to room twelve.").has_numbers, "in digits in the passage");
        assert!(!of("The supervisor is in room 112.").has_numbers);
    }

    #[test]
    fn a_passage_without_sentences_supports_nothing() {
        let probes = probes_of(&[("eyes", 1.0)], Language::English);
        let reading = paragraph("", "", &probes, &mut Analyser::new(Language::English));
        assert_eq!(support(&reading, &probes, &|_| true), None);
    }
}
