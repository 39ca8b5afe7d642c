//! How good retrieval and answers are on questions with known answers, and what it comes to.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::documents::named;
use super::{Holder, Line, Needs, Task, Tell};
use crate::assistant::{self, Evaluation, RECALL_AT, Ranks, Scores};
use crate::fault::Result;
use crate::settings::Value;
use crate::wire::{ModeJson, millis};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evaluate {
    pub file: Sheet,
    /// A parallel file whose questions are asked instead.
    pub questions: Option<Sheet>,
    pub collection: Option<String>,
    pub k: usize,
    pub mode: ModeJson,
    pub certainty: f32,
    pub limit: Option<usize>,
    /// Asks every question once more with its paragraph taken out.
    pub unanswerable: bool,
}

/// A file with questions: what it is called, and what stands in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sheet {
    pub name: String,
    pub text: String,
}

impl Task for Evaluate {
    const NAME: &'static str = "evaluate";
    const LINE: Line = Line::Ask;
    /// How many questions were asked, of how many.
    type Told = (usize, usize);
    type Done = ScoresJson;

    fn needs(&self) -> Needs {
        if assistant::brings_paragraphs(&self.file.text) { Needs::Nothing } else { Needs::ToRead }
    }

    fn run(self, holder: &Holder<'_>, _: &AtomicBool, tell: Tell<'_, (usize, usize)>) -> Result<ScoresJson> {
        let evaluation = Evaluation {
            file: (&self.file.name, &self.file.text),
            questions: self.questions.as_ref().map(|sheet| (sheet.name.as_str(), sheet.text.as_str())),
            collection: self.collection.as_deref().map(named).transpose()?,
            k: self.k,
            mode: self.mode.into(),
            engines: holder.engines(),
            certainty: self.certainty,
            limit: self.limit,
            without_answers: self.unanswerable,
            cut: holder.settings.cut(),
        };
        let snapshot = || holder.library().map(|library| library.snapshot());
        let mut progress = |done, all| tell(Some((done, all)));
        Ok(ScoresJson::from(&assistant::evaluate(&evaluation, snapshot, holder.clock, &mut progress)?))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScoresJson {
    pub questions: usize,
    pub recall_at: BTreeMap<usize, f64>,
    pub mrr: f64,
    pub ndcg_at_10: f64,
    pub answer: AnswerScoresJson,
    pub latency_ms: LatencyJson,
    /// The other modes, by name, where there are vectors to compare with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub modes: BTreeMap<String, RanksJson>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RanksJson {
    pub recall_at: BTreeMap<usize, f64>,
    pub mrr: f64,
    pub ndcg_at_10: f64,
}

impl From<&Ranks> for RanksJson {
    fn from(ranks: &Ranks) -> RanksJson {
        let recall_at = RECALL_AT.into_iter().zip(ranks.recall_at).collect();
        RanksJson { recall_at, mrr: ranks.mrr, ndcg_at_10: ranks.ndcg_at_10 }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnswerScoresJson {
    pub exact: f64,
    pub f1: f64,
    /// A gold answer stands in the answer.
    pub contains: f64,
    pub sentences: f64,
    pub answered: f64,
    /// Null where every question had an answer.
    pub refused: Option<f64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LatencyJson {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
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
