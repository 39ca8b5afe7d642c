//! What users and readers rely on, from outside.
//!
//! - `tidy`: the house keeps its own rules
//! - `words`: usage, errors, exit codes, colours
//! - `setup`: settings and where they come from
//! - `upkeep`: list, show, remove, backup, restore, doctor

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![expect(unreachable_pub, reason = "nothing outside can reach into a test")]

mod bench;
mod setup;
mod tidy;
mod upkeep;
mod words;
