//! What is a text made of: its language, sentences, chunks, and the terms it can be found by.
//! Pure functions; nothing here knows where a text came from or what is done with it.

mod chunks;
mod language;
mod plain;
mod sentences;
mod stems;
mod stop_words;
mod terms;
mod words;

pub use chunks::{Cut, count_words, cut};
pub use language::{detect_language, detect_question_language};
pub use plain::plain_question;
pub use sentences::sentences;
pub use terms::{Analyser, Analysers};
pub(crate) use words::fold;
