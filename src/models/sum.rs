//! SHA-256 of files: how a sum is written, read, and taken while bytes go by.

use std::fmt;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A file's SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sum([u8; 32]);

impl Sum {
    /// 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Sum> {
        let text = text.as_bytes();
        let mut sum = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in sum.iter_mut().zip(text.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
        }
        Some(Sum(sum))
    }

    /// Of everything that is still to be read, and how many bytes that was.
    pub(super) fn of(mut reader: impl Read) -> io::Result<(Sum, u64)> {
        let mut summing = Summing::default();
        let mut block = vec![0; BLOCK];
        loop {
            match reader.read(&mut block) {
                Ok(0) => return Ok((summing.sum(), summing.bytes)),
                Ok(read) => summing.add(&block[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Enough to tell two apart in a name.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

/// Large enough that the disk, and not the calls, is what takes time.
pub(super) const BLOCK: usize = 256 << 10;

/// A sum in the making.
#[derive(Clone, Default)]
pub(super) struct Summing {
    hasher: Sha256,
    pub bytes: u64,
}

impl Summing {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    pub(super) fn sum(&self) -> Sum {
        Sum(self.hasher.clone().finalize().into())
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sum({self})")
    }
}

impl TryFrom<String> for Sum {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Sum, &'static str> {
        Sum::parse(&text).ok_or("not a SHA-256 in hexadecimal")
    }
}

impl From<Sum> for String {
    fn from(sum: Sum) -> String {
        sum.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_everybody_takes() {
        let (sum, bytes) = Sum::of(&b"abc"[..]).unwrap();
        assert_eq!(sum.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((bytes, sum.short().as_str()), (3, "ba7816bf8f01"));
        assert_eq!(Sum::parse(&sum.to_string().to_uppercase()), Some(sum));
        for bad in ["", "abc", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(Sum::parse(bad), None, "{bad}");
        }
    }
}
