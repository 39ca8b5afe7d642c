//! A disk that fails at any moment: afterwards the old state is there or the new one, and never something between.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use redb::{ReadableTable, StorageBackend};

use super::*;
use crate::fault::Fault;
use crate::library::rows::number_of;
use crate::library::store::{Store, builder};
use crate::library::transaction::Transaction;
use crate::library::view::View;

/// A disk in memory. It works for some operations and then fails for ever.
#[derive(Clone, Debug)]
struct Disk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    bytes: Vec<u8>,
    /// As of the last sync: what is left when the power goes.
    synced: Vec<u8>,
    operations_left: u64,
    kind: io::ErrorKind,
}

impl Disk {
    fn new(bytes: Vec<u8>, operations_left: u64, kind: io::ErrorKind) -> Disk {
        Disk(Arc::new(Mutex::new(State { synced: bytes.clone(), bytes, operations_left, kind })))
    }

    fn healthy(bytes: Vec<u8>) -> Disk {
        Disk::new(bytes, u64::MAX, io::ErrorKind::Other)
    }

    fn operate<T>(&self, work: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.0.lock().unwrap();
        match state.operations_left.checked_sub(1) {
            Some(left) => state.operations_left = left,
            None => return Err(state.kind.into()),
        }
        work(&mut state)
    }

    fn open(&self) -> Result<Store, LibraryError> {
        let path = PathBuf::from("/data/library.redb");
        let database = builder(1 << 20).create_with_backend(self.clone());
        Store::with_database(path.clone(), database.map_err(|error| LibraryError::stored(&path, error.into()))?)
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.operate(|state| Ok(state.bytes.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.operate(|state| {
            let start = offset as usize;
            let part = state.bytes.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            out.copy_from_slice(part);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.operate(|state| {
            state.bytes.resize(len as usize, 0);
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.operate(|state| {
            state.synced.clone_from(&state.bytes);
            Ok(())
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.operate(|state| {
            let start = offset as usize;
            state.bytes[start..start + data.len()].copy_from_slice(data);
            Ok(())
        })
    }
}

/// A document with two vectors for each chunk.
fn with_meaning(source: &str, text: &str) -> Draft {
    let draft = draft(&shelf("s"), source, text);
    let of = |text: &str| vec![vec![text.len() as f32, 1.0, -1.0], vec![0.5, 2.0, text.len() as f32]];
    let vectors = draft.chunk_texts().into_iter().map(of).collect();
    draft.with_vectors("e", vectors)
}

/// Source -> text, read the long way: document, chunks, vectors, text.
fn contents(store: &Store) -> BTreeMap<String, String> {
    let view = View::open(store.begin_read().unwrap()).unwrap();
    let mut contents = BTreeMap::new();
    let mut chunks = 0;
    for entry in view.documents().unwrap() {
        let (number, row) = entry.unwrap();
        assert_eq!(view.by_source(row.collection, &row.source).unwrap(), Some(number));
        assert_eq!(view.by_content(row.collection, &row.hash()).unwrap(), [number]);
        let text = view.text(number, 0..row.text_bytes).unwrap();
        assert_eq!(row.hash(), ContentHash::of(text.as_bytes()));
        for chunk in view.chunks(row.chunk_numbers()).unwrap() {
            assert_eq!(chunk.unwrap().document, number);
            chunks += 1;
        }
        contents.insert(row.source, text);
    }
    assert_eq!(view.chunk_count().unwrap(), chunks);
    assert_eq!((view.embedders[0].1.documents, view.embedders[0].1.vectors), (contents.len() as u64, 2 * chunks));
    assert!(view.without_vectors(Some(view.embedders[0].1.number), 9).unwrap().is_empty());
    let rows = |table: &redb::ReadOnlyTable<(u32, u64, u32), &[u8]>| {
        table.iter().unwrap().map(|entry| entry.unwrap().0.value()).collect::<Vec<_>>()
    };
    assert_eq!(rows(&view.vectors), rows(&view.residues));
    let tallied: u64 = view.tallies().unwrap().iter().map(|(.., tally)| tally.documents).sum();
    assert_eq!(tallied, contents.len() as u64);
    contents
}

fn begin(store: &Store) -> Result<Transaction, LibraryError> {
    Transaction::begin(store.begin_write()?, 0).map_err(|error| store.error(error))
}

fn old_library() -> Vec<u8> {
    let disk = Disk::healthy(Vec::new());
    let database = builder(1 << 20).create_with_backend(disk.clone()).unwrap();
    let txn = database.begin_write().unwrap();
    crate::library::tables::create(&txn).unwrap();
    txn.commit().unwrap();
    let store = Store::with_database("/data/library.redb".into(), database).unwrap();
    let mut transaction = begin(&store).unwrap();
    for (source, text) in
        [("/changed", "old text\n\nof two chunks"), ("/removed", "to be removed"), ("/stays", "stays")]
    {
        transaction.put(&with_meaning(source, text), Timestamp(1)).unwrap();
    }
    transaction.commit().unwrap();
    drop(store);
    let state = disk.0.lock().unwrap();
    state.bytes.clone()
}

/// One transaction that changes, adds and removes.
fn change(store: &Store, long: &str) -> Result<(), LibraryError> {
    let mut transaction = begin(store)?;
    (|| {
        transaction.put(&with_meaning("/changed", "new text"), Timestamp(2))?;
        transaction.put(&with_meaning("/added", long), Timestamp(2))?;
        transaction.remove(2)?;
        Ok(())
    })()
    .map_err(|error: redb::Error| store.error(error))?;
    transaction.commit().map(drop).map_err(|error| store.error(error))
}

#[test]
fn a_disk_that_fails_after_any_operation_leaves_the_old_state_or_the_new() {
    let image = old_library();
    let long = "many words in a long text ".repeat(8000);
    let before = contents(&Disk::healthy(image.clone()).open().unwrap());
    let after = {
        let store = Disk::healthy(image.clone()).open().unwrap();
        change(&store, &long).unwrap();
        contents(&store)
    };
    assert_eq!((before.len(), after.len()), (3, 3));
    let (mut kept, mut made, mut operations) = (0, 0, 0);
    loop {
        let kind = if operations % 2 == 0 { io::ErrorKind::StorageFull } else { io::ErrorKind::Other };
        let disk = Disk::new(image.clone(), operations, kind);
        let outcome = disk.open().and_then(|store| change(&store, &long));
        let state = disk.0.lock().unwrap();
        for left in [&state.bytes, &state.synced] {
            let now = contents(&Disk::healthy(left.clone()).open().expect("what a failing disk leaves can be opened"));
            assert!(now == before || now == after, "after {operations} operations: {:?}", now.keys());
            assert!(outcome.is_err() || now == after, "reported as durable after {operations} operations, and is not");
            if now == before { kept += 1 } else { made += 1 }
        }
        if outcome.is_ok() && state.operations_left > 0 {
            break;
        }
        if let Err(error) = outcome {
            let fault = Fault::from(error);
            let expected = if kind == io::ErrorKind::StorageFull { "disk_full" } else { "library_io" };
            assert!([expected, "library_broken"].contains(&fault.code), "{fault:?}");
            assert!(fault.what.contains("/data/library.redb") && fault.hint.is_some(), "{fault:?}");
        }
        operations += 1;
    }
    assert!(operations > 20 && kept > 20 && made > 1, "{operations} operations, {kept} old, {made} new");
}

#[test]
fn a_panic_while_writing_undoes_the_group_and_the_next_one_can_write() {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    add(&library, &[("/a", "first")]);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut writer = library.begin().unwrap();
        writer.put(draft(&CollectionName::default(), "/b", "second"), Timestamp(1)).unwrap();
        panic!("in the middle");
    }));
    assert!(panicked.is_err());
    add(&library, &[("/c", "third")]);
    assert_sound(&library);
    assert_eq!(sources(&library), ["/a", "/c"]);
    assert_eq!(number_of(&library.snapshot().find("/c").unwrap()[0].id), Some(2));
}
