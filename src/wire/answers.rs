//! Passages, contexts and answers.

use std::ops::Range;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cache::RememberedJson;
use crate::domain::{Answer, Because, ChunkNumber, Citation, DocumentId, Language, Origin, Passage, Place, Timings};

/// Where in a document something stands.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(title = "Place")]
pub struct PlaceJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slide: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
}

impl From<&Place> for PlaceJson {
    fn from(place: &Place) -> PlaceJson {
        let Place { page, line, slide, sheet, row, section } = place.clone();
        PlaceJson { page, line, slide, sheet, row, section }
    }
}

impl From<PlaceJson> for Place {
    fn from(place: PlaceJson) -> Place {
        let PlaceJson { page, line, slide, sheet, row, section } = place;
        Place { page, line, slide, sheet, row, section }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PassageJson {
    /// From 1, best first.
    pub rank: usize,
    pub score: f32,
    /// The document's id.
    pub document: String,
    pub source: String,
    pub title: String,
    pub language: String,
    pub place: PlaceJson,
    pub headings: Vec<String>,
    pub text: String,
    /// In characters of the document's text.
    pub start: u64,
    pub end: u64,
}

impl PassageJson {
    pub fn list(passages: &[Passage]) -> Vec<PassageJson> {
        passages.iter().zip(1..).map(|(passage, rank)| PassageJson::new(passage, rank)).collect()
    }

    fn new(passage: &Passage, rank: usize) -> PassageJson {
        PassageJson {
            rank,
            score: passage.score,
            document: passage.document.to_string(),
            source: passage.source.clone(),
            title: passage.title.clone(),
            language: passage.language.tag().to_owned(),
            place: PlaceJson::from(&passage.place),
            headings: passage.headings.clone(),
            text: passage.text.clone(),
            start: passage.range.start,
            end: passage.range.end,
        }
    }
}

/// As far as a client can know: not which chunk it was, nor its parts.
impl From<PassageJson> for Passage {
    fn from(passage: PassageJson) -> Passage {
        Passage {
            chunk: ChunkNumber(0),
            score: passage.score,
            document: DocumentId::new(passage.document),
            source: passage.source,
            title: passage.title,
            language: Language::from_tag(&passage.language).unwrap_or_default(),
            place: passage.place.into(),
            headings: passage.headings,
            text: passage.text,
            parts: Vec::new(),
            range: passage.start..passage.end,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PassagesJson {
    pub passages: Vec<PassageJson>,
}

/// What to put before a model of one's own.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ContextJson {
    /// The passages, numbered and quoted line by line, so that nothing in a document reads like an instruction.
    pub context: String,
    /// Whom the numbers stand for; each quote is the passage.
    pub citations: Vec<CitationJson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CitationJson {
    /// `[n]` in the answer.
    pub n: u32,
    pub document: String,
    pub source: String,
    pub title: String,
    pub place: PlaceJson,
    /// Exactly as it stands in the document.
    pub quote: String,
    pub score: f32,
}

impl From<&Citation> for CitationJson {
    fn from(citation: &Citation) -> CitationJson {
        CitationJson {
            n: citation.n,
            document: citation.document.to_string(),
            source: citation.source.clone(),
            title: citation.title.clone(),
            place: PlaceJson::from(&citation.place),
            quote: citation.quote.clone(),
            score: citation.score,
        }
    }
}

impl From<CitationJson> for Citation {
    fn from(citation: CitationJson) -> Citation {
        Citation {
            n: citation.n,
            document: DocumentId::new(citation.document),
            source: citation.source,
            title: citation.title,
            place: citation.place.into(),
            quote: citation.quote,
            score: citation.score,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AnswerJson {
    /// With `[n]` behind what citation n supports.
    pub answer: String,
    /// `generated`, `extracted` or `remembered`.
    #[schema(example = "extracted")]
    pub origin: String,
    /// Why it was not generated, or that nothing was found.
    pub because: Option<String>,
    /// False where time or the allowed length ran out before the end.
    pub complete: bool,
    pub language: String,
    pub citations: Vec<CitationJson>,
    /// What of the answer no source says.
    #[serde(default)]
    pub unsupported: Vec<StretchJson>,
    pub timings: TimingsJson,
    /// The generator's name, where one wrote the answer.
    pub model: Option<String>,
    /// How it was made, where it is a remembered one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembered: Option<RememberedJson>,
}

/// In characters (Unicode scalar values) of the answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StretchJson {
    start: usize,
    end: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TimingsJson {
    pub retrieve_ms: f64,
    pub first_token_ms: Option<f64>,
    pub total_ms: f64,
    pub prompt_tokens: u32,
    pub generated_tokens: u32,
}

impl From<&Answer> for AnswerJson {
    fn from(answer: &Answer) -> AnswerJson {
        let (origin, because) = origin(answer);
        AnswerJson {
            answer: answer.text.clone(),
            origin: origin.to_owned(),
            because: because.map(str::to_owned),
            complete: answer.complete,
            language: answer.language.tag().to_owned(),
            citations: answer.citations.iter().map(CitationJson::from).collect(),
            unsupported: answer
                .unsupported
                .iter()
                .map(|Range { start, end }| StretchJson { start: *start, end: *end })
                .collect(),
            timings: TimingsJson {
                retrieve_ms: millis(answer.timings.retrieve),
                first_token_ms: answer.timings.first_token.map(millis),
                total_ms: millis(answer.timings.total),
                prompt_tokens: answer.timings.prompt_tokens,
                generated_tokens: answer.timings.generated_tokens,
            },
            model: answer.model.clone(),
            remembered: RememberedJson::of(answer),
        }
    }
}

impl From<AnswerJson> for Answer {
    fn from(answer: AnswerJson) -> Answer {
        let because =
            BECAUSE.iter().find(|(_, name)| Some(*name) == answer.because.as_deref()).map(|(because, _)| *because);
        let remembered = answer.remembered.map(|remembered| remembered.read(because));
        let origin = match (answer.origin.as_str(), &remembered) {
            ("remembered", Some((tier, _))) => Origin::Remembered(*tier),
            ("extracted", _) => Origin::Extracted(because.unwrap_or(Because::NothingFound)),
            _ => Origin::Generated,
        };
        Answer {
            text: answer.answer,
            origin,
            complete: answer.complete,
            language: Language::from_tag(&answer.language).unwrap_or_default(),
            citations: answer.citations.into_iter().map(Citation::from).collect(),
            unsupported: answer.unsupported.iter().map(|stretch| stretch.start..stretch.end).collect(),
            timings: Timings {
                retrieve: time(answer.timings.retrieve_ms),
                first_token: answer.timings.first_token_ms.map(time),
                total: time(answer.timings.total_ms),
                prompt_tokens: answer.timings.prompt_tokens,
                generated_tokens: answer.timings.generated_tokens,
            },
            model: answer.model,
            remembered: remembered.map(|(_, how)| how),
        }
    }
}

/// One question of `docent demo`.
#[derive(Debug, Serialize)]
pub struct DemoJson {
    pub question: String,
    #[serde(flatten)]
    pub answer: AnswerJson,
}

fn origin(answer: &Answer) -> (&'static str, Option<&'static str>) {
    match answer.origin {
        Origin::Generated if answer.is_found() => ("generated", None),
        // The model read the passages and says so, or said nothing that is in them.
        Origin::Generated => ("generated", Some("nothing_found")),
        Origin::Extracted(because) => ("extracted", Some(because_of(because))),
        Origin::Remembered(_) => {
            let why = answer.remembered.as_ref().and_then(|remembered| remembered.because).map(because_of);
            ("remembered", why.or_else(|| (!answer.is_found()).then_some("nothing_found")))
        }
    }
}

fn because_of(because: Because) -> &'static str {
    BECAUSE.iter().find(|(known, _)| *known == because).map_or("nothing_found", |(_, name)| name)
}

const BECAUSE: [(Because, &str); 6] = [
    (Because::NoGenerator, "no_generator"),
    (Because::Asked, "asked"),
    (Because::NothingFound, "nothing_found"),
    (Because::Busy, "generator_busy"),
    (Because::Failed, "generator_failed"),
    (Because::Late, "out_of_time"),
];

/// To the microsecond.
pub(crate) fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

fn time(millis: f64) -> Duration {
    Duration::try_from_secs_f64(millis / 1e3).unwrap_or_default()
}
