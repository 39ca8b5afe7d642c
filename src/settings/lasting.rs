//! How long something is remembered, and the cache as the settings have it.

use std::time::Duration;

use super::keys::Settings;
use super::value::{Plain, Value};
use crate::assistant::{Ready, Schedule};
use crate::cache::{Setup, Space};

/// A time that may be none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasting(pub Duration);

impl Lasting {
    /// As long as a namespace keeps things unless somebody says otherwise.
    pub(super) fn of(space: &str) -> Lasting {
        let ttl = Space::usual().into_iter().find(|usual| usual.name == space).and_then(|usual| usual.ttl);
        Lasting(ttl.unwrap_or_default())
    }
}

impl Value for Lasting {
    fn expects() -> String {
        "a time such as \"10m\" or \"24h\"; \"0s\" for never".to_owned()
    }

    fn read(text: &str) -> Option<Lasting> {
        let is_none = matches!(text.trim(), "0" | "0s" | "0m" | "0h" | "0ms");
        if is_none { Some(Lasting(Duration::ZERO)) } else { Duration::read(text).map(Lasting) }
    }

    fn plain(&self) -> Plain {
        if self.0.is_zero() { Plain::Text("0s".to_owned()) } else { self.0.plain() }
    }
}

impl Value for Ready {
    fn expects() -> String {
        "context, kv or answer".to_owned()
    }

    fn read(text: &str) -> Option<Ready> {
        READY.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, ready)| ready)
    }

    fn plain(&self) -> Plain {
        let name = READY.into_iter().find(|(_, ready)| ready == self).map_or("context", |(name, _)| name);
        Plain::Text(name.to_owned())
    }
}

const READY: [(&str, Ready); 3] = [("context", Ready::Context), ("kv", Ready::Kv), ("answer", Ready::Answer)];

impl Value for Schedule {
    fn expects() -> String {
        "\"off\", a time such as \"30m\", or \"daily 06:30\" (in UTC)".to_owned()
    }

    fn read(text: &str) -> Option<Schedule> {
        Schedule::read(text, Duration::read)
    }

    fn plain(&self) -> Plain {
        match self {
            Schedule::Every(interval) => interval.plain(),
            other => Plain::Text(other.to_string()),
        }
    }
}

impl Settings {
    /// From which cosine on a question in other words may be the same one.
    pub fn likeness(&self) -> Option<f32> {
        let percent = self.cache_likeness.value.get();
        (percent > 0).then_some(percent as f32 / 100.0)
    }

    /// How the cache in the data folder is to be.
    pub fn cache_setup(&self) -> Setup {
        let lasting = |space: Space| {
            let ttl = match space.name.as_str() {
                Space::SEARCH => self.cache_search.value,
                Space::CONTEXT => self.cache_context.value,
                Space::ANSWER | Space::WRITTEN => self.cache_answer.value,
                _ => return space,
            };
            space.lasting(ttl.0)
        };
        Setup {
            memory: self.cache_memory.value.0,
            disk: self.cache_disk.value.0,
            folder: Some(self.data_dir.value.clone()),
            spaces: Space::usual().into_iter().map(lasting).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_may_be_none() {
        assert_eq!(Lasting::read("0s"), Some(Lasting(Duration::ZERO)));
        assert_eq!(Lasting::read("2h"), Some(Lasting(Duration::from_secs(7200))));
        assert_eq!(Lasting::of(Space::CONTEXT).plain(), Plain::Text("2h".to_owned()));
        for bad in ["-1s", "", "s", "1 day", "99999999999999999999h"] {
            assert_eq!(Lasting::read(bad), None, "{bad}");
        }
    }
}
