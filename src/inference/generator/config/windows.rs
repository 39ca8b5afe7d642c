//! Which layers see only what is near?

use super::notes::Notes;
use super::shape::Architecture;
use crate::gguf::Value;
use crate::inference::error::InferenceError;

pub(super) struct Windows {
    window: Option<usize>,
    local: Vec<bool>,
}

impl Windows {
    /// Also where no window is so short that it matters.
    pub(super) fn is_local(&self, layer: usize) -> bool {
        self.window.is_some() && self.local[layer]
    }

    pub(super) fn of(&self, layer: usize) -> Option<usize> {
        self.window.filter(|_| self.local[layer])
    }
}

/// A window of 0 is none. What is not Gemma and names a window has it on every layer unless it says on which.
pub(super) fn windows(notes: &Notes<'_>, layers: usize) -> Result<Windows, InferenceError> {
    let usual = (notes.architecture == Architecture::Gemma2).then_some(4096);
    let window = notes.maybe_count("attention.sliding_window", 0..=usize::MAX)?.or(usual).filter(|&window| window > 0);
    let local = match notes.value("attention.sliding_window_pattern") {
        Some(Value::Bools(local)) if local.len() >= layers => local[..layers].to_vec(),
        Some(Value::Bools(local)) => {
            let why = format!("says for {} of {layers} layers whether they have a window", local.len());
            return Err(notes.file.damaged(why));
        }
        Some(_) => {
            let every = notes.count("attention.sliding_window_pattern", 0..=layers.max(1 << 10))?;
            (0..layers).map(|layer| every == 0 || layer % every < every - 1).collect()
        }
        None => {
            // The last of so many sees everything.
            let every = match notes.architecture {
                Architecture::Gemma2 => 2,
                Architecture::Gemma3 => 6,
                _ => usize::MAX,
            };
            (0..layers).map(|layer| layer % every < every - 1).collect()
        }
    };
    Ok(Windows { window, local })
}
