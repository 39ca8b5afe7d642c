//! How one entry is written down: a checksum, what is known of it, and its bytes, shorter where that pays.

use std::io::{Read, Write as _};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use crate::cache::key::Key;
use crate::cache::stamp::Stamp;

/// An entry on its way to disk.
#[derive(Clone, Debug)]
pub(in crate::cache) struct Write {
    pub key: Key,
    pub name: Arc<str>,
    pub stamp: Stamp,
    pub bytes: Arc<[u8]>,
    pub compresses: bool,
}

/// What is known of an entry without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::cache) struct Head {
    pub order: u64,
    pub weight: u64,
    pub name: String,
    pub stamp: Stamp,
    pub len: u64,
}

/// An entry as it was put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cache) struct Row {
    pub name: String,
    pub stamp: Stamp,
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct About {
    name: String,
    stamp: Stamp,
    /// How long the bytes are in full, where they were written shorter.
    full: Option<u64>,
}

const CHECKSUM: usize = 8;
/// Shorter ones share a page with others either way.
const SHORT: usize = 512;
/// Read back as much shorter as this or not at all: (3, 4) is three quarters.
const WORTH: (usize, usize) = (3, 4);
/// What redb's tables take for an entry beside its row, in the three of them, with pages that are two thirds full.
const BESIDE: u64 = 400;
const PAGE: u64 = 4096;

/// About how many bytes of the file a row takes: small ones share pages that are two thirds full, others have pages of a
/// power of two for themselves.
pub(super) fn weight(row: usize, name: usize) -> u64 {
    let (row, name) = (row as u64 + 64, name as u64);
    let in_pages = match row {
        0..1000 => row * 3 / 2,
        // One or two to a page.
        1000..2048 => row * 7 / 4,
        _ => row.next_power_of_two().max(PAGE),
    };
    in_pages + name * 3 / 2 + BESIDE
}

impl Write {
    pub(super) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn row(&self) -> Vec<u8> {
        let shorter = if self.compresses && self.bytes.len() >= SHORT { shorten(&self.bytes) } else { None };
        let about =
            About { name: self.name.to_string(), stamp: self.stamp, full: shorter.as_ref().map(|_| self.len()) };
        let about = postcard::to_stdvec(&about).expect("names and numbers can always be written");
        let bytes = shorter.as_deref().unwrap_or(&self.bytes);
        let mut row = vec![0; CHECKSUM];
        row.extend((about.len() as u32).to_le_bytes());
        row.extend(about);
        row.extend(bytes);
        let sum = checksum(&self.key, &row[CHECKSUM..]);
        row[..CHECKSUM].copy_from_slice(&sum);
        row
    }
}

impl Row {
    /// Nothing where the bytes are not what was put there.
    pub(super) fn read(key: &Key, row: &[u8]) -> Option<Row> {
        let (sum, rest) = row.split_at_checked(CHECKSUM)?;
        if sum != checksum(key, rest) {
            return None;
        }
        let (len, rest) = rest.split_first_chunk()?;
        let (about, bytes) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        let about: About = postcard::from_bytes(about).ok()?;
        let bytes = match about.full {
            None => bytes.to_vec(),
            Some(full) => lengthen(bytes, usize::try_from(full).ok()?)?,
        };
        Some(Row { name: about.name, stamp: about.stamp, bytes })
    }
}

impl Head {
    pub(super) fn write(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("names and numbers can always be written")
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Head> {
        postcard::from_bytes(bytes).ok()
    }
}

fn shorten(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::fast());
    encoder.write_all(bytes).ok()?;
    let shorter = encoder.finish().ok()?;
    (shorter.len() <= bytes.len() / WORTH.1 * WORTH.0).then_some(shorter)
}

fn lengthen(bytes: &[u8], full: usize) -> Option<Vec<u8>> {
    // The checksum was right, and still nothing is reserved that the bytes cannot hold.
    let mut out = Vec::with_capacity(full.min(bytes.len().saturating_mul(1100)));
    DeflateDecoder::new(bytes).take(full as u64 + 1).read_to_end(&mut out).ok()?;
    (out.len() == full).then_some(out)
}

fn checksum(key: &Key, bytes: &[u8]) -> [u8; CHECKSUM] {
    let hash = blake3::keyed_hash(&key.0, bytes);
    *hash.as_bytes().first_chunk().expect("a hash has more than eight bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(bytes: Vec<u8>, compresses: bool) -> Write {
        let stamp = Stamp { made: 5, ttl: Some(7), cost: 9, is_negative: true };
        let key = Key::of("n", 1).finish();
        Write { key, name: "n:label:00".into(), stamp, bytes: bytes.into(), compresses }
    }

    #[test]
    fn what_was_written_is_read_and_text_takes_less_room() {
        let text = "Passages repeat the words they are about. ".repeat(100).into_bytes();
        let noise: Vec<u8> =
            (0..4000u32).flat_map(|n| blake3::hash(&n.to_le_bytes()).as_bytes()[..1].to_vec()).collect();
        for (bytes, compresses, is_shorter) in [
            (text.clone(), true, true),
            (text, false, false),
            (noise, true, false),
            (Vec::new(), true, false),
            (vec![1, 2, 3], true, false),
        ] {
            let write = write(bytes.clone(), compresses);
            let row = write.row();
            assert_eq!(row.len() < bytes.len(), is_shorter, "{} in {}", bytes.len(), row.len());
            let read = Row::read(&write.key, &row).unwrap();
            assert_eq!(read, Row { name: "n:label:00".into(), stamp: write.stamp, bytes });
        }
    }

    #[test]
    fn a_row_that_was_changed_or_moved_is_none() {
        let write = write("the same again and again, ".repeat(40).into_bytes(), true);
        let row = write.row();
        for at in 0..row.len() {
            let mut bad = row.clone();
            bad[at] ^= 0x10;
            assert_eq!(Row::read(&write.key, &bad), None, "byte {at}");
            assert_eq!(Row::read(&write.key, &row[..at]), None, "cut at {at}");
        }
        assert_eq!(Row::read(&Key::of("n", 2).finish(), &row), None);
    }
}
