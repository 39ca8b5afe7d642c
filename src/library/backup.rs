//! One file that holds a whole library, and the way back from it.
//!
//! A backup is a compact library file followed by a trailer: magic, version, length and BLAKE3 of what stands before.
//! The lexical index is not in it; it is built again.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use redb::{Database, Key, ReadTransaction, ReadableTable, TableDefinition, Value, WriteTransaction};
use tempfile::NamedTempFile;

use super::error::{LibraryError, Result};
use super::open::Library;
use super::store::{FILE, Store, builder, contained, make_folder, sync_folder};
use super::tables::{self, META, key};

const MAGIC: &[u8; 8] = b"docentBK";
const VERSION: u32 = 1;
const TRAILER: usize = 8 + 4 + 8 + 32;
const CACHE: usize = 16 << 20;
/// Rows copied before a commit: what is not committed is held in memory.
const ROWS: usize = 4_000;

/// Whether a file that is already there may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    Refuse,
    Replace,
}

/// Writes the library as it is now to `to`, while others read and write it. Bytes written.
pub fn backup(library: &Library, to: &Path, overwrite: Overwrite) -> Result<u64> {
    let refused = |error| LibraryError::refused(to, "write", error);
    if overwrite == Overwrite::Refuse && to.try_exists().map_err(refused)? {
        return Err(LibraryError::Exists { path: to.to_owned() });
    }
    let folder = folder_of(to);
    let mut staged = tempfile::Builder::new().prefix(".docent-backup-").tempfile_in(&folder).map_err(refused)?;
    let from = library.store().begin_read()?;
    contained(staged.path(), || copy(&from, &builder(CACHE).create(staged.path())?))?;
    seal(staged.as_file_mut()).map_err(refused)?;
    let bytes = staged.as_file().metadata().map_err(refused)?.len();
    let persisted = match overwrite {
        Overwrite::Refuse => staged.persist_noclobber(to),
        Overwrite::Replace => staged.persist(to),
    };
    persisted.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => LibraryError::Exists { path: to.to_owned() },
        _ => refused(error.error),
    })?;
    sync_folder(&folder)?;
    Ok(bytes)
}

/// Puts what `from` holds in place of the library in `folder`. Until the very last step, and after any error, that
/// library is as it was; afterwards it still stands beside the new one, under the name that is returned.
pub fn restore(from: &Path, folder: &Path) -> Result<Option<PathBuf>> {
    let length = verify(from)?;
    make_folder(folder)?;
    let path = folder.join(FILE);
    // Nobody may have it open while it is replaced. A damaged one may be replaced: that is what backups are for.
    let _held = match Store::open_existing(&path) {
        Ok(held) => held,
        Err(error @ LibraryError::InUse { .. }) => return Err(error),
        Err(_) => None,
    };
    let staged = stage(from, length, folder)?;
    let aside = set_aside(&path)?;
    staged.persist(&path).map_err(|error| LibraryError::refused(&path, "replace", error.error))?;
    sync_folder(folder)?;
    Ok(aside)
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A copy in key order packs the pages and leaves behind what was freed.
fn copy(from: &ReadTransaction, to: &Database) -> Result<(), redb::Error> {
    let txn = to.begin_write()?;
    tables::create(&txn)?;
    txn.commit()?;
    copy_table(from, to, tables::META)?;
    copy_table(from, to, tables::DOCUMENTS)?;
    copy_table(from, to, tables::SOURCES)?;
    copy_table(from, to, tables::CONTENTS)?;
    copy_table(from, to, tables::TEXT)?;
    copy_table(from, to, tables::CHUNKS)?;
    copy_table(from, to, tables::VECTORS)?;
    copy_table(from, to, tables::RESIDUES)?;
    copy_table(from, to, tables::EMBEDDERS)?;
    copy_table(from, to, tables::COLLECTIONS)?;
    copy_table(from, to, tables::TALLIES)?;
    Ok(())
}

fn copy_table<K: Key + 'static, V: Value + 'static>(
    from: &ReadTransaction,
    to: &Database,
    table: TableDefinition<'static, K, V>,
) -> Result<(), redb::Error> {
    let rows = from.open_table(table)?;
    let mut rows = rows.iter()?.peekable();
    while rows.peek().is_some() {
        let txn: WriteTransaction = to.begin_write()?;
        let mut copied = txn.open_table(table)?;
        for row in rows.by_ref().take(ROWS) {
            let (key, value) = row?;
            copied.insert(key.value(), value.value())?;
        }
        drop(copied);
        txn.commit()?;
    }
    Ok(())
}

fn seal(file: &mut File) -> io::Result<()> {
    file.rewind()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&mut *file)?;
    let length = file.seek(SeekFrom::End(0))?;
    let mut trailer = Vec::with_capacity(TRAILER);
    trailer.extend_from_slice(MAGIC);
    trailer.extend_from_slice(&VERSION.to_le_bytes());
    trailer.extend_from_slice(&length.to_le_bytes());
    trailer.extend_from_slice(hasher.finalize().as_bytes());
    file.write_all(&trailer)?;
    file.sync_all()
}

/// The length of the library file inside a backup that is whole.
fn verify(from: &Path) -> Result<u64> {
    let refused = |error| LibraryError::refused(from, "read", error);
    let not = |why| LibraryError::NotABackup { path: from.to_owned(), why };
    let mut file = File::open(from).map_err(refused)?;
    let whole = file.metadata().map_err(refused)?;
    if !whole.is_file() {
        return Err(not("it is not a file"));
    }
    let Some(length) = whole.len().checked_sub(TRAILER as u64) else { return Err(not("it is too short")) };
    let mut trailer = [0; TRAILER];
    file.seek(SeekFrom::Start(length)).map_err(refused)?;
    file.read_exact(&mut trailer).map_err(refused)?;
    let (magic, rest) = trailer.split_at(8);
    let (version, rest) = rest.split_at(4);
    let (stated, hash) = rest.split_at(8);
    if magic != MAGIC {
        return Err(not("it is not a backup, or it was cut short"));
    }
    let found = u32::from_le_bytes(version.try_into().expect("four bytes were split off"));
    if found > VERSION {
        return Err(LibraryError::NewerBackup { path: from.to_owned(), found, ours: VERSION });
    }
    if stated != length.to_le_bytes() {
        return Err(not("it was cut short"));
    }
    file.rewind().map_err(refused)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file.take(length)).map_err(refused)?;
    if hasher.finalize().as_bytes() != hash {
        return Err(not("its checksum is wrong"));
    }
    Ok(length)
}

/// The library of a verified backup, ready to be moved into place.
fn stage(from: &Path, length: u64, folder: &Path) -> Result<NamedTempFile> {
    let refused = |error| LibraryError::refused(folder, "write to", error);
    let mut staged = tempfile::Builder::new().prefix(".docent-restore-").tempfile_in(folder).map_err(refused)?;
    let file = File::open(from).map_err(|error| LibraryError::refused(from, "read", error))?;
    io::copy(&mut file.take(length), staged.as_file_mut()).map_err(refused)?;
    staged.as_file().sync_all().map_err(refused)?;
    let database = contained(from, || Ok(builder(CACHE).open(staged.path())?))?;
    let store = Store::with_database(from.to_owned(), database)?;
    let txn = store.begin_write()?;
    contained(from, || {
        // A library of its own from here on: nothing remembered of the other one holds for it.
        txn.open_table(META)?.insert(key::IDENTITY, tables::draw_identity())?;
        Ok(txn.commit()?)
    })?;
    Ok(staged)
}

/// Keeps the present library under another name; it also stays under its own until the new one takes its place.
fn set_aside(path: &Path) -> Result<Option<PathBuf>> {
    let refused = |error| LibraryError::refused(path, "set aside", error);
    if !path.try_exists().map_err(refused)? {
        return Ok(None);
    }
    let aside = path.with_file_name("library.before-restore.redb");
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refused(error)),
        _ => {}
    }
    // Some file systems have no second names.
    if fs::hard_link(path, &aside).is_err() {
        fs::copy(path, &aside).map_err(refused)?;
    }
    Ok(Some(aside))
}
