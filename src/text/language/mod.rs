//! Which language is a text written in?

mod detect;
mod evidence;
mod marks;
mod script;
#[cfg(test)]
mod tests;

pub use detect::{detect_language, detect_question_language};
pub(super) use evidence::is_common_word;
