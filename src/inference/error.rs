//! What can go wrong with a model, and what a person can do about it.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

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
}

pub(super) type Cause = Box<dyn Error + Send + Sync>;

impl InferenceError {
    fn model(&self) -> &str {
        match self {
            InferenceError::Damaged { model, .. }
            | InferenceError::Unsupported { model, .. }
            | InferenceError::Failed { model, .. }
            | InferenceError::Stopped { model } => model,
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
            InferenceError::Stopped { model } => write!(f, "the model {model} is no longer running"),
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
        let (whose, code, hint) = match &error {
            InferenceError::Damaged { .. } => (
                Whose::Machine,
                "model_damaged",
                format!("run `docent models verify`; `docent models pull {}` brings it anew", error.model()),
            ),
            InferenceError::Unsupported { .. } => {
                (Whose::Caller, "model_unsupported", "choose another with `docent models use NAME`".to_owned())
            }
            InferenceError::Failed { .. } => (
                Whose::Machine,
                "model_failed",
                "run `docent models verify` to see whether its files are whole".to_owned(),
            ),
            InferenceError::Stopped { .. } => (Whose::Bug, "model_stopped", "run it again".to_owned()),
        };
        Fault::new(whose, code, error.to_string()).hint(hint).because_of(error)
    }
}
