//! Numbers that a file gives for its architecture, each within what a model can be.

use std::ops::RangeInclusive;

use super::shape::Architecture;
use crate::gguf::{Contents, Value};
use crate::inference::error::{InferenceError, ModelFile};

pub(super) struct Notes<'a> {
    pub(super) contents: &'a Contents,
    pub(super) file: &'a ModelFile,
    pub(super) architecture: Architecture,
}

impl Notes<'_> {
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.architecture.name())
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.contents.notes.get(&self.key(name))
    }

    /// One that must be there.
    pub(super) fn count(&self, name: &str, allowed: RangeInclusive<usize>) -> Result<usize, InferenceError> {
        self.maybe_count(name, allowed)?.ok_or_else(|| self.file.damaged(format!("says no {}", self.key(name))))
    }

    pub(super) fn maybe_count(
        &self,
        name: &str,
        allowed: RangeInclusive<usize>,
    ) -> Result<Option<usize>, InferenceError> {
        let number = match self.value(name) {
            None => return Ok(None),
            Some(Value::Integer(number)) => *number,
            Some(Value::Integers(numbers)) => {
                let first = *numbers.first().ok_or_else(|| self.no_number(name))?;
                if numbers.iter().any(|&number| number != first) {
                    let why = format!("{} differs from layer to layer, which docent does not know", self.key(name));
                    return Err(self.file.unsupported(why));
                }
                first
            }
            Some(_) => return Err(self.no_number(name)),
        };
        let inside = usize::try_from(number).ok().filter(|number| allowed.contains(number));
        let (least, most) = allowed.into_inner();
        let why = || format!("{} is {number}, and can be from {least} to {most}", self.key(name));
        inside.map(Some).ok_or_else(|| self.file.damaged(why()))
    }

    /// A finite number within limits.
    pub(super) fn number(&self, name: &str, allowed: RangeInclusive<f64>) -> Result<Option<f64>, InferenceError> {
        if self.value(name).is_none() {
            return Ok(None);
        }
        let number = self.contents.float(&self.key(name)).ok_or_else(|| self.no_number(name))?;
        let (least, most) = (allowed.start(), allowed.end());
        let why = || format!("{} is {number}, and can be from {least} to {most}", self.key(name));
        if allowed.contains(&number) { Ok(Some(number)) } else { Err(self.file.damaged(why())) }
    }

    fn no_number(&self, name: &str) -> InferenceError {
        self.file.damaged(format!("{} is no number", self.key(name)))
    }

    pub(super) fn unsupported(&self, why: &str) -> InferenceError {
        self.file.unsupported(format!("{why}, which docent does not know for {}", self.architecture.name()))
    }
}
