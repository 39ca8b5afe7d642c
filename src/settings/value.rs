//! Which values can a setting have, and how do people write them?

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::assistant::Mode;
use crate::domain::CollectionName;

/// A type that a setting can have.
pub trait Value: Sized {
    /// What is accepted, for people.
    fn expects() -> String;

    fn read(text: &str) -> Option<Self>;

    /// Only paths may be something else than UTF-8.
    fn read_os(text: &OsStr) -> Option<Self> {
        text.to_str().and_then(Self::read)
    }

    fn plain(&self) -> Plain;
}

/// A value as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plain {
    Flag(bool),
    Number(u64),
    Text(String),
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Plain::Flag(value) => write!(f, "{value}"),
            Plain::Number(value) => write!(f, "{value}"),
            Plain::Text(value) => f.write_str(value),
        }
    }
}

/// Reads a flag's value by the same rules as a setting's.
pub fn parse<T: Value>(text: &str) -> Result<T, String> {
    T::read(text).ok_or_else(|| format!("expected {}", T::expects()))
}

impl Value for bool {
    fn expects() -> String {
        "true or false".to_owned()
    }

    fn read(text: &str) -> Option<bool> {
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Some(true),
            "0" | "false" | "no" | "off" | "" => Some(false),
            _ => None,
        }
    }

    fn plain(&self) -> Plain {
        Plain::Flag(*self)
    }
}

impl Value for PathBuf {
    fn expects() -> String {
        "a path".to_owned()
    }

    fn read(text: &str) -> Option<PathBuf> {
        PathBuf::read_os(OsStr::new(text))
    }

    fn read_os(text: &OsStr) -> Option<PathBuf> {
        if text.is_empty() { None } else { std::path::absolute(Path::new(text)).ok() }
    }

    fn plain(&self) -> Plain {
        Plain::Text(self.display().to_string())
    }
}

impl Value for CollectionName {
    fn expects() -> String {
        "1 to 64 letters, digits, '-', '_' or '.'".to_owned()
    }

    fn read(text: &str) -> Option<CollectionName> {
        CollectionName::new(text).ok()
    }

    fn plain(&self) -> Plain {
        Plain::Text(self.to_string())
    }
}

const MODES: [(&str, Mode); 3] = [("hybrid", Mode::Hybrid), ("vector", Mode::Vector), ("lexical", Mode::Lexical)];

impl Value for Mode {
    fn expects() -> String {
        "hybrid, vector or lexical".to_owned()
    }

    fn read(text: &str) -> Option<Mode> {
        MODES.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, mode)| mode)
    }

    fn plain(&self) -> Plain {
        let name = MODES.into_iter().find(|(_, mode)| mode == self).map_or("hybrid", |(name, _)| name);
        Plain::Text(name.to_owned())
    }
}

/// A number that is sensible between two bounds only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<const MIN: usize, const MAX: usize>(usize);

impl<const MIN: usize, const MAX: usize> Count<MIN, MAX> {
    /// The nearest number within the bounds.
    pub const fn nearest(number: usize) -> Self {
        Count(if number < MIN {
            MIN
        } else if number > MAX {
            MAX
        } else {
            number
        })
    }

    pub const fn get(self) -> usize {
        self.0
    }
}

impl<const MIN: usize, const MAX: usize> Value for Count<MIN, MAX> {
    fn expects() -> String {
        format!("a whole number from {MIN} to {MAX}")
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number| (MIN..=MAX).contains(number)).map(Count)
    }

    fn plain(&self) -> Plain {
        Plain::Number(self.0 as u64)
    }
}

/// A size, written `512`, `64 KiB`, `256MiB`, `1 GB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

/// Largest first, so that showing picks the largest that divides the size.
const SIZES: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1000),
    ("B", 1),
];

impl Value for Bytes {
    fn expects() -> String {
        "a size such as \"256 MiB\"".to_owned()
    }

    fn read(text: &str) -> Option<Bytes> {
        let (number, unit) = split_unit(text)?;
        let scale = match unit {
            "" => 1,
            unit => SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1,
        };
        number.checked_mul(scale).filter(|&size| size > 0).map(Bytes)
    }

    fn plain(&self) -> Plain {
        let exact = SIZES.iter().find(|(_, scale)| self.0 != 0 && self.0.is_multiple_of(*scale));
        let (unit, scale) = exact.copied().unwrap_or(("B", 1));
        Plain::Text(format!("{} {unit}", self.0 / scale))
    }
}

const TIMES: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

impl Value for Duration {
    fn expects() -> String {
        "a time such as \"15s\", \"500ms\" or \"2m\"".to_owned()
    }

    fn read(text: &str) -> Option<Duration> {
        let (number, unit) = split_unit(text)?;
        let scale = TIMES.iter().find(|(name, _)| *name == unit)?.1;
        number.checked_mul(scale).filter(|&millis| millis > 0).map(Duration::from_millis)
    }

    fn plain(&self) -> Plain {
        let millis = u64::try_from(self.as_millis()).unwrap_or(u64::MAX);
        let exact = TIMES.iter().find(|(_, scale)| millis != 0 && millis.is_multiple_of(*scale));
        let (unit, scale) = exact.copied().unwrap_or(("ms", 1));
        Plain::Text(format!("{}{unit}", millis / scale))
    }
}

/// A time that is sensible between two bounds only, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Within<const MIN: u64, const MAX: u64>(Duration);

impl<const MIN: u64, const MAX: u64> Within<MIN, MAX> {
    /// The nearest time within the bounds.
    pub fn nearest(time: Duration) -> Self {
        Within(time.clamp(Duration::from_secs(MIN), Duration::from_secs(MAX)))
    }

    pub fn get(self) -> Duration {
        self.0
    }
}

impl<const MIN: u64, const MAX: u64> Value for Within<MIN, MAX> {
    fn expects() -> String {
        let bound = |seconds| Duration::from_secs(seconds).plain();
        format!("a time from {} to {}, such as \"15s\"", bound(MIN), bound(MAX))
    }

    fn read(text: &str) -> Option<Self> {
        Duration::read(text).map(Within).filter(|time| *time == Within::nearest(time.0))
    }

    fn plain(&self) -> Plain {
        self.0.plain()
    }
}

/// How freely words are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Temperature(f32);

impl Temperature {
    pub fn get(self) -> f32 {
        self.0
    }
}

impl Value for Temperature {
    fn expects() -> String {
        "a number from 0 to 2".to_owned()
    }

    fn read(text: &str) -> Option<Temperature> {
        text.trim().parse().ok().filter(|number| (0.0..=2.0).contains(number)).map(Temperature)
    }

    fn plain(&self) -> Plain {
        Plain::Text(self.0.to_string())
    }
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..digits].parse().ok()?, text[digits..].trim_start()))
}

/// How much of the log is written to stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    const NAMES: [(&str, LogLevel); 6] = [
        ("off", LogLevel::Off),
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ];
}

impl Value for LogLevel {
    fn expects() -> String {
        "off, error, warn, info, debug or trace".to_owned()
    }

    fn read(text: &str) -> Option<LogLevel> {
        LogLevel::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, level)| *level)
    }

    fn plain(&self) -> Plain {
        let name = LogLevel::NAMES.iter().find(|(_, level)| level == self).map_or("", |(name, _)| name);
        Plain::Text(name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_a_unit() {
        for (text, millis) in [("15s", 15_000), ("500ms", 500), ("2m", 120_000), ("1h", 3_600_000), (" 3 s ", 3000)] {
            assert_eq!(Duration::read(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["15", "s", "", "0s", "-1s", "1.5s", "15 sec", "99999999999999999999s", "9999999999999999999h"] {
            assert_eq!(Duration::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_and_temperatures_keep_their_bounds() {
        type Patience = Within<1, 600>;
        for good in ["1s", "15s", "10m", "600s"] {
            assert!(Patience::read(good).is_some(), "{good}");
        }
        for bad in ["0s", "999ms", "601s", "11m", "15", ""] {
            assert_eq!(Patience::read(bad), None, "{bad}");
        }
        assert!(Patience::expects().contains("1s to 10m"));
        assert_eq!(Temperature::read("0.7"), Some(Temperature(0.7)));
        assert_eq!(Temperature::read("0.7").unwrap().plain(), Plain::Text("0.7".to_owned()));
        for bad in ["", "-0.1", "2.1", "NaN", "inf", "warm"] {
            assert_eq!(Temperature::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [("512", 512), ("64 KiB", 65_536), ("256MiB", 256 << 20), ("1 gb", 1_000_000_000)] {
            assert_eq!(Bytes::read(text), Some(Bytes(bytes)), "{text}");
        }
        for bad in ["", "0", "MiB", "12 parsecs", "-1", "99999999999 TiB"] {
            assert_eq!(Bytes::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_shown_can_be_read_back() {
        for size in [1, 1000, 1024, 1500, 256 << 20, 3 << 30, 5_000_000_000] {
            assert_eq!(Bytes::read(&Bytes(size).plain().to_string()), Some(Bytes(size)));
        }
        for millis in [1, 1500, 60_000, 90_000, 7_200_000] {
            let time = Duration::from_millis(millis);
            assert_eq!(Duration::read(&time.plain().to_string()), Some(time));
        }
        for (name, level) in LogLevel::NAMES {
            assert_eq!((LogLevel::read(name), level.plain().to_string()), (Some(level), name.to_owned()));
        }
    }

    #[test]
    fn counts_keep_their_bounds() {
        type Small = Count<1, 10>;
        assert_eq!(Small::read("10"), Some(Count(10)));
        for bad in ["0", "11", "-1", "3.0", "three", ""] {
            assert_eq!(Small::read(bad), None, "{bad}");
        }
        assert_eq!((Small::nearest(0).get(), Small::nearest(64).get()), (1, 10));
    }
}
