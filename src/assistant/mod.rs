//! What docent does for a person: it adds documents, finds passages, and answers from them.

mod add;
mod gate;
mod prepare;
mod sync;
mod walk;

pub use add::{AddEvent, AddOptions, AddReport, Outcome, add};
pub use sync::sync;
pub use walk::{Depth, absolute};

#[cfg(test)]
mod add_tests;
