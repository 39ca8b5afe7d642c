//! The passages that fit a question best.

use crate::assistant::query::{Parsed, Query};
use crate::domain::{Part, Passage};
use crate::fault::Result;
use crate::library::{Snapshot, StoredChunk};
use crate::rank::{Asked, Probe, Reading, definition, rate};
use crate::text::{Analyser, Analysers};

/// How many passages of the index are read closely. On the measured sets the right one is among them in over 99%.
const CANDIDATES: usize = 40;

/// The best passages, best first.
pub fn search(snapshot: &Snapshot, query: &Query) -> Result<Vec<Passage>> {
    query.check(snapshot)?;
    Ok(retrieve(snapshot, query, &mut Analysers::default())?.passages)
}

/// What a search found, and what it looked for.
#[derive(Debug)]
pub(crate) struct Retrieved {
    pub parsed: Parsed,
    pub passages: Vec<Passage>,
}

pub(crate) fn retrieve(snapshot: &Snapshot, query: &Query, analysers: &mut Analysers) -> Result<Retrieved> {
    let parsed = Parsed::of(&query.text, query.collection.as_ref(), snapshot, analysers)?;
    let lexical = parsed.lexical(query.collection.as_ref());
    let average = snapshot.average_terms()?;
    let asked = Asked::new(&query.text, parsed.asking.wanted, &parsed.probes);
    let mut passages = Vec::new();
    for hit in snapshot.search(&lexical, CANDIDATES.max(query.k))? {
        let Some(chunk) = snapshot.chunk(hit.chunk)? else { continue };
        let analyser = analysers.of(chunk.document.language);
        let mut passage = passage(chunk);
        let reading = read(&passage, &parsed.probes, analyser);
        passage.score = rate(&reading, &parsed.probes, average) + definition(&reading, &asked, passage.language);
        passages.push(passage);
    }
    // Ties go to what was added first, so that the same search has the same order.
    passages.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.chunk.cmp(&b.chunk)));
    passages.truncate(query.k);
    Ok(Retrieved { parsed, passages })
}

/// Reads a passage below its title and headings.
pub(crate) fn read<'a>(passage: &'a Passage, probes: &[Probe], analyser: &mut Analyser) -> Reading<'a> {
    let mut head = passage.title.clone();
    for heading in &passage.headings {
        head.push('\n');
        head.push_str(heading);
    }
    Reading::of(&passage.text, &passage.parts, &head, probes, analyser)
}

/// Not rated yet.
fn passage(stored: StoredChunk) -> Passage {
    let start = stored.chunk.range.start;
    let inside = |part: Part| Part { range: part.range.start - start..part.range.end - start, ..part };
    Passage {
        chunk: stored.number,
        score: 0.0,
        document: stored.document.id,
        source: stored.document.source,
        title: stored.document.title,
        language: stored.document.language,
        place: stored.chunk.place,
        headings: stored.chunk.headings,
        text: stored.text,
        parts: stored.chunk.parts.into_iter().map(inside).collect(),
        range: stored.characters,
    }
}
