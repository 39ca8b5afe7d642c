//! What a question asks for: a number, a time, a person, a place, a reason, a meaning. Told from its first words.

use crate::domain::Language;
use crate::text::fold;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wanted {
    Number,
    Time,
    Person,
    Place,
    Reason,
    Manner,
    /// What something is or means.
    Meaning,
    Anything,
}

/// What a question asks for, and the words that say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    pub wanted: Wanted,
    /// Folded: `que porcentaje`. Empty where nothing tells.
    pub phrase: &'static str,
}

impl Asking {
    /// `language` decides which words ask.
    pub fn of(question: &str, language: Language) -> Asking {
        let folded = plain(question);
        // The earliest asking word decides; of two at the same place, the longer one.
        let mut best: Option<(usize, Asking)> = None;
        for &(wanted, phrases) in asking_words(language) {
            for phrase in phrases.split('|') {
                let Some(at) = find_phrase(&folded, phrase) else { continue };
                if best
                    .as_ref()
                    .is_none_or(|(first, longest)| at < *first || at == *first && phrase.len() > longest.phrase.len())
                {
                    best = Some((at, Asking { wanted, phrase }));
                }
            }
        }
        best.map_or(Asking { wanted: Wanted::Anything, phrase: "" }, |(_, asking)| asking)
    }

    /// Whether a word says what is asked for, rather than what it is about: `percentage`, `year`, `city`. An answer
    /// seldom repeats it.
    pub fn says(&self, word: &str) -> bool {
        let mut folded = String::new();
        fold(word, &mut folded);
        self.phrase.split(' ').any(|part| part == folded)
    }
}

/// Folded words with a space before, between and behind them.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 2);
    plain.push(' ');
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        fold(word, &mut plain);
        plain.push(' ');
    }
    plain
}

/// Where `phrase` stands in what [`plain`] made, whole words only.
pub(crate) fn find_phrase(folded: &str, phrase: &str) -> Option<usize> {
    folded
        .match_indices(phrase)
        .map(|(at, _)| at)
        .find(|&at| folded.as_bytes()[at - 1] == b' ' && folded.as_bytes().get(at + phrase.len()) == Some(&b' '))
}

fn asking_words(language: Language) -> &'static [(Wanted, &'static str)] {
    use Wanted::{Anything, Manner, Meaning, Number, Person, Place, Reason, Time};
    match language {
        Language::Spanish => &[
            (
                Number,
                "cuantos|cuantas|cuanto|cuanta|a cuanto|que porcentaje|que cantidad|que numero|que proporcion|\
                      que edad|que altura|que distancia|cual es la poblacion|cual fue el numero|cual es el numero",
            ),
            (
                Time,
                "cuando|en que ano|que ano|en que fecha|que fecha|que dia|en que mes|que siglo|en que siglo|\
                    en que decada|a que hora|desde cuando|hasta cuando|en que momento",
            ),
            (
                Person,
                "quien|quienes|a quien|de quien|con quien|que persona|que autor|que cientifico|que presidente|\
                      que rey|que jugador|que entrenador|cual es el nombre del",
            ),
            (
                Place,
                "donde|a donde|de donde|en que lugar|en que ciudad|en que pais|que ciudad|que pais|en que estado|\
                     en que region|que estado",
            ),
            (
                Reason,
                "por que|porque|a que se debe|cual es la razon|cual es la causa|cual fue la causa|cual fue la razon|\
                      que causa|que causo|para que",
            ),
            (Manner, "como"),
            (
                Meaning,
                "que es|que son|que significa|que se entiende por|a que se llama|como se define|como se llama|\
                       que era|que eran|definicion de|define",
            ),
            (Anything, "que|cual|cuales"),
        ],
        Language::Portuguese => &[
            (
                Number,
                "quantos|quantas|quanto|quanta|qual a porcentagem|que porcentagem|qual percentual|qual o percentual|\
                      qual e o percentual|qual o numero|qual e o numero|qual a carga horaria|qual a quantidade",
            ),
            (
                Time,
                "quando|em que ano|que ano|qual o ano|em que data|qual a data|que dia|em que mes|em que seculo|qual o prazo|\
                    qual e o prazo|ate quando|a que horas|desde quando",
            ),
            (Person, "quem|a quem|de quem|por quem|com quem|que pessoa"),
            (Place, "onde|aonde|de onde|em que lugar|em que cidade|em que pais|em que estado|que cidade|que pais"),
            (Reason, "por que|porque|por qual motivo|qual a razao|qual e a razao|qual o motivo|qual a causa|para que"),
            (Manner, "como|de que forma|de que maneira"),
            (
                Meaning,
                "o que e|o que sao|que e|que sao|o que significa|o que quer dizer|qual a definicao|defina|\
                       como se chama|como se define",
            ),
            (Anything, "que|qual|quais|o que"),
        ],
        Language::German => &[
            (
                Number,
                "wie viele|wie viel|wieviele|wieviel|wie hoch|wie gross|wie lange|wie weit|wie alt|wie schnell|\
                      welcher anteil|welche anzahl|wie oft",
            ),
            (
                Time,
                "wann|in welchem jahr|welches jahr|seit wann|bis wann|an welchem tag|in welchem jahrhundert|in welchem monat",
            ),
            (Person, "wer|wem|wen|wessen|von wem|welche person|welcher spieler"),
            (Place, "wo|wohin|woher|in welcher stadt|in welchem land|welche stadt|welches land"),
            (Reason, "warum|weshalb|wieso|aus welchem grund|wodurch|wozu"),
            (Manner, "wie"),
            (Meaning, "was ist|was sind|was bedeutet|was war|was heisst|wie heisst|wie nennt man"),
            (Anything, "was|welche|welcher|welches|welchen|welchem"),
        ],
        Language::French => &[
            (Number, "combien|quel pourcentage|quel nombre|quelle quantite|quel age|quelle proportion"),
            (Time, "quand|en quelle annee|quelle annee|a quelle date|quel jour|quel siecle|depuis quand"),
            (Person, "qui|a qui|de qui|par qui|quelle personne"),
            (Place, "ou|d ou|dans quelle ville|dans quel pays|quelle ville|quel pays"),
            (Reason, "pourquoi|pour quelle raison|quelle est la raison|quelle est la cause"),
            (Manner, "comment|de quelle maniere"),
            (Meaning, "qu est ce qu|qu est ce que|que signifie|c est quoi|comment appelle"),
            (Anything, "que|quel|quelle|quels|quelles|quoi"),
        ],
        Language::Italian => &[
            (Number, "quanti|quante|quanto|quanta|quale percentuale|che percentuale"),
            (Time, "quando|in che anno|in quale anno|che anno|in che data|quale secolo"),
            (Person, "chi|di chi|a chi|da chi|quale persona"),
            (Place, "dove|da dove|in quale citta|in quale paese|in che citta"),
            (Reason, "perche|per quale motivo|per quale ragione"),
            (Manner, "come|in che modo"),
            (Meaning, "che cos e|cos e|cosa e|che cosa e|cosa sono|cosa significa"),
            (Anything, "che|quale|quali|cosa"),
        ],
        Language::Romanian => &[
            (Number, "cati|cate|cat|cata|ce procent|ce numar|ce procentaj|care este numarul"),
            (Time, "cand|in ce an|ce an|in ce data|la ce data|in ce zi|in ce secol|in ce luna|de cand|pana cand"),
            (Person, "cine|cui|pe cine|al cui|a cui|ce persoana|ce jucator"),
            (Place, "unde|de unde|in ce oras|in ce tara|ce oras|ce tara"),
            (Reason, "de ce|din ce cauza|din ce motiv|care este motivul|pentru ce"),
            (Manner, "cum|in ce mod|in ce fel"),
            (Meaning, "ce este|ce sunt|ce inseamna|ce era|cum se numeste"),
            (Anything, "ce|care"),
        ],
        _ => &[
            (
                Number,
                "how many|how much|how long|how far|how tall|how large|how big|how old|how fast|how high|how often|\
                      what percentage|what percent|what number|what proportion|what fraction|what is the population|\
                      what was the number|what is the number|what age",
            ),
            (
                Time,
                "when|what year|which year|in what year|in which year|what date|what day|what month|what century|\
                    what decade|what time|since when",
            ),
            (Person, "who|whom|whose|which person|what person|what is the name of the person|which player|what player"),
            (
                Place,
                "where|what city|which city|what country|which country|in what city|in what country|what state|\
                     which state|what location|in which region",
            ),
            (Reason, "why|what is the reason|what was the reason|what caused|what causes|for what reason|what for"),
            (Manner, "how|in what way"),
            (Meaning, "what is|what are|what was|what were|what does it mean|define|what do you call|what is meant by"),
            (Anything, "what|which"),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_tell() {
        for (language, question, expected) in [
            (Language::English, "How many points did the Panthers defense surrender?", Wanted::Number),
            (Language::English, "In what year did it end?", Wanted::Time),
            (Language::English, "Who wrote the rule?", Wanted::Person),
            (Language::English, "What is a derivative?", Wanted::Meaning),
            (Language::English, "How does a catalyst work?", Wanted::Manner),
            (Language::English, "Which gas is heavier?", Wanted::Anything),
            (Language::English, "Somehow whenever", Wanted::Anything),
            (Language::Spanish, "¿Cuántos lóbulos tiene el pulmón?", Wanted::Number),
            (Language::Spanish, "cuanto dura la quimioterapia", Wanted::Number),
            (Language::Spanish, "¿Por qué se hace una biopsia?", Wanted::Reason),
            (Language::Spanish, "¿En qué año terminó?", Wanted::Time),
            (Language::Spanish, "¿Qué es la derivada?", Wanted::Meaning),
            (Language::Spanish, "¿De qué color es?", Wanted::Anything),
            (Language::Portuguese, "O que é uma derivada?", Wanted::Meaning),
            (Language::Portuguese, "Quem criou a notação?", Wanted::Person),
            (Language::Portuguese, "Qual é o prazo para entregar?", Wanted::Time),
            (Language::German, "Wie viele Punkte?", Wanted::Number),
            (Language::Romanian, "Câte puncte a cedat apărarea?", Wanted::Number),
        ] {
            assert_eq!(Asking::of(question, language).wanted, expected, "{question}");
        }
    }

    #[test]
    fn words_that_ask_are_known_from_words_that_are_asked_about() {
        let asking = Asking::of("¿Qué porcentaje de los casos es no microcítico?", Language::Spanish);
        assert!(asking.says("porcentaje") && asking.says("Qué") && !asking.says("casos"));
        assert!(!Asking::of("Name it", Language::English).says("Name"));
    }
}
