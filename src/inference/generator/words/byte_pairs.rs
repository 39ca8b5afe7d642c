//! Text into tokens by pairs: words are cut off by a rule, and inside each the pairs in the vocabulary's list are joined.

use super::merge::{Merge, NONE};
use super::merges::Merges;
use super::pieces::Pieces;
use super::split::Splitter;

#[derive(Debug)]
pub(super) struct BytePairs {
    pub(super) splitter: Splitter,
    pub(super) merges: Merges,
    /// The token of each byte by itself.
    pub(super) bytes: Box<[Option<u32>; 256]>,
    pub(super) starts: Starts,
    /// For what has no token and no bytes either.
    pub(super) unknown: Option<u32>,
}

/// What joining begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Starts {
    Bytes,
    /// Bytes; a word that is a token is not cut at all.
    BytesOfUnknownWords,
    /// Whole characters, and bytes of those that have no token.
    Characters,
}

impl BytePairs {
    pub(super) fn encode(&self, text: &str, pieces: &Pieces, ids: &mut Vec<u32>) {
        let mut merge = Merge::default();
        self.splitter.split(text, &mut |word| self.encode_word(word, pieces, &mut merge, ids));
    }

    fn encode_word(&self, word: &str, pieces: &Pieces, merge: &mut Merge, ids: &mut Vec<u32>) {
        let as_it_is = match self.starts {
            Starts::Bytes => false,
            Starts::BytesOfUnknownWords => true,
            // Lines' ends are in no list of pairs.
            Starts::Characters => word.bytes().all(|byte| byte == b'\n'),
        };
        if as_it_is && let Some(id) = pieces.find(word.as_bytes()) {
            ids.push(id);
            return;
        }
        merge.clear();
        if self.starts == Starts::Characters {
            let mut buffer = [0; 4];
            for character in word.chars() {
                let bytes = character.encode_utf8(&mut buffer).as_bytes();
                merge.push(pieces.find(bytes).unwrap_or(NONE), bytes.len());
            }
        } else {
            for byte in word.bytes() {
                merge.push(self.bytes[usize::from(byte)].unwrap_or(NONE), 1);
            }
        }
        merge.run(|left, right| self.merges.find(left.id, right.id));
        for symbol in merge.symbols() {
            if symbol.id != NONE {
                ids.push(symbol.id);
                continue;
            }
            for &byte in &word.as_bytes()[symbol.range()] {
                ids.extend(self.bytes[usize::from(byte)].or(self.unknown));
            }
        }
    }
}
