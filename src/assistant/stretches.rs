//! Which stretches of a chunk are embedded one by one: as few as fit what the embedder reads at once, of like length,
//! cut between sentences.

use std::ops::Range;

use crate::domain::Language;
use crate::inference::Embedder;
use crate::text::sentences;

/// At least one; together they hold every sentence of the chunk.
pub(super) fn stretches(text: &str, language: Language, embedder: &dyn Embedder) -> Vec<String> {
    let limit = embedder.max_tokens().max(1);
    let tokens = embedder.count_tokens(text);
    if tokens <= limit {
        return vec![text.to_owned()];
    }
    let mut pieces: Vec<(Range<usize>, usize)> = Vec::new();
    for sentence in sentences(text, language) {
        halve(text, sentence, limit, embedder, &mut pieces);
    }
    // Even parts: what is left over after filling the first would be a few words without their context.
    let parts = tokens.div_ceil(limit);
    let fair = tokens.div_ceil(parts).min(limit);
    let mut packed: Vec<(Range<usize>, usize)> = Vec::new();
    for (range, size) in pieces {
        match packed.last_mut() {
            Some((last, sum)) if *sum + size <= limit && *sum + size / 2 <= fair => {
                last.end = range.end;
                *sum += size;
            }
            _ => packed.push((range, size)),
        }
    }
    let mut whole = Vec::new();
    for (range, _) in packed {
        // Tokens of the parts need not add up to those of the whole.
        halve(text, range, limit, embedder, &mut whole);
    }
    if whole.is_empty() {
        return vec![text.to_owned()];
    }
    whole.into_iter().map(|(range, _)| text[range].to_owned()).collect()
}

/// The range with its tokens, in halves of halves where it has more than `limit`.
fn halve(
    text: &str,
    range: Range<usize>,
    limit: usize,
    embedder: &dyn Embedder,
    pieces: &mut Vec<(Range<usize>, usize)>,
) {
    let piece = &text[range.clone()];
    let size = embedder.count_tokens(piece);
    let Some(middle) = (size > limit).then(|| middle(piece)).flatten() else {
        if !piece.trim().is_empty() {
            pieces.push((range, size));
        }
        return;
    };
    halve(text, range.start..range.start + middle, limit, embedder, pieces);
    halve(text, range.start + middle..range.end, limit, embedder, pieces);
}

/// The space next to the middle, or where there is none, the middle. Nothing where one character is left.
fn middle(piece: &str) -> Option<usize> {
    let half = piece.floor_char_boundary(piece.len() / 2);
    let behind = half + piece[half..].chars().next().map_or(0, char::len_utf8);
    let before = piece[..behind].rfind(char::is_whitespace).filter(|&at| at > piece.len() / 4);
    let after = || piece[half..].find(char::is_whitespace).map(|at| half + at).filter(|&at| at < piece.len() * 3 / 4);
    let at = before.or_else(after).unwrap_or(half);
    let at = if at == 0 { piece.chars().next().map_or(0, char::len_utf8) } else { at };
    (at > 0 && at < piece.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::assistant::fake::FakeEmbedder;

    fn cut(text: &str, limit: usize) -> Vec<String> {
        stretches(text, Language::English, &FakeEmbedder::new().reading(limit))
    }

    #[test]
    fn what_fits_is_one() {
        assert_eq!(cut("One two three.", 3), ["One two three."]);
        assert_eq!(cut("", 3), [""]);
        assert_eq!(cut(" \n ", 3), [" \n "]);
    }

    #[test]
    fn cuts_fall_between_sentences_and_parts_are_alike() {
        let text = "One two three four. Five six seven eight. Nine ten eleven twelve. And then one more.";
        assert_eq!(
            cut(text, 14),
            ["One two three four. Five six seven eight.", "Nine ten eleven twelve. And then one more."]
        );
    }

    #[test]
    fn a_sentence_that_is_too_long_is_cut_between_words_and_a_word_between_letters() {
        assert_eq!(cut("a b c d e f g h", 4), ["a b c d", " e f g h"]);
        let long = "x".repeat(90);
        assert_eq!(cut(&long, 2).concat(), long);
    }

    proptest! {
        #[test]
        fn every_stretch_fits_and_no_letter_is_lost(text in "([a-zñ字]{1,30}|[ .!?\n]|[A-Z]){0,120}", limit in 1usize..12) {
            let embedder = FakeEmbedder::new().reading(limit);
            let pieces = stretches(&text, Language::English, &embedder);
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&pieces.concat()), letters(&text));
            prop_assert!(!pieces.is_empty());
            for piece in &pieces {
                prop_assert!(embedder.count_tokens(piece) <= limit || piece.chars().count() == 1, "{:?}", piece);
            }
        }
    }
}
