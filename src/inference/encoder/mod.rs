//! Runs encoders of the BERT family: tokens in, one vector for each text out.
//!
//! Knows weights and arithmetic; not text, files' names apart from its own, nor who asks.

mod config;
mod embeddings;
mod fast;
mod forward;
mod reference;
mod weights;

pub(super) use config::{Config, Family};
pub(super) use forward::{Encoder, Task};
