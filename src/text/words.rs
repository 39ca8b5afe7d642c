//! Where the words of a text begin and end, in any script, and how a word looks without case and accents.
//! Knows no language: what a word means to a search is decided in `terms`.

use std::ops::Range;

use unicode_normalization::char::{decompose_canonical, decompose_compatible};

/// A word, or a stretch of a script that is written without spaces between its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Bytes of the text.
    pub(crate) range: Range<usize>,
    pub(crate) spaced: bool,
}

/// Calls `each` for every word in order. Apostrophes and hyphens part words; `3.5` and `10,000` stay whole.
pub(crate) fn for_each_word(text: &str, mut each: impl FnMut(Word)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let (class, width) = match ASCII[usize::from(byte)] {
            Class::Gap => {
                at += 1;
                continue;
            }
            Class::Wide => class_at(text, at),
            class => (class, 1),
        };
        let start = at;
        at += width;
        match class {
            Class::Gap | Class::Wide => {}
            Class::Unspaced => {
                // A vowel sign or tone mark belongs to the letter before it.
                while let (Class::Unspaced | Class::Mark, width) = class_at(text, at) {
                    at += width;
                }
                each(Word { range: start..at, spaced: false });
            }
            Class::Letter | Class::Digit | Class::Mark => {
                at = end_of_word(text, at, class == Class::Digit);
                each(Word { range: start..at, spaced: true });
            }
        }
    }
}

/// Where the word that has begun before `at` ends; `number` while it has only digits.
fn end_of_word(text: &str, mut at: usize, mut number: bool) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match ASCII[usize::from(byte)] {
            Class::Letter => {
                number = false;
                at += 1;
            }
            Class::Digit => at += 1,
            Class::Gap if number && joins_digits(bytes, at) => at += 1,
            Class::Wide => match class_at(text, at) {
                (Class::Letter | Class::Mark, width) => {
                    number = false;
                    at += width;
                }
                (Class::Digit, width) => at += width,
                _ => break,
            },
            _ => break,
        }
    }
    at
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Gap,
    Letter,
    Digit,
    /// Combines with the character before it.
    Mark,
    /// A letter of a script without spaces between words.
    Unspaced,
    /// The first byte of a character beyond ASCII, which has to be looked at.
    Wide,
}

const ASCII: [Class; 256] = {
    let mut table = [Class::Gap; 256];
    let mut byte = 0;
    while byte < 256 {
        if byte > 127 {
            table[byte] = Class::Wide;
        } else if (byte as u8).is_ascii_alphabetic() {
            table[byte] = Class::Letter;
        } else if (byte as u8).is_ascii_digit() {
            table[byte] = Class::Digit;
        }
        byte += 1;
    }
    table
};

/// The class and width of the character at `at`; a gap at the end.
fn class_at(text: &str, at: usize) -> (Class, usize) {
    let c = text[at..].chars().next().unwrap_or(' ');
    if c.is_ascii() {
        return (ASCII[c as usize], 1);
    }
    // Latin, Greek and Cyrillic letters come first: most texts beyond ASCII are of them.
    let class = if matches!(c, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='\u{24F}' | 'Α'..='ώ' | 'А'..='я') {
        Class::Letter
    } else if is_unspaced(c) {
        Class::Unspaced
    } else if is_mark(c) {
        Class::Mark
    } else if c.is_alphabetic() {
        Class::Letter
    } else if c.is_numeric() && c.to_digit(10).is_none() && !('²'..='¾').contains(&c) {
        Class::Digit
    } else {
        Class::Gap
    };
    (class, c.len_utf8())
}

fn joins_digits(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[at], b'.' | b',')
        && at > 0
        && bytes[at - 1].is_ascii_digit()
        && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
}

/// Han, kana, Hangul, and the scripts of South-East Asia that put no space between words. Korean does use spaces, but
/// glues endings to its words, so that pairs of syllables find more than whole words.
fn is_unspaced(c: char) -> bool {
    matches!(c as u32,
        0x0E01..=0x0E30 | 0x0E32..=0x0E33 | 0x0E40..=0x0E46 // Thai
        | 0x0E81..=0x0EB0 | 0x0EB2..=0x0EB3 | 0x0EBD..=0x0EC6 // Lao
        | 0x1000..=0x102A | 0x103F | 0x1050..=0x1055 // Myanmar
        | 0x1780..=0x17B3 // Khmer
        | 0x3005..=0x3007 | 0x3040..=0x30FF | 0x31F0..=0x31FF // kana
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF // Han
        | 0xAC00..=0xD7A3) // Hangul
}

fn is_mark(c: char) -> bool {
    matches!(c as u32,
        0x0300..=0x036F | 0x0483..=0x0489 | 0x0591..=0x05BD | 0x05BF | 0x05C1..=0x05C2 | 0x05C4..=0x05C7
        | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06DC
        | 0x0900..=0x0903 | 0x093A..=0x094F | 0x0951..=0x0957 | 0x0962..=0x0963
        | 0x0981..=0x0983 | 0x09BC..=0x09CD | 0x0A01..=0x0A03 | 0x0A3C..=0x0A4D | 0x0A81..=0x0A83 | 0x0ABC..=0x0ACD
        | 0x0B01..=0x0B03 | 0x0B3C..=0x0B4D | 0x0B82 | 0x0BBE..=0x0BCD | 0x0C00..=0x0C04 | 0x0C3E..=0x0C4D
        | 0x0C81..=0x0C83 | 0x0CBC..=0x0CCD | 0x0D00..=0x0D03 | 0x0D3B..=0x0D4D
        | 0x0E31 | 0x0E34..=0x0E3A | 0x0E47..=0x0E4E | 0x0EB1 | 0x0EB4..=0x0EBC | 0x0EC8..=0x0ECD
        | 0x102B..=0x103E | 0x1056..=0x1059 | 0x17B4..=0x17D3 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF
        | 0x200C..=0x200D | 0x20D0..=0x20FF | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F)
}

/// Appends `word` in lower case and without accents: `Función` becomes `funcion`, `STRAẞE` `strasse`.
pub(crate) fn fold(word: &str, into: &mut String) {
    for c in word.chars() {
        if c.is_ascii() {
            into.push(c.to_ascii_lowercase());
        } else {
            fold_char(c, into);
        }
    }
}

fn fold_char(c: char, into: &mut String) {
    match c {
        'ß' | 'ẞ' => into.push_str("ss"),
        'æ' | 'Æ' => into.push_str("ae"),
        'œ' | 'Œ' => into.push_str("oe"),
        'ø' | 'Ø' => into.push('o'),
        'ł' | 'Ł' => into.push('l'),
        'đ' | 'Đ' | 'ð' | 'Ð' => into.push('d'),
        'þ' | 'Þ' => into.push_str("th"),
        'ı' => into.push('i'),
        'ς' => into.push('σ'),
        // Letters of their own, not accented ones, and endings are told by them.
        'й' | 'Й' => into.push('й'),
        'ї' | 'Ї' => into.push('ї'),
        // Full-width forms and ligatures of old encodings.
        '\u{FB00}'..='\u{FB06}' | '\u{FF00}'..='\u{FFEF}' => {
            decompose_compatible(c, |part| into.extend(part.to_lowercase()));
        }
        _ if is_unspaced(c) => into.push(c),
        _ => decompose_canonical(c, |part| {
            if !is_accent(part) {
                into.extend(part.to_lowercase().filter(|&lower| !is_accent(lower)));
            }
        }),
    }
}

/// A mark that readers leave out when they type in a hurry. Vowel signs of Indian scripts are none.
fn is_accent(c: char) -> bool {
    matches!(c as u32,
        0x0300..=0x036F | 0x0591..=0x05C7 | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06DC
        | 0x0640 | 0x200C..=0x200D | 0xFE00..=0xFE0F)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut words = Vec::new();
        for_each_word(text, |word| words.push(&text[word.range]));
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn words_end_where_a_reader_says() {
        check("Hello, world!", &["Hello", "world"]);
        check("¿Qué es la función f(x)?", &["Qué", "es", "la", "función", "f", "x"]);
        check("Luther's l'amour PD-1", &["Luther", "s", "l", "amour", "PD", "1"]);
        check("3.5 mg, 10,000 and 1.000.000.", &["3.5", "mg", "10,000", "and", "1.000.000"]);
        check("v1.2 H2O 2nd", &["v1", "2", "H2O", "2nd"]);
        check("derivada\u{301} cafe\u{301}", &["derivada\u{301}", "cafe\u{301}"]);
        check("x² = 4 m³", &["x", "4", "m"]);
        check("東京タワー 2024年", &["東京タワー", "2024", "年"]);
        check("हिन्दी में", &["हिन्दी", "में"]);
        check("ภาษาไทยนี้", &["ภาษาไทยนี้"]);
        check("", &[]);
        check("…—«»", &[]);
    }

    #[test]
    fn folding_drops_case_and_accents() {
        for (word, expected) in [
            ("Función", "funcion"),
            ("AÇÃO", "acao"),
            ("cafe\u{301}", "cafe"),
            ("STRAẞE", "strasse"),
            ("Łódź", "lodz"),
            ("ÅNGSTRÖM", "angstrom"),
            ("ﬁn", "fin"),
            ("Ａ１", "a1"),
            ("Ёлка", "елка"),
            ("한국어", "한국어"),
            ("हिन्दी", "हिन्दी"),
            ("İstanbul", "istanbul"),
            ("științe", "stiinte"),
            ("ştiinţe", "stiinte"),
        ] {
            let mut folded = String::new();
            fold(word, &mut folded);
            assert_eq!(folded, expected, "{word}");
        }
    }
}
