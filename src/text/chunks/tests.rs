//! Chunks as a reader would cut them, and what holds for any manuscript, limit and measure.

use proptest::prelude::*;

use super::*;
use crate::domain::{Block, BlockKind, BlockKind::*, Chunk, Format, Language, Manuscript, Place};
use crate::text::count_words;

/// Blocks separated by an empty line, each with the line it begins on.
fn manuscript(blocks: &[(BlockKind, &str)]) -> Manuscript {
    let mut text = String::new();
    let mut found = Vec::new();
    for (kind, block) in blocks {
        let line = 1 + text.matches('\n').count() as u32;
        found.push(Block { range: text.len()..text.len() + block.len(), kind: *kind, place: Place::line(line) });
        text.push_str(block);
        text.push_str("\n\n");
    }
    Manuscript { title: None, format: Format::Text, text, blocks: found }
}

fn chunks(manuscript: &Manuscript, limit: usize, overlap: usize) -> Vec<Chunk> {
    cut(manuscript, Language::Spanish, &Cut { limit, overlap }, &count_words)
}

#[track_caller]
fn check(blocks: &[(BlockKind, &str)], limit: usize, overlap: usize, expected: &[&str]) {
    let manuscript = manuscript(blocks);
    let chunks = chunks(&manuscript, limit, overlap);
    let found: Vec<&str> = chunks.iter().map(|chunk| &manuscript.text[chunk.range.clone()]).collect();
    assert_eq!(found, expected);
}

#[test]
fn small_blocks_of_a_section_share_a_chunk() {
    check(&[(Paragraph, "uno dos"), (ListItem, "tres"), (TableRow, "a: 4")], 10, 3, &["uno dos\n\ntres\n\na: 4"]);
    check(&[(Paragraph, "uno dos"), (Paragraph, "tres cuatro")], 3, 0, &["uno dos", "tres cuatro"]);
    check(&[], 10, 3, &[]);
    check(&[(Paragraph, "  \n ")], 10, 3, &[]);
}

#[test]
fn a_heading_stays_with_what_it_heads() {
    let blocks =
        [(Heading(1), "Uno"), (Paragraph, "a b c"), (Heading(2), "Dos"), (Paragraph, "d e f"), (Paragraph, "g h i")];
    check(&blocks, 100, 0, &["Uno\n\na b c", "Dos\n\nd e f\n\ng h i"]);
    check(&blocks, 4, 0, &["Uno\n\na b c", "Dos\n\nd e f", "g h i"]);
    check(&[(Heading(1), "Uno"), (Heading(2), "Dos"), (Paragraph, "a")], 9, 0, &["Uno\n\nDos\n\na"]);
    check(&[(Paragraph, "a"), (Heading(2), "Fin")], 9, 0, &["a", "Fin"]);
    check(&[(Heading(1), "Uno"), (Paragraph, "a b. c d. e f. g h.")], 5, 0, &["Uno\n\na b. c d.", "e f. g h."]);
}

#[test]
fn a_chunk_knows_the_headings_above_it() {
    let manuscript = manuscript(&[
        (Paragraph, "antes"),
        (Heading(1), "Cálculo\n integral"),
        (Heading(3), "Área"),
        (Paragraph, "a"),
        (Heading(2), "Límite"),
        (Paragraph, "b"),
        (Heading(1), "Anexo"),
        (Paragraph, "c"),
    ]);
    let paths: Vec<String> = chunks(&manuscript, 50, 0).iter().map(|chunk| chunk.headings.join(" > ")).collect();
    assert_eq!(paths, ["", "Cálculo integral > Área", "Cálculo integral > Límite", "Anexo"]);
}

#[test]
fn a_heading_is_never_too_long_to_repeat() {
    let manuscript = manuscript(&[(Heading(1), &"título ".repeat(10_000)), (Paragraph, "a")]);
    let chunks = chunks(&manuscript, 50, 0);
    assert!(chunks.iter().all(|chunk| chunk.headings[0].chars().count() <= 161));
}

#[test]
fn a_long_paragraph_is_cut_between_sentences_into_like_parts() {
    let sentence = "Esta frase tiene exactamente diez palabras, ni una de más. ";
    let text = sentence.repeat(26);
    let manuscript = manuscript(&[(Paragraph, &text)]);
    let found = chunks(&manuscript, 220, 40);
    let sizes: Vec<usize> = found.iter().map(|chunk| count_words(&manuscript.text[chunk.range.clone()])).collect();
    assert_eq!(sizes, [150, 150]);
    assert_eq!(found[0].range.end - found[1].range.start, sentence.len() * 4 - 1);
}

#[test]
fn no_stub_is_left_where_it_can_be_avoided() {
    let (big, half) = ("a ".repeat(218), "b ".repeat(110));
    let blocks = [(Paragraph, half.as_str()), (Paragraph, &half), (Paragraph, "c c c"), (Paragraph, &big)];
    let manuscript = manuscript(&blocks);
    let sizes: Vec<usize> =
        chunks(&manuscript, 220, 40).iter().map(|chunk| count_words(&manuscript.text[chunk.range.clone()])).collect();
    assert_eq!(sizes, [110, 113, 218]);
}

#[test]
fn only_prose_overlaps() {
    let text = "Uno dos. Tres cuatro. Cinco seis. Siete ocho.";
    check(&[(Paragraph, text)], 6, 2, &["Uno dos. Tres cuatro.", "Tres cuatro. Cinco seis. Siete ocho."]);
    check(&[(TableRow, text)], 6, 2, &["Uno dos. Tres cuatro.", "Cinco seis. Siete ocho."]);
    check(&[(Code, "a b\n  c d\ne f\n\ng h")], 4, 2, &["a b\n  c d", "e f\n\ng h"]);
}

#[test]
fn code_keeps_its_indentation() {
    check(&[(Code, "    a b\n    c d\n    e f g")], 4, 0, &["    a b\n    c d", "    e f g"]);
}

#[test]
fn a_long_sentence_is_cut_between_words() {
    check(&[(Paragraph, "uno dos tres cuatro cinco seis")], 4, 2, &["uno dos tres", "cuatro cinco seis"]);
    let blob = "x".repeat(1000);
    let manuscript = manuscript(&[(Paragraph, &blob)]);
    assert!(chunks(&manuscript, 10, 2).iter().all(|chunk| chunk.range.len() <= 120));
}

#[test]
fn a_chunk_begins_where_it_says() {
    let manuscript = manuscript(&[
        (Paragraph, "Uno."),
        (Paragraph, "Dos tres.\nCuatro cinco.\n\nSeis siete."),
        (Code, "a b\nc d\ne f"),
    ]);
    let lines: Vec<Option<u32>> = chunks(&manuscript, 2, 0).iter().map(|chunk| chunk.place.line).collect();
    assert_eq!(lines, [Some(1), Some(3), Some(4), Some(6), Some(8), Some(9), Some(10)]);

    let text = "Uno dos tres.\x0cCuatro cinco.".to_owned();
    let block = Block { range: 0..text.len(), kind: Paragraph, place: Place::page(7) };
    let manuscript = Manuscript { title: None, format: Format::Pdf, text, blocks: vec![block] };
    let pages: Vec<Option<u32>> = chunks(&manuscript, 3, 0).iter().map(|chunk| chunk.place.page).collect();
    assert_eq!(pages, [Some(7), Some(8)]);
}

#[test]
fn slides_and_sheets_are_not_mixed_and_pages_seldom() {
    let long = "a ".repeat(60);
    let mut manuscript = manuscript(&[(Paragraph, &long), (Paragraph, &long), (Paragraph, "b")]);
    let sizes = |manuscript: &Manuscript| {
        let sizes: Vec<usize> =
            chunks(manuscript, 220, 40).iter().map(|c| count_words(&manuscript.text[c.range.clone()])).collect();
        sizes
    };
    assert_eq!(sizes(&manuscript), [121]);
    for (n, block) in manuscript.blocks.iter_mut().enumerate() {
        block.place = Place::page(n as u32);
    }
    assert_eq!(sizes(&manuscript), [60, 61]);
    for (n, block) in manuscript.blocks.iter_mut().enumerate() {
        block.place = Place { slide: Some(n as u32), ..Place::default() };
    }
    assert_eq!(sizes(&manuscript), [60, 60, 1]);
}

#[test]
fn a_measure_that_counts_its_own_marks_leaves_no_room_unused() {
    let manuscript = manuscript(&[(Paragraph, &"Una frase de seis palabras hay. ".repeat(40))]);
    let measure = |text: &str| count_words(text) + 2;
    let chunks = cut(&manuscript, Language::Spanish, &Cut { limit: 62, overlap: 0 }, &measure);
    assert_eq!(chunks.len(), 4);
}

/// Like a tokenizer: what a text measures is not the sum of its parts, in either direction.
fn crooked(text: &str) -> usize {
    let words = text.split_whitespace().map(|word| word.chars().count().div_ceil(3)).sum::<usize>();
    let breaks = text.matches('\n').count();
    words + 2 * breaks + usize::from(text.len().is_multiple_of(7))
}

fn any_block() -> impl Strategy<Value = (BlockKind, String)> {
    let kind = prop_oneof![
        Just(Paragraph),
        Just(Paragraph),
        Just(ListItem),
        Just(TableRow),
        Just(Code),
        (0..8u8).prop_map(Heading)
    ];
    let piece = prop_oneof![
        8 => "[a-zñ]{1,12} ".boxed(),
        2 => "[A-Z][a-z]{1,5}\\. ".boxed(),
        1 => Just("\n".to_owned()).boxed(),
        1 => Just("。导数是".to_owned()).boxed(),
        1 => "\\PC{1,30}".boxed(),
    ];
    (kind, prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_is_lost_and_nothing_is_over_the_limit(
        blocks in prop::collection::vec(any_block(), 0..14),
        limit in 1..80usize,
        overlap in 0..100usize,
        is_crooked: bool,
    ) {
        let blocks: Vec<(BlockKind, &str)> = blocks.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        let manuscript = manuscript(&blocks);
        let text = &manuscript.text;
        let measure: &dyn Fn(&str) -> usize = if is_crooked { &crooked } else { &count_words };
        let chunks = cut(&manuscript, Language::Spanish, &Cut { limit, overlap }, measure);
        let mut covered = vec![false; text.len()];
        let mut start = 0;
        for (n, chunk) in chunks.iter().enumerate() {
            let piece = &text[chunk.range.clone()];
            prop_assert!(!piece.trim().is_empty());
            prop_assert!(measure(piece) <= limit || piece.chars().count() == 1, "{} in {:?}", measure(piece), piece);
            prop_assert!(n == 0 || chunk.range.start > start);
            start = chunk.range.start;
            let line = 1 + text[..start].matches('\n').count() as u32;
            prop_assert_eq!(chunk.place.line, Some(line));
            covered[chunk.range.clone()].fill(true);
        }
        for (at, c) in text.char_indices() {
            prop_assert!(covered[at] || c.is_whitespace(), "{c:?} at {at} is in no chunk");
        }
    }
}
