//! Would this PDF unpack to more than memory holds? Its streams are unpacked into nothing, and counted, beforehand.

use std::io::{Read, sink};

use flate2::read::ZlibDecoder;

use crate::read::detect::find;
use crate::read::{Limits, Problem};

/// What a stream can at most grow by.
const RATIO: u64 = 1032;

/// Pictures are never unpacked here and may be as large as they are.
pub(super) fn check(bytes: &[u8], limits: &Limits) -> Result<(), Problem> {
    let limit = limits.unpacked_bytes;
    let (mut at, mut total) = (0, 0);
    while let Some(found) = find(&bytes[at..], b"stream") {
        let start = at + found + 6;
        at = start;
        if bytes[..start - 6].ends_with(b"end") {
            continue;
        }
        let body = bytes[start..].strip_prefix(b"\r").unwrap_or(&bytes[start..]);
        let body = body.strip_prefix(b"\n").unwrap_or(body);
        let Some([0x78 | 0x68 | 0x58 | 0x48, _, ..]) = body.get(..2) else { continue };
        let length = find(body, b"endstream").unwrap_or(body.len());
        at = bytes.len() - body.len() + length;
        let head = &bytes[start.saturating_sub(1024)..start];
        let dictionary = head.windows(4).rposition(|four| four == b" obj").map_or(head, |from| &head[from..]);
        if find(dictionary, b"/Image").is_some() || (length as u64).saturating_mul(RATIO) < limit / 64 {
            continue;
        }
        total += unpacked(&body[..length], limit);
        if total > limit {
            return Err(Problem::UnpacksTooLarge { limit });
        }
    }
    Ok(())
}

/// Counts through a second layer too, because layers multiply.
fn unpacked(body: &[u8], limit: u64) -> u64 {
    let count = |source: &mut dyn Read| std::io::copy(&mut source.take(limit + 1), &mut sink()).unwrap_or(0);
    let once = count(&mut ZlibDecoder::new(body));
    once.max(count(&mut ZlibDecoder::new(ZlibDecoder::new(body))))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn pdf(dictionary: &str, body: &[u8]) -> Vec<u8> {
        [b"%PDF-1.4\n1 0 obj\n<<", dictionary.as_bytes(), b">>\nstream\r\n", body, b"\nendstream\nendobj\n"].concat()
    }

    #[test]
    fn a_stream_that_grows_too_large_is_refused() {
        let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
        let bomb = packed(&vec![b' '; 4 << 20]);
        assert!(matches!(check(&pdf("", &bomb), &limits), Err(Problem::UnpacksTooLarge { .. })));
        assert!(check(&pdf("/Subtype /Image", &bomb), &limits).is_ok());
        assert!(check(&pdf("", &packed(&vec![b' '; 512 << 10])), &limits).is_ok());
        let twice = packed(&packed(&vec![b' '; 40 << 20]));
        assert!(matches!(check(&pdf("", &twice), &limits), Err(Problem::UnpacksTooLarge { .. })));
    }
}
