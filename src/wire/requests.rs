//! What clients send.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::described::{ShelfJson, SourceJson, TextJson, WordsJson};
use crate::assistant::Mode;
use crate::domain::Turn;

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct AskJson {
    #[schema(value_type = WordsJson)]
    pub question: String,
    /// Only from this collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ShelfJson>)]
    pub collection: Option<String>,
    /// From how many passages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub k: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ModeJson>,
    /// Server-sent events instead of one answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<bool>,
    /// When the answer has to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 600000)]
    pub timeout_ms: Option<u64>,
    /// What was asked and answered before in the same conversation, oldest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 100)]
    pub history: Option<Vec<TurnJson>>,
    /// Which generator is to write; the one that was chosen where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 8192)]
    pub max_tokens: Option<usize>,
    /// How freely words are chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0.0, maximum = 2.0)]
    pub temperature: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<usize>)]
    pub seed: Option<u64>,
    /// The documents' own sentences, and no model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_llm: Option<bool>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TurnJson {
    pub question: String,
    pub answer: String,
}

impl From<TurnJson> for Turn {
    fn from(turn: TurnJson) -> Turn {
        Turn { question: turn.question, answer: turn.answer }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct QueryJson {
    #[schema(value_type = WordsJson)]
    pub query: String,
    /// Only in this collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ShelfJson>)]
    pub collection: Option<String>,
    /// How many passages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub k: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ModeJson>,
}

/// How passages are found: by words, by meaning, or by both as far as they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModeJson {
    Hybrid,
    Vector,
    Lexical,
}

impl From<ModeJson> for Mode {
    fn from(mode: ModeJson) -> Mode {
        match mode {
            ModeJson::Hybrid => Mode::Hybrid,
            ModeJson::Vector => Mode::Vector,
            ModeJson::Lexical => Mode::Lexical,
        }
    }
}

impl From<Mode> for ModeJson {
    fn from(mode: Mode) -> ModeJson {
        match mode {
            Mode::Hybrid => ModeJson::Hybrid,
            Mode::Vector => ModeJson::Vector,
            Mode::Lexical => ModeJson::Lexical,
        }
    }
}

/// A document that is sent as text.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DocumentInJson {
    #[schema(value_type = SourceJson)]
    pub source: String,
    #[schema(value_type = TextJson)]
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Into this collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ShelfJson>)]
    pub collection: Option<String>,
}
