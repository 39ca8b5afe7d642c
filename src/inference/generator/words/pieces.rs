//! What does each token stand for, and which token stands for this?

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

/// Every token of a vocabulary, in one piece of memory.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    bytes: Vec<u8>,
    /// Where each one's bytes end.
    ends: Vec<u32>,
    uses: Vec<Use>,
    /// Numbers of tokens, or `EMPTY`; at most half full.
    table: Vec<u32>,
    hasher: RandomState,
}

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A part of any text.
    Text,
    /// A part of any text that is not found by what it stands for: a byte of a character that has no token, or what is
    /// written as no other token is.
    Apart,
    /// A part of any text, never cut nor joined.
    Whole,
    /// Said by a template only; what a model says with it is part of its text.
    Spoken,
    /// Said by a template only, and no text at all.
    Mark,
    /// No text, and never said.
    Nothing,
}

/// What cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

const EMPTY: u32 = u32::MAX;

impl Pieces {
    pub(super) fn push(&mut self, bytes: &[u8], used: Use) -> Result<(), TooMany> {
        self.bytes.extend_from_slice(bytes);
        let end = u32::try_from(self.bytes.len()).map_err(|_| TooMany)?;
        if self.ends.len() >= (EMPTY >> 1) as usize {
            return Err(TooMany);
        }
        self.ends.push(end);
        self.uses.push(used);
        Ok(())
    }

    /// From now on tokens are found by what they stand for: those that may be part of any text, the first of its kind.
    pub(super) fn index(&mut self) {
        self.bytes.shrink_to_fit();
        self.table = vec![EMPTY; (self.ends.len() * 2).next_power_of_two().max(2)];
        // What may be joined from parts goes before what stands by itself.
        for wanted in [Use::Text, Use::Whole] {
            for id in 0..self.ends.len() as u32 {
                if self.used(id) == wanted
                    && let Err(free) = self.seek(self.bytes(id))
                {
                    self.table[free] = id;
                }
            }
        }
    }

    pub(super) fn find(&self, bytes: &[u8]) -> Option<u32> {
        if self.table.is_empty() || bytes.is_empty() {
            return None;
        }
        self.seek(bytes).ok()
    }

    /// The token, or the place where it would be.
    fn seek(&self, bytes: &[u8]) -> Result<u32, usize> {
        let last = self.table.len() - 1;
        let mut at = self.hasher.hash_one(bytes) as usize & last;
        loop {
            match self.table[at] {
                EMPTY => return Err(at),
                id if self.bytes(id) == bytes => return Ok(id),
                _ => at = (at + 1) & last,
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Nothing for a token that is not there.
    pub(super) fn bytes(&self, id: u32) -> &[u8] {
        let id = id as usize;
        let Some(&end) = self.ends.get(id) else { return &[] };
        let start = if id == 0 { 0 } else { self.ends[id - 1] };
        &self.bytes[start as usize..end as usize]
    }

    pub(super) fn used(&self, id: u32) -> Use {
        self.uses.get(id as usize).copied().unwrap_or(Use::Nothing)
    }

    /// What a token adds to a text.
    pub(super) fn text(&self, id: u32) -> &[u8] {
        match self.used(id) {
            Use::Mark | Use::Nothing => &[],
            Use::Text | Use::Apart | Use::Whole | Use::Spoken => self.bytes(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_bytes_unless_it_is_a_mark() {
        let mut pieces = Pieces::default();
        let all = [
            ("a", Use::Text),
            ("<s>", Use::Mark),
            ("ab", Use::Text),
            ("a", Use::Text),
            ("", Use::Text),
            ("b", Use::Apart),
            ("  ", Use::Whole),
            ("  ", Use::Text),
        ];
        for (text, used) in all {
            pieces.push(text.as_bytes(), used).unwrap();
        }
        pieces.index();
        assert_eq!(pieces.find(b"a"), Some(0));
        assert_eq!(pieces.find(b"ab"), Some(2));
        assert_eq!(pieces.find(b"<s>"), None);
        assert_eq!(pieces.find(b"b"), None);
        assert_eq!(pieces.find(b""), None);
        assert_eq!(pieces.find(b"  "), Some(7), "what is joined from parts goes first");
        assert_eq!((pieces.text(1), pieces.bytes(1)), (&b""[..], &b"<s>"[..]));
        assert_eq!((pieces.bytes(99), pieces.used(99)), (&b""[..], Use::Nothing));
    }
}
