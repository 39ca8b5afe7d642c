//! The library as a whole: opening it, what is published of it, and whose turn it is to write.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::catch_up::catch_up;
use super::error::{LibraryError, Result};
use super::lexical::{Index, IndexWriter, Stamp};
use super::snapshot::Snapshot;
use super::store::Store;
use super::tables::{META, Meta};
use super::vectors::Shelf;
use super::writer::Writer;

const LEXICAL: &str = "lexical";
/// Of an index that was just made.
const NOTHING: Stamp = Stamp { identity: 0, revision: 0 };

/// Documents on disk. Any number of threads may search while one writes.
pub struct Library {
    folder: PathBuf,
    published: RwLock<Arc<Snapshot>>,
    writing: Mutex<Writing>,
    index: Index,
    shelf: Arc<Shelf>,
    store: Arc<Store>,
}

/// What only the one who writes may touch.
pub(super) struct Writing {
    /// Made when somebody first writes: it starts threads.
    pub index: Option<IndexWriter>,
    /// What the index has on disk.
    pub stamp: Stamp,
}

impl Library {
    /// Opens the library in `folder` for reading and writing, or makes one. Nobody else can open it meanwhile.
    pub fn open(folder: &Path) -> Result<Library> {
        let store = Store::open(folder)?;
        let (index, stamp) = match Index::open(&folder.join(LEXICAL)) {
            Some(found) => found,
            None => (Index::create(&folder.join(LEXICAL))?, NOTHING),
        };
        Library::with(folder, store, index, stamp)
    }

    /// Opens the library in `folder` for reading, beside others who read; opens it fully where something has to be put
    /// right first.
    pub fn open_to_read(folder: &Path) -> Result<Library> {
        let Some(store) = Store::open_to_read(folder)? else { return Library::open(folder) };
        let Some((index, stamp)) = Index::open(&folder.join(LEXICAL)) else {
            drop(store);
            return Library::open(folder);
        };
        if stamp != current(&store)? {
            drop((store, index));
            return Library::open(folder);
        }
        Library::with(folder, store, index, stamp)
    }

    /// Whether another process has it open and lets nobody in.
    pub fn is_in_use(folder: &Path) -> bool {
        matches!(Store::open_to_read(folder), Err(LibraryError::InUse { .. }))
    }

    fn with(folder: &Path, store: Store, mut index: Index, stamp: Stamp) -> Result<Library> {
        let store = Arc::new(store);
        let mut writing = Writing { index: None, stamp };
        if stamp != current(&store)?
            && let Err(error) = catch_up(&store, &index, &mut writing)
        {
            // What it cannot mend it makes anew, once.
            let LibraryError::Lexical { .. } = error else { return Err(error) };
            tracing::warn!(?error, "the lexical index is built again");
            writing = Writing { index: None, stamp: NOTHING };
            index = Index::create(&folder.join(LEXICAL))?;
            catch_up(&store, &index, &mut writing)?;
        }
        index.refresh()?;
        let shelf = Arc::default();
        let snapshot = Arc::new(Snapshot::new(Arc::clone(&store), index.searcher(), Arc::clone(&shelf))?);
        Ok(Library {
            folder: folder.to_owned(),
            published: RwLock::new(snapshot),
            writing: Mutex::new(writing),
            index,
            shelf,
            store,
        })
    }

    /// The latest revision that can be searched.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.published.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until nobody else writes.
    pub fn begin(&self) -> Result<Writer<'_>> {
        if !self.store.is_writable() {
            return Err(LibraryError::ReadOnly { folder: self.folder.clone() });
        }
        let mut writing = self.writing();
        if writing.index.is_none() {
            // Also the way back after the index failed: it starts from what it has on disk.
            catch_up(&self.store, &self.index, &mut writing)?;
        }
        Ok(Writer::new(self, writing))
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn is_writable(&self) -> bool {
        self.store.is_writable()
    }

    /// Like dropping it, and says when the index could not finish what it does in the background.
    pub fn close(self) -> Result<()> {
        self.settle()
    }

    fn settle(&self) -> Result<()> {
        match self.writing().index.take() {
            Some(index) => index.settle(),
            None => Ok(()),
        }
    }

    pub(super) fn publish(&self) -> Result<()> {
        self.index.refresh()?;
        let shelf = Arc::clone(&self.shelf);
        let snapshot = Arc::new(Snapshot::new(Arc::clone(&self.store), self.index.searcher(), shelf)?);
        self.shelf.keep(&snapshot.view().embedders);
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
        Ok(())
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    pub(super) fn lexical_folder(&self) -> PathBuf {
        self.folder.join(LEXICAL)
    }

    /// A writer that panicked left an open transaction behind, which redb has undone, and at worst an index that is
    /// behind, which [`catch_up`] mends.
    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(|poisoned| {
            self.writing.clear_poison();
            let mut writing = poisoned.into_inner();
            writing.index = None;
            writing
        })
    }
}

/// The stamp of an index that has everything.
fn current(store: &Store) -> Result<Stamp> {
    let txn = store.begin_read()?;
    let meta = (|| Meta::read(&txn.open_table(META)?))().map_err(|error: redb::Error| store.error(error))?;
    Ok(Stamp { identity: meta.identity, revision: meta.revision })
}

/// No thread writes to the folder after the library has gone; and merged segments make the next start quick.
impl Drop for Library {
    fn drop(&mut self) {
        if let Err(error) = self.settle() {
            tracing::warn!(?error, "the lexical index was left unmerged");
        }
    }
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Library").field("folder", &self.folder).finish_non_exhaustive()
    }
}
