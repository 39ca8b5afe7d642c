//! What is in the head of a file: notes by name, and where each tensor lies.

use std::collections::HashMap;
use std::ops::Range;

use super::Kind;

/// The head of a file.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Only those that were asked for.
    pub notes: HashMap<String, Value>,
    /// No two with one name.
    pub tensors: Vec<Tensor>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Bool(bool),
    /// Beyond the largest, the largest: no count is that large.
    Integer(i64),
    Float(f64),
    /// What is no UTF-8 in it is replaced.
    Text(String),
    Texts(Vec<String>),
    Bools(Vec<bool>),
    Integers(Vec<i64>),
    Floats(Vec<f32>),
}

/// Lies wholly inside the file, its rows made of whole blocks; of a type without [`Kind::block`] only the beginning is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
    pub name: String,
    /// As the file has it: numbers that lie beside each other first.
    pub shape: Vec<usize>,
    pub kind: Kind,
    /// Bytes of the file.
    pub bytes: Range<u64>,
}

impl Contents {
    pub fn tensor(&self, name: &str) -> Option<&Tensor> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }

    pub fn flag(&self, key: &str) -> Option<bool> {
        if let Some(Value::Bool(flag)) = self.notes.get(key) { Some(*flag) } else { None }
    }

    pub fn integer(&self, key: &str) -> Option<i64> {
        if let Some(Value::Integer(number)) = self.notes.get(key) { Some(*number) } else { None }
    }

    /// A number of either kind.
    pub fn float(&self, key: &str) -> Option<f64> {
        match self.notes.get(key) {
            Some(Value::Float(number)) => Some(*number),
            Some(Value::Integer(number)) => Some(*number as f64),
            _ => None,
        }
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        if let Some(Value::Text(text)) = self.notes.get(key) { Some(text) } else { None }
    }

    pub fn flags(&self, key: &str) -> Option<&[bool]> {
        if let Some(Value::Bools(flags)) = self.notes.get(key) { Some(flags) } else { None }
    }

    pub fn integers(&self, key: &str) -> Option<&[i64]> {
        if let Some(Value::Integers(numbers)) = self.notes.get(key) { Some(numbers) } else { None }
    }

    pub fn floats(&self, key: &str) -> Option<&[f32]> {
        if let Some(Value::Floats(numbers)) = self.notes.get(key) { Some(numbers) } else { None }
    }

    pub fn texts(&self, key: &str) -> Option<&[String]> {
        if let Some(Value::Texts(texts)) = self.notes.get(key) { Some(texts) } else { None }
    }
}
