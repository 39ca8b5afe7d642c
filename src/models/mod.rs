//! The shelf of models: which there are, which are installed, and how they get here and to other machines.
//!
//! Knows files, sums and the hub; not how a model is run.

mod bundle;
mod catalogue;
mod entry;
mod error;
mod files;
mod manifest;
mod memory;
mod pull;
mod recognise;
mod shelf;
mod staging;
mod sum;
mod verify;

pub use bundle::{Overwrite, export, import};
pub use catalogue::Catalogue;
pub use entry::{Entry, FileFact, Format, Kind, Pooling};
pub use error::ModelsError;
pub use manifest::{Held, Trust};
pub use pull::{Event as PullEvent, Freshness, Hubs, Network, Order, Pause, Problem, Pulled, pull};
pub use shelf::{Installed, Shelf, Unreadable};
pub use sum::Sum;
pub use verify::{Checked, State};
