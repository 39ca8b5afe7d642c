//! PDFs written here, whole and broken.

use crate::domain::{BlockKind, Manuscript};
use crate::read::{Limits, Problem, ReadError, parse};

/// A PDF with these content streams, one a page, and a font the format itself brings.
fn pdf(pages: &[String]) -> Vec<u8> {
    written(&objects(pages))
}

fn objects(pages: &[String]) -> Vec<String> {
    let kids: String = (0..pages.len()).map(|page| format!("{} 0 R ", 4 + page * 2)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Count {} /Kids [{kids}] >>", pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    for (page, content) in pages.iter().enumerate() {
        let content_at = 5 + page * 2;
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {content_at} 0 R \
             /Resources << /Font << /F 3 0 R >> >> >>"
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    objects
}

fn written(objects: &[String]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        offsets.push(out.len());
        // One byte a character, as the font's encoding has it.
        out.extend(format!("{number} 0 obj\n").bytes());
        out.extend(object.chars().map(|c| u8::try_from(u32::from(c)).unwrap()));
        out.extend(b"\nendobj\n");
    }
    let xref = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    offsets.iter().for_each(|offset| out.extend(format!("{offset:010} 00000 n \n").bytes()));
    out.extend(format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF", objects.len() + 1).bytes());
    out
}

/// Text at a place: points from the left and from the bottom.
fn show(size: u32, x: u32, y: u32, text: &str) -> String {
    format!("BT /F {size} Tf {x} {y} Td ({text}) Tj ET\n")
}

fn read(bytes: &[u8]) -> Result<Manuscript, ReadError> {
    parse("a.pdf", bytes, &Limits::default())
}

fn blocks(pages: &[String]) -> Vec<(BlockKind, u32, String)> {
    let manuscript = read(&pdf(pages)).unwrap();
    let block = |block: &crate::domain::Block| {
        (block.kind, block.place.page.unwrap(), manuscript.text[block.range.clone()].to_owned())
    };
    manuscript.blocks.iter().map(block).collect()
}

#[test]
fn lines_become_headings_and_paragraphs() {
    let page = show(20, 50, 750, "The lung")
        + &show(10, 50, 720, "The lung takes in air and gives off what the blood brings back from the mus-")
        + &show(10, 50, 708, "cles, and the funci\u{f3}n is called respiration.")
        + &show(10, 50, 670, "A new paragraph stands apart.");
    let expected = [
        (BlockKind::Heading(1), "The lung"),
        (
            BlockKind::Paragraph,
            "The lung takes in air and gives off what the blood brings back from the muscles, and the función is called respiration.",
        ),
        (BlockKind::Paragraph, "A new paragraph stands apart."),
    ];
    assert_eq!(blocks(&[page]), expected.map(|(kind, text)| (kind, 1, text.to_owned())));
}

#[test]
fn a_sentence_goes_on_over_the_page() {
    let first = show(10, 50, 720, "This sentence begins on the first page of the two, where it fills two lines,")
        + &show(10, 50, 708, "and it goes on, as sentences will do, on the page that comes");
    let second = show(10, 50, 720, "after it, where it ends.");
    let found = blocks(&[first, second]);
    assert_eq!(found.len(), 1);
    assert!(found[0].2.ends_with("on the page that comes after it, where it ends."));
}

#[test]
fn two_columns_are_not_mixed() {
    let line = |side: &str, row: u32| format!("{side}{row} some words that fill the line of a column");
    let page: String = (0..8)
        .map(|row| {
            show(10, 50, 700 - row * 12, &line("left", row)) + &show(10, 310, 700 - row * 12, &line("right", row))
        })
        .collect();
    let manuscript = read(&pdf(&[page])).unwrap();
    assert!(manuscript.text.find("left7").unwrap() < manuscript.text.find("right0").unwrap());
}

#[test]
fn rows_of_a_table_stay_rows() {
    let row = |y: u32, cells: [&str; 3]| -> String {
        cells.iter().zip([50, 200, 350]).map(|(cell, x)| show(10, x, y, cell)).collect()
    };
    let page = row(700, ["Drug", "Dose", "Route"]) + &row(688, ["Aspirin", "100 mg", "oral"]);
    let found: Vec<String> = blocks(&[page]).into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(found, ["Drug; Dose; Route", "Aspirin; 100 mg; oral"]);
}

#[test]
fn fat_letters_are_read_once_and_small_ones_all() {
    let page = show(10, 50, 700, "shadow") + &show(10, 50, 700, "shadow") + &show(1, 50, 600, "all still illicit");
    let found: Vec<String> = blocks(&[page]).into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(found, ["shadow", "all still illicit"]);
}

#[test]
fn a_page_without_text_is_said_to_be_a_scan() {
    let error = read(&pdf(&["0 0 100 100 re f".to_owned()])).unwrap_err();
    assert_eq!(error.to_string(), "cannot read a.pdf: the pdf holds no text (a scan?)");
}

#[test]
fn endless_drawing_is_stopped() {
    let page = show(10, 50, 700, "word").repeat(200);
    let limits = Limits { drawing_steps: 200, ..Limits::default() };
    let error = parse("a.pdf", &pdf(&[page]), &limits).unwrap_err();
    assert!(matches!(error.problem, Problem::TooMuchWork(_)));
}

#[test]
fn drawings_that_double_in_drawings_are_stopped() {
    let mut objects = objects(&["/X Do /X Do".to_owned()]);
    objects[3] = objects[3].replace("/Font", "/XObject << /X 6 0 R >> /Font");
    for number in 6..40 {
        objects.push(format!(
            "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {} 0 R >> >> /Length 11 >>\n\
             stream\n/X Do /X Do\nendstream",
            number + 1
        ));
    }
    let limits = Limits { drawing_steps: 100_000, ..Limits::default() };
    let error = parse("a.pdf", &written(&objects), &limits).unwrap_err();
    assert!(matches!(error.problem, Problem::TooMuchWork(_)), "{error}");
}

#[test]
fn cut_anywhere_it_is_read_or_refused() {
    let whole = pdf(&[show(10, 50, 700, "The words of the page")]);
    let mut rescued = 0;
    for end in 0..whole.len() {
        rescued += usize::from(read(&whole[..end]).is_ok_and(|found| found.text.contains("words of the page")));
    }
    // Without its table of contents at the end, a PDF can still be searched for its objects.
    assert!(rescued > 100, "{rescued}");
}

#[test]
fn flipped_bits_do_no_harm() {
    let whole = pdf(&[show(10, 50, 700, "The words of the page"), show(10, 50, 700, "Another page")]);
    let mut state = 7u32;
    for _ in 0..400 {
        let mut broken = whole.clone();
        for _ in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (state >> 8) as usize % broken.len();
            broken[at] ^= 1 << (state >> 29);
        }
        if let Err(error) = read(&broken) {
            assert!(!error.to_string().is_empty());
        }
    }
}
