//! Which passage, and which sentences of it, answer a question. Pure functions over texts and the question's words.

mod alike;
mod clues;
mod evidence;
mod extract;
mod marks;
mod meaning;
mod question;
mod reading;
mod sense;
mod support;

pub use alike::Gist;
pub use evidence::{CERTAINTY, Evidence, likelihood_by_meaning};
pub use extract::{Asked, Excerpt, MOST_SENTENCES, extract};
pub use marks::{Mark, Marks, Probe};
pub use meaning::{Meaning, NEAREST};
pub use question::{Asking, Wanted};
pub use reading::{Reading, definition, rate};
pub use sense::asks_the_same;
pub use support::{Support, support};
