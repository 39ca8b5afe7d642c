//! The prompt that asks for an answer: what to do, what was said, the sources, and last the question.
//!
//! What changes least stands first: the instructions are the same for every question in a language, a conversation only
//! grows, and a second question about the same sources differs in its last lines alone. A generator that remembers what it
//! has read reads no more than what is new.

use std::ops::Range;

use super::quoted::{one_line, source};
use super::shorten::{cut, shorten};
use super::texts::Texts;
use crate::domain::{Language, Message, Passage, Speaker, Turn};
use crate::text::{Analysers, sentences};

/// What is asked, and what there is to answer from.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub question: &'a str,
    /// The asker's.
    pub language: Language,
    /// What is to be written when the sources do not answer.
    pub unknown: &'a str,
    /// Best first.
    pub passages: &'a [Passage],
    /// What was said before, oldest first.
    pub history: &'a [Turn],
}

/// How many tokens a prompt may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// What is kept to where the question itself leaves room for sources.
    pub aim: usize,
    /// What fits.
    pub most: usize,
}

impl Budget {
    /// 1,200 tokens hold three or four passages and the instructions. Two cores read them with a model of half a billion
    /// weights in about five seconds, and within fifteen the answer has to be written too. More passages help little: the
    /// right one is the first nineteen times in twenty.
    pub const AIM: usize = 1200;
    /// An answer of 512 tokens is a page; with [`Budget::AIM`] it leaves room to spare in the 4,096 that even small
    /// models were made for.
    pub const ANSWER: usize = 512;
}

#[derive(Clone, Debug, PartialEq)]
pub struct Composed {
    pub messages: Vec<Message>,
    /// What source n shows of passage n - 1, in bytes of it. Passages that found no place are at the end and missing.
    pub shown: Vec<Range<usize>>,
    /// As they were counted.
    pub tokens: usize,
}

/// What a model's form of a conversation puts around a message, at most.
const FRAME: usize = 8;
/// However long the question is, so much is left for sources, as far as it fits.
const LEAST_FOR_SOURCES: usize = 300;
/// Of the budget, what a conversation may take.
const HISTORY_SHARE: usize = 4;
/// Of an answer given before, so many tokens are enough to know what was spoken of.
const LONGEST_ANSWER: usize = 96;

/// Nothing where not even a part of the best passage fits.
pub fn compose(ask: &Ask<'_>, budget: Budget, count: &dyn Fn(&str) -> usize) -> Option<Composed> {
    let texts = Texts::of(ask.language);
    let system = texts.system(ask.language, ask.unknown);
    let tail = format!("\n{} {}\n\n{}", texts.question, ask.question.trim(), texts.reminder);
    let head = format!("{}\n", texts.sources);
    let fixed = count(&system) + count(&head) + count(&tail) + 2 * FRAME;
    let history = history(ask.history, budget.aim.min(budget.most) / HISTORY_SHARE, count);
    let said: usize = history.iter().map(|message| count(&message.text) + FRAME).sum();
    let whole = budget.aim.max(fixed + said + LEAST_FOR_SOURCES).min(budget.most);
    let mut blocks = choose(ask, whole.checked_sub(fixed + said)?, count);
    // What is counted in pieces may come to more as a whole.
    loop {
        if blocks.is_empty() {
            return None;
        }
        let mut user = head.clone();
        for (block, _) in &blocks {
            user.push('\n');
            user.push_str(block);
        }
        user.push_str(&tail);
        let mut messages = vec![Message { speaker: Speaker::System, text: system.clone() }];
        messages.extend(history.iter().cloned());
        messages.push(Message { speaker: Speaker::User, text: user });
        let tokens = messages.iter().map(|message| count(&message.text) + FRAME).sum();
        if tokens <= whole {
            return Some(Composed { messages, shown: blocks.into_iter().map(|(_, shown)| shown).collect(), tokens });
        }
        blocks.pop();
    }
}

/// The sources as text, best first, until there is no room. Each may take twice its even share of what is left, so that
/// the better ones are shown whole where any are.
fn choose(ask: &Ask<'_>, room: usize, count: &dyn Fn(&str) -> usize) -> Vec<(String, Range<usize>)> {
    let mut analysers = Analysers::default();
    let mut blocks = Vec::new();
    let mut left = room;
    for (index, passage) in ask.passages.iter().enumerate() {
        let share = (2 * left).div_ceil(ask.passages.len() - index).min(left);
        let needs = |range: &Range<usize>| count(&source(index + 1, passage, range)) + 1;
        let mut shown = shorten(passage, ask.question, &mut analysers, |range| needs(range) <= share);
        if shown.is_none() && index == 0 {
            shown = shorten(passage, ask.question, &mut analysers, |range| needs(range) <= left)
                .or_else(|| cut(passage, |range| needs(range) <= left));
        }
        // Numbers go with ranks: after one that finds no place come no others.
        let Some(shown) = shown else { break };
        left -= needs(&shown);
        blocks.push((source(index + 1, passage, &shown), shown));
    }
    blocks
}

/// The latest turns that fit, oldest first.
fn history(turns: &[Turn], room: usize, count: &dyn Fn(&str) -> usize) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut left = room;
    for turn in turns.iter().rev() {
        let question = one_line(&turn.question);
        let answer = beginning(&one_line(&without_numbers(&turn.answer)), count);
        let needs = count(&question) + count(&answer) + 2 * FRAME;
        if needs > left {
            break;
        }
        left -= needs;
        messages.push(Message { speaker: Speaker::Assistant, text: answer });
        messages.push(Message { speaker: Speaker::User, text: question });
    }
    messages.reverse();
    messages
}

/// The numbers of another answer's sources are not those of this one's.
pub(super) fn without_numbers(answer: &str) -> String {
    let mut plain = String::with_capacity(answer.len());
    let mut rest = answer;
    while let Some(at) = rest.find('[') {
        let digits = rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let end = at + 1 + digits;
        if digits > 0 && rest[end..].starts_with(']') {
            plain.push_str(rest[..at].trim_end_matches(' '));
            rest = &rest[end + 1..];
        } else {
            plain.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
        }
    }
    plain.push_str(rest);
    plain
}

/// The first sentences of a text.
pub(super) fn beginning(text: &str, count: &dyn Fn(&str) -> usize) -> String {
    let mut end = 0;
    for range in sentences(text, Language::Other) {
        if end > 0 && count(&text[..range.end]) > LONGEST_ANSWER {
            break;
        }
        end = range.end;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests;
