//! One revision of the library, as searches see it: it never changes, whatever is added meanwhile.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::error::{LibraryError, Result};
use super::lexical::{Hit, LexicalQuery, Searcher};
use super::rows::{DocumentRow, id_of, number_of};
use super::store::Store;
use super::vectors::{Matrices, Shelf, VectorQuery, nearest, unit};
use super::view::View;
use crate::domain::{Chunk, ChunkNumber, CollectionName, ContentHash, Document, DocumentId, Language};

/// redb's rows and the lexical index of the same revision.
pub struct Snapshot {
    // Fields drop in this order: what reads the file goes before the file.
    view: View,
    searcher: Searcher,
    matrices: Matrices,
    shelf: Arc<Shelf>,
    store: Arc<Store>,
}

/// A chunk with its text and the document it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredChunk {
    pub number: ChunkNumber,
    pub document: Document,
    pub chunk: Chunk,
    pub text: String,
    /// Characters (Unicode scalar values) of the document's text.
    pub characters: Range<u64>,
}

/// A collection and how much is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectionSummary {
    pub name: CollectionName,
    pub documents: u64,
    pub chunks: u64,
    /// Of the original files.
    pub bytes: u64,
}

/// What the library has under a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub id: DocumentId,
    pub source: String,
    pub hash: ContentHash,
}

impl Snapshot {
    pub(super) fn new(store: Arc<Store>, searcher: Searcher, shelf: Arc<Shelf>) -> Result<Snapshot> {
        let view = View::open(store.begin_read()?).map_err(|error| store.error(error))?;
        Ok(Snapshot { view, searcher, matrices: Matrices::default(), shelf, store })
    }

    /// Counts up with every change. Together with [`Snapshot::identity`] it names what an answer was computed from.
    pub fn revision(&self) -> u64 {
        self.view.meta.revision
    }

    /// Which library this is; another one after a restore.
    pub fn identity(&self) -> u64 {
        self.view.meta.identity
    }

    /// Best first; the earlier chunk first where scores are the same. Nothing in a collection that is not there.
    pub fn search(&self, query: &LexicalQuery, limit: usize) -> Result<Vec<Hit>> {
        let collection = match &query.collection {
            None => None,
            Some(name) => match self.view.collection_number(name) {
                Some(number) => Some(number),
                None => return Ok(Vec::new()),
            },
        };
        self.searcher.search(&query.groups, query.head_weight, collection, limit)
    }

    /// The chunks whose vectors point most nearly the same way, with their cosines: best first, each chunk once, by the best
    /// of its vectors. Nothing when the embedder has none here, or the collection is not there.
    pub fn nearest(&self, query: &VectorQuery<'_>, limit: usize) -> Result<Vec<Hit>> {
        let embedder = self.view.embedders.iter().find(|(name, _)| name == query.embedder);
        let Some((_, embedder)) = embedder.filter(|(_, row)| row.vectors > 0) else { return Ok(Vec::new()) };
        let collection = match query.collection.map(|name| self.view.collection_number(name)) {
            Some(None) => return Ok(Vec::new()),
            Some(number) => number,
            None => None,
        };
        let refused = |why: String| LibraryError::Vectors { embedder: query.embedder.to_owned(), why };
        if query.vector.len() != embedder.dimensions as usize {
            let (given, known) = (query.vector.len(), embedder.dimensions);
            return Err(refused(format!("the question's has {given} dimensions, those in the library {known}")));
        }
        let vector = unit(query.vector).map_err(|why| refused(format!("the question's {why}")))?;
        self.stored(nearest(&self.view, (&self.shelf, &self.matrices), embedder, &vector, collection, limit))
    }

    /// Whose vectors are in the library, and of how many documents: by name.
    pub fn embedders(&self) -> Result<Vec<(String, u64)>> {
        let with_some = self.view.embedders.iter().filter(|(_, row)| row.documents > 0);
        Ok(with_some.map(|(name, row)| (name.clone(), row.documents)).collect())
    }

    /// Documents that an embedder has not read yet, at most so many. Those without chunks have nothing to be read.
    pub fn without_vectors(&self, embedder: &str, limit: usize) -> Result<Vec<DocumentId>> {
        let number = self.view.embedders.iter().find(|(name, _)| name == embedder).map(|(_, row)| row.number);
        let numbers = self.stored(self.view.without_vectors(number, limit))?;
        Ok(numbers.into_iter().map(id_of).collect())
    }

    /// In how many chunks a term stands, in their text, title or headings. Exact when they are few.
    pub fn document_frequency(&self, term: &str) -> Result<u64> {
        self.searcher.document_frequency(term)
    }

    pub fn chunk_count(&self) -> u64 {
        self.searcher.chunk_count()
    }

    pub fn document_count(&self) -> Result<u64> {
        self.stored(self.view.document_count())
    }

    /// Terms in the text of an average chunk.
    pub fn average_terms(&self) -> Result<f32> {
        self.searcher.average_terms()
    }

    pub fn chunk(&self, number: ChunkNumber) -> Result<Option<StoredChunk>> {
        self.stored(self.read_chunk(number))
    }

    /// The chunks before and after it in the same document.
    pub fn neighbours(&self, number: ChunkNumber) -> Result<(Option<ChunkNumber>, Option<ChunkNumber>)> {
        self.stored((|| {
            let Some(chunk) = self.view.chunk(number.0)? else { return Ok((None, None)) };
            let numbers = self.row(chunk.document)?.chunk_numbers();
            let before = number.0.checked_sub(1).filter(|before| numbers.contains(before));
            let after = Some(number.0 + 1).filter(|after| numbers.contains(after));
            Ok((before.map(ChunkNumber), after.map(ChunkNumber)))
        })())
    }

    /// In the order in which they were added; those of one collection, or all.
    pub fn documents(&self, collection: Option<&CollectionName>) -> Result<Vec<Document>> {
        self.stored((|| {
            let mut documents = Vec::new();
            for entry in self.view.documents()? {
                let (number, row) = entry?;
                let name = self.view.collection_name(row.collection)?;
                if collection.is_none_or(|wanted| *wanted == name) {
                    documents.push(row.to_document(number, name));
                }
            }
            Ok(documents)
        })())
    }

    pub fn document(&self, id: &DocumentId) -> Result<Option<Document>> {
        let Some(number) = number_of(id) else { return Ok(None) };
        self.stored((|| {
            let Some(row) = self.view.document(number)? else { return Ok(None) };
            Ok(Some(row.to_document(number, self.view.collection_name(row.collection)?)))
        })())
    }

    /// The documents a person means by an id or a source: the same source may stand in several collections.
    pub fn find(&self, id_or_source: &str) -> Result<Vec<Document>> {
        if let Some(document) = self.document(&DocumentId::new(id_or_source))? {
            return Ok(vec![document]);
        }
        self.stored((|| {
            let mut found = Vec::new();
            for (collection, name) in &self.view.collections {
                if let Some(number) = self.view.by_source(*collection, id_or_source)? {
                    found.push(self.row(number)?.to_document(number, name.clone()));
                }
            }
            Ok(found)
        })())
    }

    /// A document's whole text.
    pub fn text(&self, id: &DocumentId) -> Result<Option<String>> {
        let Some(number) = number_of(id) else { return Ok(None) };
        self.stored((|| {
            let Some(row) = self.view.document(number)? else { return Ok(None) };
            Ok(Some(self.view.text(number, 0..row.text_bytes)?))
        })())
    }

    /// Bytes of a document's text.
    pub fn stretch(&self, id: &DocumentId, range: Range<usize>) -> Result<Option<String>> {
        let Some(number) = number_of(id) else { return Ok(None) };
        self.stored((|| {
            let Some(row) = self.view.document(number)? else { return Ok(None) };
            let end = row.text_bytes.min(range.end as u64);
            Ok(Some(self.view.text(number, end.min(range.start as u64)..end)?))
        })())
    }

    /// The numbers of a document's chunks.
    pub fn chunks_of(&self, id: &DocumentId) -> Result<Range<u64>> {
        let Some(number) = number_of(id) else { return Ok(0..0) };
        self.stored((|| Ok(self.view.document(number)?.map_or(0..0, |row| row.chunk_numbers())))())
    }

    /// By name.
    pub fn collections(&self) -> Result<Vec<CollectionSummary>> {
        let tallies = self.stored(self.view.tallies())?;
        let mut summaries: Vec<_> = self
            .view
            .collections
            .iter()
            .map(|(number, name)| {
                let mut summary = CollectionSummary { name: name.clone(), documents: 0, chunks: 0, bytes: 0 };
                for (_, _, tally) in tallies.iter().filter(|(collection, ..)| collection == number) {
                    summary.documents += tally.documents;
                    summary.chunks += tally.chunks;
                    summary.bytes += tally.bytes;
                }
                summary
            })
            .collect();
        summaries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(summaries)
    }

    pub fn has_collection(&self, name: &CollectionName) -> bool {
        self.view.collection_number(name).is_some()
    }

    /// The languages of one collection or all, with their number of documents: most first.
    pub fn languages(&self, collection: Option<&CollectionName>) -> Result<Vec<(Language, u64)>> {
        let wanted = collection.map(|name| self.view.collection_number(name));
        let mut counts = std::collections::BTreeMap::<Language, u64>::new();
        for (number, tag, tally) in self.stored(self.view.tallies())? {
            if wanted.is_none_or(|wanted| wanted == Some(number)) {
                *counts.entry(Language::from_tag(&tag).unwrap_or_default()).or_default() += tally.documents;
            }
        }
        let mut languages: Vec<_> = counts.into_iter().collect();
        languages.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        Ok(languages)
    }

    /// What stands under a source.
    pub fn known(&self, collection: &CollectionName, source: &str) -> Result<Option<Known>> {
        let Some(collection) = self.view.collection_number(collection) else { return Ok(None) };
        self.stored((|| {
            let Some(number) = self.view.by_source(collection, source)? else { return Ok(None) };
            Ok(Some(known(number, self.row(number)?)))
        })())
    }

    /// Where the same content stands.
    pub fn with_content(&self, collection: &CollectionName, hash: &ContentHash) -> Result<Vec<Known>> {
        let Some(collection) = self.view.collection_number(collection) else { return Ok(Vec::new()) };
        self.stored((|| {
            let numbers = self.view.by_content(collection, hash)?;
            numbers.into_iter().map(|number| Ok(known(number, self.row(number)?))).collect()
        })())
    }

    /// Every source of a collection, sorted.
    pub fn sources(&self, collection: &CollectionName) -> Result<Vec<(String, DocumentId)>> {
        let Some(collection) = self.view.collection_number(collection) else { return Ok(Vec::new()) };
        let sources = self.stored(self.view.sources(collection))?;
        Ok(sources.into_iter().map(|(source, number)| (source, id_of(number))).collect())
    }

    pub(super) fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    pub(super) fn view(&self) -> &View {
        &self.view
    }

    fn read_chunk(&self, number: ChunkNumber) -> Result<Option<StoredChunk>, redb::Error> {
        let Some(row) = self.view.chunk(number.0)? else { return Ok(None) };
        let document = self.row(row.document)?;
        let text = self.view.text(row.document, row.start..row.end)?;
        let characters = row.char_start..row.char_start + text.chars().count() as u64;
        let name = self.view.collection_name(document.collection)?;
        let document = document.to_document(row.document, name);
        Ok(Some(StoredChunk { number, document, chunk: row.to_chunk(), text, characters }))
    }

    fn row(&self, document: u64) -> Result<DocumentRow, redb::Error> {
        let row = self.view.document(document)?;
        row.ok_or_else(|| redb::Error::Corrupted(format!("document {document} is referred to and not there")))
    }

    fn stored<T>(&self, outcome: Result<T, redb::Error>) -> Result<T> {
        outcome.map_err(|error| self.store.error(error))
    }
}

fn known(number: u64, row: DocumentRow) -> Known {
    Known { id: id_of(number), hash: row.hash(), source: row.source }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("revision", &self.revision()).finish_non_exhaustive()
    }
}
