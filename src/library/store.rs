//! The library's file: how it comes into being, is opened, and is refused.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{Builder, Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, TableError, WriteTransaction};

use super::error::{LibraryError, Result};
use super::tables::{self, FORMAT, META, key};

pub(super) const FILE: &str = "library.redb";

/// redb's own default is 1 GiB.
const CACHE: usize = 48 << 20;
/// A reader of one question looks at little.
const CACHE_TO_READ: usize = 24 << 20;

pub(super) struct Store {
    path: PathBuf,
    handle: Handle,
}

enum Handle {
    Writable(Database),
    ReadOnly(ReadOnlyDatabase),
}

impl Store {
    /// Opens the library in `folder`, or makes one.
    pub(super) fn open(folder: &Path) -> Result<Store> {
        make_folder(folder)?;
        let path = folder.join(FILE);
        if !path.try_exists().map_err(|error| LibraryError::refused(&path, "look for", error))? {
            create_file(folder, &path)?;
        }
        let database = contained(&path, || builder(CACHE).open(&path).map_err(redb::Error::from))?;
        Store::with_database(path, database)
    }

    /// Opens beside other readers. `None` when that is not possible and [`Store::open`] has to put things right: there
    /// is no file yet, the last writer was killed, or the format is an older one.
    pub(super) fn open_to_read(folder: &Path) -> Result<Option<Store>> {
        let path = folder.join(FILE);
        if !path.try_exists().map_err(|error| LibraryError::refused(&path, "look for", error))? {
            return Ok(None);
        }
        let opened = contained(&path, || match builder(CACHE_TO_READ).open_read_only(&path) {
            Ok(database) => {
                let format = format_of(&database.begin_read()?)?;
                Ok(Some((database, format)))
            }
            Err(redb::DatabaseError::RepairAborted) => Ok(None),
            Err(error) => Err(error.into()),
        })?;
        let Some((database, format)) = opened else { return Ok(None) };
        check_format(&path, format)?;
        let current = format == Some(FORMAT);
        Ok(current.then_some(Store { path, handle: Handle::ReadOnly(database) }))
    }

    /// The file itself, held so that nobody else has it; `None` when there is none.
    pub(super) fn open_existing(path: &Path) -> Result<Option<Database>> {
        if !path.try_exists().map_err(|error| LibraryError::refused(path, "look for", error))? {
            return Ok(None);
        }
        contained(path, || Ok(builder(CACHE).open(path)?)).map(Some)
    }

    /// Takes an open database: checks what it is and brings it to the current format.
    pub(super) fn with_database(path: PathBuf, database: Database) -> Result<Store> {
        let format = contained(&path, || format_of(&database.begin_read()?))?;
        check_format(&path, format)?;
        if let Some(older) = format.filter(|&format| format < FORMAT) {
            contained(&path, || {
                let txn = database.begin_write()?;
                tables::upgrade(&txn, older)?;
                Ok(txn.commit()?)
            })?;
            tracing::info!(from = older, to = FORMAT, "the library was brought to the current format");
        }
        Ok(Store { path, handle: Handle::Writable(database) })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_writable(&self) -> bool {
        matches!(self.handle, Handle::Writable(_))
    }

    pub(super) fn begin_read(&self) -> Result<ReadTransaction> {
        let txn = match &self.handle {
            Handle::Writable(database) => database.begin_read(),
            Handle::ReadOnly(database) => database.begin_read(),
        };
        txn.map_err(|error| self.error(error))
    }

    pub(super) fn begin_write(&self) -> Result<WriteTransaction> {
        match &self.handle {
            Handle::Writable(database) => database.begin_write().map_err(|error| self.error(error)),
            Handle::ReadOnly(_) => {
                Err(LibraryError::ReadOnly { folder: self.path.parent().unwrap_or(&self.path).to_owned() })
            }
        }
    }

    pub(super) fn error(&self, error: impl Into<redb::Error>) -> LibraryError {
        LibraryError::stored(&self.path, error.into())
    }
}

pub(super) fn builder(cache: usize) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(cache);
    builder
}

/// redb trusts a file that was closed in good order, and may panic when that trust is broken.
pub(super) fn contained<T>(path: &Path, open: impl FnOnce() -> Result<T, redb::Error>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(open)) {
        Ok(outcome) => outcome.map_err(|error| LibraryError::stored(path, error)),
        Err(_) => Err(LibraryError::damaged(path, "the database panicked while it was opened")),
    }
}

/// `None` when the tables are not docent's.
fn format_of(txn: &ReadTransaction) -> Result<Option<u64>, redb::Error> {
    match txn.open_table(META) {
        Ok(meta) => Ok(redb::ReadableTable::get(&meta, key::FORMAT)?.map(|format| format.value())),
        Err(TableError::TableDoesNotExist(_) | TableError::TableTypeMismatch { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn check_format(path: &Path, format: Option<u64>) -> Result<()> {
    match format {
        None => Err(LibraryError::Foreign { path: path.to_owned() }),
        Some(found) if found > FORMAT => Err(LibraryError::Newer { path: path.to_owned(), found, ours: FORMAT }),
        Some(_) => Ok(()),
    }
}

/// The file appears under its name only when it is complete: a process killed in here leaves no half library, which
/// would look like a damaged one for ever.
fn create_file(folder: &Path, path: &Path) -> Result<()> {
    let refused = |error| LibraryError::refused(path, "create", error);
    let staged = tempfile::Builder::new().prefix(".library-").tempfile_in(folder).map_err(refused)?;
    let database = contained(path, || Ok(builder(CACHE).create(staged.path())?))?;
    contained(path, || {
        let txn = database.begin_write()?;
        tables::create(&txn)?;
        Ok(txn.commit()?)
    })?;
    drop(database);
    match staged.persist_noclobber(path) {
        Ok(_) => sync_folder(folder),
        // Another process was quicker: its file is as good as ours.
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(refused(error.error)),
    }
}

/// A new name is durable only when its folder is.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| LibraryError::refused(folder, "write", error))?;
    Ok(())
}

/// What a person keeps in a library is nobody else's to read.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| LibraryError::refused(folder, "create", error))
}
