//! How much memory will a model take? An estimate from the size of its files, stated as one.

use super::{Entry, Installed, Kind};

/// Encoders are mapped, and at most all of the file is touched; beside it lie the tokenizer and what a batch needs.
const BESIDE_ENCODER: u64 = 48 << 20;
/// Keys and values of a conversation, and what a step needs.
const BESIDE_GENERATOR: u64 = 256 << 20;

fn estimate(kind: Kind, bytes: u64) -> u64 {
    bytes.saturating_add(if kind == Kind::Generator { BESIDE_GENERATOR } else { BESIDE_ENCODER })
}

impl Installed {
    /// An estimate.
    pub fn memory(&self) -> u64 {
        estimate(self.kind, self.bytes)
    }
}

impl Entry {
    /// An estimate, where the size is known.
    pub fn memory(&self) -> Option<u64> {
        self.bytes().map(|bytes| estimate(self.kind, bytes))
    }
}
