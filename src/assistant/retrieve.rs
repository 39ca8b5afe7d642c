//! The passages that fit a question best: by its words, by its meaning, and by both.

use std::collections::HashMap;
use std::time::Duration;

use crate::assistant::engines::{Engines, PATIENCE};
use crate::assistant::gather::gather;
use crate::assistant::query::{Mode, Parsed, Query, no_vectors};
use crate::assistant::remember;
use crate::assistant::vectors::Pending;
use crate::domain::{ChunkNumber, Passage, Tier};
use crate::fault::Result;
use crate::library::{Snapshot, VectorQuery};
use crate::rank::{Asked, Meaning, NEAREST, Probe, Reading, definition, rate};
use crate::text::{Analyser, Analysers};

/// How many passages of the index are read closely. On the measured sets the right one is among them in over 99%.
const CANDIDATES: usize = 40;
/// How many the reranker reads.
const RERANKED: usize = 30;

/// The best passages, best first.
pub fn search(snapshot: &Snapshot, engines: &Engines, query: &Query) -> Result<Vec<Passage>> {
    remember::search(snapshot, engines, query)
}

/// The passages to stand before a model of somebody's own, and where they were remembered: as [`search`] finds them, and
/// kept longer, because they are made ready ahead of questions.
pub fn find_context(snapshot: &Snapshot, engines: &Engines, query: &Query) -> Result<(Vec<Passage>, Option<Tier>)> {
    remember::context(snapshot, engines, query)
}

/// The same, whatever is remembered.
pub(super) fn find_anew(snapshot: &Snapshot, engines: &Engines, query: &Query) -> Result<Vec<Passage>> {
    let found = retrieve(snapshot, engines, query, &mut Analysers::default(), PATIENCE)?.found;
    Ok(found.into_iter().map(|found| found.passage).collect())
}

/// What a search found, and what it looked for.
#[derive(Debug)]
pub(crate) struct Retrieved {
    pub parsed: Parsed,
    pub found: Vec<Found>,
}

/// A passage, and what speaks for it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its score is what it was ranked by.
    pub passage: Passage,
    /// Bytes of the document's text.
    pub bytes: std::ops::Range<usize>,
    /// How well the words fit.
    pub rate: f32,
    /// The rate, and what the meaning adds to it: comparable from passage to passage, whatever ranked them.
    pub weight: f32,
    /// To the question, where the passage has a vector and is among the nearest.
    pub cosine: Option<f32>,
    /// How far it stands out in meaning, where the embedder knows the languages of the question and of the passage.
    pub rise: Option<f32>,
}

/// `patience` is how long a model may take; what is late is done without.
pub(crate) fn retrieve(
    snapshot: &Snapshot,
    engines: &Engines,
    query: &Query,
    analysers: &mut Analysers,
    patience: Duration,
) -> Result<Retrieved> {
    // The question is embedded while its words are looked up.
    let vector = begin(snapshot, engines, query)?;
    let parsed = Parsed::of(&query.text, query.collection.as_ref(), snapshot, analysers)?;
    let mut chunks: Vec<ChunkNumber> = Vec::new();
    if query.mode != Mode::Vector {
        let lexical = parsed.lexical(query.collection.as_ref());
        chunks.extend(snapshot.search(&lexical, CANDIDATES.max(query.k))?.iter().map(|hit| hit.chunk));
    }
    let nearest = nearest(snapshot, engines, query, vector, patience)?;
    chunks.extend(nearest.iter().map(|(chunk, _)| *chunk));
    chunks.sort();
    chunks.dedup();

    let cosines: HashMap<ChunkNumber, f32> = nearest.iter().copied().collect();
    let meaning = Meaning::of(&nearest.iter().map(|(_, cosine)| *cosine).collect::<Vec<_>>());
    let average = snapshot.average_terms()?;
    let asked = Asked::new(&query.text, parsed.asking.wanted, &parsed.probes);
    let speaks = |language| engines.embedder_choice().is_some_and(|choice| choice.speaks(language));
    let asker_is_known = speaks(parsed.language);
    let mut found = Vec::new();
    for number in chunks {
        let Some(chunk) = snapshot.chunk(number)? else { continue };
        let mut one = Found::of(chunk);
        let language = one.passage.language;
        let reading = read(&one.passage, &parsed.probes, analysers.of(language));
        one.rate = rate(&reading, &parsed.probes, average) + definition(&reading, &asked, language);
        one.cosine = cosines.get(&number).copied();
        let fluent = asker_is_known && speaks(language);
        one.weight = one.rate + one.cosine.map_or(0.0, |cosine| meaning.worth(cosine, fluent));
        one.rise = one.cosine.filter(|_| fluent).map(|cosine| meaning.rise(cosine));
        one.passage.score = match query.mode {
            Mode::Vector => one.cosine.unwrap_or_default(),
            Mode::Hybrid | Mode::Lexical => one.weight,
        };
        found.push(one);
    }
    // Ties go to what was added first, so that the same search has the same order.
    found.sort_by(|a, b| b.passage.score.total_cmp(&a.passage.score).then(a.passage.chunk.cmp(&b.passage.chunk)));
    if query.mode == Mode::Hybrid {
        rerank(engines, &query.text, &mut found, patience);
    }
    Ok(Retrieved { parsed, found: gather(snapshot, found, query.k)? })
}

/// Begins to embed the question where that can help; an error where nothing else can.
fn begin(snapshot: &Snapshot, engines: &Engines, query: &Query) -> Result<Option<Pending>> {
    if query.mode == Mode::Lexical {
        return Ok(None);
    }
    let Some(choice) = engines.embedder_choice() else {
        return if query.mode == Mode::Vector { Err(engines.no_embedder()) } else { Ok(None) };
    };
    // A model is not loaded for a library that holds nothing of it.
    if snapshot.embedders()?.iter().any(|(id, documents)| *id == choice.id && *documents > 0) {
        return Ok(Some(engines.embed_question(&query.text)));
    }
    if query.mode == Mode::Vector && snapshot.document_count()? > 0 { Err(no_vectors(choice)) } else { Ok(None) }
}

/// Best first. Nothing where the question has no vector; an error where only vectors were asked for.
fn nearest(
    snapshot: &Snapshot,
    engines: &Engines,
    query: &Query,
    vector: Option<Pending>,
    patience: Duration,
) -> Result<Vec<(ChunkNumber, f32)>> {
    let (Some(choice), Some(vector)) = (engines.embedder_choice(), vector) else { return Ok(Vec::new()) };
    let Some(vector) = vector.wait(engines, patience) else {
        if query.mode == Mode::Vector {
            return Err(engines.no_embedder());
        }
        return Ok(Vec::new());
    };
    let wanted = VectorQuery { embedder: &choice.id, vector: &vector, collection: query.collection.as_ref() };
    let hits = snapshot.nearest(&wanted, NEAREST.max(query.k))?;
    Ok(hits.into_iter().map(|hit| (hit.chunk, hit.score)).collect())
}

/// The best are put in the reranker's order, and scored by how likely it takes each to answer. What their words and
/// meaning weigh goes by their new places.
fn rerank(engines: &Engines, question: &str, found: &mut [Found], patience: Duration) {
    if found.len() < 2 || engines.reranker_choice().is_none() {
        return;
    }
    let (best, rest) = found.split_at_mut(found.len().min(RERANKED));
    let texts = best.iter().map(|found| found.passage.text.clone()).collect();
    let Some(scores) = engines.rerank(question, texts, patience) else { return };
    let weights: Vec<f32> = best.iter().map(|found| found.weight).collect();
    for (found, score) in best.iter_mut().zip(scores) {
        found.passage.score = score;
    }
    best.sort_by(|a, b| b.passage.score.total_cmp(&a.passage.score));
    for (found, weight) in best.iter_mut().zip(weights) {
        found.weight = weight;
        found.passage.score = 1.0 / (1.0 + (-found.passage.score).exp());
    }
    // Not read, and behind all that were.
    rest.iter_mut().for_each(|found| found.passage.score = 0.0);
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
