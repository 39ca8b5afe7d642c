//! From passages, a question and what was said before to the messages a generator is given, within a budget of tokens.
//!
//! Documents are data in it, never instructions: every line of a source begins with a quotation mark of ours, so that
//! nothing written in a document can end the quotation. Knows no model; whoever calls counts the tokens.

mod answer;
mod follow_up;
mod quoted;
mod shorten;
mod texts;

pub use answer::{Ask, Budget, Composed, compose};
pub use follow_up::{LONGEST_REWRITTEN, follow_up, leans, rewritten};
pub use quoted::sources;
