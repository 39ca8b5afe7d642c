//! Tokens into text while they come: whole characters only, and together exactly what all tokens give at once.

use super::prompts::Words;

#[derive(Debug, Default)]
pub(in crate::inference::generator) struct Detokenizer {
    /// The beginning of a character.
    held: Vec<u8>,
    text: String,
    drops_space: bool,
}

impl Detokenizer {
    /// For a text that begins with its first token.
    #[cfg(test)]
    pub(in crate::inference::generator) fn new(words: &Words) -> Detokenizer {
        Detokenizer { drops_space: words.adds_space_behind(None), ..Detokenizer::default() }
    }

    /// For a text that goes on from others.
    pub(in crate::inference::generator) fn after(words: &Words, before: &[u32]) -> Detokenizer {
        let drops_space = words.adds_space_behind(before.last().copied());
        Detokenizer { drops_space, ..Detokenizer::default() }
    }

    /// The text that is certain now.
    pub(in crate::inference::generator) fn push(&mut self, words: &Words, id: u32) -> &str {
        let mut bytes = words.text(id);
        if self.drops_space && !bytes.is_empty() {
            bytes = bytes.strip_prefix(b" ").unwrap_or(bytes);
            self.drops_space = false;
        }
        self.held.extend_from_slice(bytes);
        self.text.clear();
        let mut taken = 0;
        loop {
            let rest = &self.held[taken..];
            let (valid, wrong) = match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.text.push_str(text);
                    taken += rest.len();
                    break;
                }
                Err(error) => (error.valid_up_to(), error.error_len()),
            };
            self.text.push_str(&String::from_utf8_lossy(&rest[..valid]));
            taken += valid;
            let Some(wrong) = wrong else { break };
            self.text.push(char::REPLACEMENT_CHARACTER);
            taken += wrong;
        }
        self.held.drain(..taken);
        &self.text
    }

    /// What is left when no more tokens come.
    pub(in crate::inference::generator) fn finish(&mut self) -> &str {
        self.text.clear();
        if !self.held.is_empty() {
            self.text.push(char::REPLACEMENT_CHARACTER);
            self.held.clear();
        }
        &self.text
    }
}
