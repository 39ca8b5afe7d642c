//! A `pattern` of a schema is ECMAScript's; what is compiled is the `regex` crate's. What both write alike and mean
//! differently is written out here, and what only one of them has is refused by name.

use std::iter::Peekable;
use std::str::Chars;

use llguidance::derivre::RegexBuilder;
use llguidance::regex_to_lark;

/// What a pattern has that cannot be followed.
pub(super) type Refused = &'static str;

/// A repetition of more than this is no pattern but a length.
const MOST_REPEATED: u32 = 1000;

/// White space that both know.
const SPACES: &str = r" \t\n\r\x0B\x0C\x{A0}\x{2028}\x{2029}";

pub(super) fn translated(pattern: &str) -> Result<String, Refused> {
    let mut reader = Reader { rest: pattern.chars().peekable(), out: String::with_capacity(pattern.len() + 8) };
    while let Some(next) = reader.rest.next() {
        reader.outside(next)?;
    }
    Ok(reader.out)
}

/// Whether what was translated is a pattern: not all that is wrong in one is found while it is translated.
pub(super) fn is_compiled(translated: &str) -> bool {
    RegexBuilder::new().mk_regex_for_serach(&regex_to_lark(translated, "dw")).is_ok()
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
}

/// What an escape stands for.
enum Escape {
    Character(char),
    /// In the other's words, with its brackets.
    Class(String),
}

impl Reader<'_> {
    fn outside(&mut self, next: char) -> Result<(), Refused> {
        match next {
            '\\' => match self.escape()? {
                Escape::Character(character) => self.literal(character),
                Escape::Class(class) => self.out.push_str(&class),
            },
            '[' => return self.class(),
            '(' => {
                self.out.push_str("(?:");
                if self.rest.next_if_eq(&'?').is_some() {
                    return self.group();
                }
            }
            // Whoever writes a string in a line does not expect it to have several.
            '.' => self.out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            '*' | '+' | '?' => {
                self.out.push(next);
                self.forget_lazy();
            }
            '{' => return self.count(),
            ')' | '|' | '^' | '$' => self.out.push(next),
            other => self.literal(other),
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), Refused> {
        match self.rest.next() {
            Some(':') => Ok(()),
            Some('=' | '!') => Err("looks ahead"),
            Some('<') if matches!(self.rest.peek(), Some('=' | '!')) => Err("looks behind"),
            Some('<') => match self.rest.find(|&c| c == '>' || c == ')') {
                Some('>') => Ok(()),
                _ => Err("has a group without an end"),
            },
            _ => Err("has a group that begins with (?"),
        }
    }

    /// Shortest or longest, the strings that fit are the same.
    fn forget_lazy(&mut self) {
        self.rest.next_if_eq(&'?');
    }

    /// `{2}`, `{2,}`, `{2,5}`; any other brace is a brace.
    fn count(&mut self) -> Result<(), Refused> {
        let ahead: String = self.rest.clone().take(24).collect();
        let inside = ahead.split_once('}').map_or("", |(inside, _)| inside);
        let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(least) || !(most.is_empty() || is_number(most)) {
            self.literal('{');
            return Ok(());
        }
        for number in [least, most].into_iter().filter(|number| !number.is_empty()) {
            if number.parse::<u32>().map_or(true, |number| number > MOST_REPEATED) {
                return Err("repeats something more than 1000 times");
            }
        }
        self.out.push('{');
        self.out.push_str(inside);
        self.out.push('}');
        self.rest.nth(inside.len());
        self.forget_lazy();
        Ok(())
    }

    fn literal(&mut self, character: char) {
        match character {
            // One place for what is no letter, so that nothing of it means anything.
            c if c.is_alphanumeric() || c == '_' || c == ' ' || !c.is_ascii() => self.out.push(c),
            c => self.out.push_str(&format!("\\x{{{:X}}}", u32::from(c))),
        }
    }

    fn class(&mut self) -> Result<(), Refused> {
        let negates = self.rest.next_if_eq(&'^').is_some();
        if self.rest.next_if_eq(&']').is_some() {
            // Everything, or nothing.
            self.out.push_str("(?s:.)");
            return if negates { Ok(()) } else { Err("has an empty class") };
        }
        self.out.push_str(if negates { "[^" } else { "[" });
        loop {
            let Some(first) = self.rest.next() else { return Err("has a class without an end") };
            if first == ']' {
                break;
            }
            let Some(first) = self.member(first)? else { continue };
            let mut ahead = self.rest.clone();
            let last = match (ahead.next(), ahead.next()) {
                (Some('-'), Some(last)) if last != ']' => last,
                _ => {
                    self.literal(first);
                    continue;
                }
            };
            self.rest = ahead;
            let last = match last {
                '\\' => match self.escape_in_class()? {
                    Escape::Character(last) => last,
                    Escape::Class(_) => return Err("has a range that ends with a class"),
                },
                last => last,
            };
            if first > last {
                return Err("has a range that ends before it begins");
            }
            self.literal(first);
            self.out.push('-');
            self.literal(last);
        }
        self.out.push(']');
        Ok(())
    }

    /// A character; `None` when it was a class, which is written already.
    fn member(&mut self, first: char) -> Result<Option<char>, Refused> {
        if first != '\\' {
            return Ok(Some(first));
        }
        match self.escape_in_class()? {
            Escape::Character(character) => Ok(Some(character)),
            Escape::Class(class) => {
                self.out.push_str(&class);
                Ok(None)
            }
        }
    }

    fn escape_in_class(&mut self) -> Result<Escape, Refused> {
        match self.rest.next_if(|&c| c == 'b' || c == '-') {
            Some('b') => Ok(Escape::Character('\u{8}')),
            Some(other) => Ok(Escape::Character(other)),
            None => self.escape(),
        }
    }

    fn escape(&mut self) -> Result<Escape, Refused> {
        let Some(next) = self.rest.next() else { return Err("ends in the middle of an escape") };
        let class = |text: String| Ok(Escape::Class(text));
        Ok(Escape::Character(match next {
            'd' => return class("[0-9]".to_owned()),
            'D' => return class("[^0-9]".to_owned()),
            'w' => return class("[0-9A-Za-z_]".to_owned()),
            'W' => return class("[^0-9A-Za-z_]".to_owned()),
            's' => return class(format!("[{SPACES}]")),
            'S' => return class(r"[^\s\x{FEFF}]".to_owned()),
            'p' | 'P' => return self.property(next).map(Escape::Class),
            'b' | 'B' => return Err("asks for the edge of a word"),
            '1'..='9' | 'k' => return Err("repeats what a group has met"),
            '0' => '\0',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{B}',
            'f' => '\u{C}',
            'c' => match self.rest.next() {
                Some(letter) if letter.is_ascii_alphabetic() => char::from(letter as u8 % 32),
                _ => return Err("has an unknown escape"),
            },
            'x' => self.hexadecimal(2).and_then(char::from_u32).ok_or("has an unknown escape")?,
            'u' => self.unicode()?,
            other if other.is_ascii_alphanumeric() => return Err("has an unknown escape"),
            other => other,
        }))
    }

    fn property(&mut self, kind: char) -> Result<String, Refused> {
        let is_open = self.rest.next_if_eq(&'{').is_some();
        let name: String = self.rest.by_ref().take_while(|&c| c != '}').take(40).collect();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '=');
        if !is_open || name.is_empty() || !name.chars().all(is_name) {
            return Err("has an unknown escape");
        }
        Ok(format!("\\{kind}{{{name}}}"))
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<u32> {
        (0..digits).try_fold(0, |sum, _| Some(sum * 16 + self.rest.next()?.to_digit(16)?))
    }

    fn unicode(&mut self) -> Result<char, Refused> {
        const WRONG: Refused = "has half a character";
        if self.rest.next_if_eq(&'{').is_some() {
            let digits: String = self.rest.by_ref().take_while(|&c| c != '}').take(8).collect();
            return u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32).ok_or(WRONG);
        }
        let first = self.hexadecimal(4).ok_or("has an unknown escape")?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first).ok_or(WRONG);
        }
        let is_pair = self.rest.next() == Some('\\') && self.rest.next() == Some('u');
        let second = self.hexadecimal(4).filter(|second| is_pair && (0xDC00..0xE000).contains(second)).ok_or(WRONG)?;
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)).ok_or(WRONG)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_write_alike_means_the_same() {
        for (pattern, expected) in [
            ("^[a-z]+$", r"^[a-z]+$"),
            (r"\d{2,3}?", "[0-9]{2,3}"),
            ("(?<year>a|b)*?", "(?:a|b)*"),
            ("(?:a)(b)", "(?:a)(?:b)"),
            ("[[a&&b~~c]", r"[\x{5B}a\x{26}\x{26}b\x{7E}\x{7E}c]"),
            (r"[\d\-.]", r"[[0-9]\x{2D}\x{2E}]"),
            ("[a-]", r"[a\x{2D}]"),
            (r"[\b]", r"[\x{8}]"),
            ("[^]", "(?s:.)"),
            ("a{b}", r"a\x{7B}b\x{7D}"),
            ("a{2", r"a\x{7B}2"),
            ("a{,3}", r"a\x{7B}\x{2C}3\x{7D}"),
            (r"\u00f1\x41\u{1F600}\ud83d\ude00", "ñA😀😀"),
            (r"\/-#", r"\x{2F}\x{2D}\x{23}"),
            (r"\p{Lu}", r"\p{Lu}"),
            ("日本", "日本"),
        ] {
            assert_eq!(translated(pattern).as_deref(), Ok(expected), "{pattern}");
            assert!(regex::Regex::new(expected).is_ok(), "{expected}");
        }
    }

    #[test]
    fn what_only_one_has_is_refused() {
        for (pattern, expected) in [
            ("(?=a)", "looks ahead"),
            ("(?<!a)", "looks behind"),
            ("(?i)a", "has a group that begins with (?"),
            (r"\bword", "asks for the edge of a word"),
            (r"(a)\1", "repeats what a group has met"),
            ("a{5000}", "repeats something more than 1000 times"),
            ("a{99999999999}", "repeats something more than 1000 times"),
            ("[a", "has a class without an end"),
            ("[z-a]", "has a range that ends before it begins"),
            ("[]", "has an empty class"),
            (r"\ud83d", "has half a character"),
            (r"\p{}", "has an unknown escape"),
            (r"\q", "has an unknown escape"),
            ("\\", "ends in the middle of an escape"),
        ] {
            assert_eq!(translated(pattern), Err(expected), "{pattern}");
        }
    }
}
