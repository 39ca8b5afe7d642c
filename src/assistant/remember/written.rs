//! What a model wrote, under the very prompt it was given: right as long as the same prompt would be given again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::keys::VERSION;
use crate::assistant::engines::Engines;
use crate::cache::{Entry, Key, Space, pack, unpack};
use crate::clock::Timestamp;
use crate::domain::{Message, Speaker, Tier};
use crate::inference::{Finish, Limits, Reason};

/// A text that a model wrote to its end.
#[derive(Clone, Debug)]
pub(in crate::assistant) struct Written {
    pub text: String,
    pub finish: Finish,
    pub tier: Tier,
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Row {
    text: String,
    prompt_tokens: u64,
    generated_tokens: u64,
}

pub(in crate::assistant) fn key(generator: &str, messages: &[Message], limits: &Limits) -> Key {
    let mut key = Key::of(Space::WRITTEN, VERSION).text(generator).number(limits.max_tokens as u64);
    let sampling = &limits.sampling;
    for share in [sampling.temperature, sampling.top_p, sampling.min_p, sampling.repeat_penalty] {
        key = key.number(u64::from(share.to_bits()));
    }
    key = key.number(sampling.top_k as u64).number(sampling.repeat_last as u64).number(sampling.seed);
    for message in messages {
        let speaker = match message.speaker {
            Speaker::System => "system",
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        };
        key = key.text(speaker).text(&message.text);
    }
    key.finish()
}

pub(in crate::assistant) fn look(engines: &Engines, key: &Key) -> Option<Written> {
    let hit = engines.cache()?.get(Space::WRITTEN, key)?;
    let Row { text, prompt_tokens, generated_tokens } = unpack(&hit.bytes)?;
    let finish = Finish {
        reason: Reason::End,
        prompt_tokens: prompt_tokens as usize,
        reused_tokens: prompt_tokens as usize,
        generated_tokens: generated_tokens as usize,
        first_token: None,
    };
    Some(Written { text, finish, tier: hit.tier, at: hit.made })
}

/// Only what was written to its end.
pub(in crate::assistant) fn keep(
    engines: &Engines,
    key: Key,
    label: &str,
    text: &str,
    finish: &Finish,
    cost: Duration,
) {
    if let (Some(cache), Reason::End) = (engines.cache(), finish.reason) {
        let row = Row {
            text: text.to_owned(),
            prompt_tokens: finish.prompt_tokens as u64,
            generated_tokens: finish.generated_tokens as u64,
        };
        cache.put(Space::WRITTEN, key, label, Entry { bytes: pack(&row), cost, ..Entry::default() });
    }
}

pub(super) fn text_of(bytes: &[u8]) -> Option<String> {
    unpack::<Row>(bytes).map(|row| row.text)
}
