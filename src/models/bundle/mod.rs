//! How does a model reach a machine that never sees a network? As one file that another docent wrote, or as what other
//! tools keep: a hub's cache, a folder of an encoder, a GGUF file.

mod export;
mod folder;
mod format;
mod import;

pub use export::{Overwrite, export};
pub use import::import;

#[cfg(test)]
mod tests;
