//! How vectors get into redb and out of it, inside somebody's transaction.

use redb::{ReadableTable, WriteTransaction};

use super::blocks;
use super::quantize::Quantized;
use crate::library::rows::{DocumentRow, EmbedderRow, decode, encode};
use crate::library::tables::{EMBEDDERS, Meta, RESIDUES, VECTORS};

type Stored<T> = Result<T, redb::Error>;

/// What its vectors have; `None` when it has none yet.
pub(in crate::library) fn dimensions(txn: &WriteTransaction, embedder: &str) -> Stored<Option<usize>> {
    Ok(find(txn, embedder)?.map(|row| row.dimensions as usize))
}

/// The document has no vectors of this embedder yet; they have its dimensions.
pub(in crate::library) fn put(
    txn: &WriteTransaction,
    meta: &mut Meta,
    document: u64,
    row: &DocumentRow,
    embedder: &str,
    vectors: &Quantized,
) -> Stored<()> {
    if vectors.scales.is_empty() {
        return Ok(());
    }
    let mut known = match find(txn, embedder)? {
        Some(known) => known,
        None => {
            let number = u32::try_from(meta.next_embedder).expect("fewer than 2^32 embedders were ever used");
            meta.next_embedder += 1;
            EmbedderRow { number, dimensions: vectors.dimensions as u32, documents: 0, vectors: 0 }
        }
    };
    let (mut coarse, mut fine) = (txn.open_table(VECTORS)?, txn.open_table(RESIDUES)?);
    for (block, (first, second)) in (0..).zip(blocks::rows(vectors, row.collection, row.first_chunk)) {
        coarse.insert((known.number, document, block), first.as_slice())?;
        fine.insert((known.number, document, block), second.as_slice())?;
    }
    known.documents += 1;
    known.vectors += vectors.scales.len() as u64;
    txn.open_table(EMBEDDERS)?.insert(embedder, encode(&known).as_slice())?;
    Ok(())
}

/// A document's vectors, of one embedder or all. Whether there were any.
pub(in crate::library) fn erase(txn: &WriteTransaction, document: u64, embedder: Option<&str>) -> Stored<bool> {
    let mut changed = Vec::new();
    for entry in txn.open_table(EMBEDDERS)?.iter()? {
        let (name, row) = entry?;
        if embedder.is_some_and(|embedder| embedder != name.value()) {
            continue;
        }
        let mut row: EmbedderRow = decode(row.value())?;
        let range = (row.number, document, 0)..=(row.number, document, u32::MAX);
        let mut erased = 0;
        txn.open_table(VECTORS)?.retain_in(range.clone(), |_, block| {
            erased += blocks::count(block);
            false
        })?;
        if erased > 0 {
            txn.open_table(RESIDUES)?.retain_in(range, |_, _| false)?;
            row.documents = row.documents.saturating_sub(1);
            row.vectors = row.vectors.saturating_sub(erased);
            changed.push((name.value().to_owned(), row));
        }
    }
    let mut embedders = txn.open_table(EMBEDDERS)?;
    for (name, row) in &changed {
        embedders.insert(name.as_str(), encode(row).as_slice())?;
    }
    Ok(!changed.is_empty())
}

/// All vectors of an embedder, and that there ever was one; how many documents had them.
pub(in crate::library) fn forget(txn: &WriteTransaction, embedder: &str) -> Stored<Option<u64>> {
    let Some(row) = find(txn, embedder)? else { return Ok(None) };
    let range = (row.number, 0, 0)..=(row.number, u64::MAX, u32::MAX);
    txn.open_table(VECTORS)?.retain_in(range.clone(), |_, _| false)?;
    txn.open_table(RESIDUES)?.retain_in(range, |_, _| false)?;
    txn.open_table(EMBEDDERS)?.remove(embedder)?;
    Ok(Some(row.documents))
}

fn find(txn: &WriteTransaction, embedder: &str) -> Stored<Option<EmbedderRow>> {
    txn.open_table(EMBEDDERS)?.get(embedder)?.map(|row| decode(row.value())).transpose()
}
