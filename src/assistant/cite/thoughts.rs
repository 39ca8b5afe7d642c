//! Some models think aloud before they answer, between marks of their own. Nobody asked for that.

/// Takes text in any pieces, and passes on what comes behind the thoughts.
#[derive(Debug, Default)]
pub(crate) struct Thoughts {
    held: String,
    state: State,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Beginning,
    Thinking,
    Answering,
}

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

impl Thoughts {
    pub(crate) fn push<'a>(&'a mut self, piece: &'a str) -> &'a str {
        if self.state == State::Answering {
            return piece;
        }
        self.held.push_str(piece);
        if self.state == State::Beginning {
            let begun = self.held.trim_start();
            if let Some(thought) = begun.strip_prefix(OPEN) {
                self.held = thought.to_owned();
                self.state = State::Thinking;
            } else if OPEN.starts_with(begun) {
                return "";
            } else {
                self.state = State::Answering;
                return &self.held;
            }
        }
        match self.held.find(CLOSE) {
            Some(at) => {
                self.state = State::Answering;
                &self.held[at + CLOSE.len()..]
            }
            None => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thoughts_are_left_out_however_they_come() {
        for (text, expected) in [
            ("It opens at eight.", "It opens at eight."),
            ("<think>\nWhen? At eight.\n</think>\n\nAt eight.", "\n\nAt eight."),
            ("\n<think></think>At eight <think>.", "At eight <think>."),
            ("<thin ice>", "<thin ice>"),
            ("<think>no end", ""),
        ] {
            for size in [1, 3, 100] {
                let mut thoughts = Thoughts::default();
                let letters: Vec<char> = text.chars().collect();
                let pieces = letters.chunks(size).map(|piece| piece.iter().collect::<String>());
                let passed: String = pieces.map(|piece| thoughts.push(&piece).to_owned()).collect();
                assert_eq!(passed, expected, "{text} by {size}");
            }
        }
    }
}
