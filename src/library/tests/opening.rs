//! Which files are opened, upgraded, refused, and what is done about a lexical index that cannot be used.

use std::fs;

use redb::{Database, TableDefinition};

use super::*;
use crate::fault::{Fault, Whose};
use crate::library::tables::{CHANGES, EMBEDDERS, FORMAT, META, RESIDUES, TALLIES, VECTORS, key};

fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    add(&library, &[("/a", "alpha words"), ("/b", "beta words\n\nand more words")]);
    library.close().unwrap();
    folder
}

fn with_file(folder: &Path, change: impl FnOnce(&redb::WriteTransaction)) {
    let database = Database::open(folder.join("library.redb")).unwrap();
    let txn = database.begin_write().unwrap();
    change(&txn);
    txn.commit().unwrap();
}

fn refused(folder: &Path) -> Fault {
    let fault = Fault::from(Library::open(folder).unwrap_err());
    let to_read = Fault::from(Library::open_to_read(folder).unwrap_err());
    assert_eq!(fault.code, to_read.code, "both ways of opening agree");
    assert!(fault.hint.is_some());
    fault
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let folder = filled();
    with_file(folder.path(), |txn| {
        txn.open_table(META).unwrap().insert(key::FORMAT, FORMAT + 1).unwrap();
    });
    let fault = refused(folder.path());
    assert_eq!((fault.whose, fault.code), (Whose::Caller, "library_newer"));
    assert!(fault.what.contains("library.redb has format 4, and this docent knows formats up to 3"), "{}", fault.what);
    with_file(folder.path(), |txn| {
        txn.open_table(META).unwrap().insert(key::FORMAT, FORMAT).unwrap();
    });
    assert_eq!(found(&open(folder.path()), "words").len(), 3);
}

#[test]
fn a_file_of_the_first_format_opens_and_is_brought_up_to_date() {
    let folder = filled();
    with_file(folder.path(), |txn| {
        txn.delete_table(TALLIES).unwrap();
        forget_vectors(txn);
        txn.open_table(META).unwrap().insert(key::FORMAT, 1).unwrap();
    });
    for _ in 0..2 {
        let library = Library::open_to_read(folder.path()).unwrap();
        assert_sound(&library);
        let collection = library.snapshot().collections().unwrap().remove(0);
        assert_eq!((collection.documents, collection.chunks, collection.bytes), (2, 3, 37));
        assert_eq!(found(&library, "beta"), ["beta words"]);
    }
    let library = Library::open_to_read(folder.path()).unwrap();
    assert!(!library.is_writable(), "once upgraded, it is opened like any other");
}

/// The tables as they were before any vector was kept in them.
fn forget_vectors(txn: &redb::WriteTransaction) {
    txn.delete_table(VECTORS).unwrap();
    txn.delete_table(RESIDUES).unwrap();
    txn.delete_table(EMBEDDERS).unwrap();
    txn.open_table(TableDefinition::<(u32, u64), &[u8]>::new("vectors")).unwrap();
    txn.open_table(TableDefinition::<&str, u32>::new("embedders")).unwrap();
    txn.open_table(META).unwrap().remove(key::NEXT_EMBEDDER).unwrap();
}

#[test]
fn a_file_from_before_there_were_vectors_opens_and_takes_some() {
    let folder = filled();
    with_file(folder.path(), |txn| {
        forget_vectors(txn);
        txn.open_table(META).unwrap().insert(key::FORMAT, 2).unwrap();
    });
    let library = open(folder.path());
    assert_eq!(library.snapshot().embedders().unwrap(), []);
    assert_eq!(library.snapshot().without_vectors("e", 9).unwrap().len(), 2);
    let mut writer = library.begin().unwrap();
    let draft = draft(&CollectionName::default(), "/c", "gamma").with_vectors("e", vec![vec![vec![1.0, 2.0]]]);
    writer.put(draft, Timestamp(1)).unwrap();
    writer.publish().unwrap();
    drop(writer);
    let query = VectorQuery { embedder: "e", vector: &[2.0, 4.0], collection: None };
    let hits = library.snapshot().nearest(&query, 9).unwrap();
    assert_eq!(hits.len(), 1);
    assert_eq!(library.snapshot().chunk(hits[0].chunk).unwrap().unwrap().text, "gamma");
    assert!((hits[0].score - 1.0).abs() < 5e-5);
}

#[test]
fn one_writes_alone_and_many_read_together() {
    let folder = filled();
    let library = open(folder.path());
    let fault = refused(folder.path());
    assert_eq!((fault.whose, fault.code), (Whose::Busy, "library_locked"));
    assert!(fault.what.contains(folder.path().to_str().unwrap()), "{}", fault.what);
    drop(library);
    let one = Library::open_to_read(folder.path()).unwrap();
    let two = Library::open_to_read(folder.path()).unwrap();
    assert_eq!((found(&one, "alpha").len(), found(&two, "alpha").len()), (1, 1));
    assert!(!one.is_writable());
    assert_eq!(Fault::from(one.begin().unwrap_err()).code, "library_read_only");
    assert_eq!(Fault::from(Library::open(folder.path()).unwrap_err()).code, "library_locked");
    drop((one, two));
    open(folder.path());
}

#[test]
fn a_folder_that_is_not_there_is_made_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new/data");
    let library = Library::open_to_read(&data).unwrap();
    assert_eq!(library.snapshot().revision(), 0);
    assert!(library.is_writable());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(data.join("library.redb")).unwrap().permissions().mode() & 0o077, 0);
    }
    let left: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing but the library and its index: {left:?}");
}

#[test]
fn a_damaged_file_is_named_and_never_replaced() {
    let whole = filled();
    let good = fs::read(whole.path().join("library.redb")).unwrap();
    let damaged: [(&str, Vec<u8>); 5] = [
        ("empty", Vec::new()),
        ("text", b"this was a library".repeat(1000)),
        ("cut short", good[..good.len() / 3].to_vec()),
        ("no head", [vec![0; 4096], good[4096..].to_vec()].concat()),
        ("ones", vec![0xff; good.len()]),
    ];
    for (how, bytes) in damaged {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.redb");
        fs::write(&path, &bytes).unwrap();
        let fault = refused(folder.path());
        assert_eq!((fault.whose, fault.code), (Whose::Machine, "library_damaged"), "{how}: {fault:?}");
        assert!(fault.what.contains(path.to_str().unwrap()), "{how}: {}", fault.what);
        assert!(fault.hint.unwrap().contains("docent restore"), "{how}");
        assert!(fs::read(&path).unwrap() == bytes, "{how}: it was written to");
    }
}

#[test]
fn another_programs_database_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let other: TableDefinition<&str, &str> = TableDefinition::new("meta");
    let database = Database::create(folder.path().join("library.redb")).unwrap();
    let txn = database.begin_write().unwrap();
    txn.open_table(other).unwrap().insert("format", "mine").unwrap();
    txn.commit().unwrap();
    drop(database);
    assert_eq!(refused(folder.path()).code, "library_foreign");
}

#[test]
fn an_index_that_is_missing_damaged_or_of_another_library_is_built_again() {
    let folder = filled();
    let lexical = folder.path().join("lexical");
    let check = |how: &str| {
        let library = open(folder.path());
        let mut words = found(&library, "words");
        words.sort();
        assert_eq!(words, ["alpha words", "and more words", "beta words"], "{how}");
        library.close().unwrap();
    };
    fs::remove_dir_all(&lexical).unwrap();
    check("missing");
    let files: Vec<_> = fs::read_dir(&lexical).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(files.len() > 4, "{files:?}");
    for file in &files {
        for (how, damage) in [("gone", None), ("empty", Some(0.0)), ("half", Some(0.5)), ("short", Some(0.98))] {
            // A rebuilt index has other segments: what is damaged is always of today's.
            let today: Vec<_> = fs::read_dir(&lexical).unwrap().map(|entry| entry.unwrap().path()).collect();
            let kind = Path::new(file).extension();
            let Some(path) = today.iter().find(|path| path.file_name() == Some(file) || path.extension() == kind)
            else {
                continue;
            };
            match damage {
                None => fs::remove_file(path).unwrap(),
                Some(part) => {
                    let bytes = fs::read(path).unwrap();
                    fs::write(path, &bytes[..(bytes.len() as f64 * part) as usize]).unwrap();
                }
            }
            check(&format!("{} {how}", path.display()));
        }
    }

    let other = tempfile::tempdir().unwrap();
    let library = open(other.path());
    add(&library, &[("/x", "other"), ("/y", "words")]);
    library.close().unwrap();
    fs::remove_dir_all(&lexical).unwrap();
    fs::rename(other.path().join("lexical"), &lexical).unwrap();
    check("another library's");
}

#[test]
fn an_index_that_is_behind_gets_what_it_missed_and_no_more() {
    let folder = filled();
    let lexical = folder.path().join("lexical");
    let kept = folder.path().join("kept");
    copy(&lexical, &kept);
    let library = open(folder.path());
    let mut writer = library.begin().unwrap();
    writer.put(draft(&CollectionName::default(), "/c", "gamma words"), Timestamp(1)).unwrap();
    writer.remove(&library.snapshot().find("/a").unwrap()[0].id).unwrap();
    writer.publish().unwrap();
    writer.put(draft(&CollectionName::default(), "/b", "beta only"), Timestamp(1)).unwrap();
    writer.commit().unwrap();
    drop(writer);
    drop(library);
    let check = || {
        let library = open(folder.path());
        assert_eq!(found(&library, "words"), ["gamma words"]);
        assert_eq!(found(&library, "beta"), ["beta only"]);
        assert_eq!(library.snapshot().document_frequency("alpha").unwrap(), 0);
    };
    check();
    // Two revisions back, of which the log has forgotten the first: from the beginning, then.
    fs::remove_dir_all(&lexical).unwrap();
    copy(&kept, &lexical);
    check();
    with_file(folder.path(), |txn| {
        txn.open_table(CHANGES).unwrap().retain(|_, _| false).unwrap();
    });
    fs::remove_dir_all(&lexical).unwrap();
    copy(&kept, &lexical);
    check();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
