//! What is a text made of: its language, sentences, chunks, and the terms it can be found by.
//! Pure functions; nothing here knows where a text came from or what is done with it.

mod stems;
mod stop_words;
mod terms;
mod words;

pub use terms::Analyser;
pub use words::count_words;
