//! How does a table in a text file read? Each record is a row of `header: value`.

use ::csv::{ByteRecord, ReaderBuilder};

use super::Problem;
use super::draft::Draft;
use super::formats::Source;
use super::table::{has_header, row_text};
use crate::domain::{BlockKind, Format, Manuscript, Place};

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Records looked at to find the header.
const HEAD: usize = 50;
/// A quoted cell that runs over more than this is an unclosed quote.
const GIANT_CELL: usize = 64 << 10;

pub(super) fn read(source: &Source<'_>) -> Result<Manuscript, Problem> {
    let text = source.text()?;
    let (declared, text) = declared_delimiter(&text);
    let delimiter = declared.unwrap_or_else(|| delimiter(text));
    match rows(text, delimiter, Quotes::Honoured, source)? {
        Some(manuscript) => Ok(manuscript),
        None => rows(text, delimiter, Quotes::Plain, source)?.ok_or(Problem::NoText(Format::Csv)),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Honoured,
    Plain,
}

/// None where a quote was opened and never closed.
fn rows(text: &str, delimiter: u8, quotes: Quotes, source: &Source<'_>) -> Result<Option<Manuscript>, Problem> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(quotes == Quotes::Honoured)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut draft = Draft::new(source.limits);
    let mut head: Vec<(u32, Vec<String>)> = Vec::new();
    let mut header: Option<Vec<String>> = None;
    let mut record = ByteRecord::new();
    let mut number = 0;
    loop {
        let more = reader
            .read_byte_record(&mut record)
            .map_err(|error| Problem::damaged_by(Format::Csv, "its records cannot be told apart", error))?;
        if !more {
            break;
        }
        // The reader skips blank lines, and so do people who count rows.
        number += 1;
        if quotes == Quotes::Honoured && record.iter().any(|cell| cell.len() > GIANT_CELL && cell.contains(&b'\n')) {
            return Ok(None);
        }
        // Delimiters and quotes are single bytes of UTF-8, so cells of UTF-8 are UTF-8.
        let cells: Vec<&str> = record.iter().map(|cell| std::str::from_utf8(cell).unwrap_or_default()).collect();
        match &header {
            Some(header) => push_row(&mut draft, header, number, &cells)?,
            None => {
                head.push((number, cells.into_iter().map(ToOwned::to_owned).collect()));
                if head.len() == HEAD {
                    header = Some(push_head(&mut draft, &head)?);
                }
            }
        }
    }
    if header.is_none() {
        push_head(&mut draft, &head)?;
    }
    draft.finish(Format::Csv).map(Some)
}

/// Pushes the first rows and says what the columns are called. A header may stand below a few lines of preamble.
fn push_head(draft: &mut Draft<'_>, head: &[(u32, Vec<String>)]) -> Result<Vec<String>, Problem> {
    let width = |row: &[String]| row.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
    let usual = usual(head.iter().map(|(_, row)| width(row)));
    let start = head.iter().take(10).position(|(_, row)| width(row) >= usual.max(2)).unwrap_or(0);
    for (number, row) in &head[..start.min(head.len())] {
        let place = Place { row: Some(*number), ..Place::default() };
        draft.push(BlockKind::Paragraph, place, &row_text(&[], row))?;
    }
    let table = &head[start.min(head.len())..];
    let named = has_header(table.iter().map(|(_, row)| row.as_slice()));
    let header = if named { table[0].1.clone() } else { Vec::new() };
    for (number, row) in &table[usize::from(named)..] {
        push_row(draft, &header, *number, row)?;
    }
    Ok(header)
}

fn push_row(draft: &mut Draft<'_>, header: &[String], number: u32, cells: &[impl AsRef<str>]) -> Result<(), Problem> {
    let place = Place { row: Some(number), ..Place::default() };
    draft.push(BlockKind::TableRow, place, &row_text(header, cells))
}

fn usual(counts: impl Iterator<Item = usize>) -> usize {
    let mut counts: Vec<usize> = counts.collect();
    counts.sort_unstable();
    counts.chunk_by(|a, b| a == b).max_by_key(|same| same.len()).map_or(0, |same| same[0])
}

/// Spreadsheet programs write `sep=;` as a first line to tell each other.
fn declared_delimiter(text: &str) -> (Option<u8>, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    match line.trim_end().strip_prefix("sep=").map(str::as_bytes) {
        Some([delimiter]) => (Some(*delimiter), rest),
        Some([]) => (Some(b'\t'), rest),
        _ => (None, text),
    }
}

/// The sign that cuts the first lines into the same number of cells most often.
fn delimiter(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(HEAD).collect();
    let score = |delimiter: u8| {
        let counts: Vec<usize> = lines.iter().map(|line| outside_quotes(line, delimiter)).collect();
        let usual = usual(counts.iter().copied().filter(|count| *count > 0));
        let same = counts.iter().filter(|count| **count == usual && usual > 0).count();
        (same, usual)
    };
    let mut best = (DELIMITERS[0], (0, 0));
    for delimiter in DELIMITERS {
        let score = score(delimiter);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}

fn outside_quotes(line: &str, delimiter: u8) -> usize {
    let (mut quoted, mut count) = (false, 0);
    for byte in line.bytes().take(4096) {
        quoted ^= byte == b'"';
        count += usize::from(!quoted && byte == delimiter);
    }
    count
}

#[cfg(test)]
mod tests {
    use crate::read::{Limits, parse};

    fn rows_of(bytes: impl AsRef<[u8]>) -> Vec<(u32, String)> {
        let manuscript = parse("a.csv", bytes.as_ref(), &Limits::default()).unwrap();
        let row =
            |block: &crate::domain::Block| (block.place.row.unwrap(), manuscript.text[block.range.clone()].to_owned());
        manuscript.blocks.iter().map(row).collect()
    }

    #[test]
    fn each_record_is_a_row_with_its_header() {
        for (delimiter, name) in [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")] {
            let text = "nombre|edad\nAna|31\n\nLuis|40\n".replace('|', delimiter);
            let expected = [(2, "nombre: Ana; edad: 31".to_owned()), (3, "nombre: Luis; edad: 40".to_owned())];
            assert_eq!(rows_of(&text), expected, "{name}");
        }
    }

    #[test]
    fn quotes_ragged_rows_and_preambles() {
        let text = "Report 2024\n\nname,note\n\"Lee, Ann\",\"said \"\"hi\"\"\nthere\"\nBob,x,extra\n";
        let expected = ["Report 2024", "name: Lee, Ann; note: said \"hi\"\nthere", "name: Bob; note: x; extra"];
        assert_eq!(rows_of(text).into_iter().map(|(_, text)| text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_unclosed_quote_does_not_swallow_the_file() {
        let text = format!("a,b\n1,\"open\n{}", "2,closed\n".repeat(20_000));
        assert_eq!(rows_of(text).len(), 20_001);
    }

    #[test]
    fn other_code_pages_and_a_declared_delimiter() {
        assert_eq!(rows_of(b"sep=;\nni\xf1o;a\xf1os\nJos\xe9;3,5\n"), [(2, "niño: José; años: 3,5".to_owned())]);
    }

    #[test]
    fn without_a_header_cells_stand_alone() {
        assert_eq!(rows_of("1,2\n3,4\n")[1], (2, "3; 4".to_owned()));
        assert_eq!(rows_of("just one line"), [(1, "just one line".to_owned())]);
    }
}
