//! docent answers questions from your own documents, on your own machine, with no network.
//!
//! This page is the plan of the house. A reader who goes through the rooms in the order below meets nothing that was not
//! explained before.
//!
//! # Floors
//!
//! A room may use rooms on lower floors only; the rooms of floor 2 do not know each other.
//!
//! | floor | rooms | |
//! |---|---|---|
//! | 4 faces | [`settings`], [`wire`], [`local`], [`cli`], [`http`] | read what people and programs say, give them what they asked for |
//! | 3 product | [`assistant`] | adds, embeds, searches, answers, remembers, measures |
//! | 2 engines | [`read`], [`library`], [`models`], [`inference`], [`cache`] | bytes into text; text onto disk and back; models here, and run; what was costly, kept |
//! | 1 pure | [`text`], [`rank`], [`prompt`], [`simd`], [`gguf`] | language, choice, prompts and numbers: no I/O, no clock, no threads |
//! | 0 words | [`domain`], [`fault`], [`clock`], [`machine`] | what everybody talks about, and where we are |
//!
//! # Three journeys
//!
//! **add**: a file's bytes are read within limits and hashed (known bytes are "unchanged"), become a
//! [`Manuscript`](domain::Manuscript) with places, are cut into [`Chunk`](domain::Chunk)s, and are written with everything
//! that belongs to them in one transaction. Many threads read, the embedder takes what they read in batches across
//! documents, one writes. Nothing is reported before it is durable.
//!
//! **ask**: on one immutable [`Snapshot`](library::Snapshot) the question's words and, with an embedder, its meaning find
//! passages, the best are read closely, and the sentences that answer become an [`Answer`](domain::Answer) whose every
//! citation quotes the document exactly. Where none answers, that is the answer. With a generator the passages become a
//! [`prompt`], and what it writes is checked while it streams: numbers that point at no source are left out, every statement
//! is matched with the passage that says it, and what was told is never taken back. The sentences were made ready before, and
//! are the answer when the generator is late, busy or broken.
//!
//! What was answered before is remembered: in the revision of the library it was made in it is told as it is; in another
//! everything is done again but the model's writing, which is kept under the prompt it was given. Identical questions at the
//! same time are one run, which all of them hear.
//!
//! **serve**: a request goes through the guard (by which name, from which page, with which token, how often), becomes a journey on
//! a thread of its lane, and its events are told in the caller's dialect as they come. A client that hangs up is noticed by the
//! next word, and its place is free. Whoever does not fit in is told at once when to come back.
//!
//! # What always holds
//!
//! - The redb file is the only truth. The lexical index is derived from it and is built again when it is missing,
//!   damaged or behind.
//! - A revision is published whole: a search never sees half a change.
//! - Files are hostile until read. Sizes, depth and work are bounded, and no parser's panic leaves [`read`].
//! - What is remembered is what would come out today, and a cache that breaks is a miss.
//! - An asker's deadline is kept, whatever a model does. Documents are data in a prompt, never instructions.
//! - Every error that reaches a person says what happened, where, whose fault it is and what to do: a [`Fault`](fault::Fault).
//!   A dependency's own words go to the log.
//! - No model is needed for anything but what it alone can do. One that is missing, damaged, failing or late is said once, and
//!   everything goes on by words.
//! - Time and settings come in as arguments. Only [`clock`] asks the system, only [`settings`] reads the environment.
//! - stdout carries results only.
//!
//! # What is deliberately absent
//!
//! No network code but what pulls models and what serves, no connection to another machine but to pull models, no async outside
//! [`http`], no global state, no unsafe code but in [`simd`], the one
//! file that maps weights and the one that speaks to the C library's allocator. No crate is named outside the room it was brought in for.
//! `tests/it/tidy.rs` checks all of this that can be checked.

pub mod clock;
pub mod domain;
pub mod fault;
pub mod machine;

pub mod gguf;
pub mod prompt;
pub mod rank;
pub mod simd;
pub mod text;

pub mod cache;
pub mod inference;
pub mod library;
pub mod models;
pub mod read;

pub mod assistant;

pub mod cli;
pub mod http;
pub mod local;
pub mod settings;
pub mod wire;
