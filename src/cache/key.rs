//! Under what is something kept: a hash of everything that counts, and a name that a person can read.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

/// BLAKE3 of a namespace and all parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key(pub(super) [u8; 32]);

/// The key is a hash already.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.number());
    }
}

/// Takes the parts of a key one after another; no two lists of parts read the same.
#[derive(Debug)]
pub struct KeyMaker(blake3::Hasher);

impl Key {
    /// `version` counts up when what is kept in the namespace is made, or written, in another way.
    pub fn of(space: &str, version: u32) -> KeyMaker {
        KeyMaker(blake3::Hasher::new()).text(space).number(u64::from(version))
    }

    pub(super) fn number(&self) -> u64 {
        u64::from_le_bytes(*self.0.first_chunk().expect("a hash has more than eight bytes"))
    }

    /// The name under which people see it: `context:calculus/derivatives:9f2c01ab34de`. What does not belong in a name is
    /// left out of the label; whatever it says, different keys have different names.
    pub fn name(&self, space: &str, label: &str) -> String {
        let mut name = format!("{space}:");
        let mut gap = false;
        for c in label.chars().filter(|c| !c.is_control()) {
            if name.len() - space.len() > LONGEST_LABEL {
                break;
            }
            if c.is_alphanumeric() || matches!(c, '/' | '_' | '.') {
                if gap && !name.ends_with(['/', ':']) {
                    name.push('-');
                }
                name.extend(c.to_lowercase());
                gap = false;
            } else {
                gap = true;
            }
        }
        if !name.ends_with(':') {
            name.push(':');
        }
        name.extend(self.0[..NAMED].iter().map(|byte| format!("{byte:02x}")));
        name
    }
}

/// In bytes; a character more may stand there.
const LONGEST_LABEL: usize = 60;
/// Bytes of the hash that are part of a name.
const NAMED: usize = 6;

impl KeyMaker {
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> KeyMaker {
        // With its length, so that what belongs to one part is not taken for another's.
        self.0.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        self
    }

    #[must_use]
    pub fn text(self, text: &str) -> KeyMaker {
        self.bytes(text.as_bytes())
    }

    #[must_use]
    pub fn number(self, number: u64) -> KeyMaker {
        self.bytes(&number.to_le_bytes())
    }

    /// A number of which only the bucket counts that it falls into: with a `width` of 5, 12 and 13.9 are the same.
    #[must_use]
    pub fn bucketed(self, number: f64, width: f64) -> KeyMaker {
        let sound = width.is_finite() && width > 0.0;
        let bucket = if sound { (number / width).floor() } else { number };
        // Zero has two signs and "not a number" many forms.
        let bucket = if bucket.is_nan() { f64::NAN } else { bucket + 0.0 };
        self.number(bucket.to_bits())
    }

    pub fn finish(self) -> Key {
        Key(*self.0.finalize().as_bytes())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_lists_of_parts_have_the_same_key() {
        let parts = ["", "a", "b", "ab", "question", "\0", "a\0b"];
        let mut keys = HashSet::new();
        for space in parts {
            keys.insert(Key::of(space, 1).finish());
            for one in parts {
                keys.insert(Key::of(space, 1).text(one).finish());
                keys.insert(Key::of(space, 2).text(one).finish());
                keys.extend(parts.map(|two| Key::of(space, 1).text(one).text(two).finish()));
            }
        }
        let n = parts.len();
        assert_eq!(keys.len(), n + 2 * n * n + n * n * n);
    }

    #[test]
    fn numbers_of_one_bucket_have_one_key() {
        let of = |number, width| Key::of("recipe", 1).bucketed(number, width).finish();
        assert_eq!(of(12.0, 5.0), of(13.9, 5.0));
        assert_eq!(of(-0.0, 1.0), of(0.4, 1.0));
        assert_eq!(of(f64::NAN, 1.0), of(-f64::NAN, 1.0));
        assert_ne!(of(9.9, 5.0), of(10.0, 5.0));
        assert_ne!(of(-0.1, 1.0), of(0.1, 1.0));
        for width in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(of(3.0, width), of(3.0, width));
            assert_ne!(of(3.0, width), of(4.0, width), "no width, no bucket");
        }
    }

    #[test]
    fn names_can_be_read_and_hold_nothing_odd() {
        let key = Key::of("context", 1).text("x").finish();
        let name = key.name("context", "calculus/What is a  derivative?");
        assert!(name.starts_with("context:calculus/what-is-a-derivative:") && name.len() == 38 + 12, "{name}");
        for label in ["", "\u{1b}[31m:*?\0\n", "::::", "¿Qué?", &"x".repeat(10_000), "数学の問題", "a:b*c"] {
            let name = key.name("n", label);
            assert!(name.starts_with("n:") && name.len() < 90, "{name}");
            assert!(name.matches(':').count() <= 2 && !name.contains(['*', '?', '\u{1b}', '\n']), "{name}");
        }
        assert_ne!(key.name("n", "a"), Key::of("context", 1).text("y").finish().name("n", "a"));
    }
}
