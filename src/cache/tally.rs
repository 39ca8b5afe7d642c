//! What became of all that was asked of a namespace: counted for good, also across restarts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::histogram::Histogram;
use crate::domain::Tier;

/// Postcard has no field names: new numbers go to the end, with a new version of the table they are kept in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub memory_hits: u64,
    pub disk_hits: u64,
    /// Those among the hits that were past their time.
    pub stale_hits: u64,
    /// Those among the hits that said that there is nothing.
    pub negative_hits: u64,
    /// Who waited for another's result instead of making it again.
    pub shared: u64,
    pub misses: u64,
    /// Those among the misses that were there and too old.
    pub expired: u64,
    /// Those among the misses that were there and had to make room.
    pub driven_out: u64,
    /// Those among the misses that were there and no longer right.
    pub outdated: u64,
    pub puts: u64,
    /// Too large, or the namespace keeps nothing.
    pub refused: u64,
    pub memory_evictions: u64,
    pub disk_evictions: u64,
    /// Taken away because their time was over.
    pub expirations: u64,
    /// What the hits would have cost less what they did, in microseconds.
    pub saved: u64,
    /// Of some of the hits.
    pub memory_took: Histogram,
    pub disk_took: Histogram,
    /// What was made anew.
    pub made: Histogram,
    /// By how much the expired misses came too late.
    pub late: Histogram,
}

impl Tally {
    pub fn hits(&self) -> u64 {
        self.memory_hits + self.disk_hits
    }

    pub fn requests(&self) -> u64 {
        self.hits() + self.misses
    }

    /// In percent; 0 where nothing was asked.
    pub fn hit_rate(&self) -> f64 {
        if self.requests() == 0 { 0.0 } else { self.hits() as f64 * 100.0 / self.requests() as f64 }
    }

    pub fn saved(&self) -> Duration {
        Duration::from_micros(self.saved)
    }

    pub(super) fn hit(&mut self, tier: Tier, took: Option<Duration>) {
        match tier {
            Tier::Memory => {
                self.memory_hits += 1;
                took.into_iter().for_each(|took| self.memory_took.add(took));
            }
            Tier::Disk => {
                self.disk_hits += 1;
                took.into_iter().for_each(|took| self.disk_took.add(took));
            }
        }
    }

    /// What was found was of no use.
    pub(super) fn take_back(&mut self, tier: Tier, cost: u64) {
        let hits = match tier {
            Tier::Memory => &mut self.memory_hits,
            Tier::Disk => &mut self.disk_hits,
        };
        *hits = hits.saturating_sub(1);
        self.misses += 1;
        self.outdated += 1;
        self.saved = self.saved.saturating_sub(cost);
    }

    /// What was of no use as it was came out again: it was right, though nothing was saved.
    pub(super) fn uphold(&mut self, tier: Tier) {
        *match tier {
            Tier::Memory => &mut self.memory_hits,
            Tier::Disk => &mut self.disk_hits,
        } += 1;
        self.misses = self.misses.saturating_sub(1);
        self.outdated = self.outdated.saturating_sub(1);
    }

    pub(super) fn absorb(&mut self, other: &Tally) {
        let Tally {
            memory_hits,
            disk_hits,
            stale_hits,
            negative_hits,
            shared,
            misses,
            expired,
            driven_out,
            outdated,
            puts,
            refused,
            memory_evictions,
            disk_evictions,
            expirations,
            saved,
            memory_took,
            disk_took,
            made,
            late,
        } = other;
        let pairs = [
            (&mut self.memory_hits, memory_hits),
            (&mut self.disk_hits, disk_hits),
            (&mut self.stale_hits, stale_hits),
            (&mut self.negative_hits, negative_hits),
            (&mut self.shared, shared),
            (&mut self.misses, misses),
            (&mut self.expired, expired),
            (&mut self.driven_out, driven_out),
            (&mut self.outdated, outdated),
            (&mut self.puts, puts),
            (&mut self.refused, refused),
            (&mut self.memory_evictions, memory_evictions),
            (&mut self.disk_evictions, disk_evictions),
            (&mut self.expirations, expirations),
            (&mut self.saved, saved),
        ];
        for (mine, more) in pairs {
            *mine = mine.saturating_add(*more);
        }
        self.memory_took.absorb(memory_took);
        self.disk_took.absorb(disk_took);
        self.made.absorb(made);
        self.late.absorb(late);
    }
}
