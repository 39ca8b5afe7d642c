//! How are the parts of a zip package read without believing a word it says about their sizes?

use std::borrow::Cow;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::detect::find;
use super::{Limits, Problem, decode};
use crate::domain::Format;

pub(super) struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    format: Format,
    limit: u64,
    /// What all parts together may still unpack to.
    left: u64,
}

impl<'b> Package<'b> {
    pub(super) fn open(bytes: &'b [u8], format: Format, limits: &Limits) -> Result<Package<'b>, Problem> {
        // Counted before the directory is read, because reading it costs memory for every entry.
        if entries(bytes, limits.entries) > limits.entries {
            return Err(Problem::TooManyEntries { limit: limits.entries });
        }
        let archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| Problem::damaged_by(format, "its list of parts is missing (cut short?)", error))?;
        Ok(Package { archive, format, limit: limits.unpacked_bytes, left: limits.unpacked_bytes })
    }

    /// The text of a part; none where there is no such part.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let index = self.archive.index_for_name(name).or_else(|| {
            let same = |other: &[u8]| other.eq_ignore_ascii_case(name.as_bytes());
            self.archive.file_names_raw().position(same)
        });
        let Some(index) = index else { return Ok(None) };
        let format = self.format;
        let mut bytes = Vec::new();
        let part = self.archive.by_index(index).map_err(|error| match error {
            ZipError::UnsupportedArchive(reason) if reason == ZipError::PASSWORD_REQUIRED => Problem::Encrypted(format),
            error => Problem::damaged_by(format, format!("its part {name} cannot be opened"), error),
        })?;
        // One byte more than allowed tells a part that fits from one that does not.
        let read = part.take(self.left + 1).read_to_end(&mut bytes);
        if bytes.len() as u64 > self.left {
            return Err(Problem::UnpacksTooLarge { limit: self.limit });
        }
        read.map_err(|error| Problem::damaged_by(format, format!("its part {name} cannot be unpacked"), error))?;
        self.left -= bytes.len() as u64;
        let text = decode::decode(&bytes, None).map(Cow::into_owned);
        text.map(Some).map_err(|_| Problem::damaged(format, format!("its part {name} is not text")))
    }
}

fn entries(bytes: &[u8], limit: usize) -> usize {
    let (mut rest, mut count) = (bytes, 0);
    while count <= limit
        && let Some(at) = find(rest, b"PK\x01\x02")
    {
        rest = &rest[at + 4..];
        count += 1;
    }
    count
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// A zip with these parts.
    pub(in crate::read) fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn open<'b>(bytes: &'b [u8], limits: &Limits) -> Result<Package<'b>, Problem> {
        Package::open(bytes, Format::Docx, limits)
    }

    #[test]
    fn parts_are_found_by_name() {
        let bytes = packed(&[("a/B.xml", b"<a/>"), ("c", b"\xff\xfe<\0b\0")]);
        let mut package = open(&bytes, &Limits::default()).unwrap();
        assert_eq!(package.part("a/b.xml").unwrap().as_deref(), Some("<a/>"));
        assert_eq!(package.part("c").unwrap().as_deref(), Some("<b"));
        assert_eq!(package.part("missing").unwrap(), None);
    }

    #[test]
    fn bombs_stop_at_the_limit() {
        let limits = Limits { unpacked_bytes: 1 << 20, entries: 3, ..Limits::default() };
        let bytes = packed(&[("a", &vec![b' '; 700 << 10]), ("b", &vec![b' '; 700 << 10])]);
        let mut package = open(&bytes, &limits).unwrap();
        assert!(package.part("a").is_ok());
        assert!(matches!(package.part("b"), Err(Problem::UnpacksTooLarge { .. })));
        let bytes = packed(&[("a", b""), ("b", b""), ("c", b""), ("d", b"")]);
        assert!(matches!(open(&bytes, &limits), Err(Problem::TooManyEntries { limit: 3 })));
    }

    #[test]
    fn a_declared_size_is_not_believed() {
        let mut bytes = packed(&[("a", &vec![b' '; 2 << 20])]);
        // The true size stands in the entry's head and in the directory; both now claim ten bytes.
        for at in 0..bytes.len() - 4 {
            if bytes[at..at + 4] == (2u32 << 20).to_le_bytes() {
                bytes[at..at + 4].copy_from_slice(&10u32.to_le_bytes());
            }
        }
        let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
        assert!(open(&bytes, &limits).and_then(|mut package| package.part("a")).is_err());
    }
}
