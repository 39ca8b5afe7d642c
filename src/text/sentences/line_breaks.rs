//! Is this line break the end of a sentence, or only the edge of the page?

/// Lines of a text as they are come upon, in order.
pub(super) struct Lines<'a> {
    text: &'a str,
    start: usize,
    paragraph: usize,
    /// Of the lines of the paragraph, in bytes; found out when first needed.
    width: Option<usize>,
}

/// Below this width the lines are items of a list or verses: running text is set wider.
const NARROW: usize = 40;

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Lines<'a> {
        Lines { text, start: 0, paragraph: 0, width: None }
    }

    /// Whether the line break at `at` ends a sentence. `next` is where the text goes on.
    pub(super) fn ends_at(&mut self, at: usize, next: usize) -> bool {
        let line = self.text[self.start..at].trim();
        self.start = next;
        let is_blank_between = self.text.as_bytes()[at + 1..next].contains(&b'\n');
        if is_blank_between {
            (self.paragraph, self.width) = (next, None);
            return true;
        }
        let rest = &self.text[next..];
        if begins_item(rest) || line.starts_with('#') || line.ends_with('|') {
            return true;
        }
        let first = rest.chars().take(4).find(|c| c.is_alphanumeric());
        let Some(first) = first.filter(|c| !c.is_lowercase()) else { return false };
        if line.ends_with([',', ';', '-', '\u{ad}']) {
            return false;
        }
        let width = self.width();
        if !first.is_uppercase() && !first.is_numeric() {
            // No capitals in this script: only a clearly short line tells.
            return line.len() * 2 < width;
        }
        // Had the sentence gone on, its next word would have stood on this line.
        let word = rest.bytes().take(width).take_while(|b| !b.is_ascii_whitespace()).count();
        line.ends_with(':') || width < NARROW || (line.len() + 1 + word) * 4 < width * 3
    }

    /// The longest line of the paragraph.
    fn width(&mut self) -> usize {
        let rest = &self.text[self.paragraph..];
        let lines = || rest.split('\n').map(|line| line.trim().len());
        *self.width.get_or_insert_with(|| lines().take_while(|&width| width > 0).max().unwrap_or(0))
    }
}

/// A bullet, a dash of speech, a table's bar, a markdown heading, or a short number or letter with `.` or `)`.
fn begins_item(rest: &str) -> bool {
    let mut chars = rest.chars();
    let (Some(first), second) = (chars.next(), chars.next()) else { return false };
    if first.is_lowercase() && second.is_some_and(char::is_alphabetic) {
        return false;
    }
    match first {
        '•' | '◦' | '▪' | '●' | '‣' | '·' | '|' | '—' => true,
        '-' | '*' | '+' | '–' | '>' => second.is_some_and(char::is_whitespace),
        '#' => second.is_some_and(|c| c == '#' || c.is_whitespace()),
        _ => {
            let label = rest.bytes().take(3).take_while(u8::is_ascii_alphanumeric).count();
            let is_number = rest.bytes().take(label).all(|b| b.is_ascii_digit());
            let mut behind = rest[label..].chars();
            let mark = behind.next();
            let is_spaced = behind.next().is_some_and(char::is_whitespace);
            is_spaced
                && ((label == 1 || label == 2 && is_number) && mark == Some(')')
                    || label > 0 && label < 3 && is_number && mark == Some('.'))
        }
    }
}
