//! Running text on a terminal: words that arrive in pieces are wrapped at the window's width.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::screen::{BOLD, MARK};

/// Text may be pushed in any pieces; what is written is the same.
pub(super) struct Flow<'a> {
    out: &'a mut dyn Write,
    /// `None`: nothing is wrapped.
    width: Option<usize>,
    indent: &'static str,
    /// Words that stand out, in lower case.
    marked: &'a [String],
    column: usize,
    spaces: usize,
    word: String,
}

impl<'a> Flow<'a> {
    /// Every line after the first begins with `indent`.
    pub(super) fn new(out: &'a mut dyn Write, width: Option<usize>, indent: &'static str) -> Flow<'a> {
        Flow { out, width, indent, marked: &[], column: 0, spaces: 0, word: String::new() }
    }

    /// Says that something of this width already stands on the line.
    pub(super) fn after(mut self, columns: usize) -> Flow<'a> {
        self.column = columns;
        self
    }

    pub(super) fn marking(mut self, words: &'a [String]) -> Flow<'a> {
        self.marked = words;
        self
    }

    /// What was pushed so far is seen now, but for a word that may go on.
    pub(super) fn show(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    pub(super) fn push(&mut self, text: &str) -> io::Result<()> {
        for c in text.chars() {
            match c {
                '\n' => {
                    self.set_word()?;
                    self.break_line()?;
                }
                // Breaks at spaces only: a no-break space holds words together.
                ' ' | '\t' => {
                    self.set_word()?;
                    self.spaces += 1;
                }
                c => {
                    self.word.push(c);
                    // Scripts without spaces may break after any wide character.
                    if c.width() == Some(2) {
                        self.set_word()?;
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.set_word()
    }

    fn break_line(&mut self) -> io::Result<()> {
        writeln!(self.out)?;
        write!(self.out, "{}", self.indent)?;
        self.column = self.indent.len();
        self.spaces = 0;
        Ok(())
    }

    fn set_word(&mut self) -> io::Result<()> {
        if self.word.is_empty() {
            return Ok(());
        }
        let word = std::mem::take(&mut self.word);
        let columns = word.width();
        let full = self.width.is_some_and(|width| self.column + self.spaces + columns > width);
        if full && self.column > self.indent.len() {
            self.break_line()?;
        }
        write!(self.out, "{:1$}", "", self.spaces)?;
        self.column += self.spaces + columns;
        self.spaces = 0;
        let plain = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if self.marked.contains(&plain) {
            return write!(self.out, "{BOLD}{word}{BOLD:#}");
        }
        write_marked(self.out, &word)
    }
}

/// Numbers in brackets stand out: they point at the sources.
fn write_marked(out: &mut dyn Write, word: &str) -> io::Result<()> {
    let mut rest = word;
    while let Some((start, end)) = mark(rest) {
        write!(out, "{}{MARK}{}{MARK:#}", &rest[..start], &rest[start..end])?;
        rest = &rest[end..];
    }
    write!(out, "{rest}")
}

fn mark(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find('[')?;
        let end = start + text[start..].find(']')?;
        let digits = &text[start + 1..end];
        if !digits.is_empty() && digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some((start, end + 1));
        }
        from = start + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(pieces: &[&str], width: Option<usize>) -> String {
        let mut out = Vec::new();
        let mut flow = Flow::new(&mut out, width, "");
        for piece in pieces {
            flow.push(piece).unwrap();
        }
        flow.finish().unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn lines_end_between_words() {
        assert_eq!(wrapped(&["one two three four"], Some(9)), "one two\nthree\nfour");
        assert_eq!(wrapped(&["one two three four"], None), "one two three four");
        assert_eq!(wrapped(&["a verylongwordindeed b"], Some(6)), "a\nverylongwordindeed\nb");
    }

    #[test]
    fn pieces_do_not_matter() {
        let text = "The cell [1] divides. 细胞分裂 [2].\n\nThen  it rests.";
        let whole = wrapped(&[text], Some(12));
        let letters: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(wrapped(&letters.iter().map(String::as_str).collect::<Vec<_>>(), Some(12)), whole);
        assert!(whole.lines().all(|line| line.width() <= 12), "{whole}");
    }

    #[test]
    fn scripts_without_spaces_break_anywhere() {
        assert_eq!(wrapped(&["细胞分裂之后"], Some(6)), "细胞分\n裂之后");
    }

    #[test]
    fn only_citation_numbers_are_marks() {
        assert_eq!(mark("so.[12]"), Some((3, 7)));
        assert_eq!(mark("[a][3]"), Some((3, 6)));
        assert_eq!(mark("f[x]"), None);
        assert_eq!(mark("[1"), None);
    }
}
