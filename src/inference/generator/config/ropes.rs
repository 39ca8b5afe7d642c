//! Which rotations does a file ask for, by its notes and by its tensors of factors?

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::notes::Notes;
use super::rope::{Scaling, Turning};
use super::shape::{Architecture, Rope, Short};
use crate::gguf::Kind;
use crate::inference::error::InferenceError;

pub(super) struct Ropes {
    pub(super) everywhere: Rope,
    /// Of layers with a window, where those turn otherwise.
    pub(super) local: Rope,
    pub(super) short: Option<Short>,
}

const MOST_CONTEXT: usize = 1 << 28;
const BASES: std::ops::RangeInclusive<f64> = 1.001..=1e12;
const FACTORS: std::ops::RangeInclusive<f64> = 1e-3..=1e6;

pub(super) fn ropes(notes: &Notes<'_>, head: usize, context: usize) -> Result<Ropes, InferenceError> {
    let numbers = notes.maybe_count("rope.dimension_count", 2..=head)?.unwrap_or(head);
    if numbers % 2 != 0 {
        return Err(notes.file.damaged(format!("{numbers} numbers of a head turn, which cannot be paired")));
    }
    let base = notes.number("rope.freq_base", BASES)?.unwrap_or(10_000.0);
    let original = notes.maybe_count("rope.scaling.original_context_length", 1..=MOST_CONTEXT)?.unwrap_or(context);
    let magnitude = notes.number("rope.scaling.attn_factor", FACTORS)?;
    let plain = Turning { base, numbers, factors: None, scaling: Scaling::None, magnitude: 1.0 };
    let local = Turning { base: notes.number("rope.freq_base_swa", BASES)?.unwrap_or(10_000.0), ..plain.clone() };

    let pair = [factors(notes, "rope_factors_long", numbers / 2)?, factors(notes, "rope_factors_short", numbers / 2)?];
    let [long, short] = match pair {
        [Some(long), Some(short)] => [Some(long), Some(short)],
        [None, None] => [factors(notes, "rope_freqs", numbers / 2)?, None],
        _ => return Err(notes.file.damaged("has rotations for long texts or short ones, and not both")),
    };
    let magnitude = magnitude.unwrap_or_else(|| if short.is_some() { stretched(context, original) } else { 1.0 });
    let scaling = scaling(notes, original, short.is_some())?;
    let turning = Turning { factors: long, scaling, magnitude, ..plain };
    let short = short.map(|factors| Short {
        positions: original,
        rope: Turning { factors: Some(factors), ..turning.clone() }.rope(),
    });
    Ok(Ropes { everywhere: turning.rope(), local: local.rope(), short })
}

/// What Phi's makers multiply with for a context that was made so much longer.
fn stretched(context: usize, original: usize) -> f64 {
    let stretch = context as f64 / original as f64;
    if stretch > 1.0 { (1.0 + stretch.ln() / (original as f64).ln().max(0.1)).sqrt() } else { 1.0 }
}

fn scaling(notes: &Notes<'_>, original: usize, has_factors: bool) -> Result<Scaling, InferenceError> {
    let factor = notes.number("rope.scaling.factor", 0.0..=1e6)?;
    let factor = match factor {
        Some(factor) => Some(factor),
        None => notes.number("rope.scale_linear", 0.0..=1e6)?,
    };
    let factor = factor.filter(|&factor| factor != 0.0);
    let kind = notes.contents.text(&notes.key("rope.scaling.type"));
    match (kind, factor) {
        // The factor is in the tensors.
        (_, _) if has_factors => Ok(Scaling::None),
        (Some("none"), _) | (None | Some("linear" | "yarn" | "longrope"), None) => Ok(Scaling::None),
        (None | Some("linear"), Some(factor)) => Ok(Scaling::Linear(factor)),
        (Some("yarn"), Some(factor)) => Ok(Scaling::Yarn {
            factor,
            original: original as f64,
            fast: notes.number("rope.scaling.yarn_beta_fast", FACTORS)?.unwrap_or(32.0),
            slow: notes.number("rope.scaling.yarn_beta_slow", FACTORS)?.unwrap_or(1.0),
        }),
        (Some(kind), _) => Err(notes.unsupported(&format!("it stretches its context by {kind:?}"))),
    }
}

/// Read from the file, since they are part of the shape and not of the weights.
fn factors(notes: &Notes<'_>, name: &str, pairs: usize) -> Result<Option<Vec<f32>>, InferenceError> {
    let name = format!("{name}.weight");
    let Some(tensor) = notes.contents.tensor(&name) else { return Ok(None) };
    if !matches!(notes.architecture, Architecture::Llama | Architecture::Phi3) {
        return Err(notes.unsupported(&format!("it has the tensor {name}")));
    }
    if tensor.kind != Kind::F32 || tensor.shape != [pairs] {
        let why =
            format!("the tensor {name} holds {:?} numbers as {}, and F32 for {pairs} pairs", tensor.shape, tensor.kind);
        return Err(notes.file.damaged(format!("{why} was expected")));
    }
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(&notes.file.path)?;
        file.seek(SeekFrom::Start(tensor.bytes.start))?;
        let mut bytes = vec![0; pairs * size_of::<f32>()];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| notes.file.damaged_by("cannot be read", error))?;
    let factors: Vec<f32> = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    match factors.iter().find(|&&factor| !FACTORS.contains(&f64::from(factor))) {
        Some(factor) => Err(notes.file.damaged(format!("the tensor {name} slows a pair down by {factor}"))),
        None => Ok(Some(factors)),
    }
}
