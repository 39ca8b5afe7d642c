//! How is docent set up? Defaults < `docent.toml` < `DOCENT_*` < flags, checked once into one typed [`Settings`].
//! The only room that reads the environment.

mod environment;
mod error;
mod file;
mod folder;
mod journeys;
mod keys;
mod lasting;
mod layers;
mod text;
mod value;

pub use environment::Environment;
pub use error::SettingsError;
pub use keys::{Entry, KEYS, Key, Settings};
pub use lasting::Lasting;
pub use layers::{Flags, Origin, Setting};
pub use text::{Secret, Text};
pub use value::{Bytes, Count, LogLevel, Plain, Temperature, Value, Within, parse};
