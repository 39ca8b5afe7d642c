//! Has one of the texts been written that end an answer? What may be the beginning of one is kept back until it is clear.
//!
//! The one that is complete first ends the answer; of those complete at once, the longest. So it does not matter into which
//! pieces the text was cut.

#[derive(Debug, Default)]
pub(super) struct Stops {
    texts: Vec<Stop>,
    held: String,
    is_over: bool,
}

#[derive(Debug)]
struct Stop {
    bytes: Box<[u8]>,
    /// For each length that was met: the longest shorter one that was met with it.
    shorter: Box<[usize]>,
    /// How much of it the text so far ends with.
    met: usize,
}

/// What is certain after a piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) text: String,
    pub(super) is_over: bool,
}

impl Stops {
    pub(super) fn new(texts: &[String]) -> Stops {
        let texts = texts.iter().filter(|text| !text.is_empty()).map(|text| Stop::new(text)).collect();
        Stops { texts, ..Stops::default() }
    }

    /// After the end nothing more is said.
    pub(super) fn push(&mut self, piece: &str) -> Held {
        if self.is_over {
            return Held { text: String::new(), is_over: true };
        }
        let before = self.held.len();
        self.held.push_str(piece);
        for (at, &byte) in (before + 1..).zip(piece.as_bytes()) {
            let longest = self.texts.iter_mut().filter_map(|stop| stop.next(byte)).max();
            if let Some(length) = longest {
                let mut text = std::mem::take(&mut self.held);
                // It may have begun before what is held only if it had been held too.
                text.truncate(at.saturating_sub(length));
                self.is_over = true;
                return Held { text, is_over: true };
            }
        }
        let may_begin = self.texts.iter().map(|stop| stop.met).max().unwrap_or_default();
        let certain = self.held.len() - may_begin;
        let rest = self.held.split_off(certain);
        Held { text: std::mem::replace(&mut self.held, rest), is_over: false }
    }

    /// What was kept back, when nothing more comes.
    pub(super) fn finish(&mut self) -> String {
        self.is_over = true;
        std::mem::take(&mut self.held)
    }
}

impl Stop {
    fn new(text: &str) -> Stop {
        let bytes: Box<[u8]> = text.as_bytes().into();
        let mut shorter = vec![0; bytes.len() + 1].into_boxed_slice();
        let mut met = 0;
        for length in 2..=bytes.len() {
            while met > 0 && bytes[met] != bytes[length - 1] {
                met = shorter[met];
            }
            met += usize::from(bytes[met] == bytes[length - 1]);
            shorter[length] = met;
        }
        Stop { bytes, shorter, met: 0 }
    }

    /// Its length, if it is complete with this byte.
    fn next(&mut self, byte: u8) -> Option<usize> {
        while self.met > 0 && self.bytes[self.met] != byte {
            self.met = self.shorter[self.met];
        }
        self.met += usize::from(self.bytes[self.met] == byte);
        (self.met == self.bytes.len()).then_some(self.met)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stops(texts: &[&str]) -> Stops {
        Stops::new(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    /// All that is said of a text in these pieces, and whether it came to an end.
    fn said(mut stops: Stops, pieces: &[&str]) -> (Vec<String>, bool) {
        let mut said = Vec::new();
        for piece in pieces {
            let held = stops.push(piece);
            said.push(held.text);
            if held.is_over {
                return (said, true);
            }
        }
        said.push(stops.finish());
        (said, false)
    }

    #[test]
    fn a_stop_is_found_across_pieces() {
        let (pieces, is_over) = said(stops(&["\nUser:", "END"]), &["one\n", "Us", "e\nUser", ": two"]);
        assert_eq!((pieces.concat().as_str(), is_over), ("one\nUse", true));
        assert_eq!(pieces, ["one", "", "\nUse", ""]);
    }

    #[test]
    fn what_was_held_back_is_said_at_the_end() {
        let (pieces, is_over) = said(stops(&["</s>"]), &["a</", "s"]);
        assert_eq!((pieces, is_over), (vec!["a".to_owned(), String::new(), "</s".to_owned()], false));
    }

    #[test]
    fn nothing_is_said_after_the_end() {
        let mut stops = stops(&["x", ""]);
        assert_eq!(stops.push("axb"), Held { text: "a".to_owned(), is_over: true });
        assert_eq!(stops.push("more"), Held { text: String::new(), is_over: true });
        assert_eq!(stops.finish(), "");
    }

    #[test]
    fn without_stops_nothing_is_held_back() {
        assert_eq!(said(stops(&[""]), &["a", "ñ"]), (vec!["a".to_owned(), "ñ".to_owned(), String::new()], false));
    }

    /// Up to where the first complete one begins, by looking at every place.
    fn plainly(text: &str, stops: &[String]) -> Option<String> {
        (0..=text.len()).filter(|&end| text.is_char_boundary(end)).find_map(|end| {
            let ends = stops.iter().filter(|stop| !stop.is_empty() && text[..end].ends_with(stop.as_str()));
            ends.map(|stop| stop.len()).max().map(|length| text[..end - length].to_owned())
        })
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(
            pieces in proptest::collection::vec("[abñ日]{0,4}", 0..12),
            texts in proptest::collection::vec("[abñ日]{0,5}", 0..4),
        ) {
            let whole = pieces.concat();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let (got, is_over) = said(Stops::new(&texts), &pieces);
            let expected = plainly(&whole, &texts);
            prop_assert_eq!(is_over, expected.is_some());
            prop_assert_eq!(got.concat(), expected.unwrap_or(whole));
        }

        #[test]
        fn no_more_is_held_back_than_could_begin_a_stop(text in "[ab]{0,20}", texts in proptest::collection::vec("[ab]{1,6}", 1..4)) {
            let mut stops = Stops::new(&texts);
            let mut all = String::new();
            for piece in text.chars() {
                let held = stops.push(&piece.to_string());
                if held.is_over {
                    break;
                }
                all.push(piece);
                let longest = (0..all.len()).find(|&at| texts.iter().any(|stop| stop.starts_with(&all[at..])));
                prop_assert_eq!(stops.held.as_str(), &all[longest.unwrap_or(all.len())..]);
            }
        }
    }
}
