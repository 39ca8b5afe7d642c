//! The index on disk: its fields, how it is opened, written, and stamped with what it holds.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use tantivy::directory::error::OpenWriteError;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{IndexReader, IndexSettings, ReloadPolicy, TantivyDocument, TantivyError, Term};

use super::search::Searcher;
use super::spaces::AtSpaces;
use crate::library::draft::Terms;
use crate::library::error::{LibraryError, Result};
use crate::library::transaction::Rank;

/// Counts up when the fields change, or the terms that [`crate::text::Analyser`] makes of a text.
const VERSION: u32 = 1;

const TOKENIZER: &str = "spaces";
/// Terms in memory before a segment is written, for each thread that indexes.
const BUDGET: usize = 64 << 20;

#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub body: Field,
    pub head: Field,
    pub chunk: Field,
    pub document: Field,
    pub collection: Field,
}

/// What the index holds: which library, up to which of its revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Stamp {
    pub identity: u64,
    pub revision: u64,
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION} {:016x} {}", self.identity, self.revision)
    }
}

impl Stamp {
    fn read(payload: &str) -> Option<Stamp> {
        let mut parts = payload.split(' ');
        let version: u32 = parts.next()?.parse().ok()?;
        let identity = u64::from_str_radix(parts.next()?, 16).ok()?;
        let revision = parts.next()?.parse().ok()?;
        (version == VERSION && parts.next().is_none()).then_some(Stamp { identity, revision })
    }
}

pub(in super::super) struct Index {
    path: PathBuf,
    index: tantivy::Index,
    fields: Fields,
    reader: IndexReader,
}

impl Index {
    /// The index in `folder` and what it holds; `None` when there is none, or none that can be used.
    pub(in super::super) fn open(folder: &Path) -> Option<(Index, Stamp)> {
        if !folder.join("meta.json").exists() {
            return None;
        }
        let opened = contained(folder, || {
            let index = Index::with(folder, tantivy::Index::open_in_dir(folder)?)?;
            let stamp = index.index.load_metas()?.payload.as_deref().and_then(Stamp::read);
            // A segment that is shorter than its own table of contents says shows only when it is read.
            index.searcher().check()?;
            Ok((index, stamp))
        });
        match opened {
            Ok((index, Some(stamp))) if index.index.schema() == schema().0 => Some((index, stamp)),
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(folder = %folder.display(), ?error, "the lexical index cannot be used");
                None
            }
        }
    }

    /// An empty index in place of whatever is in `folder`.
    pub(in super::super) fn create(folder: &Path) -> Result<Index> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(LibraryError::refused(folder, "replace", error));
            }
            _ => {}
        }
        fs::create_dir_all(folder).map_err(|error| LibraryError::refused(folder, "create", error))?;
        contained(folder, || {
            let settings = IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
            let index = tantivy::Index::builder().schema(schema().0).settings(settings).create_in_dir(folder)?;
            Index::with(folder, index)
        })
    }

    fn with(path: &Path, mut index: tantivy::Index) -> tantivy::Result<Index> {
        // Fields without text ask for the default one too.
        let tokenizers = TokenizerManager::default();
        tokenizers.register(TOKENIZER, AtSpaces::default());
        index.set_tokenizers(tokenizers);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Index { path: path.to_owned(), fields: schema().1, index, reader })
    }

    /// What the last [`IndexWriter::commit`] held, once [`Index::refresh`] has seen it.
    pub(in super::super) fn searcher(&self) -> Searcher {
        Searcher::new(self.path.clone(), self.reader.searcher(), self.fields)
    }

    pub(in super::super) fn refresh(&self) -> Result<()> {
        contained(&self.path, || self.reader.reload())
    }

    pub(in super::super) fn writer(&self, threads: usize) -> Result<IndexWriter> {
        contained(&self.path, || {
            let options = IndexWriterOptions::builder()
                .num_worker_threads(threads.clamp(1, 8))
                .memory_budget_per_thread(BUDGET)
                .num_merge_threads(1)
                .build();
            let writer: tantivy::IndexWriter = self.index.writer_with_options(options)?;
            // A writer that was killed may have left files under names that the next one would give.
            writer.garbage_collect_files().wait()?;
            let mut policy = LogMergePolicy::default();
            policy.set_del_docs_ratio_before_merge(0.3);
            writer.set_merge_policy(Box::new(policy));
            Ok(IndexWriter { path: self.path.clone(), writer, fields: self.fields })
        })
    }
}

pub(in super::super) struct IndexWriter {
    path: PathBuf,
    writer: tantivy::IndexWriter,
    fields: Fields,
}

impl IndexWriter {
    /// A document's chunks, in the order of their numbers.
    pub(in super::super) fn add(&self, rank: Rank, terms: impl IntoIterator<Item = Terms>) -> Result<()> {
        for (chunk, terms) in (rank.first_chunk..).zip(terms) {
            let mut document = TantivyDocument::new();
            document.add_u64(self.fields.chunk, chunk);
            document.add_u64(self.fields.document, rank.document);
            document.add_u64(self.fields.collection, u64::from(rank.collection));
            document.add_text(self.fields.body, terms.body);
            document.add_text(self.fields.head, terms.head);
            self.writer.add_document(document).map_err(|error| lexical(&self.path, error))?;
        }
        Ok(())
    }

    pub(in super::super) fn remove(&self, document: u64) {
        self.writer.delete_term(Term::from_field_u64(self.fields.document, document));
    }

    pub(in super::super) fn clear(&self) -> Result<()> {
        contained(&self.path, || self.writer.delete_all_documents().map(drop))
    }

    /// Everything so far is on disk when this returns.
    pub(in super::super) fn commit(&mut self, stamp: Stamp) -> Result<()> {
        contained(&self.path, || {
            let mut prepared = self.writer.prepare_commit()?;
            prepared.set_payload(&stamp.to_string());
            prepared.commit()?;
            Ok(())
        })
    }

    /// Why a thread that indexes gave up: [`IndexWriter::add`] sees only that it did.
    pub(in super::super) fn cause(&mut self, seen: LibraryError) -> LibraryError {
        match self.writer.prepare_commit() {
            Err(cause) => lexical(&self.path, cause),
            Ok(_) => seen,
        }
    }

    /// Lets the merges finish that are under way, so that the next start finds few segments.
    pub(in super::super) fn settle(self) -> Result<()> {
        contained(&self.path, || self.writer.wait_merging_threads())
    }
}

fn schema() -> (Schema, Fields) {
    // Frequencies for BM25; nothing asks where in a chunk a term stands.
    let terms = TextFieldIndexing::default().set_tokenizer(TOKENIZER).set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(terms);
    let mut builder = Schema::builder();
    let fields = Fields {
        body: builder.add_text_field("body", text.clone()),
        head: builder.add_text_field("head", text),
        chunk: builder.add_u64_field("chunk", FAST),
        document: builder.add_u64_field("document", INDEXED),
        collection: builder.add_u64_field("collection", INDEXED),
    };
    (builder.build(), fields)
}

/// tantivy trusts its files and panics where they lie.
pub(super) fn contained<T>(path: &Path, work: impl FnOnce() -> tantivy::Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(outcome) => outcome.map_err(|error| lexical(path, error)),
        Err(_) => Err(LibraryError::Lexical { path: path.to_owned(), source: "the index panicked".into() }),
    }
}

fn lexical(path: &Path, error: TantivyError) -> LibraryError {
    let kind = match &error {
        TantivyError::IoError(io) => Some(io.kind()),
        TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. }) => Some(io_error.kind()),
        _ => None,
    };
    // Some failures of the disk come as words only: then the disk itself is asked.
    match kind.filter(is_refusal).or_else(|| probe(path).err().map(|error| error.kind()).filter(is_refusal)) {
        Some(kind) => LibraryError::refused(path, "write to", io::Error::new(kind, error)),
        None => LibraryError::Lexical { path: path.to_owned(), source: error.into() },
    }
}

/// The machine's doing: an index built anew would fare no better.
fn is_refusal(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

fn probe(folder: &Path) -> io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(&vec![0; 1 << 20])?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_not_taken_for_a_damaged_index() {
        let full = || io::Error::from(ErrorKind::StorageFull);
        let path = Path::new("/data/lexical");
        for error in [
            TantivyError::from(full()),
            TantivyError::from(OpenWriteError::wrap_io_error(full(), PathBuf::from("segment"))),
        ] {
            let fault = crate::fault::Fault::from(lexical(path, error));
            assert_eq!(
                (fault.code, fault.what.as_str()),
                ("disk_full", "cannot write to /data/lexical: the disk is full")
            );
        }
        let eof = TantivyError::from(io::Error::from(ErrorKind::UnexpectedEof));
        assert!(matches!(lexical(path, eof), LibraryError::Lexical { .. }));
    }

    #[test]
    fn a_stamp_of_another_version_is_no_stamp() {
        let stamp = Stamp { identity: 0xfeed, revision: 12 };
        assert_eq!(Stamp::read(&stamp.to_string()), Some(stamp));
        for other in ["", "1", "0 feed 12", "1 feed 12 13", "1 feed x", "2 feed 12"] {
            assert_eq!(Stamp::read(other), None, "{other:?}");
        }
    }
}
