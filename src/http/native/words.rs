//! What clients write in several calls, checked.

use serde::{Deserialize, Deserializer};

use crate::domain::CollectionName;
use crate::fault::{Fault, Result};

/// Forms send what was left empty.
pub(super) fn collection(name: Option<&str>) -> Result<Option<CollectionName>> {
    name.filter(|name| !name.is_empty()).map(named).transpose()
}

pub(super) fn named(name: &str) -> Result<CollectionName> {
    CollectionName::new(name).map_err(|error| {
        Fault::caller("bad_collection", error.to_string()).hint("a collection is called like biology or lab-2024")
    })
}

/// Every reader of names and words, for `fuzz/`; what it refuses.
pub(in crate::http) fn fuzzed(text: &str) -> Vec<Fault> {
    let name = source(text);
    assert!(!name.contains(['/', '\\']) && !name.is_empty() && name != "..", "{name:?} leads somewhere");
    assert!(printable(text.to_owned()).len() <= text.len());
    [collection(Some(text)).err(), given_source(text).err()].into_iter().flatten().collect()
}

/// Longer ones help nobody.
const LONGEST_SOURCE: usize = 1024;
const LONGEST_FILE_NAME: usize = 255;

/// The name of a file that was sent: without folders, and without what no file is called.
pub(super) fn source(file_name: &str) -> String {
    let last = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).take(LONGEST_FILE_NAME).collect();
    match plain.trim() {
        "" | "." | ".." => "document".to_owned(),
        name => name.to_owned(),
    }
}

/// What a client calls a document that it sends as text.
pub(super) fn given_source(source: &str) -> Result<String> {
    let what = match source.trim() {
        "" => "a document needs a source",
        _ if source.chars().count() > LONGEST_SOURCE => "a source has 1024 characters at most",
        _ if source.chars().any(char::is_control) => "a source has no control characters",
        plain => return Ok(plain.to_owned()),
    };
    Err(Fault::caller("bad_source", what).hint("call it like a file, or by its address"))
}

/// Of what is sent as text, all that can be read as text.
pub(super) fn printable(mut text: String) -> String {
    text.retain(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
    text
}

/// A number in an address; beyond the largest, the largest.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<usize>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(serde::de::Error::custom("a whole number is expected"));
    }
    Ok(Some(text.parse().unwrap_or(usize::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_lead_nowhere() {
        for (sent, kept) in [
            ("heart.pdf", "heart.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\notes.txt", "notes.txt"),
            ("..", "document"),
            ("a/..", "document"),
            ("", "document"),
            ("/", "document"),
            ("a\r\nSet-Cookie: x\0.txt", "aSet-Cookie: x.txt"),
            (" corazón.md ", "corazón.md"),
        ] {
            assert_eq!(source(sent), kept, "{sent:?}");
        }
        assert_eq!(source(&"x".repeat(1000)).len(), 255);
    }

    #[test]
    fn sources_are_one_line() {
        assert_eq!(given_source(" https://lab.example/a ").unwrap(), "https://lab.example/a");
        for bad in ["", "  ", "a\nb", "a\n", &"x".repeat(1025)] {
            assert_eq!(given_source(bad).unwrap_err().code, "bad_source");
        }
    }
}
