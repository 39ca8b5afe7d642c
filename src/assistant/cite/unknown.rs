//! Does an answer say that the sources do not answer?

use crate::domain::Language;
use crate::text::{fold, sentences};

/// What people and models say then, folded, as beginnings or parts of a sentence: English, Spanish, Portuguese.
const SAID: [&str; 62] = [
    "i do not know",
    "i don t know",
    "i cannot answer",
    "i can t answer",
    "i am not able to answer",
    "i m not able to answer",
    "i could not find",
    "do not answer",
    "does not answer",
    "don t answer",
    "do not say",
    "does not say",
    "don t say",
    "do not mention",
    "does not mention",
    "is not mentioned",
    "are not mentioned",
    "not mentioned in the sources",
    "do not provide",
    "does not provide",
    "is not provided",
    "do not contain",
    "does not contain",
    "do not specify",
    "does not specify",
    "no information",
    "not enough information",
    "answers this question", // nothing in … answers this question
    "no lo se",
    "no se puede responder",
    "no puedo responder",
    "no responden",
    "no responde",
    "no lo dicen",
    "no lo dice",
    "no dicen",
    "no mencionan",
    "no menciona",
    "no se menciona",
    "no contienen",
    "no contiene",
    "no especifican",
    "no hay informacion",
    "no se proporciona",
    "no proporcionan",
    "responde a esta pregunta", // nada en … responde a esta pregunta
    "nao sei",
    "nao e possivel responder",
    "nao posso responder",
    "nao respondem",
    "nao responde",
    "nao dizem",
    "nao diz",
    "nao mencionam",
    "nao menciona",
    "nao e mencionado",
    "nao contem",
    "nao especificam",
    "nao ha informac",
    "nao fornecem",
    "responde a esta pergunta", // nada nos … responde a esta pergunta
    "nao consta",
];

/// More sentences say something beside it.
const MOST_SENTENCES: usize = 2;

/// Whether all of a text, without marks, says so. What was said before the end of time is judged by what it is.
pub(crate) fn does_not_know(text: &str, language: Language) -> bool {
    let said = sentences(text, language);
    let says_so = |sentence: &str| {
        let mut folded = String::new();
        for word in sentence.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            fold(word, &mut folded);
            folded.push(' ');
        }
        SAID.iter()
            .any(|phrase| folded.match_indices(phrase).any(|(at, _)| at == 0 || folded.as_bytes()[at - 1] == b' '))
    };
    !said.is_empty() && said.len() <= MOST_SENTENCES && said.into_iter().all(|range| says_so(&text[range]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saying_that_one_does_not_know() {
        for (language, text) in [
            (Language::English, "I don't know."),
            (Language::English, "The provided sources do not mention the mayor of Toledo."),
            (Language::English, "Nothing in your documents answers this question."),
            (Language::Spanish, "Nada en sus documentos responde a esta pregunta."),
            (Language::Spanish, "Las fuentes no mencionan cuántos satélites tiene. No hay información al respecto."),
            (Language::Portuguese, "Não sei."),
            (Language::Portuguese, "As fontes não dizem quantos gols o time marcou."),
        ] {
            assert!(does_not_know(text, language), "{text}");
        }
        for (language, text) in [
            (Language::English, ""),
            (Language::English, "The laboratory opens at eight."),
            (Language::English, "It opens at eight. It closes at six. The sources do not say when it was built."),
            (Language::English, "The sources do not say. The laboratory opens at eight."),
            (Language::Spanish, "La biopsia confirma el diagnóstico."),
        ] {
            assert!(!does_not_know(text, language), "{text}");
        }
    }
}
