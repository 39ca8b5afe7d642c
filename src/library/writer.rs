//! How documents get in and out: gathered into groups that become durable together, then indexed, then published.

use std::fmt;
use std::sync::MutexGuard;

use super::catch_up::terms_of;
use super::draft::{Draft, Terms};
use super::error::{LibraryError, Result};
use super::lexical::Stamp;
use super::open::{Library, Writing};
use super::rows::{id_of, number_of};
use super::transaction::{Placed, Rank, Transaction};
use super::vectors::{ChunkVectors, Offered};
use super::view::View;
use crate::clock::Timestamp;
use crate::domain::{CollectionName, ContentHash, DocumentId};
use crate::text::Analysers;

/// The one who writes. What it is given becomes durable with [`Writer::commit`] and can be found after
/// [`Writer::publish`]; what was not committed when it goes away never happened.
pub struct Writer<'a> {
    library: &'a Library,
    writing: MutexGuard<'a, Writing>,
    group: Option<Group>,
    /// Durable, and not yet on disk in the index.
    unpublished: usize,
    revision: u64,
    /// Why the index no longer takes anything.
    trouble: Option<LibraryError>,
    analysers: Analysers,
}

/// Documents that become durable together, and what the index will be told when they are.
struct Group {
    transaction: Transaction,
    told: Vec<Tell>,
    weight: usize,
    changed: bool,
}

enum Tell {
    Remove(u64),
    Add(Rank, Vec<Terms>),
}

/// What becomes of a document, once it is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    Added(DocumentId),
    /// The same source had another content.
    Updated(DocumentId),
    Unchanged(DocumentId),
}

impl Put {
    pub fn id(&self) -> &DocumentId {
        match self {
            Put::Added(id) | Put::Updated(id) | Put::Unchanged(id) => id,
        }
    }
}

impl<'a> Writer<'a> {
    pub(super) fn new(library: &'a Library, writing: MutexGuard<'a, Writing>) -> Writer<'a> {
        let revision = writing.stamp.revision;
        Writer {
            library,
            writing,
            group: None,
            unpublished: 0,
            revision,
            trouble: None,
            analysers: Analysers::default(),
        }
    }

    /// After an error nothing that was put in since the last commit is kept.
    pub fn put(&mut self, draft: Draft, now: Timestamp) -> Result<Put> {
        draft.vectors.iter().try_for_each(|offered| self.check(offered))?;
        self.with_group(|group| {
            let placed = group.transaction.put(&draft, now)?;
            let (rank, put) = match placed {
                Placed::Unchanged { document } => return Ok(Put::Unchanged(id_of(document))),
                Placed::Added(rank) => (rank, Put::Added(id_of(rank.document))),
                Placed::Updated(rank) => {
                    group.told.push(Tell::Remove(rank.document));
                    (rank, Put::Updated(id_of(rank.document)))
                }
            };
            group.changed = true;
            group.weight += draft.weight();
            group.told.push(Tell::Add(rank, draft.terms));
            Ok(put)
        })
    }

    /// Gives a document a new source; its content must still have `hash`, and nothing else may have that source.
    pub fn rename(&mut self, id: &DocumentId, hash: &ContentHash, source: &str) -> Result<()> {
        let changed = || LibraryError::Changed { source: source.to_owned() };
        let document = number_of(id).ok_or_else(changed)?;
        let store = self.library.store();
        let durable = View::open(store.begin_read()?).map_err(|error| store.error(error))?;
        if durable.document(document).map_err(|error| store.error(error))?.is_none_or(|row| row.hash() != *hash) {
            return Err(changed());
        }
        let mut analysers = std::mem::take(&mut self.analysers);
        let renamed = self.with_group(|group| {
            let Some((row, retitled)) = group.transaction.rename(document, hash, source)? else { return Ok(false) };
            group.changed = true;
            group.weight += 512;
            if retitled {
                // A file's name is the title of a document that has none.
                let terms = terms_of(&durable, document, &row, &mut analysers)?;
                let rank = Rank { document, collection: row.collection, first_chunk: row.first_chunk };
                group.told.extend([Tell::Remove(document), Tell::Add(rank, terms)]);
            }
            Ok(true)
        });
        self.analysers = analysers;
        if renamed? { Ok(()) } else { Err(changed()) }
    }

    /// False when there is no such document.
    pub fn remove(&mut self, id: &DocumentId) -> Result<bool> {
        let Some(document) = number_of(id) else { return Ok(false) };
        self.with_group(|group| {
            let removed = group.transaction.remove(document)?;
            if removed {
                group.changed = true;
                group.weight += 512;
                group.told.push(Tell::Remove(document));
            }
            Ok(removed)
        })
    }

    /// A collection that is there even without documents. Nothing changes where it is already.
    pub fn add_collection(&mut self, name: &CollectionName) -> Result<()> {
        let is_there = self.library.snapshot().has_collection(name);
        self.with_group(|group| {
            group.transaction.collection(name)?;
            group.changed |= !is_there;
            group.weight += 512;
            Ok(())
        })
    }

    /// A collection with all its documents; how many they were. `None` when there is no such collection.
    pub fn remove_collection(&mut self, name: &CollectionName) -> Result<Option<u64>> {
        self.with_group(|group| {
            let Some(documents) = group.transaction.remove_collection(name)? else { return Ok(None) };
            group.changed = true;
            group.weight += 512 * documents.len();
            group.told.extend(documents.iter().map(|&document| Tell::Remove(document)));
            Ok(Some(documents.len() as u64))
        })
    }

    /// Vectors for a document that is there already, in place of those it had of the same embedder: an entry for each of its
    /// chunks, in order. False when the document is gone or its content no longer has `hash`.
    pub fn put_vectors(
        &mut self,
        id: &DocumentId,
        hash: &ContentHash,
        embedder: &str,
        vectors: Vec<ChunkVectors>,
    ) -> Result<bool> {
        let Some(document) = number_of(id) else { return Ok(false) };
        let Some(chunks) = self.with_group(|group| group.transaction.chunk_count(document, hash))? else {
            return Ok(false);
        };
        let offered = Offered::new(embedder, &vectors, chunks as usize);
        self.check(&offered)?;
        self.with_group(|group| {
            let put = group.transaction.put_vectors(document, hash, &offered)?;
            if put {
                group.changed = true;
                group.weight += 512 + offered.weight();
            }
            Ok(put)
        })
    }

    /// Removes all vectors of an embedder; how many documents had some.
    pub fn forget_embedder(&mut self, embedder: &str) -> Result<u64> {
        self.with_group(|group| {
            let Some(documents) = group.transaction.forget_embedder(embedder)? else { return Ok(0) };
            group.changed = true;
            group.weight += 512;
            Ok(documents)
        })
    }

    /// About how many bytes wait for [`Writer::commit`].
    pub fn uncommitted(&self) -> usize {
        self.group.as_ref().map_or(0, |group| group.weight)
    }

    /// About how many bytes are durable, and wait for [`Writer::publish`].
    pub fn unpublished(&self) -> usize {
        self.unpublished
    }

    /// Makes everything durable that was put in so far. After an error none of it is there.
    pub fn commit(&mut self) -> Result<()> {
        let Some(group) = self.group.take().filter(|group| group.changed) else { return Ok(()) };
        let committed = group.transaction.commit().map_err(|error| self.library.store().error(error))?;
        self.revision = committed.revision;
        self.library.shelf().touch(committed.revision, &committed.touched);
        self.unpublished += group.weight.max(1);
        let Some(index) = &mut self.writing.index else { return Ok(()) };
        let told = group.told.into_iter().try_for_each(|tell| match tell {
            Tell::Remove(document) => {
                index.remove(document);
                Ok(())
            }
            Tell::Add(rank, terms) => index.add(rank, terms),
        });
        if let Err(error) = told {
            // The documents are safe; the index is told again when somebody next begins to write.
            let error = index.cause(error);
            tracing::error!(?error, "the lexical index did not take new documents");
            self.trouble = Some(error);
            self.writing.index = None;
        }
        Ok(())
    }

    /// Commits, and lets everything be found that is durable.
    pub fn publish(&mut self) -> Result<()> {
        self.commit()?;
        if self.unpublished == 0 {
            return Ok(());
        }
        let stamp = Stamp { identity: self.writing.stamp.identity, revision: self.revision };
        let writing = &mut *self.writing;
        let committed = match &mut writing.index {
            Some(index) => index.commit(stamp),
            None => Err(self.trouble.take().unwrap_or_else(|| LibraryError::Lexical {
                path: self.library.lexical_folder(),
                source: "it failed earlier".into(),
            })),
        };
        if let Err(error) = committed {
            writing.index = None;
            return Err(error);
        }
        writing.stamp = stamp;
        self.unpublished = 0;
        self.library.publish()
    }

    /// What cannot be kept is refused before anything is written.
    fn check(&mut self, offered: &Offered) -> Result<()> {
        let refused = |why: String| LibraryError::Vectors { embedder: offered.embedder.clone(), why };
        let quantized = offered.vectors.as_ref().map_err(|why| refused(why.clone()))?;
        match self.with_group(|group| group.transaction.dimensions(&offered.embedder))? {
            Some(known) if !quantized.scales.is_empty() && known != quantized.dimensions => {
                Err(refused(format!("they have {} dimensions, its others {known}", quantized.dimensions)))
            }
            _ => Ok(()),
        }
    }

    fn with_group<T>(&mut self, work: impl FnOnce(&mut Group) -> Result<T, redb::Error>) -> Result<T> {
        let store = self.library.store();
        if self.group.is_none() {
            let transaction = Transaction::begin(store.begin_write()?, self.writing.stamp.revision)
                .map_err(|error| store.error(error))?;
            self.group = Some(Group { transaction, told: Vec::new(), weight: 0, changed: false });
        }
        let group = self.group.as_mut().expect("a group was just begun");
        work(group).map_err(|error| {
            self.group = None;
            store.error(error)
        })
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("uncommitted", &self.uncommitted()).finish_non_exhaustive()
    }
}
