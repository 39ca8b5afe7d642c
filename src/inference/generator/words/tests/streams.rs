//! Is what a model writes told in whole characters, and all of it?

use proptest::prelude::*;

use super::super::{Detokenizer, Words};
use super::fixture::{self, byte_pairs, load, sentences};

fn pieces(words: &Words, mut stream: Detokenizer, ids: &[u32]) -> Vec<String> {
    let mut pieces: Vec<String> = ids.iter().map(|&id| stream.push(words, id).to_owned()).collect();
    pieces.push(stream.finish().to_owned());
    pieces
}

proptest! {
    #[test]
    fn pieces_together_are_the_whole_text(ids in proptest::collection::vec(0u32..300, 0..40)) {
        for words in [
            load(&byte_pairs("gpt-2", &[("\u{f0}\u{9f}", "a"), ("é", "b")], &[("<|x|>", 3), ("<think>", 4)])),
            load(&sentences(&[(" a", -1.0), (" ", -1.0), ("日本", -2.0)], &[("<|x|>", 3), ("<y>", 4)])),
        ] {
            let bytes: Vec<u8> = ids.iter().flat_map(|&id| words.text(id).to_vec()).collect();
            let whole = String::from_utf8_lossy(&bytes).into_owned();
            let expected = if words.adds_space_behind(None) { whole.strip_prefix(' ').unwrap_or(&whole) } else { &whole };
            prop_assert_eq!(pieces(&words, Detokenizer::new(&words), &ids).concat(), expected);
        }
    }
}

#[test]
fn a_character_is_never_split() {
    let words = load(&byte_pairs("gpt-2", &[], &[]));
    let ids = "é😀".bytes().map(u32::from).collect::<Vec<_>>();
    assert_eq!(pieces(&words, Detokenizer::new(&words), &ids), ["", "é", "", "", "", "😀", ""]);
    let broken = [0xf0, 0x9f, u32::from(b'a'), 0xff, 0xc3];
    assert_eq!(pieces(&words, Detokenizer::new(&words), &broken), ["", "", "\u{fffd}a", "\u{fffd}", "", "\u{fffd}"]);
}

#[test]
fn the_space_that_nobody_wrote_is_left_out() {
    let words = load(&sentences(&[(" a", -1.0), (" ", -1.0)], &[("<|x|>", 3), ("<y>", 4)]));
    let ids = fixture::text(&words, "a a");
    assert_eq!(pieces(&words, Detokenizer::new(&words), &ids).concat(), "a a");
    // Behind text it was meant, behind a mark it was not.
    for (before, expected) in [(&ids[..], " a"), (&[1][..], "a"), (&[][..], "a"), (&[1, 259, 261][..], "a")] {
        assert_eq!(pieces(&words, Detokenizer::after(&words, before), &[259]).concat(), expected, "{before:?}");
    }
}

#[test]
fn marks_say_nothing() {
    let words = load(&byte_pairs("gpt-2", &[], &[("<|x|>", 3), ("<table>", 4), ("<|think|>", 4), ("", 5)]));
    let ids = [97, 256, 257, 258, 259, 5000, 98];
    assert_eq!(pieces(&words, Detokenizer::new(&words), &ids).concat(), "a<table><|think|>b");
}
