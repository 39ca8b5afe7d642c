//! What a client of Ollama's is answered. Times are in nanoseconds.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::talk::{Grounds, Over};

/// The answer, or a piece of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Generated {
    pub model: String,
    pub created_at: String,
    pub response: String,
    pub done: bool,
    #[serde(flatten)]
    pub end: End,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Chatted {
    pub model: String,
    pub created_at: String,
    pub message: Said,
    pub done: bool,
    #[serde(flatten)]
    pub end: End,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Said {
    /// `assistant`
    pub role: &'static str,
    pub content: String,
}

/// What the last piece says.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(in crate::http) struct End {
    /// `stop`, `length`, `load` or `unload`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_eval_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_eval_duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_duration: Option<u64>,
    #[serde(flatten)]
    pub grounds: Grounds,
}

impl From<&Over> for End {
    fn from(over: &Over) -> End {
        let writing = over.total.saturating_sub(over.load).saturating_sub(over.read);
        End {
            done_reason: Some(over.ended.name()),
            total_duration: Some(nanos(over.total)),
            load_duration: Some(nanos(over.load)),
            prompt_eval_count: Some(over.prompt_tokens),
            prompt_eval_duration: Some(nanos(over.read)),
            eval_count: Some(over.generated_tokens),
            eval_duration: Some(nanos(writing)),
            grounds: Grounds::from(over.answer.as_ref()),
        }
    }
}

pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Embedded {
    pub model: String,
    pub embeddings: Vec<Vec<f32>>,
    pub total_duration: u64,
    pub load_duration: u64,
    pub prompt_eval_count: usize,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct EmbeddedOne {
    pub embedding: Vec<f32>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Version {
    /// docent's.
    pub version: &'static str,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Tags {
    pub models: Vec<Tag>,
}

/// A model that can be asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Tag {
    pub name: String,
    pub model: String,
    pub modified_at: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of its weights.
    pub digest: String,
    pub details: Details,
    /// Only of those that are in memory.
    #[serde(flatten)]
    pub running: Running,
}

#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(in crate::http) struct Running {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_vram: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_length: Option<usize>,
}

#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(in crate::http) struct Details {
    pub parent_model: String,
    pub format: String,
    pub family: String,
    pub families: Vec<String>,
    /// `1.5B`
    pub parameter_size: String,
    /// `Q4_K_M`
    pub quantization_level: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Shown {
    pub modelfile: String,
    pub parameters: String,
    pub template: String,
    pub license: String,
    pub details: Details,
    #[schema(value_type = Object)]
    pub model_info: Map<String, Value>,
    /// `completion` or `embedding`
    pub capabilities: Vec<&'static str>,
    pub modified_at: String,
}

/// How far a model has come.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(in crate::http) struct Progress {
    /// `success` at the end.
    pub status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// In bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<u64>,
}

/// How it is said that something cannot be done.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct OllamaError {
    /// What happened, and what to do about it.
    error: String,
}
