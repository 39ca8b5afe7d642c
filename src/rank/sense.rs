//! Do two questions that are worded differently ask for the same? When in doubt, no: somebody would be given the answer to
//! another question.

use super::question::{Asking, Wanted, plain};
use crate::domain::Language;
use crate::text::{Analysers, detect_language};

/// Words that only ask, in the languages docent is made for. Folded.
const POLITE: &[&str] = &[
    "explain",
    "describe",
    "define",
    "tell",
    "please",
    "say",
    "give",
    "know",
    "want",
    "need",
    "meaning",
    "mean",
    "definition",
    "explica",
    "explicar",
    "explicame",
    "describe",
    "define",
    "dime",
    "di",
    "favor",
    "significa",
    "significado",
    "definicion",
    "quiero",
    "saber",
    "explique",
    "descreva",
    "defina",
    "diga",
    "quero",
    "significa",
    "definicao",
];
/// Small words that turn a question into another one, though searches pass over them. Folded.
const TURNING: &[&str] = &[
    // what is not
    "not", "no", "never", "without", "except", "neither", "nor", "cannot", "nothing", "nobody", "non", "isn", "doesn",
    "don", "aren", "wasn", "won", "nunca", "sin", "jamas", "ni", "tampoco", "excepto", "salvo", "nada", "nadie", "nao",
    "sem", "jamais", "nem", "exceto", "ninguem", // where, when and how much
    "before", "after", "above", "below", "over", "under", "more", "less", "most", "least", "from", "to", "into", "out",
    "up", "down", "since", "until", "between", "during", "outside", "inside", "antes", "despues", "sobre", "bajo",
    "mas", "menos", "desde", "hasta", "entre", "durante", "fuera", "dentro", "depois", "acima", "abaixo", "mais",
    "ate", "fora", "all", "any", "only", "both", "every", "todos", "todas", "solo", "ambos", "cada", "so", "apenas",
    // may and must
    "can", "may", "must", "should", "could", "might", "puedo", "puede", "debo", "debe", "hay", "posso", "pode", "devo",
    "deve", // how many
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "half", "twice", "first", "last",
    "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "medio", "primero", "ultimo",
    "um", "dois", "duas", "quatro", "sete", "oito", "nove", "dez", "meio", "primeiro",
];
/// Signs that are more than punctuation.
const SIGNS: &str = "+-−<>=≤≥≠%°#*^/±√∫∂∞$€£&@~|";

/// Same language, same kind of question, the same words in the same order but for those that only ask, and the same
/// negations, numbers, units, names and signs.
pub fn asks_the_same(one: &str, other: &str, analysers: &mut Analysers) -> bool {
    let language = detect_language(one);
    language == detect_language(other) && shape(one, language, analysers) == shape(other, language, analysers)
}

/// What has to be the same.
fn shape(question: &str, language: Language, analysers: &mut Analysers) -> (Wanted, Vec<String>, Vec<String>, String) {
    let asking = Asking::of(question, language);
    // "What is it" and "explain it" want the same.
    let wanted = if asking.wanted == Wanted::Meaning { Wanted::Anything } else { asking.wanted };
    let folded = plain(question);
    let words = || folded.split(' ').filter(|word| !word.is_empty());
    let mut turning: Vec<String> = words().filter(|word| TURNING.contains(word)).map(str::to_owned).collect();
    turning.sort();
    let mut content = Vec::new();
    analysers.of(language).for_each(question, |range, term| {
        let written = plain(&question[range.clone()]);
        if !asking.says(&question[range]) && !POLITE.contains(&written.trim()) {
            content.push(term.to_owned());
        }
    });
    let signs = question.trim_end_matches(['?', '!', '.']).chars().filter(|c| SIGNS.contains(*c)).collect();
    (wanted, content, turning, signs)
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
    pub(super) const OTHER: [(&str, &str); 36] = [
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
        assert!(right.len() * 2 >= SAME.len(), "{} of {}: {right:?}", right.len(), SAME.len());
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
