//! What does the file's head say about its words? Each note of the kind that is asked for, or a clear word about it.

use crate::gguf::{Contents, Value};
use crate::inference::error::{InferenceError, ModelFile};

#[derive(Clone, Copy, Debug)]
pub(super) struct Notes<'a> {
    pub(super) contents: &'a Contents,
    pub(super) file: &'a ModelFile,
}

impl<'a> Notes<'a> {
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, InferenceError> {
        match self.contents.notes.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "a text")),
        }
    }

    pub(super) fn texts(&self, key: &str) -> Result<Option<&'a [String]>, InferenceError> {
        match self.contents.notes.get(key) {
            None => Ok(None),
            Some(Value::Texts(texts)) => Ok(Some(texts)),
            Some(_) => Err(self.wrong(key, "a list of texts")),
        }
    }

    pub(super) fn truth(&self, key: &str) -> Result<Option<bool>, InferenceError> {
        match self.contents.notes.get(key) {
            None => Ok(None),
            Some(Value::Bool(truth)) => Ok(Some(*truth)),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    /// The number of a token. One that is not in the vocabulary is none, as in files whose notes were left from another.
    pub(super) fn token(&self, key: &str, vocabulary: usize) -> Result<Option<u32>, InferenceError> {
        match self.contents.notes.get(key) {
            None => Ok(None),
            Some(Value::Integer(id)) => match u32::try_from(*id) {
                Ok(id) if (id as usize) < vocabulary => Ok(Some(id)),
                _ => {
                    tracing::warn!(key, id, vocabulary, model = self.file.model, "a note names no token");
                    Ok(None)
                }
            },
            Some(_) => Err(self.wrong(key, "the number of a token")),
        }
    }

    pub(super) fn floats(&self, key: &str) -> Result<Option<Vec<f32>>, InferenceError> {
        match self.contents.notes.get(key) {
            None => Ok(None),
            Some(Value::Floats(floats)) => Ok(Some(floats.clone())),
            Some(Value::Integers(integers)) => Ok(Some(integers.iter().map(|&integer| integer as f32).collect())),
            Some(_) => Err(self.wrong(key, "a list of numbers")),
        }
    }

    pub(super) fn integers(&self, key: &str) -> Result<Option<&'a [i64]>, InferenceError> {
        match self.contents.notes.get(key) {
            None => Ok(None),
            Some(Value::Integers(integers)) => Ok(Some(integers)),
            Some(_) => Err(self.wrong(key, "a list of integers")),
        }
    }

    fn wrong(&self, key: &str, wanted: &str) -> InferenceError {
        self.file.damaged(format!("its note {key} is not {wanted}"))
    }
}
