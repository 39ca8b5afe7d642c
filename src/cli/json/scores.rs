//! What an evaluation measured, as `--json` writes it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::answers::millis;
use crate::assistant::{RECALL_AT, Scores};

#[derive(Debug, Serialize)]
pub(in crate::cli) struct ScoresJson {
    questions: usize,
    recall_at: BTreeMap<usize, f64>,
    mrr: f64,
    ndcg_at_10: f64,
    answer: AnswerScoresJson,
    latency_ms: LatencyJson,
}

#[derive(Debug, Serialize)]
struct AnswerScoresJson {
    exact: f64,
    f1: f64,
    /// A gold answer stands in the answer.
    contains: f64,
    sentences: f64,
    answered: f64,
    /// Null where every question had an answer.
    refused: Option<f64>,
}

#[derive(Debug, Serialize)]
struct LatencyJson {
    p50: f64,
    p95: f64,
    p99: f64,
}

impl From<&Scores> for ScoresJson {
    fn from(scores: &Scores) -> ScoresJson {
        ScoresJson {
            questions: scores.questions,
            recall_at: RECALL_AT.into_iter().zip(scores.recall_at).collect(),
            mrr: scores.mrr,
            ndcg_at_10: scores.ndcg_at_10,
            answer: AnswerScoresJson {
                exact: scores.exact,
                f1: scores.f1,
                contains: scores.contains,
                sentences: scores.quotes,
                answered: scores.answered,
                refused: scores.refused,
            },
            latency_ms: LatencyJson {
                p50: millis(scores.latency.p50),
                p95: millis(scores.latency.p95),
                p99: millis(scores.latency.p99),
            },
        }
    }
}
