//! Whose fault an error is, and what to do next. Every error that reaches a person answers both.

use std::error::Error;
use std::fmt;

pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// An error on its way to a person: what happened, then what to do.
///
/// Rooms have small error enums of their own; they become a `Fault` where they leave the room.
#[derive(Debug)]
pub struct Fault {
    pub whose: Whose,
    /// Short, stable and for programs: `library_locked`, `file_too_large`.
    pub code: &'static str,
    /// What happened, with the value and the path. Lower case, no full stop.
    pub what: String,
    /// What to do about it.
    pub hint: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Asked for something that cannot be: a wrong flag, a missing file, a damaged document.
    Caller,
    /// The disk is full, a folder cannot be read, memory is short.
    Machine,
    /// Fine, but not now.
    Busy,
    /// Ours.
    Bug,
}

impl Fault {
    pub fn new(whose: Whose, code: &'static str, what: impl Into<String>) -> Fault {
        Fault { whose, code, what: what.into(), hint: None, source: None }
    }

    pub fn caller(code: &'static str, what: impl Into<String>) -> Fault {
        Fault::new(Whose::Caller, code, what)
    }

    pub fn machine(code: &'static str, what: impl Into<String>) -> Fault {
        Fault::new(Whose::Machine, code, what)
    }

    pub fn busy(code: &'static str, what: impl Into<String>) -> Fault {
        Fault::new(Whose::Busy, code, what)
    }

    pub fn bug(code: &'static str, what: impl Into<String>) -> Fault {
        Fault::new(Whose::Bug, code, what)
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }

    /// The same for another person, whom it struck too; without the error below, which cannot be copied.
    pub fn again(&self) -> Fault {
        Fault { whose: self.whose, code: self.code, what: self.what.clone(), hint: self.hint.clone(), source: None }
    }

    /// The library's own error below: for the log, never for a person.
    pub fn because_of(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Fault {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
