//! Which characters do these bytes spell? UTF-8 first and fast; then byte order marks, UTF-16 by its look, old code pages.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::Problem;

/// How much of a file is looked at to guess its code page.
const SAMPLE: usize = 1 << 20;

/// Text with line ends as `\n` and without control characters. `declared` is what the file itself says it is.
pub(super) fn decode<'b>(bytes: &'b [u8], declared: Option<&'static Encoding>) -> Result<Cow<'b, str>, Problem> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return with(encoding, &bytes[mark..]);
    }
    if let Some(encoding) = utf16_by_look(bytes) {
        return with(encoding, bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(_) if declared.is_some_and(|encoding| !encoding.is_ascii_compatible()) && bytes.contains(&0x1b) => {
            with(declared.unwrap_or(UTF_8), bytes)
        }
        Ok(text) => checked(Cow::Borrowed(text)),
        Err(_) if is_binary(bytes) => Err(Problem::Binary),
        Err(_) if nearly_utf8(bytes) => with(UTF_8, bytes),
        Err(_) => with(declared.filter(|encoding| *encoding != UTF_8).unwrap_or_else(|| code_page(bytes)), bytes),
    }
}

fn with<'b>(encoding: &'static Encoding, bytes: &'b [u8]) -> Result<Cow<'b, str>, Problem> {
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    if malformed && encoding != UTF_8 {
        let lost = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
        if lost * 10 > text.chars().count() {
            return Err(Problem::Binary);
        }
    }
    checked(text)
}

fn checked(text: Cow<'_, str>) -> Result<Cow<'_, str>, Problem> {
    if !has_controls(text.as_bytes()) {
        return Ok(text);
    }
    if is_binary(text.as_bytes()) {
        return Err(Problem::Binary);
    }
    Ok(Cow::Owned(without_controls(&text)))
}

fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\n' && byte != b'\t') || byte == 0x7f
}

fn has_controls(bytes: &[u8]) -> bool {
    // Whole pieces, with no way out in the middle, so that the compiler can compare many bytes at once.
    bytes.chunks(256).any(|piece| piece.iter().fold(false, |found, byte| found | is_control(*byte)))
}

/// Text has hardly any control characters; one in a hundred is already a program, a picture or noise.
fn is_binary(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let odd = sample.iter().filter(|byte| is_control(**byte) && !matches!(byte, b'\r' | 0x0c | 0x0b | 0x1b)).count();
    odd * 100 > sample.len()
}

fn without_controls(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_control) {
        out.push_str(&rest[..at]);
        let control = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        match control {
            b'\r' if !rest.starts_with('\n') => out.push('\n'),
            0x0b | 0x0c => out.push('\n'),
            // A terminal's colour: everything up to its final letter.
            0x1b if rest.starts_with('[') => {
                let end = rest.bytes().skip(1).take(32).position(|byte| (0x40..0x7f).contains(&byte));
                rest = end.map_or(rest, |end| &rest[end + 2..]);
            }
            _ => {}
        }
    }
    out.push_str(rest);
    out
}

/// UTF-16 without a mark shows as a zero in every second byte wherever the text is Latin.
fn utf16_by_look(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    if sample.len() < 4 || !sample.contains(&0) {
        return None;
    }
    let zeros = |first: usize| sample.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, units) = (zeros(0), zeros(1), sample.len() / 2);
    let (encoding, high, low) = if odd > even { (UTF_16LE, odd, even) } else { (UTF_16BE, even, odd) };
    if high * 10 < units * 4 || low * 20 > high {
        return None;
    }
    let (text, malformed) = encoding.decode_without_bom_handling(sample);
    let strange = text.chars().filter(|c| c.is_control() && !c.is_whitespace()).count();
    (!malformed && strange * 50 <= units).then_some(encoding)
}

/// UTF-8 that was cut in the middle of a character, or has a stray byte here and there.
fn nearly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for piece in bytes[..bytes.len().min(SAMPLE)].utf8_chunks() {
        good += piece.valid().bytes().filter(|byte| *byte >= 0xc0).count();
        bad += usize::from(!piece.invalid().is_empty());
    }
    good > bad * 10
}

fn code_page(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    detector.feed(sample, sample.len() == bytes.len());
    detector.guess(None, Utf8Detection::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes, None).unwrap(), expected);
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn utf8_is_borrowed() {
        assert!(matches!(decode("función\n".as_bytes(), None), Ok(Cow::Borrowed("función\n"))));
        check(b"\xef\xbb\xbfhola", "hola");
    }

    #[test]
    fn utf16_with_and_without_a_mark() {
        let text = "¿Qué es una función?\nOlá";
        check(&utf16(text, u16::to_le_bytes), text);
        check(&utf16(text, u16::to_be_bytes), text);
        check(&[b"\xff\xfe".as_slice(), &utf16(text, u16::to_le_bytes)].concat(), text);
        check(&[b"\xfe\xff".as_slice(), &utf16(text, u16::to_be_bytes)].concat(), text);
    }

    #[test]
    fn old_code_pages() {
        check(b"La funci\xf3n del ri\xf1\xf3n es filtrar \x96 siempre", "La función del riñón es filtrar – siempre");
        check(b"Informa\xe7\xe3o sobre sa\xfade e educa\xe7\xe3o", "Informação sobre saúde e educação");
        let (cyrillic, _, _) = encoding_rs::WINDOWS_1251.encode("Вопрос о лёгких и дыхании человека");
        check(&cyrillic, "Вопрос о лёгких и дыхании человека");
    }

    #[test]
    fn utf8_cut_in_the_middle_stays_utf8() {
        let text = "educação e função, ".repeat(20);
        let cut = [text.as_bytes(), b"fun\xc3"].concat();
        check(&cut, &format!("{text}fun\u{fffd}"));
    }

    #[test]
    fn line_ends_controls_and_colours_go() {
        let text = " and a good deal of ordinary text".repeat(20);
        let bytes = [b"a\r\nb\rc\0d\x1b[31mred\x1b[0m\x0ce\x7f".as_slice(), text.as_bytes()].concat();
        check(&bytes, &format!("a\nb\ncdred\ne{text}"));
    }

    #[test]
    fn binary_is_an_error() {
        let noise: Vec<u8> = (0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert!(matches!(decode(&noise, None), Err(Problem::Binary)));
        assert!(matches!(decode(&[0; 100], None), Err(Problem::Binary)));
        assert!(matches!(decode(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0", None), Err(Problem::Binary)));
    }

    #[test]
    fn any_bytes_are_text_or_an_error() {
        for seed in 0..2000u64 {
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let bytes: Vec<u8> = (0..seed % 67)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    state as u8
                })
                .collect();
            if let Ok(text) = decode(&bytes, None) {
                assert!(!text.bytes().any(is_control));
            }
        }
    }
}
