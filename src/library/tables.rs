//! Which tables the library's file has, and which version of them.

use std::hash::{BuildHasher, Hasher};

use redb::{ReadableTable, TableDefinition, WriteTransaction};

use super::rows::{DocumentRow, TallyRow, decode, encode};

/// 1 had no tallies, 2 no vectors; 3 has them.
pub(super) const FORMAT: u64 = 3;

pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
pub(super) const DOCUMENTS: TableDefinition<u64, &[u8]> = TableDefinition::new("documents");
/// (collection, source) -> document
pub(super) const SOURCES: TableDefinition<(u32, &str), u64> = TableDefinition::new("sources");
/// (collection, BLAKE3, document): the same content may stand in several places.
pub(super) const CONTENTS: TableDefinition<(u32, &[u8; 32], u64), ()> = TableDefinition::new("contents");
/// (document, block) -> [`BLOCK`] bytes of its text; the last block is shorter.
pub(super) const TEXT: TableDefinition<(u64, u32), &[u8]> = TableDefinition::new("text");
pub(super) const CHUNKS: TableDefinition<u64, &[u8]> = TableDefinition::new("chunks");
/// (embedder, document, block) -> some of the document's vectors: their chunks, scales and first planes
pub(super) const VECTORS: TableDefinition<(u32, u64, u32), &[u8]> = TableDefinition::new("vectors");
/// (embedder, document, block) -> the second planes of the same vectors
pub(super) const RESIDUES: TableDefinition<(u32, u64, u32), &[u8]> = TableDefinition::new("residues");
/// The embedder's identity -> its number in [`VECTORS`] and how much it has there.
pub(super) const EMBEDDERS: TableDefinition<&str, &[u8]> = TableDefinition::new("embedders");
pub(super) const COLLECTIONS: TableDefinition<&str, u32> = TableDefinition::new("collections");
/// (collection, language tag) -> how much of it there is
pub(super) const TALLIES: TableDefinition<(u32, &str), &[u8]> = TableDefinition::new("tallies");
/// revision -> what it changed, until the lexical index has it
pub(super) const CHANGES: TableDefinition<u64, &[u8]> = TableDefinition::new("changes");

/// redb gives a large value a page of a power of two of its own: just under, so that half of it is not wasted.
pub(super) const BLOCK: usize = 32 * 1024 - 128;

pub(super) mod key {
    pub(in super::super) const FORMAT: &str = "format";
    /// Drawn when a library is made or restored, so that an index of another library is never taken for ours.
    pub(in super::super) const IDENTITY: &str = "identity";
    pub(in super::super) const REVISION: &str = "revision";
    pub(in super::super) const NEXT_DOCUMENT: &str = "next_document";
    pub(in super::super) const NEXT_CHUNK: &str = "next_chunk";
    pub(in super::super) const NEXT_COLLECTION: &str = "next_collection";
    pub(in super::super) const NEXT_EMBEDDER: &str = "next_embedder";
}

/// The numbers of [`META`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meta {
    pub identity: u64,
    pub revision: u64,
    pub next_document: u64,
    pub next_chunk: u64,
    pub next_collection: u64,
    pub next_embedder: u64,
}

impl Meta {
    pub(super) fn read(table: &impl ReadableTable<&'static str, u64>) -> Result<Meta, redb::Error> {
        let get = |name: &str| -> Result<u64, redb::Error> {
            let value = table.get(name)?;
            value.map(|value| value.value()).ok_or_else(|| redb::Error::Corrupted(format!("meta has no {name}")))
        };
        Ok(Meta {
            identity: get(key::IDENTITY)?,
            revision: get(key::REVISION)?,
            next_document: get(key::NEXT_DOCUMENT)?,
            next_chunk: get(key::NEXT_CHUNK)?,
            next_collection: get(key::NEXT_COLLECTION)?,
            next_embedder: get(key::NEXT_EMBEDDER)?,
        })
    }

    pub(super) fn write(&self, txn: &WriteTransaction) -> Result<(), redb::Error> {
        let mut table = txn.open_table(META)?;
        table.insert(key::IDENTITY, self.identity)?;
        table.insert(key::REVISION, self.revision)?;
        table.insert(key::NEXT_DOCUMENT, self.next_document)?;
        table.insert(key::NEXT_CHUNK, self.next_chunk)?;
        table.insert(key::NEXT_COLLECTION, self.next_collection)?;
        table.insert(key::NEXT_EMBEDDER, self.next_embedder)?;
        Ok(())
    }
}

/// A number nobody else draws. The standard library seeds its hashers from the system's randomness.
pub(super) fn draw_identity() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}

/// Every table of an empty library.
pub(super) fn create(txn: &WriteTransaction) -> Result<(), redb::Error> {
    open_all(txn)?;
    txn.open_table(META)?.insert(key::FORMAT, FORMAT)?;
    // Numbers begin at 1: a 0 in a bug report is never a document.
    let meta = Meta {
        identity: draw_identity(),
        revision: 0,
        next_document: 1,
        next_chunk: 1,
        next_collection: 1,
        next_embedder: 1,
    };
    meta.write(txn)
}

/// Opening a table makes it: reading one that was never made is an error in redb.
fn open_all(txn: &WriteTransaction) -> Result<(), redb::Error> {
    txn.open_table(META)?;
    txn.open_table(DOCUMENTS)?;
    txn.open_table(SOURCES)?;
    txn.open_table(CONTENTS)?;
    txn.open_table(TEXT)?;
    txn.open_table(CHUNKS)?;
    txn.open_table(VECTORS)?;
    txn.open_table(RESIDUES)?;
    txn.open_table(EMBEDDERS)?;
    txn.open_table(COLLECTIONS)?;
    txn.open_table(TALLIES)?;
    txn.open_table(CHANGES)?;
    Ok(())
}

/// Brings an older file to [`FORMAT`], one version at a time, inside one transaction.
pub(super) fn upgrade(txn: &WriteTransaction, from: u64) -> Result<(), redb::Error> {
    if from < 3 {
        // They had other keys, and nothing was ever kept in them.
        txn.delete_table(TableDefinition::<(u32, u64), &[u8]>::new("vectors"))?;
        txn.delete_table(TableDefinition::<&str, u32>::new("embedders"))?;
    }
    open_all(txn)?;
    for version in from..FORMAT {
        match version {
            1 => count_tallies(txn)?,
            2 => drop(txn.open_table(META)?.insert(key::NEXT_EMBEDDER, 1)?),
            unknown => return Err(redb::Error::Corrupted(format!("format {unknown} never existed"))),
        }
    }
    txn.open_table(META)?.insert(key::FORMAT, FORMAT)?;
    Ok(())
}

fn count_tallies(txn: &WriteTransaction) -> Result<(), redb::Error> {
    let mut counts = std::collections::BTreeMap::<(u32, String), TallyRow>::new();
    for entry in txn.open_table(DOCUMENTS)?.iter()? {
        let row: DocumentRow = decode(entry?.1.value())?;
        let tally = counts.entry((row.collection, row.language)).or_default();
        tally.documents += 1;
        tally.chunks += u64::from(row.chunks);
        tally.bytes += row.bytes;
    }
    let mut tallies = txn.open_table(TALLIES)?;
    tallies.retain(|_, _| false)?;
    for ((collection, language), tally) in &counts {
        tallies.insert((*collection, language.as_str()), encode(tally).as_slice())?;
    }
    Ok(())
}
