//! How does what people write pass through a template without becoming a mark? The first character of whatever looks like
//! one is exchanged for a character that nobody wrote, and changed back when the marks have been found.
//!
//! So a template may cut, trim and repeat a message as it likes, and finds nothing missing in it.

use super::marks::Marks;

#[derive(Debug, Default)]
pub(super) struct Masks {
    /// What stands for what.
    pairs: Vec<(char, char)>,
    masked: Vec<String>,
}

/// Every character for private use has been used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoneLeft;

const PRIVATE: std::ops::RangeInclusive<char> = '\u{f0000}'..='\u{10fffd}';

impl Masks {
    pub(super) fn new(texts: &[&str], marks: &Marks) -> Result<Masks, NoneLeft> {
        let mut masks = Masks::default();
        let mut free = PRIVATE.filter(|&c| !texts.iter().any(|text| text.contains(c)));
        for text in texts {
            let mut places = places(text, marks);
            if places.is_empty() {
                masks.masked.push((*text).to_owned());
                continue;
            }
            places.dedup();
            let mut masked = String::with_capacity(text.len() + 3 * places.len());
            let mut at = 0;
            for place in places {
                let first = text[place..].chars().next().ok_or(NoneLeft)?;
                masked.push_str(&text[at..place]);
                let known = masks.pairs.iter().find(|(_, meant)| *meant == first).map(|(mask, _)| *mask);
                let mask = match known {
                    Some(mask) => mask,
                    None => {
                        let mask = free.next().ok_or(NoneLeft)?;
                        masks.pairs.push((mask, first));
                        mask
                    }
                };
                masked.push(mask);
                at = place + first.len_utf8();
            }
            masked.push_str(&text[at..]);
            masks.masked.push(masked);
        }
        Ok(masks)
    }

    /// The texts, in their order, without a mark in them.
    pub(super) fn masked(&self) -> &[String] {
        &self.masked
    }

    /// As it was meant.
    pub(super) fn unmask(&self, text: &str) -> String {
        if self.pairs.is_empty() {
            return text.to_owned();
        }
        let meant = |c: char| self.pairs.iter().find(|(mask, _)| *mask == c).map_or(c, |(_, meant)| *meant);
        text.chars().map(meant).collect()
    }
}

/// Where marks begin, also those that lie across each other, and one that could be finished by what a template writes
/// behind the text.
fn places(text: &str, marks: &Marks) -> Vec<usize> {
    let mut places = Vec::new();
    let mut from = 0;
    while let Some(found) = marks.find(text.as_bytes(), from) {
        places.push(found.start);
        from = found.start + 1;
    }
    let trimmed = text.trim_end();
    for end in [trimmed, text] {
        if let Some(start) = marks.begins_at_end(end.as_bytes()) {
            places.push(start);
        }
    }
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::super::marks::Mark;
    use super::*;

    #[test]
    fn no_mark_is_left_and_all_comes_back() {
        let mut marks = Marks::default();
        for (id, text) in (0..).zip(["<|end|>", "<|<|end", "[INST]", "<|"]) {
            marks.insert(text.as_bytes(), Mark { id, takes_before: false, takes_behind: false });
        }
        let texts = ["a <|end|> b", "<|<|end|>", "[INST] x [INS  ", "plain \u{f0000} text", "", "<"];
        let masks = Masks::new(&texts, &marks).unwrap();
        for (masked, text) in masks.masked().iter().zip(texts) {
            assert_eq!(marks.find(masked.as_bytes(), 0), None, "{masked:?}");
            assert_eq!(marks.find(format!("{}|end|>", masked.trim_end()).as_bytes(), 0), None, "{masked:?}");
            assert_eq!(masked.chars().count(), text.chars().count());
            assert_eq!(masks.unmask(masked), text);
        }
        assert_eq!(masks.masked()[3], texts[3]);
    }
}
