//! Passages and answers as `--json` writes them.

use std::ops::Range;

use serde::Serialize;

use crate::domain::{Answer, Because, Citation, Origin, Passage, Place};
use crate::wire::RememberedJson;

#[derive(Debug, Serialize)]
pub(in crate::cli) struct PlaceJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slide: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
}

impl From<&Place> for PlaceJson {
    fn from(place: &Place) -> PlaceJson {
        let Place { page, line, slide, sheet, row, section } = place.clone();
        PlaceJson { page, line, slide, sheet, row, section }
    }
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct PassageJson {
    rank: usize,
    score: f32,
    document: String,
    source: String,
    title: String,
    language: &'static str,
    place: PlaceJson,
    headings: Vec<String>,
    text: String,
    start: u64,
    end: u64,
}

impl PassageJson {
    pub(in crate::cli) fn list(passages: &[Passage]) -> Vec<PassageJson> {
        passages.iter().zip(1..).map(|(passage, rank)| PassageJson::new(passage, rank)).collect()
    }

    fn new(passage: &Passage, rank: usize) -> PassageJson {
        PassageJson {
            rank,
            score: passage.score,
            document: passage.document.to_string(),
            source: passage.source.clone(),
            title: passage.title.clone(),
            language: passage.language.tag(),
            place: PlaceJson::from(&passage.place),
            headings: passage.headings.clone(),
            text: passage.text.clone(),
            start: passage.range.start,
            end: passage.range.end,
        }
    }
}

#[derive(Debug, Serialize)]
pub(in crate::cli) struct CitationJson {
    n: u32,
    document: String,
    source: String,
    title: String,
    place: PlaceJson,
    quote: String,
    score: f32,
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

#[derive(Debug, Serialize)]
pub(in crate::cli) struct AnswerJson {
    answer: String,
    origin: &'static str,
    because: Option<&'static str>,
    complete: bool,
    language: &'static str,
    citations: Vec<CitationJson>,
    unsupported: Vec<StretchJson>,
    timings: TimingsJson,
    model: Option<String>,
    /// How it was made, where it is a remembered one.
    #[serde(skip_serializing_if = "Option::is_none")]
    remembered: Option<RememberedJson>,
}

/// In characters (Unicode scalar values) of the answer.
#[derive(Debug, Serialize)]
struct StretchJson {
    start: usize,
    end: usize,
}

#[derive(Debug, Serialize)]
struct TimingsJson {
    retrieve_ms: f64,
    first_token_ms: Option<f64>,
    total_ms: f64,
    prompt_tokens: u32,
    generated_tokens: u32,
}

impl From<&Answer> for AnswerJson {
    fn from(answer: &Answer) -> AnswerJson {
        let (origin, because) = origin(answer);
        AnswerJson {
            answer: answer.text.clone(),
            origin,
            because,
            complete: answer.complete,
            language: answer.language.tag(),
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

/// One question of `docent demo`.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct DemoJson {
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
    match because {
        Because::NoGenerator => "no_generator",
        Because::Asked => "asked",
        Because::NothingFound => "nothing_found",
        Because::Busy => "generator_busy",
        Because::Failed => "generator_failed",
        Because::Late => "out_of_time",
    }
}

/// To the microsecond.
pub(super) fn millis(duration: std::time::Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
