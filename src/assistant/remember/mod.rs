//! What was found, made ready or answered before, given out again as long as it is what would come out today.
//!
//! An entry holds the revision of the library it is right for. In that revision it is taken as it is. In another, everything
//! is done again but the one thing that takes seconds: what a model wrote is kept under the very prompt it was given, so
//! that a change of the documents asks the model again exactly when it changes what the model is shown.

mod alike;
mod ask;
mod follow;
mod keys;
mod rows;
mod search;
mod show;
#[cfg(test)]
mod tests;
mod written;

pub(super) use alike::Answered;
pub use ask::is_fresh;
pub(super) use ask::{Asks, ask};
pub(super) use search::{context, has_context, search};
pub use show::remembered_text;
pub(super) use written::{Written, keep, key, look};
