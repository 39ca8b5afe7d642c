//! What does a GGUF file say about itself, and is it whole? Notes and tensors, read within a budget.
//!
//! Knows the format; not what a model is.

use std::collections::HashMap;
use std::ops::Range;

/// The head of a file.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Only those that were asked for.
    pub notes: HashMap<String, Value>,
    pub tensors: Vec<Tensor>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Texts(Vec<String>),
    Bools(Vec<bool>),
    Integers(Vec<i64>),
    Floats(Vec<f32>),
}

/// Lies wholly inside the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    pub name: String,
    /// As the file has it: numbers that lie beside each other first.
    pub shape: Vec<usize>,
    pub kind: Kind,
    /// Bytes of the file.
    pub bytes: Range<u64>,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    F32,
    F16,
    Bf16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
    /// Known to the format and not to docent, or newer than both.
    Other(u32),
}
