//! Why could a file not be read, and what can be done about it?

use std::error::Error;
use std::fmt;
use std::io;

use crate::domain::Format;
use crate::fault::{Fault, Whose};

/// A file that could not be read. Shown, it names the file once.
#[derive(Debug)]
pub struct ReadError {
    pub name: String,
    pub problem: Problem,
}

#[derive(Debug)]
pub enum Problem {
    Missing,
    NoRights,
    /// A folder, a pipe, a socket or a device.
    NotAFile(&'static str),
    Io(io::Error),
    Empty,
    TooLarge {
        bytes: u64,
        limit: u64,
    },
    Changed,
    /// Binary data under a name that promises text, or under no known name.
    Binary,
    /// A known kind of file that is not read: what it is, and what to do.
    Unsupported {
        what: &'static str,
        hint: &'static str,
    },
    /// The name says one format, the bytes another.
    NotA(Format),
    Damaged {
        format: Format,
        what: String,
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    Encrypted(Format),
    NoText(Format),
    TooMuchText {
        limit: usize,
    },
    TooManyBlocks {
        limit: usize,
    },
    UnpacksTooLarge {
        limit: u64,
    },
    TooManyEntries {
        limit: usize,
    },
    TooDeep {
        limit: usize,
    },
    TooMuchWork(Format),
    /// The parser itself failed; the text is for the log.
    Panicked {
        format: Format,
        message: String,
    },
}

impl Problem {
    pub(super) fn damaged(format: Format, what: impl Into<String>) -> Problem {
        Problem::Damaged { format, what: what.into(), source: None }
    }

    pub(super) fn damaged_by(
        format: Format,
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Problem {
        Problem::Damaged { format, what: what.into(), source: Some(source.into()) }
    }

    pub(super) fn of(self, name: impl Into<String>) -> ReadError {
        ReadError { name: name.into(), problem: self }
    }

    fn code(&self) -> (Whose, &'static str) {
        match self {
            Problem::Missing => (Whose::Caller, "file_not_found"),
            Problem::NoRights => (Whose::Machine, "file_not_permitted"),
            Problem::NotAFile(_) => (Whose::Caller, "not_a_file"),
            Problem::Io(_) => (Whose::Machine, "file_unreadable"),
            Problem::Empty => (Whose::Caller, "file_empty"),
            Problem::TooLarge { .. } => (Whose::Caller, "file_too_large"),
            Problem::Changed => (Whose::Busy, "file_changed"),
            Problem::Binary => (Whose::Caller, "file_binary"),
            Problem::Unsupported { .. } => (Whose::Caller, "format_unsupported"),
            Problem::NotA(_) | Problem::Damaged { .. } => (Whose::Caller, "file_damaged"),
            Problem::Encrypted(_) => (Whose::Caller, "file_encrypted"),
            Problem::NoText(_) => (Whose::Caller, "file_without_text"),
            Problem::TooMuchText { .. } | Problem::TooManyBlocks { .. } => (Whose::Caller, "text_too_large"),
            Problem::UnpacksTooLarge { .. } | Problem::TooManyEntries { .. } => (Whose::Caller, "unpacks_too_large"),
            Problem::TooDeep { .. } => (Whose::Caller, "nested_too_deep"),
            Problem::TooMuchWork(_) => (Whose::Caller, "file_too_complex"),
            Problem::Panicked { .. } => (Whose::Bug, "reader_failed"),
        }
    }

    fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Problem::Missing => "check the path",
            Problem::NoRights => "give this user the right to read it",
            Problem::NotAFile("a folder") => "add `--recursive` to read the files in it",
            Problem::NotAFile(_) => "give a regular file",
            Problem::Io(_) => "check the disk, then try again",
            Problem::Empty => "nothing to read; leave it out",
            Problem::TooLarge { .. } | Problem::TooMuchText { .. } | Problem::TooManyBlocks { .. } => {
                "split it into smaller files"
            }
            Problem::Changed => "try again when nothing writes to it",
            Problem::Binary => "save it as text, or in a format docent reads",
            Problem::Unsupported { hint, .. } => hint,
            Problem::NotA(_) => "check the file, or give it the right extension",
            Problem::Damaged { .. } => "open it in its own program and save it again",
            Problem::Encrypted(_) => "save a copy without the password",
            Problem::NoText(Format::Pdf) => "if it is a scan, run text recognition (OCR) on it first",
            Problem::NoText(_) => "nothing to read; leave it out",
            Problem::UnpacksTooLarge { .. }
            | Problem::TooManyEntries { .. }
            | Problem::TooDeep { .. }
            | Problem::TooMuchWork(_) => "it may be built to exhaust the reader; save it again from its own program",
            Problem::Panicked { .. } => "please report it, with the file if you can",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Missing => write!(f, "no such file"),
            Problem::NoRights => write!(f, "no right to read it"),
            Problem::NotAFile(what) => write!(f, "it is {what}, not a file"),
            Problem::Io(_) => write!(f, "the system could not read it"),
            Problem::Empty => write!(f, "the file is empty"),
            Problem::TooLarge { bytes, limit } => {
                write!(f, "{} is more than the {} one file may have", Size(*bytes), Size(*limit))
            }
            Problem::Changed => write!(f, "changed while it was read"),
            Problem::Binary => write!(f, "it holds binary data, not text"),
            Problem::Unsupported { what, .. } => write!(f, "it is {what}, which is not read"),
            Problem::NotA(format) => write!(f, "named like {format}, but it is not {format}"),
            Problem::Damaged { format, what, .. } => write!(f, "damaged {format}: {what}"),
            Problem::Encrypted(format) => write!(f, "the {format} is protected by a password"),
            Problem::NoText(Format::Pdf) => write!(f, "the pdf holds no text (a scan?)"),
            Problem::NoText(format) => write!(f, "the {format} holds no text"),
            Problem::TooMuchText { limit } => write!(f, "holds more than {} of text", Size(*limit as u64)),
            Problem::TooManyBlocks { limit } => write!(f, "holds more than {limit} paragraphs or rows"),
            Problem::UnpacksTooLarge { limit } => write!(f, "unpacks to more than {}", Size(*limit)),
            Problem::TooManyEntries { limit } => write!(f, "packs more than {limit} parts"),
            Problem::TooDeep { limit } => write!(f, "nested deeper than {limit} levels"),
            Problem::TooMuchWork(format) => write!(f, "the {format} asks for more work than any honest one"),
            Problem::Panicked { format, .. } => write!(f, "the {format} reader failed on it"),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.name, self.problem)
    }
}

impl Error for ReadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.problem {
            Problem::Io(error) => Some(error),
            Problem::Damaged { source: Some(source), .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Fault {
        let (whose, code) = error.problem.code();
        let mut fault = Fault::new(whose, code, error.to_string());
        if let Some(hint) = error.problem.hint() {
            fault = fault.hint(hint);
        }
        match error.problem {
            Problem::Io(source) => fault.because_of(source),
            Problem::Damaged { source: Some(source), .. } => fault.because_of(source),
            Problem::Panicked { message, .. } => fault.because_of(message),
            _ => fault,
        }
    }
}

struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        match UNITS.iter().find(|(unit, _)| self.0 >= *unit) {
            Some((unit, name)) if self.0.is_multiple_of(*unit) => write!(f, "{} {name}", self.0 / unit),
            Some((unit, name)) => write!(f, "{:.1} {name}", self.0 as f64 / *unit as f64),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_error_names_the_file_once_and_says_what_to_do() {
        let fault = Fault::from(Problem::TooLarge { bytes: 5 << 30, limit: 256 << 20 }.of("notes/big.txt"));
        assert_eq!(fault.to_string(), "cannot read notes/big.txt: 5 GiB is more than the 256 MiB one file may have");
        assert_eq!(fault.hint.as_deref(), Some("split it into smaller files"));
        assert_eq!((fault.whose, fault.code), (Whose::Caller, "file_too_large"));
    }

    #[test]
    fn what_a_library_said_is_kept_for_the_log_only() {
        let fault = Fault::from(Problem::damaged_by(Format::Docx, "no document inside", "EOCD not found").of("a.docx"));
        assert_eq!(fault.to_string(), "cannot read a.docx: damaged docx: no document inside");
        assert_eq!(fault.source().map(ToString::to_string).as_deref(), Some("EOCD not found"));
    }

    #[test]
    fn sizes_read_well() {
        let shown: Vec<String> = [12, 2048, 1 << 20, 1_700_000].map(|bytes| Size(bytes).to_string()).into();
        assert_eq!(shown, ["12 bytes", "2 KiB", "1 MiB", "1.6 MiB"]);
    }
}
