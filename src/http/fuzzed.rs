//! A door for `fuzz/`: what reads whatever clients send, without a server around it. No promise to anybody.

use serde::de::DeserializeOwned;

use super::problem::{Dialect, status};
use super::talk::Refused;
use super::{body, guard, native, ollama, openai};
use crate::fault::Fault;
use crate::wire::{
    AskJson, CacheChangeJson, ClearJson, DocumentInJson, PrefetchJson, QueryJson, TopicInJson, WarmUpJson,
};

/// Each of docent's own calls reads this body.
pub fn native(body: &[u8]) {
    read::<AskJson>(body);
    read::<QueryJson>(body);
    read::<DocumentInJson>(body);
    read::<TopicInJson>(body);
    read::<PrefetchJson>(body);
    read::<ClearJson>(body);
    read::<WarmUpJson>(body);
    read::<CacheChangeJson>(body);
    if let Ok(text) = std::str::from_utf8(body) {
        native::fuzzed(text).into_iter().for_each(|fault| refused(Dialect::Native, &fault));
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) {
    if let Err(fault) = body::parse::<T>(body) {
        refused(Dialect::Native, &fault);
    }
}

/// Each of OpenAI's calls reads this body.
pub fn openai(body: &[u8]) {
    openai::fuzzed(body).into_iter().for_each(|why| refused(Dialect::OpenAi, &why.into()));
}

/// Each of Ollama's calls reads this body.
pub fn ollama(body: &[u8]) {
    ollama::fuzzed(body).into_iter().for_each(|why: Refused| refused(Dialect::Ollama, &why.into()));
}

/// Whoever decides who comes in reads this head of a request.
pub fn guard(head: &[u8]) {
    guard::fuzzed(head);
}

/// It is always the sender's fault, and what is said about it is short.
fn refused(dialect: Dialect, fault: &Fault) {
    assert!(status(fault).is_client_error(), "{}: {}", fault.code, fault.what);
    let told = dialect.error(fault).to_string();
    assert!(told.len() < 4096, "{told}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_can_be_read() {
        for body in [
            "",
            "{}",
            "[",
            "\"x\"",
            "{\"model\": \"m\", \"messages\": [{}]}",
            "{\"model\":\"docent\",\"prompt\":\"x\"}",
        ] {
            native(body.as_bytes());
            openai(body.as_bytes());
            ollama(body.as_bytes());
        }
        for head in
            ["", "host: localhost", "host: evil.example\norigin: null", "host: [::1]:80\nauthorization: Bearer "]
        {
            guard(head.as_bytes());
        }
        guard(b"\xff: \xff\nhost: \xff");
    }
}
