//! What an evaluation measured, as `--json` writes it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::assistant::{RECALL_AT, Ranks, Scores};
use crate::settings::Value;
use crate::wire::millis;

#[derive(Debug, Serialize)]
pub(in crate::cli) struct ScoresJson {
    questions: usize,
    recall_at: BTreeMap<usize, f64>,
    mrr: f64,
    ndcg_at_10: f64,
    answer: AnswerScoresJson,
    latency_ms: LatencyJson,
    /// The other modes, by name, where there are vectors to compare with.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    modes: BTreeMap<String, RanksJson>,
}

#[derive(Debug, Serialize)]
struct RanksJson {
    recall_at: BTreeMap<usize, f64>,
    mrr: f64,
    ndcg_at_10: f64,
}

impl From<&Ranks> for RanksJson {
    fn from(ranks: &Ranks) -> RanksJson {
        let recall_at = RECALL_AT.into_iter().zip(ranks.recall_at).collect();
        RanksJson { recall_at, mrr: ranks.mrr, ndcg_at_10: ranks.ndcg_at_10 }
    }
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
        let RanksJson { recall_at, mrr, ndcg_at_10 } = RanksJson::from(&scores.ranks);
        let modes = scores.others.iter().map(|(mode, ranks)| (mode.plain().to_string(), RanksJson::from(ranks)));
        ScoresJson {
            modes: modes.collect(),
            questions: scores.questions,
            recall_at,
            mrr,
            ndcg_at_10,
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
