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

/// The rows of a small table as text. `marked` says that the document itself calls the first row a header.
pub(super) fn rows_text(rows: &[Vec<String>], marked: bool) -> Vec<String> {
    let all = || rows.iter().map(Vec::as_slice);
    // Two columns of words may as well be names and values, side by side.
    let wide =
        rows.iter().any(|row| row.len() > 2) || rows.iter().skip(1).any(|row| row.get(1).is_some_and(|c| is_value(c)));
    let header = if rows.len() > 1 && (marked || (wide && has_header(all()))) { rows[0].as_slice() } else { &[] };
    rows[usize::from(!header.is_empty())..].iter().map(|row| row_text(header, row)).collect()
}

/// Numbers, dates, amounts, links: what stands in rows, hardly ever in headers. Years do name columns.
pub(super) fn is_value(cell: &str) -> bool {
    let cell = cell.trim();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    if digits == 4 && cell.len() == 4 && (cell.starts_with("19") || cell.starts_with("20")) {
        return false;
    }
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    (digits > 0 && letters <= 3 && digits >= letters)
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
    fn a_header_names_and_does_not_count() {
        let check = |rows: &[&[&str]]| {
            let rows: Vec<Vec<String>> = rows.iter().map(|row| strings(row)).collect();
            has_header(rows.iter().map(Vec::as_slice))
        };
        assert!(check(&[&["name", "age"], &["Ana", "31"]]));
        assert!(check(&[&["country", "2021", "2022"], &["Peru", "1", "2"]]));
        assert!(!check(&[&["Ana", "31"], &["Luis", "40"]]));
        assert!(!check(&[&["a", "a"], &["b", "c"]]));
        assert!(!check(&[&["only", "one row"]]));
        assert!(!check(&[&["2024-01-02", "x"], &["2024-01-03", "y"]]));
    }
}
