//! What a client of OpenAI's is answered.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::talk::{Grounds, Over};

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Usage {
    prompt_tokens: usize,
    completion_tokens: usize,
    total_tokens: usize,
}

impl From<&Over> for Usage {
    fn from(over: &Over) -> Usage {
        Usage {
            prompt_tokens: over.prompt_tokens,
            completion_tokens: over.generated_tokens,
            total_tokens: over.prompt_tokens + over.generated_tokens,
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct ChatCompletion {
    pub id: String,
    /// `chat.completion`
    pub object: &'static str,
    /// Seconds since 1970.
    pub created: u64,
    pub model: String,
    pub choices: Vec<ChatChoice>,
    pub usage: Usage,
    #[serde(flatten)]
    pub grounds: Grounds,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct ChatChoice {
    pub index: u32,
    pub message: ChatMessage,
    pub logprobs: Option<bool>,
    /// `stop` or `length`
    pub finish_reason: &'static str,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct ChatMessage {
    /// `assistant`
    pub role: &'static str,
    pub content: String,
    pub refusal: Option<String>,
}

/// A piece of a stream.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct ChatChunk {
    pub id: String,
    /// `chat.completion.chunk`
    pub object: &'static str,
    pub created: u64,
    pub model: String,
    pub choices: Vec<ChunkChoice>,
    /// Where it was asked for: null until the last piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Option<Usage>>,
    #[serde(flatten)]
    pub grounds: Grounds,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct ChunkChoice {
    pub index: u32,
    pub delta: Delta,
    pub logprobs: Option<bool>,
    pub finish_reason: Option<&'static str>,
}

#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(in crate::http) struct Delta {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// Whole, or a piece of a stream.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Completion {
    pub id: String,
    /// `text_completion`
    pub object: &'static str,
    pub created: u64,
    pub model: String,
    pub choices: Vec<CompletionChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Option<Usage>>,
    #[serde(flatten)]
    pub grounds: Grounds,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct CompletionChoice {
    pub index: u32,
    pub text: String,
    pub logprobs: Option<bool>,
    pub finish_reason: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct Embeddings {
    /// `list`
    pub object: &'static str,
    pub data: Vec<EmbeddingItem>,
    pub model: String,
    pub usage: EmbeddingUsage,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct EmbeddingItem {
    /// `embedding`
    pub object: &'static str,
    pub index: usize,
    pub embedding: Numbers,
}

/// A list of numbers, or 32-bit numbers, lowest byte first, in base64.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http) enum Numbers {
    List(Vec<f32>),
    Base64(String),
}

#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(in crate::http) struct EmbeddingUsage {
    pub prompt_tokens: usize,
    pub total_tokens: usize,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct ModelList {
    /// `list`
    pub object: &'static str,
    pub data: Vec<Model>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(title = "Model")]
pub(in crate::http) struct Model {
    pub id: String,
    /// `model`
    pub object: &'static str,
    /// Seconds since 1970: when it came here.
    pub created: u64,
    pub owned_by: String,
    /// `documents`, `generator` or `embedder`: docent's own
    pub kind: &'static str,
    /// Of its files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// How many tokens it reads at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<usize>,
}

/// How it is said that something cannot be done.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct OpenAiError {
    error: OpenAiErrorDetail,
}

#[derive(Debug, Serialize, ToSchema)]
struct OpenAiErrorDetail {
    /// What happened, and what to do about it.
    message: String,
    #[serde(rename = "type")]
    kind: String,
    /// The field that it is about.
    param: Option<String>,
    /// Short and stable.
    code: String,
}
