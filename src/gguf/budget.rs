//! Bytes of a file in order, never more than there are and never more kept than a head is worth.

use std::io::{self, Read};

use super::BadGguf;

/// A head with the vocabulary of a large model takes some 10 MB.
const MOST_HEAD: u64 = 256 << 20;
/// What is kept of it; a quarter of a million tokens with as many merges take 20 MB.
const MOST_MEMORY: u64 = 64 << 20;
/// What is asked of memory before the bytes for it are there.
const STRIDE: u64 = 64 << 10;

pub(super) struct Head<R> {
    reader: R,
    pub(super) at: u64,
    length: u64,
    memory: u64,
}

impl<R: Read> Head<R> {
    pub(super) fn new(reader: R, length: u64) -> Head<R> {
        Head { reader, at: 0, length, memory: MOST_MEMORY }
    }

    pub(super) fn cut_short(&self) -> BadGguf {
        BadGguf::CutShort { length: self.length, needed: None }
    }

    /// Something is going to be kept.
    pub(super) fn keep(&mut self, bytes: u64) -> Result<(), BadGguf> {
        let spare = self.memory.checked_sub(bytes);
        self.memory = spare.ok_or_else(|| BadGguf::wrong("its notes are longer than those of any model"))?;
        Ok(())
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], BadGguf> {
        self.spend(N as u64)?;
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, BadGguf> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, BadGguf> {
        Ok(u64::from_le_bytes(self.bytes()?))
    }

    pub(super) fn text(&mut self) -> Result<String, BadGguf> {
        let length = self.u64()?;
        self.spend(length)?;
        self.keep(length.saturating_add(size_of::<String>() as u64))?;
        let mut bytes = Vec::new();
        let mut missing = length;
        while missing > 0 {
            let next = missing.min(STRIDE);
            let from = bytes.len();
            bytes.resize(from + next as usize, 0);
            self.fill(&mut bytes[from..])?;
            missing -= next;
        }
        Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// The name of a note or tensor.
    pub(super) fn name(&mut self, what: &str) -> Result<String, BadGguf> {
        /// The longest that the format allows to a note's.
        const MOST: usize = (1 << 16) - 1;
        let name = self.text()?;
        if name.len() > MOST { Err(BadGguf::wrong(format!("the name of a {what} is too long"))) } else { Ok(name) }
    }

    pub(super) fn skip_text(&mut self) -> Result<(), BadGguf> {
        let length = self.u64()?;
        self.skip(length)
    }

    pub(super) fn skip(&mut self, bytes: u64) -> Result<(), BadGguf> {
        self.spend(bytes)?;
        let skipped =
            io::copy(&mut (&mut self.reader).take(bytes), &mut io::sink()).map_err(|error| self.unread(error))?;
        if skipped == bytes { Ok(()) } else { Err(self.cut_short()) }
    }

    fn spend(&mut self, bytes: u64) -> Result<(), BadGguf> {
        let at = self.at.checked_add(bytes).filter(|&at| at <= self.length).ok_or_else(|| self.cut_short())?;
        if at > MOST_HEAD {
            return Err(BadGguf::wrong("its head is longer than that of any model"));
        }
        self.at = at;
        Ok(())
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), BadGguf> {
        self.reader.read_exact(bytes).map_err(|error| self.unread(error))
    }

    fn unread(&self, error: io::Error) -> BadGguf {
        if error.kind() == io::ErrorKind::UnexpectedEof { self.cut_short() } else { BadGguf::Unread(error) }
    }
}
