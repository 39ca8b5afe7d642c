//! Names that were checked once and can be trusted afterwards.

use std::fmt;

/// A document's name inside docent: short, stable over changes of its content, never a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentId(String);

impl DocumentId {
    pub fn new(id: impl Into<String>) -> DocumentId {
        DocumentId(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A shelf of documents that can be searched by itself: 1 to 64 letters, digits, `-`, `_` or `.`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectionName(String);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidName(pub String);

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a collection name: it takes 1 to 64 letters, digits, '-', '_' or '.'", self.0)
    }
}

impl std::error::Error for InvalidName {}

impl CollectionName {
    pub const LONGEST: usize = 64;

    pub fn new(name: &str) -> Result<CollectionName, InvalidName> {
        let fits = !name.is_empty()
            && name.chars().count() <= CollectionName::LONGEST
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
            && !name.starts_with(['.', '-']);
        if fits { Ok(CollectionName(name.to_owned())) } else { Err(InvalidName(name.to_owned())) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where documents go when no collection is named.
impl Default for CollectionName {
    fn default() -> CollectionName {
        CollectionName("default".to_owned())
    }
}

impl fmt::Display for CollectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for CollectionName {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<CollectionName, InvalidName> {
        CollectionName::new(name)
    }
}

/// BLAKE3 of a file's bytes: the same content has the same hash, wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    pub fn of(bytes: &[u8]) -> ContentHash {
        ContentHash(*blake3::hash(bytes).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collection_names_are_plain_words() {
        for good in ["default", "cálculo-1", "lab_2024.v2", "文書"] {
            assert!(CollectionName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "../etc", "a/b", ".hidden", "-flag", "a\nb", &"x".repeat(65)] {
            assert!(CollectionName::new(bad).is_err(), "{bad:?}");
        }
    }
}
