//! Take it from the cache or make it: once, however many want it; and a little too old rather than late.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;

use super::flight::{Lead, Seat};
use super::key::Key;
use super::tiers::{Cache, Entry};
use crate::domain::Tier;

/// What is wanted, and how long somebody waits for another who makes it.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub space: &'a str,
    pub key: Key,
    pub label: &'a str,
    pub deadline: Option<Instant>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub bytes: Arc<[u8]>,
    /// Nothing: it was made for this.
    pub tier: Option<Tier>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum NotFetched<E> {
    Failed(E),
    /// Another makes it still.
    Late,
}

/// How often who waits looks at the clock.
const BEAT: Duration = Duration::from_millis(50);

impl Cache {
    /// `make` is called by one of all who want the same at the same time. Where it fails, the next of them tries; nothing is
    /// kept then.
    pub fn fetch<E: Send + 'static>(
        &self,
        wanted: &Wanted<'_>,
        make: Arc<dyn Fn() -> Result<Entry, E> + Send + Sync>,
    ) -> Result<Fetched, NotFetched<E>> {
        loop {
            if let Some(hit) = self.get(wanted.space, &wanted.key) {
                if hit.is_stale && !self.0.flights.is_on(&wanted.key) {
                    self.renew(wanted, make);
                }
                return Ok(Fetched { bytes: hit.bytes, tier: Some(hit.tier) });
            }
            let following = match self.0.flights.join(wanted.key) {
                Seat::Leads(lead) => {
                    // Another may have made it between the look and the seat.
                    if let Some(hit) = self.peek(wanted.space, &wanted.key) {
                        return Ok(Fetched { bytes: hit.bytes, tier: Some(hit.tier) });
                    }
                    return self.make(wanted, &lead, make.as_ref()).map_err(NotFetched::Failed);
                }
                Seat::Follows(following) => following,
            };
            loop {
                let left = wanted.deadline.map(|deadline| deadline.saturating_duration_since(self.0.clock.instant()));
                match following.told.recv_timeout(left.map_or(BEAT, |left| left.min(BEAT))) {
                    Ok(bytes) => {
                        self.share(wanted.space);
                        return Ok(Fetched { bytes, tier: Some(Tier::Memory) });
                    }
                    // The leader failed.
                    Err(RecvTimeoutError::Disconnected) => break,
                    Err(RecvTimeoutError::Timeout) if left.is_some_and(|left| left.is_zero()) => {
                        return Err(NotFetched::Late);
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                }
            }
        }
    }

    fn make<E>(
        &self,
        wanted: &Wanted<'_>,
        lead: &Lead<Arc<[u8]>>,
        make: &dyn Fn() -> Result<Entry, E>,
    ) -> Result<Fetched, E> {
        let began = self.0.clock.instant();
        let mut entry = make()?;
        if entry.cost.is_zero() {
            entry.cost = self.0.clock.instant().saturating_duration_since(began);
        }
        let bytes: Arc<[u8]> = entry.bytes.as_slice().into();
        self.put(wanted.space, wanted.key, wanted.label, entry);
        lead.tell(Arc::clone(&bytes));
        Ok(Fetched { bytes, tier: None })
    }

    /// In the background, once.
    fn renew<E: Send + 'static>(&self, wanted: &Wanted<'_>, make: Arc<dyn Fn() -> Result<Entry, E> + Send + Sync>) {
        let Seat::Leads(lead) = self.0.flights.join(wanted.key) else { return };
        let (cache, space, label) = (self.clone(), wanted.space.to_owned(), wanted.label.to_owned());
        let key = wanted.key;
        thread::spawn(move || {
            let wanted = Wanted { space: &space, key, label: &label, deadline: None };
            if cache.make(&wanted, &lead, make.as_ref()).is_err() {
                tracing::debug!(name = key.name(&space, &label), "an old entry could not be made anew");
            }
        });
    }
}
