//! Are the pieces those of the crate's own Unigram, whatever the vocabulary?

use tokenizers::Model;
use tokenizers::models::unigram::Unigram as Theirs;

use super::{Unigram, Written};
use crate::inference::tests::fixture::Dice;

const LETTERS: [&str; 9] = ["a", "b", "c", "▁", "ñ", "e\u{301}", "数", "𝄞", "🦀"];

fn word(dice: &mut Dice, longest: u64) -> String {
    (0..1 + dice.next() % longest).map(|_| LETTERS[dice.next() as usize % LETTERS.len()]).collect()
}

/// Token numbers with the places in the word where they begin and end.
fn tokens(model: &impl Model, word: &str) -> Option<Vec<(u32, usize, usize)>> {
    let tokens = model.tokenize(word).ok()?;
    Some(tokens.into_iter().map(|token| (token.id, token.offsets.0, token.offsets.1)).collect())
}

#[test]
fn pieces_are_those_of_the_crate() {
    let mut dice = Dice(2024);
    for round in 0..300 {
        let mut vocab = vec![("<unk>".to_owned(), 0.0)];
        for _ in 0..dice.next() % 60 {
            // Few scores, so that there are ties; few letters, so that pieces come twice.
            vocab.push((word(&mut dice, 4), -((dice.next() % 5) as f64) / 2.0));
        }
        let unknown = (round % 4 != 0).then_some(0);
        let theirs = Theirs::from(vocab.clone(), unknown, false).unwrap();
        let ours = Unigram::new(Written { unk_id: unknown.map(|id| id as u32), vocab: vocab.clone() }).unwrap();
        for (piece, _) in &vocab {
            assert_eq!(ours.token_to_id(piece), theirs.token_to_id(piece), "{piece} in {vocab:?}");
        }
        for _ in 0..40 {
            let word = word(&mut dice, 12);
            assert_eq!(tokens(&ours, &word), tokens(&theirs, &word), "{word} in {vocab:?}");
        }
    }
}

#[test]
fn what_is_no_piece_has_no_number() {
    let vocab = ["<unk>", "ab", ""].map(|piece| (piece.to_owned(), -1.0)).to_vec();
    let ours = Unigram::new(Written { unk_id: Some(0), vocab }).unwrap();
    assert_eq!((ours.token_to_id("ab"), ours.token_to_id("a"), ours.token_to_id("")), (Some(1), None, None));
    assert_eq!(tokens(&ours, "").unwrap(), []);
    assert_eq!(tokens(&ours, "abxyab").unwrap(), [(1, 0, 2), (0, 2, 4), (1, 4, 6)]);
    assert!(Unigram::new(Written { unk_id: Some(0), vocab: Vec::new() }).is_err());
    let alone = Unigram::new(Written { unk_id: None, vocab: Vec::new() }).unwrap();
    assert!(tokens(&alone, "a").is_none() && tokens(&alone, "").unwrap().is_empty());
}
