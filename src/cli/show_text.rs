//! Other people's text on a terminal: nothing in it may move the cursor, hide or reorder what stands there.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

/// Without control characters and direction overrides; line ends and tabs stay.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_harmful) {
        Cow::Owned(text.chars().filter(|&c| !is_harmful(c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// On one line, with single spaces.
pub(super) fn one_line(text: &str) -> String {
    harmless(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cut to so many columns, with an ellipsis.
pub(super) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.width() <= columns {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if kept.width() >= columns {
            kept.pop();
            break;
        }
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    Cow::Owned(kept)
}

/// `3.4 MB`: three figures at most, as file managers count.
pub(super) fn size(bytes: u64) -> String {
    let mut scaled = bytes as f64;
    for unit in ["B", "kB", "MB", "GB", "TB"] {
        if scaled < 999.5 || unit == "TB" {
            let digits = usize::from(scaled < 9.95 && unit != "B");
            return format!("{scaled:.digits$} {unit}");
        }
        scaled /= 1000.0;
    }
    unreachable!("the last unit takes everything")
}

/// `1 document`, `3 documents`.
pub(super) fn count(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\x1b[2Jb\u{202e}c\u{9b}d\re\tf\n"), "a[2Jbcde\tf\n");
        assert_eq!(one_line(" two\n\nlines\t here "), "two lines here");
    }

    #[test]
    fn cutting_counts_columns_and_not_bytes() {
        assert_eq!(cut("corazón", 7), "corazón");
        assert_eq!(cut("corazón", 5), "cora…");
        assert_eq!(cut("日本語の文書", 6), "日本…");
        assert_eq!(cut("abc def", 5), "abc…");
    }

    #[test]
    fn sizes_have_three_figures_at_most() {
        for (bytes, text) in
            [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (12_345, "12 kB"), (5_000_000_000, "5.0 GB")]
        {
            assert_eq!(size(bytes), text);
        }
    }
}
