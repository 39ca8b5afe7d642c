//! What can go wrong with a model, and what a person can do about it.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Whose};

#[derive(Debug)]
pub enum InferenceError {
    /// A file of the model is missing, cut short, or not what it should be.
    Damaged { model: String, path: PathBuf, why: String, source: Option<Cause> },
    /// The model is sound, and of a kind that this docent cannot run.
    Unsupported { model: String, why: String },
    /// The model gave no usable numbers.
    Failed { model: String, why: String },
    /// The thread that ran the model ended.
    Stopped { model: String },
    /// More callers wait than will be served in good time.
    Busy { model: String },
    /// The prompt has more tokens than the model can read together with an answer.
    TooLong { model: String, tokens: usize, context: usize },
    /// What was asked for in a certain shape cannot be written so.
    Shape { model: String, why: String },
}

pub(super) type Cause = Box<dyn Error + Send + Sync>;

/// A file of a model, for what there is to say about it.
#[derive(Clone, Debug)]
pub(super) struct ModelFile {
    pub(super) model: String,
    pub(super) path: PathBuf,
}

impl ModelFile {
    pub(super) fn new(model: &str, folder: &Path, name: &str) -> ModelFile {
        ModelFile { model: model.to_owned(), path: folder.join(name) }
    }

    pub(super) fn damaged(&self, why: impl Into<String>) -> InferenceError {
        InferenceError::Damaged { model: self.model.clone(), path: self.path.clone(), why: why.into(), source: None }
    }

    pub(super) fn damaged_by(&self, why: impl Into<String>, source: impl Into<Cause>) -> InferenceError {
        let source = Some(source.into());
        InferenceError::Damaged { model: self.model.clone(), path: self.path.clone(), why: why.into(), source }
    }

    pub(super) fn unsupported(&self, why: impl Into<String>) -> InferenceError {
        InferenceError::Unsupported { model: self.model.clone(), why: why.into() }
    }
}

impl InferenceError {
    fn model(&self) -> &str {
        match self {
            InferenceError::Damaged { model, .. }
            | InferenceError::Unsupported { model, .. }
            | InferenceError::Failed { model, .. }
            | InferenceError::Stopped { model }
            | InferenceError::Busy { model }
            | InferenceError::TooLong { model, .. }
            | InferenceError::Shape { model, .. } => model,
        }
    }

    /// The same for another caller, whom it struck too; without the cause below, which cannot be copied.
    pub(super) fn again(&self) -> InferenceError {
        let model = self.model().to_owned();
        match self {
            InferenceError::Damaged { path, why, .. } => {
                InferenceError::Damaged { model, path: path.clone(), why: why.clone(), source: None }
            }
            InferenceError::Unsupported { why, .. } => InferenceError::Unsupported { model, why: why.clone() },
            InferenceError::Failed { why, .. } => InferenceError::Failed { model, why: why.clone() },
            InferenceError::Stopped { .. } => InferenceError::Stopped { model },
            InferenceError::Busy { .. } => InferenceError::Busy { model },
            InferenceError::TooLong { tokens, context, .. } => {
                InferenceError::TooLong { model, tokens: *tokens, context: *context }
            }
            InferenceError::Shape { why, .. } => InferenceError::Shape { model, why: why.clone() },
        }
    }
}

impl fmt::Display for InferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InferenceError::Damaged { model, path, why, .. } => {
                write!(f, "the model {model} cannot be loaded: {}: {why}", path.display())
            }
            InferenceError::Unsupported { model, why } => write!(f, "the model {model} cannot be run: {why}"),
            InferenceError::Failed { model, why } => write!(f, "the model {model} failed: {why}"),
            InferenceError::Shape { why, .. } => write!(f, "the schema of the answer cannot be followed: {why}"),
            InferenceError::Stopped { model } => write!(f, "the model {model} is no longer running"),
            InferenceError::Busy { model } => write!(f, "too many wait for the model {model}"),
            InferenceError::TooLong { model, tokens, context } => {
                write!(
                    f,
                    "a prompt of {tokens} tokens is too long for the model {model}: with its answer it has {context}"
                )
            }
        }
    }
}

impl Error for InferenceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            InferenceError::Damaged { source, .. } => source.as_ref().map(|source| source.as_ref() as _),
            _ => None,
        }
    }
}

impl From<InferenceError> for Fault {
    fn from(error: InferenceError) -> Fault {
        // What vectors are kept under is the name and a sum; commands want the name.
        let name = error.model().split('@').next().unwrap_or_default();
        let (whose, code, hint) = match &error {
            InferenceError::Damaged { .. } => (
                Whose::Machine,
                "model_damaged",
                format!("run `docent models verify`; `docent models pull {name}` brings it anew, or import it again"),
            ),
            InferenceError::Unsupported { .. } => {
                (Whose::Caller, "model_unsupported", "choose another with `docent models use NAME`".to_owned())
            }
            InferenceError::Failed { .. } => (
                Whose::Machine,
                "model_failed",
                "run `docent models verify` to see whether its files are whole".to_owned(),
            ),
            InferenceError::Busy { .. } => (Whose::Busy, "model_busy", "try again in a moment".to_owned()),
            InferenceError::TooLong { .. } => (
                Whose::Caller,
                "prompt_too_long",
                "ask more briefly or about less text, or choose a model with a longer context".to_owned(),
            ),
            InferenceError::Shape { .. } => (
                Whose::Caller,
                "schema_unsupported",
                "ask for a simpler schema, and check the rest of it when the answer is there".to_owned(),
            ),
            InferenceError::Stopped { .. } => (Whose::Bug, "model_stopped", "run it again".to_owned()),
        };
        Fault::new(whose, code, error.to_string()).hint(hint).because_of(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_mends_a_model_can_be_typed() {
        let file = ModelFile::new("all-MiniLM-L6-v2@53aa51172d14", Path::new("shelf"), "model.safetensors");
        let fault = Fault::from(file.damaged("is cut short"));
        let path = Path::new("shelf").join("model.safetensors");
        let what =
            format!("the model all-MiniLM-L6-v2@53aa51172d14 cannot be loaded: {}: is cut short", path.display());
        assert_eq!((fault.code, &fault.what), ("model_damaged", &what));
        assert!(fault.hint.unwrap().contains("`docent models pull all-MiniLM-L6-v2`"));
    }
}
