//! What users and readers rely on, from outside.
//!
//! - `tidy`: the house keeps its own rules
//! - `words`: usage, errors, exit codes, colours
//! - `readme`: what the README shows is what happens
//! - `setup`: settings and where they come from
//! - `interrupt`: a watched folder, and Ctrl-C
//! - `journey`: add, sync, search, ask, chat, eval on small documents
//! - `meaning`: finding by meaning, with and without an embedder
//! - `quality`: floors for passages and answers
//! - `cache`: what is remembered between commands, topics and prefetching
//! - `figures`: what `docent bench` measures
//! - `upkeep`: list, show, remove, backup, restore, doctor
//! - `models`: the shelf of models; `models_pull`: from a hub (`hub`) that misbehaves
//! - `offline`: only a pull ever connects
//! - `server`: `docent serve` as a process, and commands that go through it; `server_same`: what they print is the same;
//!   `server_pull`: models that it brings
//! - `crash`: killed at any moment, the library is whole

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![expect(unreachable_pub, reason = "nothing outside can reach into a test")]

mod bench;
mod cache;
mod crash;
mod figures;
mod hub;
mod interrupt;
mod journey;
mod meaning;
mod models;
mod models_pull;
mod offline;
mod quality;
mod readme;
mod server;
mod server_pull;
mod server_same;
mod setup;
mod tidy;
mod upkeep;
mod words;
