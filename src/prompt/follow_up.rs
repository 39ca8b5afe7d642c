//! The prompt that turns a question that leans on a conversation into one that stands by itself.

use super::answer::{beginning, without_numbers};
use super::quoted::one_line;
use super::texts::Texts;
use crate::domain::{Language, Message, Speaker, Turn};

/// In tokens: a question is no essay.
pub const LONGEST_REWRITTEN: usize = 64;
/// What was spoken of before these is rarely meant.
const MOST_TURNS: usize = 3;
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
