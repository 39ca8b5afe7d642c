//! Bytes under keys in a file that may be lost: bounded, checked, and silent when it breaks.
//!
//! An entry is its number in the order of use, a checksum, and its bytes. What was read since the last write is moved to
//! the end of that order with the next one, so reading never waits for the disk to write.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::{
    Builder, Database, Durability, ReadableDatabase, ReadableTable, Table, TableDefinition, TableHandle,
    WriteTransaction,
};

type Key = [u8; 32];
type Kept<T> = Result<T, redb::Error>;

/// Tables carry the format's version in their names: those of another one are dropped.
const ENTRIES: TableDefinition<&Key, &[u8]> = TableDefinition::new("entries-1");
/// (when it was last used, counted in uses) -> key
const ORDER: TableDefinition<u64, &Key> = TableDefinition::new("order-1");
const BYTES: TableDefinition<(), u64> = TableDefinition::new("bytes-1");

/// redb's own default is 1 GiB.
const CACHE: usize = 8 << 20;
/// Number in the order of use, and checksum.
const HEAD: usize = 16;
/// What an entry takes beside its bytes, in both tables.
const OVERHEAD: u64 = 128;
/// Written bytes after which the file is synced: what a power cut may cost.
const SYNC_AFTER: u64 = 16 << 20;

pub(super) struct Disk {
    /// Nothing when there is no file, or it broke.
    open: Mutex<Option<Open>>,
}

struct Open {
    database: Database,
    most_bytes: u64,
    unsynced: u64,
    used: BTreeSet<Key>,
}

impl Disk {
    pub(super) fn open(path: &Path, most_bytes: u64) -> Disk {
        let opened = contained(|| Open::new(path, most_bytes)).or_else(|error| match error {
            // Somebody else's to use, or not to be written at all.
            redb::Error::DatabaseAlreadyOpen => Err(error),
            redb::Error::Io(ref io) if !is_content(io) => Err(error),
            error => {
                let aside = path.with_extension("damaged.redb");
                tracing::warn!(?error, file = %path.display(), aside = %aside.display(), "the cache was damaged");
                fs::rename(path, aside)?;
                contained(|| Open::new(path, most_bytes))
            }
        });
        if let Err(error) = &opened {
            tracing::info!(?error, file = %path.display(), "there is no cache");
        }
        Disk { open: Mutex::new(opened.ok()) }
    }

    /// One for each key, in order.
    pub(super) fn get(&self, keys: &[Key]) -> Vec<Option<Vec<u8>>> {
        self.with(|open| open.get(keys)).unwrap_or_else(|| vec![None; keys.len()])
    }

    pub(super) fn put(&self, entries: &[(Key, Vec<u8>)]) {
        if !entries.is_empty() {
            self.with(|open| open.put(entries));
        }
    }

    /// Whatever goes wrong, the cache is closed and there is none from then on.
    fn with<T>(&self, work: impl FnOnce(&mut Open) -> Kept<T>) -> Option<T> {
        let mut guard = self.lock();
        let open = guard.as_mut()?;
        match contained(|| work(open)) {
            Ok(value) => Some(value),
            Err(error) => {
                tracing::warn!(?error, "the cache broke; nothing is remembered until the next start");
                discard(guard.take());
                None
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was written since the last sync is kept when the process ends in good order.
impl Drop for Disk {
    fn drop(&mut self) {
        self.with(|open| if open.unsynced > 0 { open.change(Durability::Immediate, |_| Ok(())) } else { Ok(()) });
        discard(self.lock().take());
    }
}

/// Closing a file that is not sound may panic as well.
fn discard(open: Option<Open>) {
    let _ = contained(|| {
        drop(open);
        Ok(())
    });
}

impl Open {
    fn new(path: &Path, most_bytes: u64) -> Kept<Open> {
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE);
        // redb makes a library of an empty file; for us a file without a word in it is a damaged one.
        let database = if path.try_exists()? { builder.open(path)? } else { builder.create(path)? };
        let mut open = Open { database, most_bytes, unsynced: 0, used: BTreeSet::new() };
        let ours = [ENTRIES.name(), ORDER.name(), BYTES.name()];
        open.change(Durability::Immediate, |txn| {
            let others: Vec<_> = txn.list_tables()?.filter(|table| !ours.contains(&table.name())).collect();
            others.into_iter().try_for_each(|table| txn.delete_table(table).map(drop))?;
            txn.open_table(ENTRIES)?;
            txn.open_table(ORDER)?;
            txn.open_table(BYTES)?;
            Ok(())
        })?;
        Ok(open)
    }

    fn get(&mut self, keys: &[Key]) -> Kept<Vec<Option<Vec<u8>>>> {
        let txn = self.database.begin_read()?;
        let entries = txn.open_table(ENTRIES)?;
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            let bytes = entries.get(key)?.and_then(|entry| content(key, entry.value()).map(<[u8]>::to_vec));
            if bytes.is_some() {
                self.used.insert(*key);
            }
            found.push(bytes);
        }
        Ok(found)
    }

    fn put(&mut self, entries: &[(Key, Vec<u8>)]) -> Kept<()> {
        let (most, used) = (self.most_bytes, std::mem::take(&mut self.used));
        let written: u64 = entries.iter().map(|(_, bytes)| weight(bytes.len())).sum();
        self.unsynced += written;
        let durability = if self.unsynced > SYNC_AFTER { Durability::Immediate } else { Durability::None };
        self.change(durability, |txn| {
            let mut tables = Tables::of(txn)?;
            for key in &used {
                tables.touch(key)?;
            }
            for (key, bytes) in entries.iter().filter(|(_, bytes)| weight(bytes.len()) <= most) {
                tables.put(key, bytes)?;
            }
            tables.shrink(most)
        })
    }

    fn change(&mut self, durability: Durability, work: impl FnOnce(&WriteTransaction) -> Kept<()>) -> Kept<()> {
        let mut txn = self.database.begin_write()?;
        if let Durability::Immediate = durability {
            self.unsynced = 0;
        }
        txn.set_durability(durability)?;
        work(&txn)?;
        Ok(txn.commit()?)
    }
}

struct Tables<'txn> {
    entries: Table<'txn, &'static Key, &'static [u8]>,
    order: Table<'txn, u64, &'static Key>,
    total: Table<'txn, (), u64>,
    bytes: u64,
    next: u64,
}

impl<'txn> Tables<'txn> {
    fn of(txn: &'txn WriteTransaction) -> Kept<Tables<'txn>> {
        let (order, total) = (txn.open_table(ORDER)?, txn.open_table(BYTES)?);
        let next = order.last()?.map_or(0, |(last, _)| last.value().saturating_add(1));
        let bytes = total.get(())?.map_or(0, |bytes| bytes.value());
        Ok(Tables { entries: txn.open_table(ENTRIES)?, order, total, bytes, next })
    }

    fn put(&mut self, key: &Key, bytes: &[u8]) -> Kept<()> {
        self.remove(key)?;
        let mut entry = Vec::with_capacity(HEAD + bytes.len());
        entry.extend(self.next.to_le_bytes());
        entry.extend(checksum(key, bytes));
        entry.extend(bytes);
        self.entries.insert(key, entry.as_slice())?;
        self.order.insert(self.next, key)?;
        self.next += 1;
        self.bytes += weight(bytes.len());
        Ok(())
    }

    /// Moves an entry to the end of the order.
    fn touch(&mut self, key: &Key) -> Kept<()> {
        let bytes = self.entries.get(key)?.and_then(|entry| content(key, entry.value()).map(<[u8]>::to_vec));
        bytes.map_or(Ok(()), |bytes| self.put(key, &bytes))
    }

    fn remove(&mut self, key: &Key) -> Kept<()> {
        let Some(entry) = self.entries.remove(key)?.map(|entry| entry.value().to_vec()) else { return Ok(()) };
        if let Some(number) = entry.first_chunk() {
            self.order.remove(u64::from_le_bytes(*number))?;
        }
        self.bytes = self.bytes.saturating_sub(weight(entry.len().saturating_sub(HEAD)));
        Ok(())
    }

    fn shrink(&mut self, most: u64) -> Kept<()> {
        while self.bytes > most {
            let Some(key) = self.order.pop_first()?.map(|(_, key)| *key.value()) else { break };
            self.remove(&key)?;
        }
        self.total.insert((), self.bytes)?;
        Ok(())
    }
}

fn weight(bytes: usize) -> u64 {
    bytes as u64 + OVERHEAD
}

/// An entry's bytes, when they are what was put there.
fn content<'a>(key: &Key, entry: &'a [u8]) -> Option<&'a [u8]> {
    let (head, bytes) = entry.split_at_checked(HEAD)?;
    (head[8..] == checksum(key, bytes)).then_some(bytes)
}

fn checksum(key: &Key, bytes: &[u8]) -> [u8; 8] {
    let hash = blake3::keyed_hash(key, bytes);
    *hash.as_bytes().first_chunk().expect("a hash has more than eight bytes")
}

/// Whether an I/O error speaks of what was read rather than of the machine.
fn is_content(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof)
}

/// redb trusts its file, and may panic where the file lies.
fn contained<T>(work: impl FnOnce() -> Kept<T>) -> Kept<T> {
    let panicked = |_| redb::Error::Corrupted("the database panicked".to_owned());
    catch_unwind(AssertUnwindSafe(work)).map_err(panicked)?
}
