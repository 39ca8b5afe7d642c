//! What does JSON text hold? Values in their order, each with the line it stands on.
//! Lenient where people are: comments, commas too many, single words. The depth is bounded, so recursion is safe.

use crate::read::Limits;

/// A value and the line it begins on.
#[derive(Debug, PartialEq)]
pub(super) struct Value {
    pub(super) line: u32,
    pub(super) what: What,
}

#[derive(Debug, PartialEq)]
pub(super) enum What {
    Object(Vec<(String, Value)>),
    List(Vec<Value>),
    /// Strings decoded, numbers and booleans as written, null empty.
    Scalar(String),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Malformed,
    TooDeep,
    TooMany,
}

impl Value {
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.what {
            What::Scalar(text) => Some(text),
            _ => None,
        }
    }
}

pub(super) struct Parser<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    depth: usize,
    /// Values that may still come.
    values: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, limits: &Limits) -> Parser<'t> {
        Parser { text, at: 0, line: 1, depth: limits.depth, values: limits.blocks }
    }

    /// One value and nothing behind it.
    pub(super) fn document(&mut self) -> Result<Value, Failure> {
        let value = self.value()?;
        self.space();
        if self.at == self.text.len() { Ok(value) } else { Err(Failure::Malformed) }
    }

    fn value(&mut self) -> Result<Value, Failure> {
        self.space();
        self.values = self.values.checked_sub(1).ok_or(Failure::TooMany)?;
        let line = self.line;
        let what = match self.peek().ok_or(Failure::Malformed)? {
            b'{' => What::Object(self.deeper(Self::object)?),
            b'[' => What::List(self.deeper(Self::list)?),
            b'"' => What::Scalar(self.string()?),
            _ => What::Scalar(self.word()?),
        };
        Ok(Value { line, what })
    }

    fn deeper<T>(&mut self, read: fn(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        self.depth = self.depth.checked_sub(1).ok_or(Failure::TooDeep)?;
        self.at += 1;
        let result = read(self);
        self.depth += 1;
        result
    }

    fn object(&mut self) -> Result<Vec<(String, Value)>, Failure> {
        let mut members = Vec::new();
        loop {
            self.space();
            match self.peek().ok_or(Failure::Malformed)? {
                b'}' => break,
                b',' => self.at += 1,
                b'"' => {
                    let key = self.string()?;
                    self.space();
                    if self.peek() != Some(b':') {
                        return Err(Failure::Malformed);
                    }
                    self.at += 1;
                    members.push((key, self.value()?));
                }
                _ => return Err(Failure::Malformed),
            }
        }
        self.at += 1;
        Ok(members)
    }

    fn list(&mut self) -> Result<Vec<Value>, Failure> {
        let mut items = Vec::new();
        loop {
            self.space();
            match self.peek().ok_or(Failure::Malformed)? {
                b']' => break,
                b',' => self.at += 1,
                _ => items.push(self.value()?),
            }
        }
        self.at += 1;
        Ok(items)
    }

    fn word(&mut self) -> Result<String, Failure> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        let known = matches!(word, "true" | "false" | "null" | "NaN" | "Infinity" | "-Infinity");
        if !known && word.parse::<f64>().is_err() {
            return Err(Failure::Malformed);
        }
        self.at += end;
        Ok(if word == "null" { String::new() } else { word.to_owned() })
    }

    fn string(&mut self) -> Result<String, Failure> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\')).ok_or(Failure::Malformed)?;
            out.push_str(&rest[..end]);
            self.count_lines(&rest[..end]);
            self.at += end + 1;
            if rest.as_bytes()[end] == b'"' {
                return Ok(out);
            }
            let escape = self.text[self.at..].chars().next().ok_or(Failure::Malformed)?;
            self.at += escape.len_utf8();
            match escape {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' | 'b' | 'f' => {}
                'u' => out.push(self.unicode()?),
                other => out.push(other),
            }
        }
    }

    fn unicode(&mut self) -> Result<char, Failure> {
        let high = self.hex()?;
        if (0xd800..0xdc00).contains(&high) && self.text[self.at..].starts_with("\\u") {
            let mark = self.at;
            self.at += 2;
            let low = self.hex()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = mark;
        }
        Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex(&mut self) -> Result<u32, Failure> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Failure::Malformed)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| Failure::Malformed)
    }

    fn space(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let skipped = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                rest.bytes().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len())
            };
            if skipped == 0 {
                return;
            }
            self.count_lines(&rest[..skipped]);
            self.at += skipped;
        }
    }

    fn count_lines(&mut self, passed: &str) {
        let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(text: &str) -> Result<String, Failure> {
        Parser::new(text, &Limits::default()).document().map(|value| value.scalar().unwrap().to_owned())
    }

    #[test]
    fn strings_are_decoded() {
        assert_eq!(scalar(r#""a\"b\\c\/d\u00f1\ud83d\ude00\n""#).unwrap(), "a\"b\\c/dñ😀\n");
        assert_eq!(scalar(r#""\ud83d!""#).unwrap(), "\u{fffd}!");
        for bad in [r#""open"#, r#""\u12"#, r#""\u12é""#, r#""\"#, "", "word", "1 2"] {
            assert_eq!(scalar(bad), Err(Failure::Malformed), "{bad}");
        }
    }

    #[test]
    fn people_write_comments_and_spare_commas() {
        let value = Parser::new("// c\n[1, /* x\n */ 2,]", &Limits::default()).document().unwrap();
        let What::List(items) = value.what else { panic!("a list") };
        assert_eq!(items.iter().map(|item| item.line).collect::<Vec<_>>(), [2, 3]);
    }
}
