//! What one revision of the library holds, read from redb.

use std::ops::Range;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::rows::{ChunkRow, DocumentRow, EmbedderRow, TallyRow, decode};
use super::tables::{
    BLOCK, CHUNKS, COLLECTIONS, CONTENTS, DOCUMENTS, EMBEDDERS, META, Meta, RESIDUES, SOURCES, TALLIES, TEXT, VECTORS,
};
use crate::domain::{CollectionName, ContentHash};

type Stored<T> = Result<T, redb::Error>;

/// Tables stay open: finding one by name costs as much as finding a row.
pub(super) struct View {
    pub meta: Meta,
    pub collections: Vec<(u32, CollectionName)>,
    /// By name.
    pub embedders: Vec<(String, EmbedderRow)>,
    documents: ReadOnlyTable<u64, &'static [u8]>,
    sources: ReadOnlyTable<(u32, &'static str), u64>,
    contents: ReadOnlyTable<(u32, &'static [u8; 32], u64), ()>,
    text: ReadOnlyTable<(u64, u32), &'static [u8]>,
    chunks: ReadOnlyTable<u64, &'static [u8]>,
    tallies: ReadOnlyTable<(u32, &'static str), &'static [u8]>,
    pub vectors: ReadOnlyTable<(u32, u64, u32), &'static [u8]>,
    pub residues: ReadOnlyTable<(u32, u64, u32), &'static [u8]>,
    pub txn: ReadTransaction,
}

impl View {
    pub(super) fn open(txn: ReadTransaction) -> Stored<View> {
        let mut collections = Vec::new();
        for entry in txn.open_table(COLLECTIONS)?.iter()? {
            let (name, number) = entry?;
            let name = CollectionName::new(name.value()).map_err(|bad| redb::Error::Corrupted(bad.to_string()))?;
            collections.push((number.value(), name));
        }
        let mut embedders = Vec::new();
        for entry in txn.open_table(EMBEDDERS)?.iter()? {
            let (name, row) = entry?;
            embedders.push((name.value().to_owned(), decode(row.value())?));
        }
        Ok(View {
            meta: Meta::read(&txn.open_table(META)?)?,
            collections,
            embedders,
            documents: txn.open_table(DOCUMENTS)?,
            sources: txn.open_table(SOURCES)?,
            contents: txn.open_table(CONTENTS)?,
            text: txn.open_table(TEXT)?,
            chunks: txn.open_table(CHUNKS)?,
            tallies: txn.open_table(TALLIES)?,
            vectors: txn.open_table(VECTORS)?,
            residues: txn.open_table(RESIDUES)?,
            txn,
        })
    }

    pub(super) fn collection_number(&self, name: &CollectionName) -> Option<u32> {
        self.collections.iter().find(|(_, known)| known == name).map(|(number, _)| *number)
    }

    pub(super) fn collection_name(&self, number: u32) -> Stored<CollectionName> {
        let found = self.collections.iter().find(|(known, _)| *known == number);
        found
            .map(|(_, name)| name.clone())
            .ok_or_else(|| redb::Error::Corrupted(format!("collection {number} is not there")))
    }

    pub(super) fn document(&self, number: u64) -> Stored<Option<DocumentRow>> {
        self.documents.get(number)?.map(|row| decode(row.value())).transpose()
    }

    /// In the order in which they were first added.
    pub(super) fn documents(&self) -> Stored<impl Iterator<Item = Stored<(u64, DocumentRow)>>> {
        Ok(self.documents.range::<u64>(..)?.map(|entry| {
            let (number, row) = entry?;
            Ok((number.value(), decode(row.value())?))
        }))
    }

    pub(super) fn document_count(&self) -> Stored<u64> {
        Ok(self.documents.len()?)
    }

    pub(super) fn chunk_count(&self) -> Stored<u64> {
        Ok(self.chunks.len()?)
    }

    /// (source, document), by source.
    pub(super) fn sources(&self, collection: u32) -> Stored<Vec<(String, u64)>> {
        let range = self.sources.range::<(u32, &str)>((collection, "")..(collection + 1, ""))?;
        range
            .map(|entry| {
                let (key, number) = entry?;
                Ok((key.value().1.to_owned(), number.value()))
            })
            .collect()
    }

    pub(super) fn by_source(&self, collection: u32, source: &str) -> Stored<Option<u64>> {
        Ok(self.sources.get((collection, source))?.map(|number| number.value()))
    }

    pub(super) fn by_content(&self, collection: u32, hash: &ContentHash) -> Stored<Vec<u64>> {
        let range = self.contents.range((collection, &hash.0, 0)..=(collection, &hash.0, u64::MAX))?;
        range.map(|entry| Ok(entry?.0.value().2)).collect()
    }

    pub(super) fn chunk(&self, number: u64) -> Stored<Option<ChunkRow>> {
        self.chunks.get(number)?.map(|row| decode(row.value())).transpose()
    }

    pub(super) fn chunks(&self, numbers: Range<u64>) -> Stored<impl Iterator<Item = Stored<ChunkRow>>> {
        Ok(self.chunks.range(numbers)?.map(|entry| decode(entry?.1.value())))
    }

    /// Bytes of a document's text.
    pub(super) fn text(&self, document: u64, range: Range<u64>) -> Stored<String> {
        let (start, end) = (range.start as usize, range.end as usize);
        let mut bytes = Vec::with_capacity(end.saturating_sub(start));
        let blocks = (start / BLOCK) as u32..=(end.saturating_sub(1) / BLOCK) as u32;
        for entry in self.text.range((document, *blocks.start())..=(document, *blocks.end()))? {
            let (key, block) = entry?;
            let offset = key.value().1 as usize * BLOCK;
            let block = block.value();
            let from = start.saturating_sub(offset).min(block.len());
            let to = end.saturating_sub(offset).min(block.len());
            bytes.extend_from_slice(&block[from.min(to)..to]);
        }
        if bytes.len() != end.saturating_sub(start) {
            return Err(redb::Error::Corrupted(format!("text {start}..{end} of document {document} is not there")));
        }
        String::from_utf8(bytes)
            .map_err(|_| redb::Error::Corrupted(format!("text {start}..{end} of document {document} is not UTF-8")))
    }

    /// Documents with chunks that have no row of this embedder, at most so many.
    pub(super) fn without_vectors(&self, embedder: Option<u32>, limit: usize) -> Stored<Vec<u64>> {
        let mut missing = Vec::new();
        for entry in self.documents()? {
            if missing.len() == limit {
                break;
            }
            let (document, row) = entry?;
            let has_some = match embedder {
                Some(embedder) => self.vectors.get((embedder, document, 0))?.is_some(),
                None => false,
            };
            if row.chunks > 0 && !has_some {
                missing.push(document);
            }
        }
        Ok(missing)
    }

    /// (collection, language tag, how much)
    pub(super) fn tallies(&self) -> Stored<Vec<(u32, String, TallyRow)>> {
        let mut tallies = Vec::new();
        for entry in self.tallies.iter()? {
            let (key, row) = entry?;
            let (collection, language) = key.value();
            tallies.push((collection, language.to_owned(), decode(row.value())?));
        }
        Ok(tallies)
    }
}
