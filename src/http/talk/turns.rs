//! A conversation with the documents: the last thing said is the question, what was said before are turns.

use super::fields::{Refused, Result};
use crate::domain::{Message, Speaker, Turn};
use crate::fault::Fault;

/// The question and what was said before it. What the documents' answers are to be like is docent's to say: instructions to
/// it are passed over.
pub(in crate::http) fn turns(messages: &[Message]) -> Result<(String, Vec<Turn>)> {
    let said: Vec<&Message> = messages.iter().filter(|message| message.speaker != Speaker::System).collect();
    let Some((last, before)) = said.split_last().filter(|(last, _)| last.speaker == Speaker::User) else {
        return Err(no_question("the last message has to be the user's: it is the question"));
    };
    let mut turns: Vec<Turn> = Vec::new();
    let mut question = String::new();
    for message in before {
        match (message.speaker, turns.last_mut()) {
            (Speaker::User, _) => join(&mut question, &message.text),
            (_, Some(turn)) if question.is_empty() => join(&mut turn.answer, &message.text),
            // A greeting before anything was asked says nothing about what is meant.
            (_, None) if question.is_empty() => {}
            _ => turns.push(Turn { question: std::mem::take(&mut question), answer: message.text.clone() }),
        }
    }
    join(&mut question, &last.text);
    if question.trim().is_empty() {
        return Err(no_question("the question is empty"));
    }
    Ok((question, turns))
}

fn no_question(what: &str) -> Refused {
    let fault = Fault::caller("no_question", what).hint("ask it in a few words, in the user's last message");
    Refused { fault, param: Some("messages".to_owned()) }
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(said: &[(char, &str)]) -> Vec<Message> {
        let message = |(who, text): &(char, &str)| Message {
            speaker: match who {
                's' => Speaker::System,
                'u' => Speaker::User,
                _ => Speaker::Assistant,
            },
            text: (*text).to_owned(),
        };
        said.iter().map(message).collect()
    }

    fn turn(question: &str, answer: &str) -> Turn {
        Turn { question: question.to_owned(), answer: answer.to_owned() }
    }

    #[test]
    fn what_was_said_before_becomes_turns() {
        for (said, question, history) in [
            (&[('u', "why?")][..], "why?", vec![]),
            (&[('s', "be brief"), ('u', "why?")], "why?", vec![]),
            (&[('u', "a"), ('a', "b"), ('u', "c")], "c", vec![turn("a", "b")]),
            (&[('a', "hello"), ('u', "a"), ('a', "b"), ('a', "c"), ('u', "d")], "d", vec![turn("a", "b\nc")]),
            (&[('u', "a"), ('u', "b")], "a\nb", vec![]),
        ] {
            assert_eq!(turns(&messages(said)).unwrap(), (question.to_owned(), history), "{said:?}");
        }
    }

    #[test]
    fn a_question_has_to_come_last() {
        for said in [&[][..], &[('s', "x")], &[('u', "a"), ('a', "b")], &[('u', " \n")]] {
            assert_eq!(turns(&messages(said)).unwrap_err().param.as_deref(), Some("messages"));
        }
    }
}
