//! Remembers what was costly to compute. Nothing is lost when it is: a broken cache is a logged miss and never an error.
//!
//! Knows keys and bytes; not what the library holds, nor how anything in it is made.

mod change;
mod core;
mod disk;
mod fetch;
mod flight;
mod histogram;
mod key;
mod look;
mod memory;
mod pack;
mod pattern;
mod performance;
mod space;
mod stamp;
mod tally;
mod tiers;

pub use change::{Config, Wish};
pub use fetch::{Fetched, NotFetched, Wanted};
pub use flight::{Flights, Following, Lead, Seat};
pub use histogram::Histogram;
pub use key::{Key, KeyMaker};
pub use look::{Clear, Cleared, DiskStatus, Listed, SpaceStatus, Status};
pub use pack::{pack, unpack};
pub use pattern::Pattern;
pub use performance::{Efficiency, Performance, Rates, performance};
pub use space::Space;
pub use tally::Tally;
pub use tiers::{Cache, Entry, Hit, Setup};

#[cfg(test)]
mod tests;
