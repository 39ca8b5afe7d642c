//! Which of the characters that stream by are a mark that points at sources: `[1]`, `[1, 2]`, `[Source 3]`.

/// What a stretch of text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Char(char),
    /// The sources that a mark points at, whether there are such or not.
    Mark(Vec<u32>),
}

/// Takes text in any pieces, and holds back what may become a mark.
#[derive(Debug, Default)]
pub(super) struct Marks {
    held: String,
}

/// Longer than any mark.
const LONGEST: usize = 40;
/// `Source`, `documento`: what may stand before the number.
const LONGEST_LABEL: usize = 10;
/// `[1-3]` means three sources, `[1990-2020]` none.
const WIDEST: u32 = 20;
/// There are never so many sources; larger numbers are years.
const LARGEST: u32 = 999;

impl Marks {
    pub(super) fn push(&mut self, c: char, each: &mut impl FnMut(Unit)) {
        if self.held.is_empty() {
            match c {
                '[' | '【' => self.held.push(c),
                c => each(Unit::Char(c)),
            }
            return;
        }
        if matches!(c, ']' | '】') {
            self.held.push(c);
            match numbers(&self.held) {
                Some(numbers) => {
                    self.held.clear();
                    each(Unit::Mark(numbers));
                }
                None => self.release(each),
            }
        } else if may_go_on(c) && self.held.len() < LONGEST {
            self.held.push(c);
        } else {
            self.release(each);
            self.push(c, each);
        }
    }

    /// The text is over: a mark that was begun is none.
    pub(super) fn finish(&mut self, each: &mut impl FnMut(Unit)) {
        // `… for fifteen minutes [1` was about to be one.
        let inside = self.held.trim_start_matches(['[', '【']);
        if inside.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | ',' | ';')) {
            self.held.clear();
        }
        self.release(each);
    }

    fn release(&mut self, each: &mut impl FnMut(Unit)) {
        std::mem::take(&mut self.held).chars().for_each(|c| each(Unit::Char(c)));
    }
}

fn may_go_on(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ' ' | ',' | ';' | '-' | '–' | ':' | '.' | '#' | '^' | '†' | '&')
}

/// `[1, 3]` gives 1 and 3; nothing for what is no mark.
fn numbers(mark: &str) -> Option<Vec<u32>> {
    let inside = mark.trim_matches(['[', ']', '【', '】']);
    // 【3†source】
    let inside = inside.split('†').next().unwrap_or_default().trim();
    let label = inside.chars().take_while(|c| c.is_alphabetic()).count();
    let inside = inside.trim_start_matches(char::is_alphabetic);
    if label > LONGEST_LABEL || !inside.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // `[a1]` is a name, `[Source 1]` a mark.
    if label > 0 && inside.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let inside = inside.trim_start_matches([' ', ':', '.', '#', '^']);
    let mut numbers = Vec::new();
    for piece in inside.split([',', ';', '&']).map(str::trim) {
        match piece.split_once(['-', '–']) {
            Some((first, last)) => {
                let (first, last) = (number(first)?, number(last)?);
                if last < first || last - first > WIDEST {
                    return None;
                }
                numbers.extend(first..=last);
            }
            None => numbers.push(number(piece)?),
        }
    }
    Some(numbers)
}

/// 0 is no source: `[0, 1]` is an interval.
fn number(text: &str) -> Option<u32> {
    let text = text.trim().trim_start_matches(['#', '^']);
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_plain && (1..=LARGEST).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let (mut marks, mut read) = (Marks::default(), String::new());
        let mut each = |unit: Unit| match unit {
            Unit::Char(c) => read.push(c),
            Unit::Mark(numbers) => read.push_str(&format!("{numbers:?}").replace('[', "{").replace(']', "}")),
        };
        text.chars().for_each(|c| marks.push(c, &mut each));
        marks.finish(&mut each);
        read
    }

    #[test]
    fn marks_are_told_from_other_brackets() {
        for (text, expected) in [
            ("so [1].", "so {1}."),
            ("so [1][2]", "so {1}{2}"),
            ("so [1, 2; 4]", "so {1, 2, 4}"),
            ("[1-3] [2–2]", "{1, 2, 3} {2}"),
            ("[Source 2] [fuente: 3] [Fonte #4] [^5]", "{2} {3} {4} {5}"),
            ("【3】【2†source】", "{3}{2}"),
            ("[0, 1] [1990] [1990-2020] [2,5.1]", "[0, 1] [1990] [1990-2020] [2,5.1]"),
            ("[sic] [a1] [] [ ] a[i] [x] [1 or 2]", "[sic] [a1] [] [ ] a[i] [x] [1 or 2]"),
            ("[[1]]", "[{1}]"),
            ("[1\n] [(2)]", "[1\n] [(2)]"),
            ("so [1", "so "),
            ("so [", "so "),
            ("so [see", "so [see"),
            (
                "[and this goes on for longer than any mark ever does 1]",
                "[and this goes on for longer than any mark ever does 1]",
            ),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
