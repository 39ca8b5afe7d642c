//! Passages that were found before, and contexts that were made ready of them.

use std::time::Duration;

use super::keys::{Revision, label, of_query};
use super::rows::PassagesRow;
use crate::assistant::engines::Engines;
use crate::assistant::query::Query;
use crate::assistant::retrieve::find_anew;
use crate::cache::{Entry, Space, pack, unpack};
use crate::domain::{Passage, Tier};
use crate::fault::Result;
use crate::library::Snapshot;

/// The best passages; remembered where the library has not changed since they were found.
pub(in crate::assistant) fn search(snapshot: &Snapshot, engines: &Engines, query: &Query) -> Result<Vec<Passage>> {
    query.check(snapshot)?;
    Ok(found(Space::SEARCH, snapshot, engines, query)?.0)
}

/// The same for a context, which lives longer.
pub(in crate::assistant) fn context(
    snapshot: &Snapshot,
    engines: &Engines,
    query: &Query,
) -> Result<(Vec<Passage>, Option<Tier>)> {
    query.check(snapshot)?;
    found(Space::CONTEXT, snapshot, engines, query)
}

/// Whether it would cost nothing now.
pub(in crate::assistant) fn has_context(snapshot: &Snapshot, engines: &Engines, query: &Query) -> bool {
    let Some(cache) = engines.cache() else { return false };
    let hit = cache.glance(Space::CONTEXT, &of_query(Space::CONTEXT, engines, query));
    let row = hit.and_then(|hit| unpack::<PassagesRow>(&hit.bytes));
    row.is_some_and(|row| row.read(Revision::of(snapshot)).is_some())
}

fn found(space: &str, snapshot: &Snapshot, engines: &Engines, query: &Query) -> Result<(Vec<Passage>, Option<Tier>)> {
    let Some(cache) = engines.cache() else { return Ok((find_anew(snapshot, engines, query)?, None)) };
    let revision = Revision::of(snapshot);
    let key = of_query(space, engines, query);
    if let Some(hit) = cache.get(space, &key) {
        match unpack::<PassagesRow>(&hit.bytes).and_then(|row| row.read(revision)) {
            Some(passages) => return Ok((passages, Some(hit.tier))),
            None => cache.recount(space, &hit),
        }
    }
    let without = engines.times_without();
    let began = cache.clock().instant();
    let passages = find_anew(snapshot, engines, query)?;
    if engines.times_without() == without {
        let cost = cache.clock().instant().saturating_duration_since(began).max(Duration::from_micros(1));
        let is_negative = passages.is_empty();
        let bytes = pack(&PassagesRow::of(revision, &passages));
        let name = label(query.collection.as_ref(), &query.text);
        cache.put(space, key, &name, Entry { bytes, cost, is_negative, ttl: None });
    }
    Ok((passages, None))
}
