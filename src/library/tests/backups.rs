//! One file out, the same library back, and nothing lost on the way.

use std::fs;

use super::*;
use crate::fault::Fault;

fn filled(folder: &Path) -> Library {
    let library = open(folder);
    add(&library, &[("/a", "alpha words"), ("/b", &"beta words\n\n".repeat(5000))]);
    let mut writer = library.begin().unwrap();
    let gamma = draft(&shelf("labs"), "/c", "gamma words").with_vectors("e", vec![vec![vec![3.0, 4.0]]]);
    writer.put(gamma, Timestamp(3)).unwrap();
    writer.remove(&library.snapshot().find("/a").unwrap()[0].id).unwrap();
    writer.publish().unwrap();
    drop(writer);
    library
}

#[test]
fn a_restored_library_is_the_one_that_was_saved() {
    let folder = tempfile::tempdir().unwrap();
    let library = filled(&folder.path().join("one"));
    let file = folder.path().join("docent.backup");
    let mut writer = library.begin().unwrap();
    writer.put(draft(&shelf("labs"), "/later", "not yet committed"), Timestamp(3)).unwrap();
    let bytes = backup(&library, &file, Overwrite::Refuse).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().len(), bytes);
    drop(writer);

    let other = folder.path().join("two/data");
    assert_eq!(restore(&file, &other).unwrap(), None);
    let restored = open(&other);
    assert_eq!(restored.snapshot().documents(None).unwrap(), library.snapshot().documents(None).unwrap());
    assert_eq!(restored.snapshot().collections().unwrap(), library.snapshot().collections().unwrap());
    assert_eq!(found(&restored, "gamma"), ["gamma words"]);
    let query = VectorQuery { embedder: "e", vector: &[1.0, 0.0], collection: None };
    let hits = restored.snapshot().nearest(&query, 9).unwrap();
    assert_eq!(hits, library.snapshot().nearest(&query, 9).unwrap());
    assert!(hits.len() == 1 && (hits[0].score - 0.6).abs() < 5e-5, "{hits:?}");
    assert_eq!(restored.snapshot().chunk_count(), library.snapshot().chunk_count());
    assert_ne!(
        restored.snapshot().identity(),
        library.snapshot().identity(),
        "what was cached for one is not for both"
    );
    add(&restored, &[("/new", "delta")]);
    assert_eq!(restored.snapshot().find("/new").unwrap()[0].id.as_str(), "d4", "numbers go on");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn a_backup_is_not_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let library = filled(&folder.path().join("one"));
    let file = folder.path().join("precious");
    fs::write(&file, "something else").unwrap();
    assert_eq!(Fault::from(backup(&library, &file, Overwrite::Refuse).unwrap_err()).code, "backup_exists");
    assert_eq!(fs::read_to_string(&file).unwrap(), "something else");
    backup(&library, &file, Overwrite::Replace).unwrap();
    restore(&file, &folder.path().join("two")).unwrap();
    let nowhere = folder.path().join("no/such/folder/file");
    let fault = Fault::from(backup(&library, &nowhere, Overwrite::Refuse).unwrap_err());
    assert!(fault.what.contains(nowhere.to_str().unwrap()), "{}", fault.what);
}

#[test]
fn restoring_over_a_library_keeps_it_aside() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("docent.backup");
    backup(&filled(&folder.path().join("one")), &file, Overwrite::Refuse).unwrap();
    let data = folder.path().join("two");
    let library = open(&data);
    add(&library, &[("/mine", "my own words")]);
    assert_eq!(Fault::from(restore(&file, &data).unwrap_err()).code, "library_locked");
    drop(library);
    let aside = restore(&file, &data).unwrap().unwrap();
    assert_eq!(found(&open(&data), "own"), [""; 0]);
    assert_eq!(found(&open(&data), "gamma"), ["gamma words"]);
    fs::rename(aside, data.join("library.redb")).unwrap();
    assert_eq!(found(&open(&data), "words"), ["my own words"]);

    fs::write(data.join("library.redb"), "damaged").unwrap();
    restore(&file, &data).unwrap();
    assert_eq!(found(&open(&data), "gamma"), ["gamma words"], "a damaged library can be replaced");
}

#[test]
fn what_is_not_a_whole_backup_is_refused_and_the_library_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("docent.backup");
    let data = folder.path().join("data");
    let library = filled(&data);
    backup(&library, &file, Overwrite::Refuse).unwrap();
    drop(library);
    let good = fs::read(&file).unwrap();
    let plain = fs::read(data.join("library.redb")).unwrap();
    let with = |at: usize, bits: u8| {
        let mut bytes = good.clone();
        bytes[at] ^= bits;
        bytes
    };
    let end = good.len();
    let bad = [
        ("empty", Vec::new(), "not_a_backup"),
        ("text", b"hello".repeat(100), "not_a_backup"),
        ("a library", plain, "not_a_backup"),
        ("cut short", good[..end - 1].to_vec(), "not_a_backup"),
        ("cut in half", good[..end / 2].to_vec(), "not_a_backup"),
        ("a bit", with(end / 2, 1), "not_a_backup"),
        ("first bit", with(0, 1), "not_a_backup"),
        ("checksum", with(end - 1, 128), "not_a_backup"),
        ("length", with(end - 33, 1), "not_a_backup"),
        ("newer", with(end - 43, 2), "backup_newer"),
    ];
    for (how, bytes, code) in bad {
        let bad = folder.path().join("bad");
        fs::write(&bad, bytes).unwrap();
        let fault = Fault::from(restore(&bad, &data).unwrap_err());
        assert_eq!(fault.code, code, "{how}: {fault:?}");
        assert!(fault.what.contains(bad.to_str().unwrap()), "{how}: {}", fault.what);
    }
    let fault = Fault::from(restore(&folder.path().join("missing"), &data).unwrap_err());
    assert!(fault.what.contains("missing"), "{}", fault.what);
    assert_eq!(found(&open(&data), "gamma"), ["gamma words"]);
    let left: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing is left behind: {left:?}");
}
