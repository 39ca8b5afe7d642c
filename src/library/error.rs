//! What can go wrong with a library, and what a person can do about it.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Whose};

#[derive(Debug)]
pub enum LibraryError {
    /// Another process has it open.
    InUse {
        folder: PathBuf,
    },
    /// The file is there, and is not what docent wrote.
    Damaged {
        path: PathBuf,
        source: Cause,
    },
    /// Written by a newer docent.
    Newer {
        path: PathBuf,
        found: u64,
        ours: u64,
    },
    /// A redb file without docent's tables.
    Foreign {
        path: PathBuf,
    },
    /// The machine refused: disk full, no rights, a failing disk.
    Refused {
        path: PathBuf,
        doing: &'static str,
        source: io::Error,
    },
    /// An earlier write failed; what is open can no longer be trusted to write.
    Broken {
        path: PathBuf,
    },
    /// The index that is derived from the library does not answer.
    Lexical {
        path: PathBuf,
        source: Cause,
    },
    /// Opened to read, asked to write.
    ReadOnly {
        folder: PathBuf,
    },
    /// Another change got in between.
    Changed {
        source: String,
    },
    /// Will not overwrite.
    Exists {
        path: PathBuf,
    },
    /// Not a backup, or one that was cut short or altered.
    NotABackup {
        path: PathBuf,
        why: &'static str,
    },
    NewerBackup {
        path: PathBuf,
        found: u32,
        ours: u32,
    },
    /// What an embedder made cannot be kept or compared.
    Vectors {
        embedder: String,
        why: String,
    },
    /// A promise inside docent was not kept.
    Bug {
        what: String,
        source: Option<Cause>,
    },
}

pub(super) type Cause = Box<dyn Error + Send + Sync>;

pub(super) type Result<T, E = LibraryError> = std::result::Result<T, E>;

impl LibraryError {
    pub(super) fn refused(path: &Path, doing: &'static str, source: io::Error) -> LibraryError {
        LibraryError::Refused { path: path.to_owned(), doing, source }
    }

    pub(super) fn damaged(path: &Path, source: impl Into<Cause>) -> LibraryError {
        LibraryError::Damaged { path: path.to_owned(), source: source.into() }
    }

    /// What redb says about the file at `path`.
    pub(super) fn stored(path: &Path, error: redb::Error) -> LibraryError {
        let path = path.to_owned();
        match error {
            redb::Error::DatabaseAlreadyOpen => {
                LibraryError::InUse { folder: path.parent().unwrap_or(&path).to_owned() }
            }
            redb::Error::Io(source) if is_content(&source) => LibraryError::damaged(&path, source),
            redb::Error::Io(source) => LibraryError::Refused { path, doing: "read or write", source },
            redb::Error::PreviousIo | redb::Error::DatabaseClosed | redb::Error::LockPoisoned(_) => {
                LibraryError::Broken { path }
            }
            error @ (redb::Error::Corrupted(_)
            | redb::Error::UpgradeRequired(_)
            | redb::Error::TableTypeMismatch { .. }
            | redb::Error::TableDoesNotExist(_)) => LibraryError::Damaged { path, source: error.into() },
            error => LibraryError::Bug { what: format!("{} was misused", path.display()), source: Some(error.into()) },
        }
    }
}

/// Whether an I/O error speaks of what was read rather than of the machine.
fn is_content(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

impl fmt::Display for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LibraryError::InUse { folder } => {
                write!(f, "the library in {} is open in another process", folder.display())
            }
            LibraryError::Damaged { path, .. } => write!(f, "{} is damaged", path.display()),
            LibraryError::Newer { path, found, ours } => {
                write!(f, "{} has format {found}, and this docent knows formats up to {ours}", path.display())
            }
            LibraryError::Foreign { path } => write!(f, "{} is a database, but not a docent library", path.display()),
            LibraryError::Refused { path, doing, source } => {
                write!(f, "cannot {doing} {}: {}", path.display(), reason(source))
            }
            LibraryError::Broken { path } => {
                write!(f, "{} cannot be used any further: an earlier read or write failed", path.display())
            }
            LibraryError::Lexical { path, .. } => write!(f, "the index in {} does not answer", path.display()),
            LibraryError::ReadOnly { folder } => {
                write!(f, "the library in {} was opened only to read", folder.display())
            }
            LibraryError::Changed { source } => write!(f, "{source} was changed by someone else at the same time"),
            LibraryError::Exists { path } => write!(f, "{} is already there", path.display()),
            LibraryError::NotABackup { path, why } => write!(f, "{} cannot be restored: {why}", path.display()),
            LibraryError::NewerBackup { path, found, ours } => {
                write!(f, "{} is a backup of version {found}, and this docent knows {ours}", path.display())
            }
            LibraryError::Vectors { embedder, why } => write!(f, "the vectors of {embedder} were refused: {why}"),
            LibraryError::Bug { what, .. } => f.write_str(what),
        }
    }
}

/// The kind in plain words, without the operating system's number.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "the disk quota is used up".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        kind => kind.to_string(),
    }
}

impl Error for LibraryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            LibraryError::Damaged { source, .. } | LibraryError::Lexical { source, .. } => Some(source.as_ref()),
            LibraryError::Refused { source, .. } => Some(source),
            LibraryError::Bug { source, .. } => source.as_ref().map(|source| source.as_ref() as _),
            _ => None,
        }
    }
}

impl LibraryError {
    fn whose(&self) -> Whose {
        match self {
            LibraryError::InUse { .. } | LibraryError::Changed { .. } => Whose::Busy,
            LibraryError::Damaged { .. }
            | LibraryError::Refused { .. }
            | LibraryError::Broken { .. }
            | LibraryError::Lexical { .. }
            | LibraryError::Vectors { .. } => Whose::Machine,
            LibraryError::Newer { .. }
            | LibraryError::Foreign { .. }
            | LibraryError::Exists { .. }
            | LibraryError::NotABackup { .. }
            | LibraryError::NewerBackup { .. } => Whose::Caller,
            LibraryError::ReadOnly { .. } | LibraryError::Bug { .. } => Whose::Bug,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            LibraryError::InUse { .. } => "library_locked",
            LibraryError::Damaged { .. } => "library_damaged",
            LibraryError::Newer { .. } => "library_newer",
            LibraryError::Foreign { .. } => "library_foreign",
            LibraryError::Refused { source, .. } if source.kind() == io::ErrorKind::StorageFull => "disk_full",
            LibraryError::Refused { .. } => "library_io",
            LibraryError::Broken { .. } => "library_broken",
            LibraryError::Lexical { .. } => "lexical_damaged",
            LibraryError::ReadOnly { .. } => "library_read_only",
            LibraryError::Changed { .. } => "library_changed",
            LibraryError::Exists { .. } => "backup_exists",
            LibraryError::NotABackup { .. } => "not_a_backup",
            LibraryError::NewerBackup { .. } => "backup_newer",
            LibraryError::Vectors { .. } => "vectors_refused",
            LibraryError::Bug { .. } => "library_bug",
        }
    }

    fn next_step(&self) -> String {
        match self {
            LibraryError::InUse { .. } => {
                "wait until the other docent is done; if it is `docent serve`, ask through it".to_owned()
            }
            LibraryError::Damaged { .. } => {
                "nothing was changed; bring back a copy with `docent restore FILE`, or move \
                 the file away to begin an empty library"
                    .to_owned()
            }
            LibraryError::Newer { .. } | LibraryError::NewerBackup { .. } => "use a newer docent".to_owned(),
            LibraryError::Foreign { .. } => "choose another data folder with `--data-dir`".to_owned(),
            LibraryError::Refused { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "free some space and run it again; what was reported as added is kept".to_owned()
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "check who owns the data folder, or choose another with `--data-dir`".to_owned()
                }
                io::ErrorKind::NotFound => "check the path; what was reported as added is kept".to_owned(),
                _ => "check the disk; what was reported as added is kept".to_owned(),
            },
            LibraryError::Broken { .. } => "run it again; what was reported as added is kept".to_owned(),
            LibraryError::Lexical { path, .. } => {
                format!("delete the folder {}; it is built again from the library", path.display())
            }
            LibraryError::Changed { .. } => "run it again".to_owned(),
            LibraryError::Exists { .. } => "give another name, or `--force` to replace it".to_owned(),
            LibraryError::NotABackup { .. } => {
                "use a file that `docent backup` wrote; the library is as it was".to_owned()
            }
            LibraryError::Vectors { .. } => {
                "check the model's files with `docent models verify`; search by words still works".to_owned()
            }
            LibraryError::ReadOnly { .. } | LibraryError::Bug { .. } => {
                "this is a bug in docent: please report it".to_owned()
            }
        }
    }
}

impl From<LibraryError> for Fault {
    fn from(error: LibraryError) -> Fault {
        Fault::new(error.whose(), error.code(), error.to_string()).hint(error.next_step()).because_of(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_and_never_quotes_the_system() {
        let error = LibraryError::stored(
            Path::new("/data/library.redb"),
            redb::Error::Io(io::Error::from(io::ErrorKind::StorageFull)),
        );
        let fault = Fault::from(error);
        assert_eq!(fault.code, "disk_full");
        assert_eq!(fault.what, "cannot read or write /data/library.redb: the disk is full");
        assert!(fault.hint.is_some());
    }

    #[test]
    fn a_lock_is_nobodys_fault() {
        let fault =
            Fault::from(LibraryError::stored(Path::new("/data/library.redb"), redb::Error::DatabaseAlreadyOpen));
        assert_eq!((fault.whose, fault.code), (Whose::Busy, "library_locked"));
        assert!(fault.what.contains("/data"), "{}", fault.what);
    }
}
