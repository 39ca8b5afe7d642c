//! Which letters does a drawn sign stand for? Ligatures are taken apart, accents put on their letters.

use hayro_interpret::hayro_cmap::BfString;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;

/// Almost always a single letter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Letters {
    One(char),
    Many(Box<str>),
}

impl Letters {
    pub(super) const SPACE: Letters = Letters::One(' ');
    /// A sign that could not be told; at the beginning of a line it is most likely a bullet.
    pub(super) const UNKNOWN: Letters = Letters::One('\u{fffd}');

    pub(super) fn of(text: BfString) -> Option<Letters> {
        match text {
            BfString::Char(c) => Letters::of_char(c),
            BfString::String(text) => {
                let mut plain = String::with_capacity(text.len());
                text.chars().filter_map(Letters::of_char).for_each(|letters| letters.push_to(&mut plain));
                (!plain.is_empty()).then(|| Letters::Many(plain.into_boxed_str()))
            }
        }
    }

    fn of_char(c: char) -> Option<Letters> {
        match c {
            '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffd}' | '\u{feff}' => None,
            // Of a font's own signs, those that are bullets in the fonts of every office program.
            '\u{f06c}' | '\u{f06e}' | '\u{f071}' | '\u{f076}' | '\u{f0a7}' | '\u{f0a8}' | '\u{f0b7}' | '\u{f0d8}'
            | '\u{f0fc}' => Some(Letters::One('•')),
            '\u{e000}'..='\u{f8ff}' => None,
            c if c.is_whitespace() => Some(Letters::SPACE),
            '\u{fb00}'..='\u{fb06}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => {
                Some(Letters::Many(c.nfkc().collect::<String>().into_boxed_str()))
            }
            c => Some(Letters::One(c)),
        }
    }

    pub(super) fn push_to(&self, out: &mut String) {
        match self {
            Letters::One(c) => out.push(*c),
            Letters::Many(text) => out.push_str(text),
        }
    }

    pub(super) fn is_space(&self) -> bool {
        *self == Letters::SPACE
    }

    pub(super) fn first(&self) -> char {
        match self {
            Letters::One(c) => *c,
            Letters::Many(text) => text.chars().next().unwrap_or(' '),
        }
    }

    /// The letter under an accent that was drawn over it, as old typesetting does.
    pub(super) fn accented(&self, accent: &Letters) -> Option<Letters> {
        let mark = combining(accent.first())?;
        let base = match self {
            Letters::One('ı') => 'i',
            Letters::One('ȷ') => 'j',
            Letters::One(c) if c.is_alphabetic() => *c,
            _ => return None,
        };
        compose(base, mark).map(Letters::One)
    }

    pub(super) fn is_accent(&self) -> bool {
        matches!(self, Letters::One(c) if combining(*c).is_some())
    }
}

fn combining(accent: char) -> Option<char> {
    Some(match accent {
        '´' | '\u{301}' => '\u{301}',
        '`' | '\u{300}' => '\u{300}',
        'ˆ' | '\u{302}' => '\u{302}',
        '˜' | '\u{303}' => '\u{303}',
        '¨' | '\u{308}' => '\u{308}',
        'ˇ' | '\u{30c}' => '\u{30c}',
        '˘' | '\u{306}' => '\u{306}',
        '˚' | '\u{30a}' => '\u{30a}',
        '˝' | '\u{30b}' => '\u{30b}',
        '˙' | '\u{307}' => '\u{307}',
        '¸' | '\u{327}' => '\u{327}',
        '˛' | '\u{328}' => '\u{328}',
        _ => return None,
    })
}

/// Which way a letter runs; none for what goes along with its neighbours.
fn direction(c: char) -> Option<Direction> {
    match c {
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' if !c.is_numeric() => {
            Some(Direction::Left)
        }
        c if c.is_alphanumeric() => Some(Direction::Right),
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Left,
    Right,
}

/// Letters as they stand from left to right, in the order they are read in.
pub(super) fn in_reading_order(letters: &mut [Letters]) {
    let count = |way: Direction| letters.iter().filter(|letter| direction(letter.first()) == Some(way)).count();
    let left = count(Direction::Left);
    if left == 0 {
        return;
    }
    // Numbers go along with either.
    let right =
        letters.iter().map(Letters::first).filter(|c| c.is_alphabetic() && direction(*c) == Some(Direction::Right));
    let other = if left > right.count() {
        letters.reverse();
        letters.iter_mut().for_each(mirror);
        Direction::Right
    } else {
        Direction::Left
    };
    let mut at = 0;
    while at < letters.len() {
        if direction(letters[at].first()) != Some(other) {
            at += 1;
            continue;
        }
        let end = letters[at..]
            .iter()
            .position(|letter| direction(letter.first()).is_some_and(|way| way != other))
            .map_or(letters.len(), |length| at + length);
        let last = letters[at..end].iter().rposition(|letter| direction(letter.first()).is_some()).unwrap_or(0);
        letters[at..=at + last].reverse();
        at = end;
    }
}

fn mirror(letter: &mut Letters) {
    if let Letters::One(c) = letter {
        *c = match *c {
            '(' => ')',
            ')' => '(',
            '[' => ']',
            ']' => '[',
            '«' => '»',
            '»' => '«',
            other => other,
        };
    }
}

/// A string of the document's own, such as its title.
pub(super) fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xff, 0xfe, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        bytes => match std::str::from_utf8(bytes) {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(visual: &str) -> String {
        let mut letters: Vec<Letters> = visual.chars().map(Letters::One).collect();
        in_reading_order(&mut letters);
        let mut out = String::new();
        letters.iter().for_each(|letter| letter.push_to(&mut out));
        out
    }

    #[test]
    fn ligatures_and_accents() {
        assert_eq!(Letters::of(BfString::Char('ﬃ')), Some(Letters::Many("ffi".into())));
        assert_eq!(Letters::of(BfString::Char('\u{e001}')), None);
        assert_eq!(Letters::One('ı').accented(&Letters::One('´')), Some(Letters::One('í')));
        assert_eq!(Letters::One('c').accented(&Letters::One('¸')), Some(Letters::One('ç')));
        assert_eq!(Letters::One('3').accented(&Letters::One('´')), None);
    }

    #[test]
    fn both_ways_of_writing() {
        assert_eq!(ordered("plain (text) 12"), "plain (text) 12");
        assert_eq!(ordered("2024 םולש"), "שלום 2024");
        assert_eq!(ordered("to say םלוע םולש is polite"), "to say שלום עולם is polite");
        assert_eq!(ordered("(םולש)"), "(שלום)");
    }

    #[test]
    fn titles_in_their_encodings() {
        assert_eq!(text_string(b"\xfe\xff\0\xd1\0u"), "Ñu");
        assert_eq!(text_string(b"a\xf1o"), "año");
    }
}
