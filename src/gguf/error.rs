//! Why a file is no GGUF file that can be read.

use std::error::Error;
use std::fmt;
use std::io;

#[derive(Debug)]
pub enum BadGguf {
    Unread(io::Error),
    /// It ends before all is there that its head announces.
    CutShort {
        length: u64,
        /// As far as it can be known.
        needed: Option<u64>,
    },
    /// What it is instead, or what is impossible in it.
    Wrong(String),
}

impl BadGguf {
    pub(super) fn wrong(why: impl Into<String>) -> BadGguf {
        BadGguf::Wrong(why.into())
    }
}

impl fmt::Display for BadGguf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadGguf::Unread(_) => f.write_str("it cannot be read"),
            BadGguf::CutShort { needed: None, .. } => f.write_str("it is cut short in its head"),
            BadGguf::CutShort { length, needed: Some(needed) } => {
                write!(f, "it is cut short: {length} of {needed} bytes are there")
            }
            BadGguf::Wrong(why) => f.write_str(why),
        }
    }
}

impl Error for BadGguf {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        if let BadGguf::Unread(error) = self { Some(error) } else { None }
    }
}
