//! What shape has the model? Read from a GGUF file's notes, and held against its tensors; what is missing, impossible or
//! unknown is said, not guessed.

mod notes;
mod read;
mod rope;
mod ropes;
mod shape;
mod tensors;
mod windows;

pub(super) use shape::{Architecture, Config, Gate, Pairs, Rope};

#[cfg(test)]
mod tests;
