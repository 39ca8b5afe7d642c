//! The prompt that turns a question that leans on a conversation into one that stands by itself.

use super::answer::{beginning, without_numbers};
use super::quoted::one_line;
use super::texts::Texts;
use crate::domain::{Language, Message, Speaker, Turn};
use crate::text::fold;

/// In tokens: a question is no essay.
pub const LONGEST_REWRITTEN: usize = 64;
/// What was spoken of before these is rarely meant.
const MOST_TURNS: usize = 3;
/// `And why?`
const FEW_WORDS: usize = 3;
/// In characters.
const LONGEST: usize = 400;

/// `turns` are what was said before, oldest first.
pub fn follow_up(question: &str, language: Language, turns: &[Turn], count: &dyn Fn(&str) -> usize) -> Vec<Message> {
    let texts = Texts::of(language);
    let mut said = String::new();
    for turn in &turns[turns.len().saturating_sub(MOST_TURNS)..] {
        let answer = beginning(&one_line(&without_numbers(&turn.answer)), count);
        said.push_str(&format!("{} {}\n{} {answer}\n", texts.question, one_line(&turn.question), texts.answered));
    }
    let text = format!("{said}{} {}\n\n{}", texts.question, one_line(question), texts.rewritten);
    vec![Message { speaker: Speaker::System, text: texts.rewrite.to_owned() }, Message { speaker: Speaker::User, text }]
}

/// Whether a question is likely to lean on what was said before it: a beginning that goes on from something, a word that
/// stands for something, or hardly any words at all. In English, Spanish and Portuguese.
pub fn leans(question: &str, language: Language) -> bool {
    let (beginnings, stand_ins): (&[&str], &[&str]) = match language {
        Language::English => (
            &["and", "but", "or", "so", "then", "also", "what about", "how about", "which one"],
            &["it", "its", "they", "them", "their", "this", "that", "these", "those", "he", "she", "him", "her", "his"],
        ),
        Language::Spanish => (
            &["y", "e", "pero", "o", "entonces", "tambien", "que tal"],
            &[
                "eso", "esto", "ese", "esa", "esos", "esas", "este", "ello", "ellos", "ellas", "el mismo", "ella",
                "su", "sus", "lo mismo",
            ],
        ),
        Language::Portuguese => (
            &["e", "mas", "ou", "entao", "tambem", "que tal"],
            &[
                "isso", "isto", "esse", "essa", "esses", "essas", "este", "esta", "ele", "ela", "eles", "elas", "dele",
                "dela", "deles", "delas", "nele", "nela", "seu", "sua", "seus", "suas",
            ],
        ),
        _ => (&[], &[]),
    };
    let folded = folded(question);
    let words = folded.split_whitespace().count();
    words <= FEW_WORDS
        || beginnings.iter().any(|beginning| folded.starts_with(&format!(" {beginning} ")))
        || stand_ins.iter().any(|word| folded.contains(&format!(" {word} ")))
}

/// With a space before, between and behind the words.
fn folded(text: &str) -> String {
    let mut folded = " ".to_owned();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        fold(word, &mut folded);
        folded.push(' ');
    }
    folded
}

/// The question in what a generator wrote; nothing where it wrote no question that could be asked.
pub fn rewritten(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| line.contains(char::is_alphanumeric))?;
    // A label, quotes and emphasis are no part of it.
    let line = line.trim_matches(|c: char| matches!(c, '"' | '“' | '”' | '«' | '»' | '*' | '`' | '-' | '>' | ' '));
    let line = match line.split_once(':') {
        Some((label, rest)) if label.split_whitespace().count() <= 3 && rest.trim().len() > label.len() => rest.trim(),
        _ => line,
    };
    let line = line.trim_matches(|c: char| matches!(c, '"' | '“' | '”' | '«' | '»' | '*' | '`' | ' '));
    let words = line.split_whitespace().count();
    let is_question = words > 1 || line.ends_with(['?', '？']);
    (is_question && line.chars().count() <= LONGEST).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(question: &str, answer: &str) -> Turn {
        Turn { question: question.to_owned(), answer: answer.to_owned() }
    }

    #[test]
    fn the_last_turns_are_told_and_the_question_comes_last() {
        let turns: Vec<Turn> = (0..6).map(|n| turn(&format!("q{n}?"), &format!("a{n} [1]."))).collect();
        let messages = follow_up("¿y en\nniños?", Language::Spanish, &turns, &|text| text.len());
        assert_eq!(messages.len(), 2);
        let text = &messages[1].text;
        assert!(!text.contains("q2?") && text.contains("q3?") && text.contains("a5."), "{text}");
        assert!(text.contains("Pregunta: ¿y en niños?\n\n") && !text.contains("[1]"), "{text}");
    }

    #[test]
    fn questions_that_lean_are_told_from_those_that_stand() {
        for (language, question) in [
            (Language::English, "And in children under the age of ten?"),
            (Language::English, "How often does it have to be changed in winter?"),
            (Language::Spanish, "¿Y en los niños menores de diez años?"),
            (Language::Spanish, "¿Cuándo se descubrió eso en los pacientes?"),
            (Language::Portuguese, "Quais são os efeitos dele em crianças?"),
            (Language::Other, "なぜ?"),
        ] {
            assert!(leans(question, language), "{question}");
        }
        for (language, question) in [
            (Language::English, "How long do I rinse my eyes at the eyewash?"),
            (Language::Spanish, "¿Cuál es la segunda causa del cáncer de pulmón?"),
            (Language::Portuguese, "Quem criou a notação para derivadas?"),
            (Language::German, "Wann wird es denn heute wieder hell?"),
        ] {
            assert!(!leans(question, language), "{question}");
        }
    }

    #[test]
    fn what_was_written_is_a_question_or_nothing() {
        for (written, expected) in [
            ("What is the dose in children?", Some("What is the dose in children?")),
            ("\n\"¿Cuál es la dosis en niños?\"\n\nExplicación: …", Some("¿Cuál es la dosis en niños?")),
            ("**Question:** What is the dose in children?", Some("What is the dose in children?")),
            ("Why?", Some("Why?")),
            ("", None),
            ("…\n---", None),
            ("Yes", None),
        ] {
            assert_eq!(rewritten(written).as_deref(), expected, "{written}");
        }
        assert_eq!(rewritten(&"why ".repeat(200)), None);
    }
}
