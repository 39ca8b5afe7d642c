//! Where does a text have a token that is found as a whole? The longest at the first place.

use std::collections::HashMap;

use foldhash::fast::RandomState;

#[derive(Debug)]
pub(super) struct Marks {
    known: HashMap<Box<[u8]>, Mark, RandomState>,
    /// By the first byte: the lengths there are, the longest first.
    lengths: Box<[Vec<u16>; 256]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) id: u32,
    /// The spaces before or behind it are no text.
    pub(super) takes_before: bool,
    pub(super) takes_behind: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) mark: Mark,
}

/// What is longer is not looked for, so that looking takes no longer than the text is long.
const LONGEST: usize = 256;

impl Default for Marks {
    fn default() -> Marks {
        Marks { known: HashMap::default(), lengths: Box::new([const { Vec::new() }; 256]) }
    }
}

impl Marks {
    /// The first of a name stays.
    pub(super) fn insert(&mut self, text: &[u8], mark: Mark) {
        let Some(&first) = text.first() else { return };
        if text.len() > LONGEST || self.known.contains_key(text) {
            return;
        }
        self.known.insert(text.into(), mark);
        let lengths = &mut self.lengths[usize::from(first)];
        let length = text.len() as u16;
        if let Err(at) = lengths.binary_search_by(|other| length.cmp(other)) {
            lengths.insert(at, length);
        }
    }

    pub(super) fn get(&self, text: &[u8]) -> Option<Mark> {
        self.known.get(text).copied()
    }

    /// The first one from `from` on.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<Found> {
        if self.known.is_empty() {
            return None;
        }
        (from..text.len()).find_map(|start| {
            let rest = &text[start..];
            let lengths = self.lengths[usize::from(rest[0])].iter().map(|&length| usize::from(length));
            lengths.filter(|&length| length <= rest.len()).find_map(|length| {
                let mark = *self.known.get(&rest[..length])?;
                Some(Found { start, end: start + length, mark })
            })
        })
    }

    /// Where the end of a text begins that could be the beginning of one.
    pub(super) fn begins_at_end(&self, text: &[u8]) -> Option<usize> {
        let from = text.len().saturating_sub(LONGEST);
        (from..text.len()).find(|&start| {
            let rest = &text[start..];
            let may = self.lengths[usize::from(rest[0])].iter().any(|&length| usize::from(length) > rest.len());
            may && self.known.keys().any(|known| known.len() > rest.len() && known.starts_with(rest))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(all: &[&str]) -> Marks {
        let mut marks = Marks::default();
        for (id, text) in (0..).zip(all) {
            marks.insert(text.as_bytes(), Mark { id, takes_before: false, takes_behind: false });
        }
        marks
    }

    #[test]
    fn the_longest_mark_at_the_first_place_is_found() {
        let marks = marks(&["<a>", "<a><b>", "\n", "\n\n", "<a>"]);
        let find =
            |text: &str, from| marks.find(text.as_bytes(), from).map(|found| (found.start, found.end, found.mark.id));
        assert_eq!(find("x<a><b>", 0), Some((1, 7, 1)));
        assert_eq!(find("x<a><b", 0), Some((1, 4, 0)));
        assert_eq!(find("x<a>\n\n\n", 2), Some((4, 6, 3)));
        assert_eq!(find("<<<", 0), None);
        assert_eq!(find("", 0), None);
        assert_eq!(marks.begins_at_end(b"x <a><"), Some(2));
        assert_eq!(marks.begins_at_end(b"x <a>"), Some(2));
        assert_eq!(marks.begins_at_end(b"x <b>"), None);
    }
}
