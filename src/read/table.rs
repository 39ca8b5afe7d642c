//! How does a row of cells read as a sentence? `header: value; header: value`, where the table has a header.

/// Joins one row. Cells without a header of their own stand alone; empty cells are left out.
pub(super) fn row_text(header: &[String], cells: &[impl AsRef<str>]) -> String {
    let mut out = String::new();
    for (at, cell) in cells.iter().enumerate() {
        let cell = cell.as_ref().trim();
        if cell.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push_str("; ");
        }
        if let Some(name) = header.get(at).map(|name| name.trim().trim_end_matches(':')).filter(|name| !name.is_empty())
        {
            out.push_str(name);
            out.push_str(": ");
        }
        out.push_str(cell);
    }
    out
}

/// Whether the first of these rows names the columns of the others.
pub(super) fn has_header<'r>(mut rows: impl Iterator<Item = &'r [String]>) -> bool {
    let Some(first) = rows.next() else { return false };
    let filled = first.iter().filter(|cell| !cell.trim().is_empty()).count();
    if filled < 2 || filled * 2 < first.len() || first.iter().any(|cell| is_value(cell) || cell.chars().count() > 80) {
        return false;
    }
    let repeated = first
        .iter()
        .enumerate()
        .any(|(at, cell)| !cell.trim().is_empty() && first[..at].iter().any(|other| other.eq_ignore_ascii_case(cell)));
    !repeated && rows.next().is_some()
}

/// The first of these rows, if it names the columns of the others. `marked` says that the document itself calls it so.
pub(super) fn header(rows: &[Vec<String>], marked: bool) -> &[String] {
    // Two columns of words may as well be names and values, side by side.
    let values = || rows.iter().skip(1).any(|row| row.get(1).is_some_and(|cell| is_value(cell)));
    let looks = || (rows.iter().any(|row| row.len() > 2) || values()) && has_header(rows.iter().map(Vec::as_slice));
    match rows {
        [first, _, ..] if marked && first.iter().all(|cell| cell.len() <= LONG_HEADER) => first,
        [first, _, ..] if looks() => first,
        _ => &[],
    }
}

/// What is longer than this is a text, and would be repeated in every row.
const LONG_HEADER: usize = 200;

/// Numbers, dates, amounts, links: what stands in rows, hardly ever in headers. Years do name columns.
pub(super) fn is_value(cell: &str) -> bool {
    let cell = cell.trim();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    if digits == 4 && cell.len() == 4 && (cell.starts_with("19") || cell.starts_with("20")) {
        return false;
    }
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    (digits > 0 && letters <= 3 && !cell.starts_with(char::is_alphabetic))
        || cell.contains("://")
        || (cell.contains('@') && cell.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(cells: &[&str]) -> Vec<String> {
        cells.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_row_reads_as_a_sentence() {
        let header = strings(&["Drug", "Dose:", ""]);
        assert_eq!(
            row_text(&header, &strings(&["aspirin", " 100 mg ", "daily", "extra"])),
            "Drug: aspirin; Dose: 100 mg; daily; extra"
        );
        assert_eq!(row_text(&header, &strings(&["", "5 mg"])), "Dose: 5 mg");
        assert_eq!(row_text(&[], &strings(&["a", "b"])), "a; b");
    }

    #[test]
    fn two_columns_of_words_have_no_header_unless_it_is_marked() {
        let rows = |rows: &[[&str; 2]]| rows.iter().map(|row| strings(row)).collect::<Vec<_>>();
        let words = rows(&[["Name", "Ana"], ["City", "Lima"]]);
        assert!(header(&words, false).is_empty());
        assert_eq!(header(&words, true), ["Name", "Ana"]);
        assert_eq!(header(&rows(&[["Drug", "Dose"], ["A", "5 mg"]]), false), ["Drug", "Dose"]);
        let long = "x".repeat(500);
        assert!(header(&rows(&[["Name", &long], ["City", "Lima"]]), true).is_empty());
    }

    #[test]
    fn a_header_names_and_does_not_count() {
        let check = |rows: &[&[&str]]| {
            let rows: Vec<Vec<String>> = rows.iter().map(|row| strings(row)).collect();
            has_header(rows.iter().map(Vec::as_slice))
        };
        assert!(check(&[&["name", "age"], &["Ana", "31"]]));
        assert!(check(&[&["Product", "Q1", "Q2"], &["Pens", "5", "6"]]));
        assert!(check(&[&["country", "2021", "2022"], &["Peru", "1", "2"]]));
        assert!(!check(&[&["Ana", "31"], &["Luis", "40"]]));
        assert!(!check(&[&["a", "a"], &["b", "c"]]));
        assert!(!check(&[&["only", "one row"]]));
        assert!(!check(&[&["2024-01-02", "x"], &["2024-01-03", "y"]]));
    }
}
