//! Cuts words into the likeliest pieces of a vocabulary of hundreds of thousands, held in a few megabytes.
//!
//! The pieces and ties are those of the `tokenizers` crate's own Unigram, which needs some hundred megabytes for as many.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tokenizers::models::TrainerWrapper;
use tokenizers::{Model, Result, Token};

/// As it stands in `tokenizer.json`.
#[derive(Deserialize)]
pub(super) struct Written {
    unk_id: Option<u32>,
    vocab: Vec<(String, f64)>,
}

/// A trie in three rows: the children of a node stand side by side, ordered by their byte.
pub(super) struct Unigram {
    /// Where the children of each node begin; one more than there are nodes.
    children: Vec<u32>,
    /// The byte that leads to each node. The root, which is first, has none.
    bytes: Vec<u8>,
    /// The piece that ends at each node, or `NONE`.
    pieces: Vec<u32>,
    /// Of each piece, the logarithm of how likely it is.
    scores: Vec<f64>,
    unknown: Option<u32>,
    unknown_score: f64,
}

const NONE: u32 = u32::MAX;
const ROOT: usize = 0;

/// How much less likely than the least likely piece a character is that no piece begins with.
const PENALTY: f64 = 10.0;

/// The likeliest way to get to a place in the word.
#[derive(Clone, Copy)]
struct Step {
    score: f64,
    from: usize,
    piece: u32,
}

const UNREACHED: Step = Step { score: 0.0, from: usize::MAX, piece: NONE };

impl Unigram {
    pub(super) fn new(written: Written) -> Result<Unigram> {
        let Written { unk_id, vocab } = written;
        if u32::try_from(vocab.len()).is_err() || unk_id.is_some_and(|id| id as usize >= vocab.len()) {
            return Err("the unknown piece is not in the vocabulary".into());
        }
        // Of pieces that are written twice the last counts: it stands last among its equals, and is put down last.
        let mut order: Vec<u32> = (0..vocab.len() as u32).collect();
        order.sort_by(|&a, &b| vocab[a as usize].0.as_bytes().cmp(vocab[b as usize].0.as_bytes()).then(a.cmp(&b)));
        let text = |at: usize| vocab[order[at] as usize].0.as_bytes();

        let (mut children, mut bytes, mut pieces) = (Vec::new(), vec![0], Vec::new());
        let mut level = vec![(0, order.len())];
        let mut depth = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for (mut from, to) in level {
                let mut piece = NONE;
                while from < to && text(from).len() == depth {
                    piece = order[from];
                    from += 1;
                }
                pieces.push(piece);
                children.push(bytes.len() as u32);
                while from < to {
                    let byte = text(from)[depth];
                    let end = from + (from..to).take_while(|&at| text(at)[depth] == byte).count();
                    bytes.push(byte);
                    next.push((from, end));
                    from = end;
                }
            }
            level = next;
            depth += 1;
        }
        children.push(bytes.len() as u32);
        pieces[ROOT] = NONE;
        let scores: Vec<f64> = vocab.iter().map(|(_, score)| *score).collect();
        let unknown_score = scores.iter().copied().fold(f64::INFINITY, f64::min) - PENALTY;
        Ok(Unigram { children, bytes, pieces, scores, unknown: unk_id, unknown_score })
    }

    fn child(&self, node: usize, byte: u8) -> Option<usize> {
        let (from, to) = (self.children[node] as usize, self.children[node + 1] as usize);
        self.bytes[from..to].binary_search(&byte).ok().map(|at| from + at)
    }

    /// Where in the word each piece ends, and which it is; the last first.
    fn best(&self, word: &str) -> Result<Vec<Step>> {
        let text = word.as_bytes();
        let mut steps = vec![UNREACHED; text.len() + 1];
        for (from, character) in word.char_indices() {
            let here = steps[from].score;
            let mut node = ROOT;
            let mut has_single = false;
            for (at, &byte) in text.iter().enumerate().skip(from) {
                let Some(child) = self.child(node, byte) else { break };
                node = child;
                let piece = self.pieces[node];
                if piece != NONE {
                    has_single |= at + 1 - from == character.len_utf8();
                    reach(&mut steps[at + 1], Step { score: here + self.scores[piece as usize], from, piece });
                }
            }
            let unknown = Step { score: here + self.unknown_score, from, piece: self.unknown.unwrap_or(NONE) };
            if !has_single && reach(&mut steps[from + character.len_utf8()], unknown) && unknown.piece == NONE {
                return Err("a character is unknown, and no piece stands for that".into());
            }
        }
        Ok(steps)
    }
}

/// Whether this is the best way there so far.
fn reach(step: &mut Step, candidate: Step) -> bool {
    let is_better = step.from == usize::MAX || candidate.score > step.score;
    if is_better {
        *step = candidate;
    }
    is_better
}

impl Model for Unigram {
    type Trainer = TrainerWrapper;

    fn tokenize(&self, word: &str) -> Result<Vec<Token>> {
        let steps = self.best(word)?;
        let mut tokens: Vec<Token> = Vec::new();
        let mut end = word.len();
        while end > 0 {
            let Step { from, piece, .. } = steps[end];
            match tokens.last_mut() {
                // Neighbouring unknown characters are one unknown token.
                Some(last) if Some(piece) == self.unknown && last.id == piece => last.offsets.0 = from,
                // The piece's own text is not given: nobody here reads it, and every one would be an allocation.
                _ => tokens.push(Token::new(piece, String::new(), (from, end))),
            }
            end = from;
        }
        for token in tokens.iter_mut().filter(|token| Some(token.id) == self.unknown) {
            token.id = self.token_to_id(&word[token.offsets.0..token.offsets.1]).unwrap_or(token.id);
        }
        tokens.reverse();
        Ok(tokens)
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        let mut node = ROOT;
        for &byte in token.as_bytes() {
            node = self.child(node, byte)?;
        }
        Some(self.pieces[node]).filter(|&piece| piece != NONE)
    }

    /// Nothing in this room turns numbers back into text, so the texts are not kept.
    fn id_to_token(&self, _id: u32) -> Option<String> {
        None
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        HashMap::new()
    }

    fn get_vocab_size(&self) -> usize {
        self.scores.len()
    }

    fn save(&self, _folder: &Path, _prefix: Option<&str>) -> Result<Vec<PathBuf>> {
        Err("models are only read".into())
    }

    fn get_trainer(&self) -> TrainerWrapper {
        tokenizers::models::unigram::UnigramTrainer::default().into()
    }
}

#[cfg(test)]
mod tests;
