//! How answers and passages are written down to be remembered. Postcard has no field names: a new shape is a new version of
//! the keys.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::keys::Revision;
use crate::domain::{
    Answer, Because, BlockKind, ChunkNumber, Citation, DocumentId, Language, Origin, Part, Passage, Place, Timings,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct AnswerRow {
    revision: (u64, u64),
    /// As it was asked first: other spellings of it are answered the same.
    pub asked: String,
    passages: Vec<PassageRow>,
    text: String,
    /// None where a model wrote it.
    because: Option<u8>,
    language: String,
    citations: Vec<CitationRow>,
    unsupported: Vec<(u64, u64)>,
    retrieve: u64,
    prompt_tokens: u32,
    generated_tokens: u32,
    model: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PassagesRow {
    revision: (u64, u64),
    passages: Vec<PassageRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct PassageRow {
    chunk: u64,
    score: f32,
    document: String,
    source: String,
    title: String,
    language: String,
    place: PlaceRow,
    headings: Vec<String>,
    text: String,
    parts: Vec<(u64, u64, u8, PlaceRow)>,
    range: (u64, u64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct CitationRow {
    n: u32,
    document: String,
    source: String,
    title: String,
    place: PlaceRow,
    quote: String,
    score: f32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct PlaceRow(Option<u32>, Option<u32>, Option<u32>, Option<String>, Option<u32>, Option<String>);

/// Why only these are kept: the others say how the machine was doing at the moment.
const REASONS: [Because; 3] = [Because::NoGenerator, Because::Asked, Because::NothingFound];

impl AnswerRow {
    /// Nothing where it is not to be kept: it is not whole, or not what would come out on a better day.
    pub(super) fn of(revision: Revision, asked: &str, passages: &[Passage], answer: &Answer) -> Option<AnswerRow> {
        let because = match &answer.remembered {
            Some(remembered) => remembered.because,
            None => match answer.origin {
                Origin::Extracted(because) => Some(because),
                Origin::Generated => None,
                Origin::Remembered(_) => return None,
            },
        };
        let because = match because {
            None => None,
            Some(because) => Some(REASONS.iter().position(|reason| *reason == because)? as u8),
        };
        answer.complete.then(|| AnswerRow {
            revision: (revision.0, revision.1),
            asked: asked.to_owned(),
            passages: passages.iter().map(PassageRow::of).collect(),
            text: answer.text.clone(),
            because,
            language: answer.language.tag().to_owned(),
            citations: answer.citations.iter().map(CitationRow::of).collect(),
            unsupported: answer.unsupported.iter().map(|range| (range.start as u64, range.end as u64)).collect(),
            retrieve: u64::try_from(answer.timings.retrieve.as_micros()).unwrap_or(u64::MAX),
            prompt_tokens: answer.timings.prompt_tokens,
            generated_tokens: answer.timings.generated_tokens,
            model: answer.model.clone(),
        })
    }

    pub(super) fn revision(&self) -> Revision {
        Revision(self.revision.0, self.revision.1)
    }

    /// Whether it is the answer that came out again: in every word, with the same quotes behind it. How well a quote fits
    /// is told by how rare its words are in the whole library, and may have moved.
    pub(super) fn says_the_same_as(&self, answer: &Answer) -> bool {
        let Answer { text, origin, complete, language, citations, unsupported, model, timings: _, remembered: _ } =
            answer;
        let same_reason = match origin {
            Origin::Extracted(because) => self.because.and_then(|at| REASONS.get(usize::from(at))) == Some(because),
            Origin::Generated | Origin::Remembered(_) => false,
        };
        same_reason
            && *complete
            && self.text == *text
            && self.language == language.tag()
            && self.model == *model
            && self.citations.len() == citations.len()
            && self
                .citations
                .iter()
                .zip(citations)
                .all(|(kept, now)| CitationRow::of(&Citation { score: kept.score, ..now.clone() }) == *kept)
            && unsupported.is_empty()
            && self.unsupported.is_empty()
    }

    /// Question, answer and whom it cites.
    pub(super) fn shown(self) -> String {
        let cited = self.citations.iter().map(|citation| format!("\n[{}] {}", citation.n, citation.source));
        format!("{}\n\n{}\n{}", self.asked, self.text, cited.collect::<String>())
    }

    /// How it came to be, and as it was then.
    pub(super) fn read(self) -> Option<(Vec<Passage>, Option<Because>, Answer)> {
        let because = match self.because {
            None => None,
            Some(at) => Some(*REASONS.get(usize::from(at))?),
        };
        let passages = self.passages.into_iter().map(PassageRow::read).collect::<Option<_>>()?;
        let answer = Answer {
            text: self.text,
            origin: because.map_or(Origin::Generated, Origin::Extracted),
            complete: true,
            language: language(&self.language),
            citations: self.citations.into_iter().map(CitationRow::read).collect(),
            unsupported: self.unsupported.into_iter().map(|(start, end)| start as usize..end as usize).collect(),
            timings: Timings {
                retrieve: Duration::from_micros(self.retrieve),
                prompt_tokens: self.prompt_tokens,
                generated_tokens: self.generated_tokens,
                ..Timings::default()
            },
            model: self.model,
            remembered: None,
        };
        Some((passages, because, answer))
    }
}

impl PassagesRow {
    pub(super) fn of(revision: Revision, passages: &[Passage]) -> PassagesRow {
        PassagesRow { revision: (revision.0, revision.1), passages: passages.iter().map(PassageRow::of).collect() }
    }

    pub(super) fn shown(self) -> String {
        let one = |(n, passage): (usize, PassageRow)| format!("{n}. {}\n{}\n", passage.source, passage.text);
        (1..).zip(self.passages).map(one).collect::<Vec<_>>().join("\n")
    }

    /// Nothing where they were found in another state of the library.
    pub(super) fn read(self, revision: Revision) -> Option<Vec<Passage>> {
        let is_right = Revision(self.revision.0, self.revision.1) == revision;
        if is_right { self.passages.into_iter().map(PassageRow::read).collect() } else { None }
    }
}

impl PassageRow {
    fn of(passage: &Passage) -> PassageRow {
        let part = |part: &Part| {
            (part.range.start as u64, part.range.end as u64, kind_number(part.kind), PlaceRow::of(&part.place))
        };
        PassageRow {
            chunk: passage.chunk.0,
            score: passage.score,
            document: passage.document.to_string(),
            source: passage.source.clone(),
            title: passage.title.clone(),
            language: passage.language.tag().to_owned(),
            place: PlaceRow::of(&passage.place),
            headings: passage.headings.clone(),
            text: passage.text.clone(),
            parts: passage.parts.iter().map(part).collect(),
            range: (passage.range.start, passage.range.end),
        }
    }

    fn read(self) -> Option<Passage> {
        let part = |(start, end, kind, place): (u64, u64, u8, PlaceRow)| {
            Some(Part { range: start as usize..end as usize, kind: kind_of(kind)?, place: place.read() })
        };
        Some(Passage {
            chunk: ChunkNumber(self.chunk),
            score: self.score,
            document: DocumentId::new(self.document),
            source: self.source,
            title: self.title,
            language: language(&self.language),
            place: self.place.read(),
            headings: self.headings,
            text: self.text,
            parts: self.parts.into_iter().map(part).collect::<Option<_>>()?,
            range: self.range.0..self.range.1,
        })
    }
}

impl CitationRow {
    fn of(citation: &Citation) -> CitationRow {
        CitationRow {
            n: citation.n,
            document: citation.document.to_string(),
            source: citation.source.clone(),
            title: citation.title.clone(),
            place: PlaceRow::of(&citation.place),
            quote: citation.quote.clone(),
            score: citation.score,
        }
    }

    fn read(self) -> Citation {
        Citation {
            n: self.n,
            document: DocumentId::new(self.document),
            source: self.source,
            title: self.title,
            place: self.place.read(),
            quote: self.quote,
            score: self.score,
        }
    }
}

impl PlaceRow {
    fn of(place: &Place) -> PlaceRow {
        let Place { page, line, slide, sheet, row, section } = place.clone();
        PlaceRow(page, line, slide, sheet, row, section)
    }

    fn read(self) -> Place {
        let PlaceRow(page, line, slide, sheet, row, section) = self;
        Place { page, line, slide, sheet, row, section }
    }
}

fn language(tag: &str) -> Language {
    Language::from_tag(tag).unwrap_or_default()
}

/// A heading's level stands above the other kinds.
fn kind_number(kind: BlockKind) -> u8 {
    match kind {
        BlockKind::Paragraph => 0,
        BlockKind::ListItem => 1,
        BlockKind::TableRow => 2,
        BlockKind::Code => 3,
        BlockKind::Heading(level) => level.saturating_add(HEADING),
    }
}

const HEADING: u8 = 16;

fn kind_of(number: u8) -> Option<BlockKind> {
    Some(match number {
        0 => BlockKind::Paragraph,
        1 => BlockKind::ListItem,
        2 => BlockKind::TableRow,
        3 => BlockKind::Code,
        HEADING.. => BlockKind::Heading(number - HEADING),
        _ => return None,
    })
}
