//! From ranked passages to what a person is shown: copies once, and neighbours together.

use std::ops::Range;

use crate::assistant::retrieve::Found;
use crate::domain::{Part, Passage};
use crate::fault::Result;
use crate::library::{Snapshot, StoredChunk};
use crate::rank::Gist;

/// How many chunks may become one passage.
const MOST_JOINED: usize = 3;

/// The first `count` of `found`, best first. A passage that nearly repeats a better one is left out; one that stands
/// next to a better one, in the same section, is joined to it.
pub(super) fn gather(snapshot: &Snapshot, found: Vec<Found>, count: usize) -> Result<Vec<Found>> {
    let mut kept: Vec<Kept> = Vec::new();
    for found in found {
        let gist = Gist::of(&found.passage.text);
        if kept.iter().any(|kept| kept.gist.is_same(&gist)) {
            continue;
        }
        if let Some(place) = kept.iter().position(|kept| kept.is_next_to(&found)) {
            kept[place].join(snapshot, found)?;
        } else if kept.len() < count {
            kept.push(Kept { gist, chunks: found.passage.chunk.0..found.passage.chunk.0 + 1, found });
        } else {
            break;
        }
    }
    Ok(kept.into_iter().map(|kept| kept.found).collect())
}

struct Kept {
    found: Found,
    gist: Gist,
    chunks: Range<u64>,
}

impl Kept {
    fn is_next_to(&self, other: &Found) -> bool {
        let (here, there) = (&self.found.passage, &other.passage);
        let number = there.chunk.0;
        (number == self.chunks.end || number + 1 == self.chunks.start)
            && self.chunks.end - self.chunks.start < MOST_JOINED as u64
            && here.document == there.document
            && here.headings == there.headings
    }

    fn join(&mut self, snapshot: &Snapshot, other: Found) -> Result<()> {
        let bytes = self.found.bytes.start.min(other.bytes.start)..self.found.bytes.end.max(other.bytes.end);
        let Some(text) = snapshot.stretch(&self.found.passage.document, bytes.clone())? else { return Ok(()) };
        self.chunks = self.chunks.start.min(other.passage.chunk.0)..self.chunks.end.max(other.passage.chunk.0 + 1);
        let (first, second) =
            if self.found.bytes.start <= other.bytes.start { (&self.found, &other) } else { (&other, &self.found) };
        let shift = second.bytes.start - first.bytes.start;
        let start = first.passage.range.start;
        let joined = Passage {
            place: first.passage.place.clone(),
            parts: parts(&first.passage.parts, &second.passage.parts, shift),
            range: start..start + text.chars().count() as u64,
            text,
            ..self.found.passage.clone()
        };
        self.gist = Gist::of(&joined.text);
        self.found.passage = joined;
        self.found.bytes = bytes;
        self.found.rate = self.found.rate.max(other.rate);
        self.found.cosine = self.found.cosine.into_iter().chain(other.cosine).reduce(f32::max);
        self.found.rise = self.found.rise.into_iter().chain(other.rise).reduce(f32::max);
        Ok(())
    }
}

/// What both hold is there once; a block that was cut between them is whole again where they overlap.
fn parts(first: &[Part], second: &[Part], shift: usize) -> Vec<Part> {
    let mut parts = first.to_vec();
    for part in second {
        let range = part.range.start + shift..part.range.end + shift;
        match parts.last_mut() {
            Some(last) if range.end <= last.range.end => {}
            Some(last) if range.start < last.range.end => last.range.end = range.end,
            _ => parts.push(Part { range, ..part.clone() }),
        }
    }
    parts
}

impl Found {
    /// Not rated yet.
    pub(super) fn of(stored: StoredChunk) -> Found {
        let start = stored.chunk.range.start;
        let inside = |part: Part| Part { range: part.range.start - start..part.range.end - start, ..part };
        let passage = Passage {
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
        };
        Found { passage, bytes: stored.chunk.range, rate: 0.0, weight: 0.0, cosine: None, rise: None }
    }
}
