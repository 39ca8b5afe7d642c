//! Text into tokens by scores, as SentencePiece does: whatever two neighbours are a token together may be joined, the one
//! of the highest score first.

use super::merge::{Merge, NONE};
use super::pieces::Pieces;

#[derive(Debug)]
pub(super) struct Sentences {
    /// For each token: the better it is, the lower.
    pub(super) orders: Vec<u32>,
    /// The token of each byte of a character that has none.
    pub(super) bytes: Box<[Option<u32>; 256]>,
    pub(super) unknown: Option<u32>,
    /// A text begins with a space, whether it is written or not.
    pub(super) begins_with_space: bool,
    /// Bytes of the longest token.
    pub(super) longest: usize,
}

impl Sentences {
    pub(super) fn encode(&self, text: &str, pieces: &Pieces, ids: &mut Vec<u32>) {
        let written;
        let text = if self.begins_with_space || super::bytes::has_written_space(text) {
            let mut bytes = Vec::with_capacity(text.len() + 1);
            if self.begins_with_space {
                bytes.push(b' ');
            }
            super::bytes::spaced(text, &mut bytes);
            written = bytes;
            &written[..]
        } else {
            text.as_bytes()
        };
        let mut merge = Merge::default();
        let mut at = 0;
        while at < text.len() {
            let length = character(text[at]).min(text.len() - at);
            merge.push(pieces.find(&text[at..at + length]).unwrap_or(NONE), length);
            at += length;
        }
        merge.run(|left, right| {
            let together = left.start as usize..right.range().end;
            if together.len() > self.longest {
                return None;
            }
            let id = pieces.find(&text[together])?;
            Some((self.orders.get(id as usize).copied().unwrap_or(u32::MAX), id))
        });
        for symbol in merge.symbols() {
            if symbol.id != NONE {
                ids.push(symbol.id);
                continue;
            }
            let bytes = &text[symbol.range()];
            if bytes.iter().all(|&byte| self.bytes[usize::from(byte)].is_some()) {
                ids.extend(bytes.iter().filter_map(|&byte| self.bytes[usize::from(byte)]));
            } else {
                ids.extend(self.unknown);
            }
        }
    }
}

/// How many bytes a character has that begins with this one.
fn character(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

/// The highest score becomes the lowest number.
pub(super) fn order(score: f32) -> u32 {
    // Both zeros are one score.
    let bits = (score + 0.0).to_bits();
    let rising = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    !rising
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn higher_scores_go_first() {
        let scores = [f32::INFINITY, 3.5, 0.0, -0.0, -1.0, -1e9];
        let orders: Vec<u32> = scores.map(order).to_vec();
        assert!(orders.is_sorted());
        assert_eq!(orders[2], orders[3]);
        assert!(orders[4] < orders[5] && orders[0] < orders[1]);
    }
}
