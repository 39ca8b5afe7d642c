//! What the forms of one word have in common: `derivadas`, `derivada` and `derivado` share a stem.
//! Every rule starts from the folded word, so that a word means the same with and without its accents.

use rust_stemmers::{Algorithm, Stemmer};

use crate::domain::Language;
use crate::text::words::fold;

/// Shortens folded words of one language.
pub(crate) struct Stems {
    stemmer: Option<Stemmer>,
    /// Puts an ending into the form the stemmer knows.
    prepare: fn(&mut String),
}

impl Stems {
    pub(crate) fn of(language: Language) -> Stems {
        let algorithm = match language {
            Language::English => Some(Algorithm::English),
            Language::Spanish => Some(Algorithm::Spanish),
            Language::Portuguese => Some(Algorithm::Portuguese),
            Language::French => Some(Algorithm::French),
            Language::Italian => Some(Algorithm::Italian),
            Language::Romanian => Some(Algorithm::Romanian),
            Language::German => Some(Algorithm::German),
            Language::Dutch => Some(Algorithm::Dutch),
            Language::Danish => Some(Algorithm::Danish),
            Language::Norwegian => Some(Algorithm::Norwegian),
            Language::Swedish => Some(Algorithm::Swedish),
            Language::Finnish => Some(Algorithm::Finnish),
            Language::Hungarian => Some(Algorithm::Hungarian),
            Language::Turkish => Some(Algorithm::Turkish),
            Language::Russian => Some(Algorithm::Russian),
            Language::Greek => Some(Algorithm::Greek),
            Language::Arabic => Some(Algorithm::Arabic),
            Language::Tamil => Some(Algorithm::Tamil),
            _ => None,
        };
        let prepare = match language {
            Language::Spanish => spanish_endings,
            Language::Portuguese => portuguese_endings,
            Language::Catalan => catalan_endings,
            _ => |_: &mut String| {},
        };
        Stems { stemmer: algorithm.map(Stemmer::create), prepare }
    }

    pub(crate) fn shorten(&self, folded: &mut String) {
        (self.prepare)(folded);
        let Some(stemmer) = &self.stemmer else { return };
        let stem = stemmer.stem(folded);
        let mut short = String::with_capacity(stem.len());
        fold(&stem, &mut short);
        if !short.is_empty() {
            *folded = short;
        }
    }
}

/// The stemmer knows `-ación`, not `-acion`, while `-aciones` has no accent to lose.
fn spanish_endings(word: &mut String) {
    first_match(word, &[("acion", "ación"), ("ucion", "ución"), ("logia", "logía"), ("logias", "logías")]);
}

/// Plurals that change the stem come first (`funções`, `hospitais`, `imagens`), then the accents the stemmer needs.
fn portuguese_endings(word: &mut String) {
    if word.len() > 4 {
        first_match(
            word,
            &[("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ois", "ol"), ("ns", "m"), ("res", "r")],
        );
    }
    first_match(word, &[("acao", "ação"), ("ucao", "ução"), ("encia", "ência"), ("encias", "ências")]);
}

/// There is no Catalan stemmer: plurals and the vowel of the gender, which is what nouns differ by.
fn catalan_endings(word: &mut String) {
    if word.len() > 4 {
        first_match(
            word,
            &[("cions", "cio"), ("ques", "c"), ("gues", "g"), ("es", ""), ("os", ""), ("a", ""), ("s", "")],
        );
    }
}

fn first_match(word: &mut String, endings: &[(&str, &str)]) {
    for (ending, instead) in endings {
        if word.ends_with(ending) {
            word.truncate(word.len() - ending.len());
            word.push_str(instead);
            return;
        }
    }
}
