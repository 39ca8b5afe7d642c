//! The cache's file while it is open: entries by key, in the order of their use, never more than its bytes.
//!
//! What was read since the last write is moved to the end of that order with the next one, so reading never writes.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use redb::{
    Builder, Database, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata, Table, TableDefinition,
    TableHandle, WriteTransaction,
};

use super::row::{Head, Row, Write, weight};
use crate::cache::key::Key;

pub(super) type Kept<T> = Result<T, redb::Error>;
type Bytes32 = [u8; 32];

/// Tables carry the format's version in their names: those of another one are dropped.
const ENTRIES: TableDefinition<&Bytes32, &[u8]> = TableDefinition::new("entries-2");
/// What lists and choices need, apart from the bytes.
const HEADS: TableDefinition<&Bytes32, &[u8]> = TableDefinition::new("heads-2");
/// (when it was last used, counted in uses) -> key
const ORDER: TableDefinition<u64, &Bytes32> = TableDefinition::new("order-2");
const BYTES: TableDefinition<(), u64> = TableDefinition::new("bytes-2");
const TALLIES: TableDefinition<&str, &[u8]> = TableDefinition::new("tallies-2");

/// redb's own default is 1 GiB.
const CACHE: usize = 8 << 20;
/// What one write copies of the tables' pages, which are free again only after a sync.
const PAGES_PER_WRITE: u64 = 3 * 4096;
/// Bytes on their way to disk after which the file is synced: what a power cut may cost.
const SYNC_AFTER: u64 = 16 << 20;
/// The file never grows past its bound, and redb doubles it when it is full: so many tenths of it are used, and less of a
/// small one, because a change copies pages that are free again only after a sync.
const USED: u64 = 7;
const COPIED: u64 = 8 << 20;
/// redb's smallest file, and what its size has beside a power of two.
const SMALLEST: u64 = 1 << 20;
const BESIDE: u64 = 200;

pub(super) struct File {
    database: Database,
    most: AtomicU64,
    /// Written since the last sync, and copied for it. Only the one who writes looks at it.
    unsynced: AtomicU64,
}

/// What one write changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changed {
    pub driven_out: Vec<(Key, String)>,
    pub bytes: u64,
}

/// How redb is to open a file that may be any file.
pub(super) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    // Walking a large file takes minutes, and nothing in it is worth them.
    builder.set_repair_callback(redb::RepairSession::abort);
    builder
}

impl File {
    pub(super) fn new(database: Database, most: u64) -> Kept<File> {
        let file = File { database, most: AtomicU64::new(most), unsynced: AtomicU64::new(0) };
        let ours = [ENTRIES.name(), HEADS.name(), ORDER.name(), BYTES.name(), TALLIES.name()];
        if file.has_tables(&ours)? {
            return Ok(file);
        }
        file.change(Durability::Immediate, |txn| {
            let others: Vec<_> = txn.list_tables()?.filter(|table| !ours.contains(&table.name())).collect();
            others.into_iter().try_for_each(|table| txn.delete_table(table).map(drop))?;
            txn.open_table(ENTRIES)?;
            txn.open_table(HEADS)?;
            txn.open_table(ORDER)?;
            txn.open_table(BYTES)?;
            txn.open_table(TALLIES)?;
            Ok(())
        })?;
        Ok(file)
    }

    /// These and no others: then there is nothing to write, and opening waits for no disk.
    fn has_tables(&self, ours: &[&str]) -> Kept<bool> {
        let txn = self.database.begin_read()?;
        let there: Vec<String> = txn.list_tables()?.map(|table| table.name().to_owned()).collect();
        Ok(there.len() == ours.len() && there.iter().all(|name| ours.contains(&name.as_str())))
    }

    pub(super) fn get(&self, key: &Key) -> Kept<Option<Row>> {
        let txn = self.database.begin_read()?;
        let found = txn.open_table(ENTRIES)?.get(&key.0)?;
        Ok(found.and_then(|entry| Row::read(key, entry.value())))
    }

    /// One for each key, in order.
    pub(super) fn get_all(&self, keys: &[Key]) -> Kept<Vec<Option<Row>>> {
        let txn = self.database.begin_read()?;
        let entries = txn.open_table(ENTRIES)?;
        keys.iter().map(|key| Ok(entries.get(&key.0)?.and_then(|entry| Row::read(key, entry.value())))).collect()
    }

    /// Every entry without its bytes, until the caller has enough.
    pub(super) fn heads(&self, mut each: impl FnMut(Key, Head) -> bool) -> Kept<()> {
        let txn = self.database.begin_read()?;
        for entry in txn.open_table(HEADS)?.iter()? {
            let (key, head) = entry?;
            if let Some(head) = Head::read(head.value())
                && !each(Key(*key.value()), head)
            {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn tallies(&self) -> Kept<Vec<(String, Vec<u8>)>> {
        let txn = self.database.begin_read()?;
        let tallies = txn.open_table(TALLIES)?;
        let rows = tallies.iter()?.map(|entry| {
            let (name, bytes) = entry?;
            Ok((name.value().to_owned(), bytes.value().to_vec()))
        });
        rows.collect()
    }

    /// (how many entries, about how many bytes they take)
    pub(super) fn size(&self) -> Kept<(u64, u64)> {
        let txn = self.database.begin_read()?;
        let bytes = txn.open_table(BYTES)?.get(())?.map_or(0, |bytes| bytes.value());
        Ok((txn.open_table(HEADS)?.len()?, bytes))
    }

    pub(super) fn is_synced(&self) -> bool {
        self.unsynced.load(Relaxed) == 0
    }

    /// Moves what was used to the end of the order, and writes what is new behind it. What is too large is left out.
    pub(super) fn put(&self, used: &[Key], entries: &[Write]) -> Kept<Changed> {
        let rows: Vec<(Key, Vec<u8>, &Write)> = entries.iter().map(|write| (write.key, write.row(), write)).collect();
        let room = room(self.most.load(Relaxed));
        let heavy: u64 = rows.iter().map(|(_, row, write)| weight(row.len(), write.name.len()) + PAGES_PER_WRITE).sum();
        let heavy = heavy + used.len() as u64 * PAGES_PER_WRITE;
        let unsynced = self.unsynced.fetch_add(heavy, Relaxed) + heavy;
        let durability = if unsynced > SYNC_AFTER.min(room / 8) { Durability::Immediate } else { Durability::None };
        let mut changed = Changed::default();
        self.change(durability, |txn| {
            let mut tables = Tables::of(txn)?;
            for key in used {
                tables.touch(key)?;
            }
            for (key, row, write) in &rows {
                tables.put(key, row, write, room)?;
            }
            changed.driven_out = tables.shrink(room)?;
            changed.bytes = tables.finish()?;
            Ok(())
        })?;
        Ok(changed)
    }

    pub(super) fn remove(&self, keys: &[Key]) -> Kept<u64> {
        let mut removed = 0;
        self.unsynced.fetch_add(keys.len() as u64 * PAGES_PER_WRITE, Relaxed);
        self.change(Durability::None, |txn| {
            let mut tables = Tables::of(txn)?;
            for key in keys {
                removed += u64::from(tables.remove(key)?.is_some());
            }
            tables.finish().map(drop)
        })?;
        Ok(removed)
    }

    pub(super) fn keep_tallies(&self, tallies: &[(String, Vec<u8>)]) -> Kept<()> {
        self.change(Durability::Immediate, |txn| {
            let mut table = txn.open_table(TALLIES)?;
            for (name, bytes) in tallies {
                table.insert(name.as_str(), bytes.as_slice())?;
            }
            Ok(())
        })
    }

    pub(super) fn bound(&self, most: u64) -> Kept<Changed> {
        self.most.store(most, Relaxed);
        self.put(&[], &[])
    }

    /// Gives back what the file no longer needs; whether there was anything.
    pub(super) fn compact(&mut self) -> Kept<bool> {
        Ok(self.database.compact()?)
    }

    fn change(&self, durability: Durability, work: impl FnOnce(&WriteTransaction) -> Kept<()>) -> Kept<()> {
        let mut txn = self.database.begin_write()?;
        txn.set_durability(durability)?;
        if let Durability::Immediate = durability {
            // Opening after a kill does not walk the file.
            txn.set_quick_repair(true);
        }
        work(&txn)?;
        txn.commit()?;
        if let Durability::Immediate = durability {
            self.unsynced.store(0, Relaxed);
        }
        Ok(())
    }
}

/// How much the entries may weigh so that a file of `most` bytes is large enough for them.
pub(super) fn room(most: u64) -> u64 {
    let mut size = SMALLEST;
    while size * 2 + size * 2 / BESIDE <= most {
        size *= 2;
    }
    let tenth = size.min(most) / 10;
    tenth * USED - (tenth * 3).min(COPIED)
}

struct Tables<'txn> {
    entries: Table<'txn, &'static Bytes32, &'static [u8]>,
    heads: Table<'txn, &'static Bytes32, &'static [u8]>,
    order: Table<'txn, u64, &'static Bytes32>,
    total: Table<'txn, (), u64>,
    bytes: u64,
    next: u64,
}

impl<'txn> Tables<'txn> {
    fn of(txn: &'txn WriteTransaction) -> Kept<Tables<'txn>> {
        let (order, total) = (txn.open_table(ORDER)?, txn.open_table(BYTES)?);
        let next = order.last()?.map_or(0, |(last, _)| last.value().saturating_add(1));
        let bytes = total.get(())?.map_or(0, |bytes| bytes.value());
        Ok(Tables { entries: txn.open_table(ENTRIES)?, heads: txn.open_table(HEADS)?, order, total, bytes, next })
    }

    fn put(&mut self, key: &Key, row: &[u8], write: &Write, room: u64) -> Kept<()> {
        self.remove(key)?;
        let weight = weight(row.len(), write.name.len());
        // A quarter of all is too much for one.
        if weight > room / 4 {
            return Ok(());
        }
        self.entries.insert(&key.0, row)?;
        let head =
            Head { order: self.next, weight, name: write.name.to_string(), stamp: write.stamp, len: write.len() };
        self.heads.insert(&key.0, head.write().as_slice())?;
        self.order.insert(self.next, &key.0)?;
        self.next += 1;
        self.bytes += weight;
        Ok(())
    }

    /// Moves an entry to the end of the order.
    fn touch(&mut self, key: &Key) -> Kept<()> {
        let Some(mut head) = self.head(key)? else { return Ok(()) };
        self.order.remove(head.order)?;
        head.order = self.next;
        self.next += 1;
        self.order.insert(head.order, &key.0)?;
        self.heads.insert(&key.0, head.write().as_slice())?;
        Ok(())
    }

    fn head(&self, key: &Key) -> Kept<Option<Head>> {
        Ok(self.heads.get(&key.0)?.and_then(|head| Head::read(head.value())))
    }

    fn remove(&mut self, key: &Key) -> Kept<Option<Head>> {
        let head = self.head(key)?;
        self.heads.remove(&key.0)?;
        self.entries.remove(&key.0)?;
        if let Some(head) = &head {
            self.order.remove(head.order)?;
            self.bytes = self.bytes.saturating_sub(head.weight);
        }
        Ok(head)
    }

    fn shrink(&mut self, room: u64) -> Kept<Vec<(Key, String)>> {
        let mut gone = Vec::new();
        while self.bytes > room {
            let Some(key) = self.order.pop_first()?.map(|(_, key)| Key(*key.value())) else { break };
            let head = self.remove(&key)?;
            gone.push((key, head.map(|head| head.name).unwrap_or_default()));
        }
        Ok(gone)
    }

    fn finish(mut self) -> Kept<u64> {
        self.total.insert((), self.bytes)?;
        Ok(self.bytes)
    }
}
