//! Passages and answers for people: wrapped, numbered, with the place they come from.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::flow::Flow;
use super::screen::{BOLD, DIM, MARK};
use super::show_text::{cut, one_line};
use crate::domain::{Citation, Passage, Place};

const INDENT: &str = "    ";
/// A citation shows where to look, not everything that stands there.
const LONGEST_QUOTE: usize = 240;
/// Of a passage in a list.
const LONGEST_PASSAGE: usize = 600;

/// `1. Title · page 3`, the text with the query's words marked, and the file.
pub(super) fn passage(
    out: &mut dyn Write,
    width: Option<usize>,
    rank: usize,
    passage: &Passage,
    words: &[String],
) -> io::Result<()> {
    let head = heading(&passage.title, &passage.place);
    writeln!(out, "{MARK}{rank}.{MARK:#} {BOLD}{head}{BOLD:#}  {DIM}{:.3}{DIM:#}", passage.score)?;
    write!(out, "{INDENT}")?;
    let text = one_line(&passage.text);
    let text = cut(&text, LONGEST_PASSAGE);
    let mut flow = Flow::new(out, width, INDENT).after(INDENT.len()).marking(words);
    flow.push(&text)?;
    flow.finish()?;
    writeln!(out, "\n{INDENT}{DIM}{} · {}{DIM:#}\n", passage.document, one_line(&passage.source))
}

/// `[1] Title · page 3 — “quote”`.
pub(super) fn citations(out: &mut dyn Write, width: Option<usize>, citations: &[Citation]) -> io::Result<()> {
    for citation in citations {
        let number = format!("[{}] ", citation.n);
        let head = heading(&citation.title, &citation.place);
        write!(out, "{MARK}{number}{MARK:#}{BOLD}{head}{BOLD:#}")?;
        let quote = one_line(&citation.quote);
        let mut flow = Flow::new(out, width, INDENT).after(number.width() + head.width());
        flow.push(&format!(" — “{}”", cut(&quote, LONGEST_QUOTE)))?;
        flow.finish()?;
        writeln!(out)?;
    }
    Ok(())
}

fn heading(title: &str, place: &Place) -> String {
    let title = one_line(title);
    if place.is_unknown() { title } else { format!("{title} · {}", one_line(&place.to_string())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DocumentId;

    fn shown(width: Option<usize>) -> String {
        let citation = Citation {
            n: 2,
            document: DocumentId::new("abc"),
            source: "/notes/heart.pdf".into(),
            title: "The heart\x1b[31m".into(),
            place: Place::page(3),
            quote: "It beats about 100,000 times\na day.".into(),
            score: 1.0,
        };
        let mut out = Vec::new();
        citations(&mut out, width, &[citation]).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn a_citation_is_one_line_where_it_fits() {
        assert_eq!(shown(None), "[2] The heart[31m · page 3 — “It beats about 100,000 times a day.”\n");
    }

    #[test]
    fn a_long_citation_goes_on_under_its_title() {
        let text = shown(Some(40));
        assert!(text.lines().skip(1).all(|line| line.starts_with(INDENT)), "{text}");
        assert!(text.lines().count() == 2 && text.lines().all(|line| line.width() <= 40), "{text}");
    }
}
