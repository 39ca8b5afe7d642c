//! How do vocabularies write down bytes that are no characters? Byte-level ones give each byte a printable character,
//! others have tokens named `<0x0A>`.

/// How a vocabulary writes what a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writing {
    /// A character for each byte.
    ByteLevel,
    /// Characters, with a sign for a space.
    Spaced,
}

impl Writing {
    /// Appends what a token's text stands for. `false`: it is not written in this way, and stands for itself.
    pub(super) fn read(self, text: &str, into: &mut Vec<u8>) -> bool {
        match self {
            Writing::ByteLevel => byte_level(text, into),
            Writing::Spaced => {
                spaced(text, into);
                true
            }
        }
    }
}

/// The byte that a character of a byte-level vocabulary stands for.
///
/// Printable bytes stand for themselves; the others, in their order, are the characters from 256 on.
fn byte_of(character: char) -> Option<u8> {
    let code = u32::from(character);
    match code {
        0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff => Some(code as u8),
        // 0 to 32, 127 to 160, and 173.
        0x100..=0x120 => Some((code - 0x100) as u8),
        0x121..=0x142 => Some((code - 0x121) as u8 + 0x7f),
        0x143 => Some(0xad),
        _ => None,
    }
}

fn byte_level(text: &str, into: &mut Vec<u8>) -> bool {
    let start = into.len();
    for character in text.chars() {
        match byte_of(character) {
            Some(byte) => into.push(byte),
            None => {
                into.truncate(start);
                into.extend_from_slice(text.as_bytes());
                return false;
            }
        }
    }
    true
}

/// Stands for a space inside tokens.
const SPACE: char = '\u{2581}';

/// A token's text, with its spaces.
pub(super) fn spaced(text: &str, into: &mut Vec<u8>) {
    let mut parts = text.split(SPACE);
    into.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        into.push(b' ');
        into.extend_from_slice(part.as_bytes());
    }
}

pub(super) fn has_written_space(text: &str) -> bool {
    text.contains(SPACE)
}

/// `<0x0A>` is the byte 10.
pub(super) fn named_byte(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_two.then(|| u8::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_one_character() {
        let mut met = [0; 256];
        for code in 0..0x1000 {
            if let Some(byte) = char::from_u32(code).and_then(byte_of) {
                met[usize::from(byte)] += 1;
            }
        }
        assert_eq!(met, [1; 256]);
        assert_eq!(
            (byte_of('Ġ'), byte_of('Ċ'), byte_of('ł'), byte_of('Ń')),
            (Some(b' '), Some(b'\n'), Some(0xa0), Some(0xad))
        );
    }

    #[test]
    fn tokens_are_read_as_they_are_written() {
        let read = |writing: Writing, text: &str| {
            let mut bytes = b"x".to_vec();
            let is_so = writing.read(text, &mut bytes);
            (String::from_utf8(bytes[1..].to_vec()).unwrap(), is_so)
        };
        assert_eq!(read(Writing::ByteLevel, "Ġcaf\u{c3}\u{a9}"), (" café".to_owned(), true));
        assert_eq!(read(Writing::ByteLevel, "Ġ<｜User｜>"), ("Ġ<｜User｜>".to_owned(), false));
        assert_eq!(read(Writing::Spaced, "▁▁a▁"), ("  a ".to_owned(), true));
        assert_eq!(read(Writing::Spaced, ""), (String::new(), true));
        assert_eq!((named_byte("<0x0A>"), named_byte("<0x+A>"), named_byte("<0x0A")), (Some(10), None, None));
    }
}
