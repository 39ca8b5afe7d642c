//! What an answer from documents stands on, beside what a dialect knows by itself.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Answer;
use crate::wire::{AnswerJson, CitationJson};

/// Nothing of it where a generator answered by itself.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(in crate::http) struct Grounds {
    /// Whom the numbers in the answer stand for.
    #[serde(skip_serializing_if = "Option::is_none")]
    citations: Option<Vec<CitationJson>>,
    /// `generated`, `extracted` or `remembered`.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// Why it was not generated, or that nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// False where time or the allowed length ran out before the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
}

impl From<Option<&Answer>> for Grounds {
    fn from(answer: Option<&Answer>) -> Grounds {
        let Some(answer) = answer else { return Grounds::default() };
        let AnswerJson { citations, origin, because, complete, language, .. } = AnswerJson::from(answer);
        Grounds {
            citations: Some(citations),
            origin: Some(origin),
            because,
            complete: Some(complete),
            language: Some(language),
        }
    }
}
