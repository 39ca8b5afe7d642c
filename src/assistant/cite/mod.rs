//! What a generator writes, on its way to a person: numbers that point at no source are left out, every statement is
//! matched with the source that says it, and what no source says is marked.

mod judge;
mod marks;
mod sentence;
mod stream;
#[cfg(test)]
mod tests;
mod thoughts;
mod unknown;

pub(super) use judge::Bench;
pub(super) use stream::{Citer, Over};
pub(super) use thoughts::Thoughts;
pub(super) use unknown::does_not_know;
