//! Tiny models of every kind.

pub(super) mod fixture;
