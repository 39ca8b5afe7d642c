//! One change of the library's file: whole documents or nothing, and the revision that comes with them.
//!
//! Knows redb alone; what the lexical index has to do with a change is the [`writer`](super::writer)'s business.

use redb::{ReadableTable, WriteTransaction};

use super::draft::{Draft, title_of};
use super::rows::{ChangeRow, ChunkRow, DocumentRow, TallyRow, decode, encode};
use super::tables::{BLOCK, CHANGES, CHUNKS, COLLECTIONS, CONTENTS, DOCUMENTS, META, Meta, SOURCES, TALLIES, TEXT};
use super::vectors::{self, Offered};
use crate::clock::Timestamp;
use crate::domain::{CollectionName, ContentHash};

type Stored<T> = Result<T, redb::Error>;

pub(super) struct Transaction {
    txn: WriteTransaction,
    meta: Meta,
    change: ChangeRow,
    /// Documents whose vectors are others now.
    touched: Vec<u64>,
}

/// A change that is durable.
#[derive(Debug)]
pub(super) struct Committed {
    pub revision: u64,
    pub touched: Vec<u64>,
}

/// What became of a document that was put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    Added(Rank),
    Updated(Rank),
    Unchanged { document: u64 },
}

/// The numbers a document and its chunks were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rank {
    pub document: u64,
    pub collection: u32,
    pub first_chunk: u64,
}

impl Transaction {
    /// `indexed` is the revision up to which the lexical index needs no more telling.
    pub(super) fn begin(txn: WriteTransaction, indexed: u64) -> Stored<Transaction> {
        let meta = Meta::read(&txn.open_table(META)?)?;
        txn.open_table(CHANGES)?.retain_in(..=indexed.min(meta.revision), |_, _| false)?;
        Ok(Transaction { txn, meta, change: ChangeRow::default(), touched: Vec::new() })
    }

    pub(super) fn put(&mut self, draft: &Draft, now: Timestamp) -> Stored<Placed> {
        let collection = self.collection(&draft.file.collection)?;
        let source = draft.file.source.as_str();
        let known = self.txn.open_table(SOURCES)?.get((collection, source))?.map(|number| number.value());
        let earlier = known.map(|number| self.row(number)).transpose()?;
        if let (Some(document), Some(row)) = (known, &earlier)
            && row.hash() == draft.file.hash
        {
            return Ok(Placed::Unchanged { document });
        }
        let document = match (known, &earlier) {
            (Some(document), Some(row)) => {
                self.erase_content(document, row)?;
                document
            }
            _ => self.next_document(),
        };
        let row = DocumentRow {
            source: source.to_owned(),
            title: draft.title(),
            titled: draft.content.title.as_deref().is_some_and(|title| !title.trim().is_empty()),
            format: draft.content.format.name().to_owned(),
            language: draft.content.language.tag().to_owned(),
            collection,
            hash: draft.file.hash.0,
            bytes: draft.file.bytes,
            text_bytes: draft.content.text.len() as u64,
            first_chunk: self.meta.next_chunk,
            chunks: u32::try_from(draft.content.chunks.len()).expect("a document has fewer than 2^32 chunks"),
            added_at: now.0,
        };
        self.meta.next_chunk += u64::from(row.chunks);
        self.write_content(document, &row, draft)?;
        for offered in &draft.vectors {
            self.write_vectors(document, &row, offered)?;
        }
        self.change.written.push(document);
        let rank = Rank { document, collection, first_chunk: row.first_chunk };
        Ok(if earlier.is_some() { Placed::Updated(rank) } else { Placed::Added(rank) })
    }

    /// The same content under a new name. `None` when the document is not what the caller saw, or the name is taken.
    /// The row comes back with whether its title changed, and the chunks' terms with it.
    pub(super) fn rename(
        &mut self,
        document: u64,
        hash: &ContentHash,
        source: &str,
    ) -> Stored<Option<(DocumentRow, bool)>> {
        let Some(mut row) = self.find_row(document)?.filter(|row| row.hash() == *hash) else { return Ok(None) };
        let mut sources = self.txn.open_table(SOURCES)?;
        if sources.get((row.collection, source))?.is_some() {
            return Ok(None);
        }
        sources.remove((row.collection, row.source.as_str()))?;
        sources.insert((row.collection, source), document)?;
        drop(sources);
        row.source = source.to_owned();
        let title = if row.titled { row.title.clone() } else { title_of(None, source) };
        let retitled = title != row.title;
        row.title = title;
        self.txn.open_table(DOCUMENTS)?.insert(document, encode(&row).as_slice())?;
        if retitled {
            self.change.written.push(document);
        }
        Ok(Some((row, retitled)))
    }

    /// False when there is no such document.
    pub(super) fn remove(&mut self, document: u64) -> Stored<bool> {
        let Some(row) = self.find_row(document)? else { return Ok(false) };
        self.erase_content(document, &row)?;
        self.txn.open_table(SOURCES)?.remove((row.collection, row.source.as_str()))?;
        self.txn.open_table(DOCUMENTS)?.remove(document)?;
        self.change.written.retain(|&written| written != document);
        self.change.removed.push(document);
        Ok(true)
    }

    /// Its documents and its name. `None` when there is no such collection.
    pub(super) fn remove_collection(&mut self, name: &CollectionName) -> Stored<Option<Vec<u64>>> {
        let number = self.txn.open_table(COLLECTIONS)?.get(name.as_str())?.map(|number| number.value());
        let Some(number) = number else { return Ok(None) };
        let range = (number, "")..(number + 1, "");
        let documents = self
            .txn
            .open_table(SOURCES)?
            .range::<(u32, &str)>(range)?
            .map(|entry| Ok(entry?.1.value()))
            .collect::<Stored<Vec<u64>>>()?;
        for &document in &documents {
            self.remove(document)?;
        }
        self.txn.open_table(COLLECTIONS)?.remove(name.as_str())?;
        Ok(Some(documents))
    }

    /// Vectors for a document that is there already, in place of those it had of the same embedder. False when the document
    /// is not what the caller saw.
    pub(super) fn put_vectors(&mut self, document: u64, hash: &ContentHash, offered: &Offered) -> Stored<bool> {
        let Some(row) = self.find_row(document)?.filter(|row| row.hash() == *hash) else { return Ok(false) };
        if vectors::erase(&self.txn, document, Some(&offered.embedder))? {
            self.touched.push(document);
        }
        self.write_vectors(document, &row, offered)?;
        Ok(true)
    }

    /// How many documents had vectors of this embedder; `None` when it is not known.
    pub(super) fn forget_embedder(&mut self, embedder: &str) -> Stored<Option<u64>> {
        vectors::forget(&self.txn, embedder)
    }

    /// Of the vectors that an embedder has in the library.
    pub(super) fn dimensions(&self, embedder: &str) -> Stored<Option<usize>> {
        vectors::dimensions(&self.txn, embedder)
    }

    /// How many chunks a document has, when it is what the caller saw.
    pub(super) fn chunk_count(&self, document: u64, hash: &ContentHash) -> Stored<Option<u32>> {
        Ok(self.find_row(document)?.filter(|row| row.hash() == *hash).map(|row| row.chunks))
    }

    /// The collection's number; a new one for a new name.
    pub(super) fn collection(&mut self, name: &CollectionName) -> Stored<u32> {
        let mut collections = self.txn.open_table(COLLECTIONS)?;
        if let Some(number) = collections.get(name.as_str())? {
            return Ok(number.value());
        }
        let number = u32::try_from(self.meta.next_collection).expect("fewer than 2^32 collections were ever made");
        self.meta.next_collection += 1;
        collections.insert(name.as_str(), number)?;
        Ok(number)
    }

    /// Durable when this returns.
    pub(super) fn commit(mut self) -> Stored<Committed> {
        self.meta.revision += 1;
        self.meta.write(&self.txn)?;
        self.txn.open_table(CHANGES)?.insert(self.meta.revision, encode(&self.change).as_slice())?;
        // Saves what pages are free with every commit, so that the next start after a kill does not walk the file.
        self.txn.set_quick_repair(true);
        self.txn.commit()?;
        Ok(Committed { revision: self.meta.revision, touched: self.touched })
    }

    fn next_document(&mut self) -> u64 {
        let number = self.meta.next_document;
        self.meta.next_document += 1;
        number
    }

    fn find_row(&self, document: u64) -> Stored<Option<DocumentRow>> {
        self.txn.open_table(DOCUMENTS)?.get(document)?.map(|row| decode(row.value())).transpose()
    }

    fn row(&self, document: u64) -> Stored<DocumentRow> {
        self.find_row(document)?
            .ok_or_else(|| redb::Error::Corrupted(format!("document {document} has a source and no row")))
    }

    fn write_content(&self, document: u64, row: &DocumentRow, draft: &Draft) -> Stored<()> {
        self.txn.open_table(DOCUMENTS)?.insert(document, encode(row).as_slice())?;
        self.txn.open_table(SOURCES)?.insert((row.collection, row.source.as_str()), document)?;
        self.txn.open_table(CONTENTS)?.insert((row.collection, &row.hash, document), ())?;
        let mut text = self.txn.open_table(TEXT)?;
        for (number, block) in (0u32..).zip(draft.content.text.as_bytes().chunks(BLOCK)) {
            text.insert((document, number), block)?;
        }
        drop(text);
        let mut chunks = self.txn.open_table(CHUNKS)?;
        let mut characters = Characters::default();
        for (number, chunk) in row.chunk_numbers().zip(&draft.content.chunks) {
            let row = ChunkRow::of(document, characters.before(&draft.content.text, chunk.range.start), chunk);
            chunks.insert(number, encode(&row).as_slice())?;
        }
        drop(chunks);
        self.tally(row, |tally, of| {
            tally.documents += 1;
            tally.chunks += of.chunks;
            tally.bytes += of.bytes;
        })
    }

    /// What was offered was checked; what could not be kept never gets here.
    fn write_vectors(&mut self, document: u64, row: &DocumentRow, offered: &Offered) -> Stored<()> {
        if let Ok(quantized) = &offered.vectors {
            vectors::put(&self.txn, &mut self.meta, document, row, &offered.embedder, quantized)?;
            self.touched.push(document);
        }
        Ok(())
    }

    /// All that hangs on the content; the document's own row and source stay.
    fn erase_content(&mut self, document: u64, row: &DocumentRow) -> Stored<()> {
        self.txn.open_table(CONTENTS)?.remove((row.collection, &row.hash, document))?;
        self.txn.open_table(TEXT)?.retain_in((document, 0)..=(document, u32::MAX), |_, _| false)?;
        self.txn.open_table(CHUNKS)?.retain_in(row.chunk_numbers(), |_, _| false)?;
        if vectors::erase(&self.txn, document, None)? {
            self.touched.push(document);
        }
        self.tally(row, |tally, of| {
            tally.documents = tally.documents.saturating_sub(1);
            tally.chunks = tally.chunks.saturating_sub(of.chunks);
            tally.bytes = tally.bytes.saturating_sub(of.bytes);
        })
    }

    fn tally(&self, row: &DocumentRow, change: impl FnOnce(&mut TallyRow, TallyRow)) -> Stored<()> {
        let key = (row.collection, row.language.as_str());
        let mut tallies = self.txn.open_table(TALLIES)?;
        let mut tally: TallyRow = tallies.get(key)?.map(|row| decode(row.value())).transpose()?.unwrap_or_default();
        change(&mut tally, TallyRow { documents: 1, chunks: u64::from(row.chunks), bytes: row.bytes });
        if tally.documents == 0 {
            tallies.remove(key)?;
        } else {
            tallies.insert(key, encode(&tally).as_slice())?;
        }
        Ok(())
    }
}

/// Counts characters once over a text whose chunks come in order.
#[derive(Default)]
struct Characters {
    at: usize,
    before: u64,
}

impl Characters {
    fn before(&mut self, text: &str, at: usize) -> u64 {
        if at < self.at {
            *self = Characters::default();
        }
        self.before += text[self.at..at].chars().count() as u64;
        self.at = at;
        self.before
    }
}
