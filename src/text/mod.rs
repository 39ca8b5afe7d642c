//! Pure functions; nothing here knows where a text came from or what is done with it.

mod language;
mod sentences;
mod stems;
mod stop_words;
mod terms;
mod words;

pub use language::{detect_language, detect_question_language};
pub use sentences::sentences;
pub use terms::Analyser;
pub use words::count_words;
