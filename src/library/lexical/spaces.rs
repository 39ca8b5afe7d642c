//! How the index reads what it is given: terms with single spaces between them.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

#[derive(Clone, Default)]
pub(super) struct AtSpaces {
    token: Token,
}

pub(super) struct Terms<'a> {
    text: &'a str,
    at: usize,
    token: &'a mut Token,
}

impl Tokenizer for AtSpaces {
    type TokenStream<'a> = Terms<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms<'a> {
        self.token.reset();
        Terms { text, at: 0, token: &mut self.token }
    }
}

impl TokenStream for Terms<'_> {
    fn advance(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let skipped = rest.bytes().take_while(|&b| b == b' ').count();
        let rest = &rest[skipped..];
        if rest.is_empty() {
            return false;
        }
        let length = rest.bytes().position(|b| b == b' ').unwrap_or(rest.len());
        let from = self.at + skipped;
        self.at = from + length;
        self.token.text.clear();
        self.token.text.push_str(&rest[..length]);
        self.token.offset_from = from;
        self.token.offset_to = self.at;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_spaces_and_nowhere_else() {
        for (text, expected) in [
            ("", vec![]),
            (" ", vec![]),
            ("función", vec!["función"]),
            ("a-b  c.d ", vec!["a-b", "c.d"]),
            ("心臓 臓の", vec!["心臓", "臓の"]),
        ] {
            let mut tokenizer = AtSpaces::default();
            let mut stream = tokenizer.token_stream(text);
            let mut found = Vec::new();
            while stream.advance() {
                found.push(stream.token().text.clone());
            }
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
