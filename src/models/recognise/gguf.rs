//! What does a GGUF file say about itself, and is it whole? Its head is read once, front to back, within a budget; nothing is
//! reserved because a number in the file says so.

use std::io::{self, Read};

use super::Why;

#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::models) struct Header {
    pub name: Option<String>,
    pub architecture: Option<String>,
    pub context: Option<usize>,
    pub licence: Option<String>,
    pub languages: Vec<String>,
}

/// A head with the vocabulary of a large model takes some 10 MB.
const MOST_HEAD: u64 = 256 << 20;
const MOST_TEXT: u64 = 4 << 10;
const MOST_PAIRS: u64 = 1 << 16;
const MOST_TENSORS: u64 = 1 << 20;
const MOST_LANGUAGES: u64 = 1000;
/// Lists inside lists.
const DEEPEST: u32 = 4;

pub(in crate::models) fn read_header(reader: impl Read, length: u64) -> Result<Header, Why> {
    let mut head = Head { reader, at: 0, limit: length.min(MOST_HEAD) };
    let mut found = Found { header: Header::default(), context: Vec::new(), alignment: 32 };
    let needed = head.read(&mut found, length).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut short in its head".to_owned(),
        io::ErrorKind::InvalidData => error.to_string(),
        _ => crate::models::error::reason(&error),
    })?;
    if needed > length {
        return Err(format!("it is cut short: {length} of {needed} bytes are there"));
    }
    let Found { mut header, context, .. } = found;
    let wanted = header.architecture.as_ref().map(|name| format!("{name}.context_length"));
    let context = context.into_iter().find(|(key, _)| Some(key) == wanted.as_ref());
    header.context = context.and_then(|(_, tokens)| usize::try_from(tokens).ok());
    match header.architecture {
        Some(_) => Ok(header),
        None => Err("it names no architecture".to_owned()),
    }
}

struct Found {
    header: Header,
    /// Every context length, as the architecture may be named after it.
    context: Vec<(String, u64)>,
    alignment: u64,
}

struct Head<R> {
    reader: R,
    at: u64,
    limit: u64,
}

fn invalid(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

impl<R: Read> Head<R> {
    /// How long the whole file has to be.
    fn read(&mut self, found: &mut Found, length: u64) -> io::Result<u64> {
        if &self.bytes::<4>()? != b"GGUF" {
            return Err(invalid("its first bytes are not those of a GGUF file"));
        }
        let version = self.u32()?;
        if !(2..=3).contains(&version) {
            return Err(invalid(format!("it has GGUF version {version}, and docent knows 2 and 3")));
        }
        let (tensors, pairs) = (self.u64()?, self.u64()?);
        if tensors == 0 {
            return Err(invalid("it holds no weights"));
        }
        if tensors > MOST_TENSORS || pairs > MOST_PAIRS {
            return Err(invalid(format!("its head announces {tensors} tensors and {pairs} notes")));
        }
        for _ in 0..pairs {
            let key = self.text()?.ok_or_else(|| invalid("the key of a note is too long"))?;
            let kind = self.u32()?;
            self.pair(key, kind, found)?;
        }
        let mut ends = 0_u64;
        for _ in 0..tensors {
            ends = ends.max(self.tensor(length)?);
        }
        if !found.alignment.is_power_of_two() || found.alignment > 1 << 20 {
            return Err(invalid("its alignment is no power of two"));
        }
        let begins = self.at.next_multiple_of(found.alignment);
        Ok(begins.saturating_add(ends))
    }

    fn pair(&mut self, key: String, kind: u32, found: &mut Found) -> io::Result<()> {
        let header = &mut found.header;
        match (key.as_str(), kind) {
            ("general.name", 8) => header.name = self.text()?,
            ("general.architecture", 8) => header.architecture = self.text()?,
            ("general.license", 8) => header.licence = self.text()?,
            ("general.languages", 9) => header.languages = self.texts()?,
            ("split.count", 2) => {
                let parts = u16::from_le_bytes(self.bytes()?);
                if parts > 1 {
                    return Err(invalid(format!("it is one of {parts} parts, and docent reads models in one file")));
                }
            }
            ("general.alignment", 4) => found.alignment = self.u32()?.into(),
            (key, 4) if key.ends_with(".context_length") => {
                let tokens = self.u32()?.into();
                found.context.push((key.to_owned(), tokens));
            }
            (key, 10) if key.ends_with(".context_length") => {
                let tokens = self.u64()?;
                found.context.push((key.to_owned(), tokens));
            }
            (_, kind) => self.skip_value(kind, DEEPEST)?,
        }
        Ok(())
    }

    fn skip_value(&mut self, kind: u32, deepest: u32) -> io::Result<()> {
        match (kind, width(kind)) {
            (_, Some(width)) => self.skip(width),
            (8, _) => {
                let length = self.u64()?;
                self.skip(length)
            }
            (9, _) if deepest > 0 => {
                let (kind, count) = (self.u32()?, self.u64()?);
                if let Some(width) = width(kind) {
                    return self
                        .skip(count.checked_mul(width).ok_or_else(|| invalid("a list is longer than any file"))?);
                }
                // Each takes some bytes of the budget, so that this ends.
                (0..count).try_for_each(|_| self.skip_value(kind, deepest - 1))
            }
            _ => Err(invalid(format!("a note has the unknown type {kind}"))),
        }
    }

    /// Where its data ends, counted from where all data begins.
    fn tensor(&mut self, length: u64) -> io::Result<u64> {
        let name = self.text()?.ok_or_else(|| invalid("the name of a tensor is too long"))?;
        let dimensions = self.u32()?;
        if dimensions > 8 {
            return Err(invalid(format!("its tensor {name:?} has {dimensions} dimensions")));
        }
        let mut elements = 1_u64;
        for _ in 0..dimensions {
            elements = elements.saturating_mul(self.u64()?);
        }
        let (kind, offset) = (self.u32()?, self.u64()?);
        if offset > length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // A type that is newer than this docent: at least its beginning must be there.
        let (values, bytes) = block(kind).unwrap_or((1, 0));
        Ok(offset.saturating_add(elements.div_ceil(values).saturating_mul(bytes)))
    }

    fn texts(&mut self) -> io::Result<Vec<String>> {
        let (kind, count) = (self.u32()?, self.u64()?);
        if kind != 8 || count > MOST_LANGUAGES {
            return Err(invalid("its list of languages is no list of texts"));
        }
        let mut texts = Vec::new();
        for _ in 0..count {
            texts.extend(self.text()?);
        }
        Ok(texts)
    }

    /// None where it is longer than anything docent wants to know.
    fn text(&mut self) -> io::Result<Option<String>> {
        let length = self.u64()?;
        if length > MOST_TEXT {
            self.skip(length)?;
            return Ok(None);
        }
        self.spend(length)?;
        let mut bytes = Vec::new();
        (&mut self.reader).take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn u32(&mut self) -> io::Result<u32> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    fn u64(&mut self) -> io::Result<u64> {
        Ok(u64::from_le_bytes(self.bytes()?))
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        self.spend(N as u64)?;
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        self.spend(bytes)?;
        let skipped = io::copy(&mut (&mut self.reader).take(bytes), &mut io::sink())?;
        if skipped == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn spend(&mut self, bytes: u64) -> io::Result<()> {
        self.at = self.at.checked_add(bytes).filter(|&at| at <= self.limit).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(())
    }
}

/// Bytes of a value of one of the plain types.
fn width(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

/// How many values of a tensor's type share how many bytes.
fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        9 => (32, 36),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        15 => (256, 292),
        20 => (32, 18),
        23 => (256, 136),
        24 => (1, 1),
        27 | 28 => (1, 8),
        _ => return None,
    })
}
