//! Opening the cache's file, whatever is there: another's, a damaged one, one that may not be written.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use redb::Database;

use super::file::{File, Kept, builder};
use super::{State, Why};
use crate::clock::Clock;

pub(super) type Opener = Box<dyn Fn(&Path) -> Kept<Database> + Send + Sync>;

pub(super) fn from_file(path: &Path) -> Kept<Database> {
    // redb makes a database of an empty file; for us a file without a word in it is a damaged one.
    Ok(if path.try_exists()? { builder().open(path)? } else { builder().create(path)? })
}

/// A damaged file is set aside and a new one begun.
pub(super) fn open(path: &Path, most: u64, opener: &Opener, healed: &AtomicU64, clock: &dyn Clock) -> State {
    let attempt = || contained(|| File::new(opener(path)?, most));
    let opened = attempt().or_else(|error| {
        if !is_damage(&error) {
            return Err(error);
        }
        set_aside(path, &error)?;
        healed.fetch_add(1, Relaxed);
        attempt()
    });
    match opened {
        Ok(file) => State::Open(file),
        Err(error) => {
            tracing::info!(?error, file = %path.display(), "nothing is remembered on disk");
            State::Closed { since: clock.instant(), why: why(&error) }
        }
    }
}

pub(super) fn set_aside(path: &Path, error: &redb::Error) -> io::Result<()> {
    if let redb::Error::RepairAborted = error {
        tracing::info!(file = %path.display(), "the cache was not closed, and is begun anew");
        return fs::remove_file(path);
    }
    let aside = path.with_extension("damaged.redb");
    tracing::warn!(?error, file = %path.display(), aside = %aside.display(), "the cache was damaged");
    fs::rename(path, aside)
}

/// Whether the file is to blame, and not the machine or another process.
pub(super) fn is_damage(error: &redb::Error) -> bool {
    match error {
        redb::Error::DatabaseAlreadyOpen | redb::Error::PreviousIo => false,
        redb::Error::Io(error) => matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof),
        _ => true,
    }
}

pub(super) fn why(error: &redb::Error) -> Why {
    match error {
        redb::Error::DatabaseAlreadyOpen => Why::Locked,
        redb::Error::Io(error) => Why::Refused(error.kind()),
        redb::Error::PreviousIo => Why::Refused(io::ErrorKind::Other),
        _ => Why::Damaged,
    }
}

/// redb trusts its file, and may panic where the file lies.
pub(super) fn contained<T>(work: impl FnOnce() -> Kept<T>) -> Kept<T> {
    let panicked = |_| redb::Error::Corrupted("the database panicked".to_owned());
    catch_unwind(AssertUnwindSafe(work)).map_err(panicked)?
}
