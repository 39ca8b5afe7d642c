//! A question that leans on a conversation, made into one of its own by the model that writes answers.

use std::time::Duration;

use crate::assistant::apart::{Came, wait};
use crate::assistant::ask::{Question, Time};
use crate::assistant::cite::Thoughts;
use crate::assistant::engines::Engines;
use crate::assistant::write::{Listener, Piece, start};
use crate::domain::Language;
use crate::inference::{Limits, Prompt, Sampling};
use crate::prompt::{LONGEST_REWRITTEN, follow_up, rewritten};

/// Of the time that is left, a quarter and no more than this: the answer is what people wait for.
const SHARE: u32 = 4;
const LONGEST: Duration = Duration::from_secs(4);

/// Nothing where there is no model, or it takes too long, or writes no question; nobody is told of that, since there is
/// another way.
pub(super) fn stand_alone(
    engines: &Engines,
    question: &Question,
    language: Language,
    time: &Time<'_>,
    listener: Listener<'_>,
) -> Option<String> {
    question.writing.as_ref()?;
    engines.generator_choice()?;
    let until = time.clock.instant() + LONGEST.min(time.left() / SHARE);
    let coming = engines.lend_writer()?;
    let Came::Here(Ok(generator)) = wait(&coming.receiver, until, time.clock, listener) else { return None };
    let count = |text: &str| generator.count_tokens(text);
    let messages = follow_up(&question.text, language, &question.history, &count);
    let needed: usize = messages.iter().map(|message| count(&message.text) + 8).sum();
    if needed + LONGEST_REWRITTEN > generator.context() {
        return None;
    }
    let limits = Limits {
        max_tokens: LONGEST_REWRITTEN,
        ignore_end: false,
        deadline: Some(until),
        stop: Vec::new(),
        sampling: Sampling::greedy(),
        shape: None,
    };
    let pieces = start(generator, Prompt::Chat(messages), limits, engines.urgency());
    let (mut thoughts, mut written) = (Thoughts::default(), String::new());
    loop {
        match wait(&pieces, until, time.clock, listener) {
            Came::Here(Piece::Text(text)) => {
                written.push_str(thoughts.push(&text));
                // One line is a question; what comes behind it explains.
                if written.trim_start().contains('\n') {
                    return rewritten(&written);
                }
            }
            Came::Here(Piece::End(Ok(_))) => return rewritten(&written),
            Came::Here(Piece::End(Err(_))) | Came::Late | Came::Gone | Came::Lost => return None,
        }
    }
}
