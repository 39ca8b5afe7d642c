//! Do two questions that are worded differently ask for the same? When in doubt, no: somebody would be given the answer to
//! another question.

use super::question::{Asking, Wanted, find_phrase, plain};
use crate::domain::Language;
use crate::text::{Analysers, detect_language};

/// Beginnings that only ask to be told. Folded, the longer before what they begin with.
const COURTESY: &[&str] = &[
    "please",
    "can you explain",
    "can you tell me",
    "could you explain",
    "could you tell me",
    "tell me",
    "explain to me",
    "explain",
    "describe",
    "give me",
    "i want to know",
    "i would like to know",
    "i need to know",
    "do you know",
    "por favor",
    "puedes explicar",
    "puedes decirme",
    "podrias explicar",
    "podrias decirme",
    "dime",
    "explicame",
    "explica",
    "quiero saber",
    "quisiera saber",
    "necesito saber",
    "sabes",
    "pode explicar",
    "pode me dizer",
    "me diga",
    "diga me",
    "diga",
    "explique",
    "descreva",
    "quero saber",
    "gostaria de saber",
    "voce sabe",
];
const COURTESY_BEHIND: &[&str] = &["please", "por favor"];
/// Ways to ask for one thing: folded, the first of a line stands for all of it. What is in no line is itself alone.
const ONE_WAY: &[&[&str]] = &[
    &[
        "",
        "what",
        "which",
        "what is",
        "what are",
        "what is meant by",
        "define",
        "que",
        "cual",
        "cuales",
        "que es",
        "que son",
        "que significa",
        "que se entiende por",
        "definicion de",
        "qual",
        "quais",
        "o que",
        "o que e",
        "o que sao",
        "que e",
        "que sao",
        "o que significa",
        "o que quer dizer",
        "qual a definicao",
        "defina",
    ],
    &["when", "what date", "cuando", "en que fecha", "que fecha", "quando", "em que data", "qual a data"],
    &["where", "donde", "en que lugar", "onde", "em que lugar"],
    &["why", "what is the reason", "for what reason", "por que", "cual es la razon", "por qual motivo"],
    &["how", "in what way", "como", "de que forma", "de que maneira"],
];
/// Small words that change nothing where they stand or are left out. Folded.
const ENGLISH: &[&str] = &["a", "an", "the", "of", "is", "are", "am", "be", "do", "does", "i", "you", "we", "s"];
const SPANISH: &[&str] =
    &["el", "la", "los", "las", "un", "una", "unos", "unas", "de", "del", "es", "son", "esta", "estan", "se"];
const PORTUGUESE: &[&str] = &[
    "o", "a", "os", "as", "um", "uma", "uns", "umas", "de", "do", "da", "dos", "das", "e", "sao", "esta", "estao", "se",
];
/// One and many of a noun, and the persons of a verb that go with them.
const ONE_OR_MANY: &[&str] = &["s", "es", "n", "m"];
/// Signs that are more than punctuation.
const SIGNS: &str = "+-−<>=≤≥≠%°#*^/±√∫∂∞$€£&@~|";

/// Same language, same kind of question, the same words in the same order and form but for one and many, and the same
/// small words, numbers, units, names and signs; only what asks politely, and articles, may differ.
pub fn asks_the_same(one: &str, other: &str, analysers: &mut Analysers) -> bool {
    let language = detect_language(one);
    language == detect_language(other) && Sense::of(one, language, analysers).is(&Sense::of(other, language, analysers))
}

/// What has to be the same.
struct Sense {
    way: &'static str,
    /// As they are written, and what a search takes them for; in order.
    content: Vec<(String, String)>,
    /// What a search passes over, in any order.
    small: Vec<String>,
    signs: String,
}

impl Sense {
    fn of(question: &str, language: Language, analysers: &mut Analysers) -> Sense {
        let asked = without_courtesy(&plain(question));
        let asking = Asking::of(&asked, language);
        let mut rest = asked.clone();
        let phrase = (!asking.phrase.is_empty()).then_some(asking.phrase);
        if let Some(at) = phrase.and_then(|phrase| find_phrase(&asked, phrase)) {
            rest.replace_range(at..at + asking.phrase.len(), "");
        }
        let mut way = ONE_WAY.iter().find(|ways| ways.contains(&asking.phrase)).map_or(asking.phrase, |ways| ways[0]);
        // "What does it mean" asks what it is.
        if matches!(asking.wanted, Wanted::Anything | Wanted::Meaning)
            && language == Language::English
            && let Some(before) = rest.strip_suffix(" mean ")
        {
            (rest, way) = (format!("{before} "), ONE_WAY[0][0]);
        }
        let (mut content, mut covered) = (Vec::new(), Vec::new());
        analysers.of(language).for_each(&rest, |range, term| {
            content.push((rest[range.clone()].to_owned(), term.to_owned()));
            covered.push(range);
        });
        let harmless = match language {
            Language::English => ENGLISH,
            Language::Spanish => SPANISH,
            Language::Portuguese => PORTUGUESE,
            _ => &[],
        };
        let is_covered = |at: usize| covered.iter().any(|range| range.contains(&at));
        let start = |word: &str| word.as_ptr() as usize - rest.as_ptr() as usize;
        let mut small: Vec<String> = rest
            .split(' ')
            .filter(|word| !word.is_empty() && !is_covered(start(word)) && !harmless.contains(word))
            .map(str::to_owned)
            .collect();
        small.sort();
        let signs = question.trim_end_matches(['?', '!', '.']).chars().filter(|c| SIGNS.contains(*c)).collect();
        Sense { way, content, small, signs }
    }

    fn is(&self, other: &Sense) -> bool {
        let is_same_word = |(one, other): (&(String, String), &(String, String))| {
            one.1 == other.1 && (is_plural(&one.0, &other.0) || is_plural(&other.0, &one.0))
        };
        self.way == other.way
            && self.small == other.small
            && self.signs == other.signs
            && self.content.len() == other.content.len()
            && self.content.iter().zip(&other.content).all(is_same_word)
    }
}

/// Or the same.
fn is_plural(one: &str, many: &str) -> bool {
    many.strip_prefix(one).is_some_and(|ending| ending.is_empty() || ONE_OR_MANY.contains(&ending))
        || one.strip_suffix('y').is_some_and(|stem| many.strip_prefix(stem) == Some("ies"))
}

/// `asked` is as [`plain`] makes it, and so is what is left.
fn without_courtesy(asked: &str) -> String {
    let mut asked = asked.to_owned();
    for behind in COURTESY_BEHIND {
        if let Some(before) = asked.strip_suffix(&format!(" {behind} ")) {
            asked = format!("{before} ");
        }
    }
    while let Some(rest) = COURTESY.iter().find_map(|words| asked.strip_prefix(&format!(" {words} "))) {
        asked = format!(" {rest}");
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs that ask for the same.
    pub(super) const SAME: [(&str, &str); 24] = [
        ("What is a derivative?", "Explain what a derivative is"),
        ("What is a derivative?", "Please define derivative"),
        ("What is mitosis?", "what does mitosis mean?"),
        ("When does the laboratory open?", "When do laboratories open?"),
        ("When does the laboratory open?", "Please tell me when the laboratory opens"),
        ("How long do I rinse my eyes?", "For how long are the eyes rinsed?"),
        ("Why is the sky blue?", "why the sky is blue"),
        ("Where is the eyewash?", "Where is the eyewash located?"),
        ("Who wrote Don Quixote?", "Who was it that wrote Don Quixote?"),
        ("How often are coats washed?", "How often is a coat washed?"),
        ("What causes lung cancer?", "What is lung cancer caused by?"),
        ("¿Qué es una derivada?", "Explica qué es una derivada"),
        ("¿Qué es la mitosis?", "¿Qué significa mitosis?"),
        ("¿Cuándo abre el laboratorio?", "¿Cuándo abren los laboratorios?"),
        ("¿Dónde está el extintor?", "Dime dónde está el extintor, por favor"),
        ("¿Cuántos litros caben?", "¿Cuántos litros caben ahí?"),
        ("O que é uma derivada?", "Explique o que é uma derivada"),
        ("Quando abre o laboratório?", "Quando abrem os laboratórios?"),
        ("Onde fica o extintor?", "Diga onde fica o extintor"),
        ("What is the boiling point of water?", "Explain the boiling point of water"),
        ("How is acid stored?", "How are acids stored?"),
        ("What is the chain rule?", "Tell me what the chain rule is"),
        ("Which gloves are worn?", "What gloves are worn?"),
        ("What is the limit of liability?", "Define the limit of liability"),
    ];

    /// Pairs that look alike and ask for something else.
    pub(super) const OTHER: [(&str, &str); 52] = [
        ("Which acids are stored together?", "Which acids are not stored together?"),
        ("What is done with gloves?", "What is done without gloves?"),
        ("Is the eyewash checked?", "Is the eyewash never checked?"),
        ("How long is 5 minutes of rinsing?", "How long is 15 minutes of rinsing?"),
        ("What happens at 30 degrees?", "What happens at 300 degrees?"),
        ("What is the dose for 5 mg?", "What is the dose for 5 g?"),
        ("How many litres are 3 kg?", "How many litres are 3 lb?"),
        ("What is -5 squared?", "What is 5 squared?"),
        ("What does x < y mean?", "What does x > y mean?"),
        ("Who is Marie Curie?", "Who is Pierre Curie?"),
        ("What is the capital of Australia?", "What is the capital of Austria?"),
        ("What is the boiling point of ethanol?", "What is the boiling point of methanol?"),
        ("How is hydrochloric acid stored?", "How is sulphuric acid stored?"),
        ("How do I convert Celsius to Fahrenheit?", "How do I convert Fahrenheit to Celsius?"),
        ("Does the cat chase the dog?", "Does the dog chase the cat?"),
        ("What do I do before an experiment?", "What do I do after an experiment?"),
        ("When does the laboratory open?", "When does the laboratory close?"),
        ("When does the laboratory open?", "Where does the laboratory open?"),
        ("What are the advantages of biopsy?", "What are the disadvantages of biopsy?"),
        ("What is the maximum temperature?", "What is the minimum temperature?"),
        ("Which lung is larger?", "Which lung is smaller?"),
        ("What is on the left of the heart?", "What is on the right of the heart?"),
        ("How many students passed?", "Which students passed?"),
        ("Can I eat in the laboratory?", "Must I eat in the laboratory?"),
        ("What is the first law?", "What is the last law?"),
        ("What are all the rules?", "What is the only rule?"),
        ("¿Qué se hace con guantes?", "¿Qué se hace sin guantes?"),
        ("¿Qué ácidos se mezclan?", "¿Qué ácidos no se mezclan?"),
        ("¿Qué se hace antes de la biopsia?", "¿Qué se hace después de la biopsia?"),
        ("¿Cuántos años tiene?", "¿Cuántos meses tiene?"),
        ("¿Quién fue Carlos I?", "¿Quién fue Carlos V?"),
        ("O que se faz com luvas?", "O que se faz sem luvas?"),
        ("Quantos litros há em 2 kg?", "Quantos litros há em 20 kg?"),
        ("Qual é a derivada de x?", "Qual é a integral de x?"),
        ("What is the derivative of sin(x)?", "What is the derivative of cos(x)?"),
        ("What is the derivative of x^2?", "What is the derivative of x*2?"),
        ("How do I turn the lamp on?", "How do I turn the lamp off?"),
        ("How old is the bridge?", "How tall is the bridge?"),
        ("How long is the table?", "How large is the table?"),
        ("What year does it begin?", "What time does it begin?"),
        ("What does the patient need?", "What does the patient want?"),
        ("What does the patient know?", "What does the patient say?"),
        ("Who opened the clinic?", "Who opens the clinic?"),
        ("When did the course begin?", "When does the course begin?"),
        ("What is in the box?", "What is on the box?"),
        ("What is her dose?", "What is his dose?"),
        ("May I smoke here?", "Do I smoke here?"),
        ("¿Quién es el hermano de Ana?", "¿Quién es la hermana de Ana?"),
        ("¿Qué da a los adultos?", "¿Qué dan los adultos?"),
        ("¿Cómo se llama el director?", "¿Qué es el director?"),
        ("¿Quién abre la clínica?", "¿Quién abrió la clínica?"),
        ("Quem é o filho da Rita?", "Quem é a filha da Rita?"),
    ];

    #[test]
    fn near_misses_are_never_taken_for_the_same_and_many_paraphrases_are() {
        let mut analysers = Analysers::default();
        let mut same = |pairs: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> {
            pairs.iter().copied().filter(|(one, other)| asks_the_same(one, other, &mut analysers)).collect()
        };
        let (right, wrong) = (same(&SAME), same(&OTHER));
        println!("{} of {} paraphrases, {} of {} near misses", right.len(), SAME.len(), wrong.len(), OTHER.len());
        assert!(wrong.is_empty(), "{wrong:?}");
        assert!(right.len() * 3 >= SAME.len(), "{} of {}: {right:?}", right.len(), SAME.len());
    }

    #[test]
    fn it_does_not_matter_which_comes_first() {
        let mut analysers = Analysers::default();
        for (one, other) in SAME.into_iter().chain(OTHER) {
            assert_eq!(asks_the_same(one, other, &mut analysers), asks_the_same(other, one, &mut analysers));
            assert!(asks_the_same(one, one, &mut analysers));
        }
    }
}
