//! From values to bytes and back, for those who keep something.

use serde::{Deserialize, Serialize};

/// Without names of fields: another shape needs another version of its keys.
pub fn pack(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("plain data can always be written")
}

/// Nothing where the bytes are not of that shape.
pub fn unpack<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
