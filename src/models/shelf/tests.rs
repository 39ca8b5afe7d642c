//! What is installed is found, chosen, and missed when it is gone.

use super::*;
use crate::models::{FileFact, Sum, Trust};

/// A model of three small files on the shelf, as a pull would leave it.
fn install(shelf: &Shelf, name: &str, kind: Kind) -> Installed {
    let folder = shelf.folder().join(name);
    fs::create_dir_all(&folder).unwrap();
    let mut entry = Entry::new(name, kind);
    entry.files = if kind == Kind::Generator {
        vec![FileFact::named("m.gguf", false)]
    } else {
        Entry::encoder_files(kind).into_iter().filter(|file| !file.optional).collect()
    };
    let held = entry.files.iter().map(|file| {
        let content = format!("{name} {}", file.name);
        fs::write(folder.join(&file.name), &content).unwrap();
        let (sha256, bytes) = Sum::of(content.as_bytes()).unwrap();
        Held { name: file.name.clone(), bytes, sha256, trust: Trust::FirstUse }
    });
    let held = held.collect();
    Manifest::new(entry, None, held, Timestamp(7)).write(&folder).unwrap();
    shelf.read(name).unwrap().unwrap()
}

fn empty() -> (tempfile::TempDir, Shelf) {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path());
    (folder, shelf)
}

fn chosen(shelf: &Shelf, kind: Kind) -> Option<String> {
    shelf.chosen(kind).unwrap().map(|found| found.name)
}

#[test]
fn a_shelf_that_is_not_there_is_empty_and_stays_away() {
    let (folder, shelf) = empty();
    assert!(shelf.installed().is_empty() && shelf.chosen(Kind::Embedder).unwrap().is_none());
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn the_chosen_one_comes_before_the_default_and_the_default_before_the_only_one() {
    let (_folder, shelf) = empty();
    let mine = install(&shelf, "mine", Kind::Embedder);
    install(&shelf, "reads-twice", Kind::Reranker);
    assert_eq!(chosen(&shelf, Kind::Embedder).as_deref(), Some("mine"));
    install(&shelf, "other", Kind::Embedder);
    assert_eq!(chosen(&shelf, Kind::Embedder), None);
    install(&shelf, "paraphrase-multilingual-MiniLM-L12-v2", Kind::Embedder);
    assert_eq!(chosen(&shelf, Kind::Embedder).as_deref(), Some("paraphrase-multilingual-MiniLM-L12-v2"));
    shelf.use_(&mine).unwrap();
    assert_eq!(chosen(&shelf, Kind::Embedder).as_deref(), Some("mine"));
    assert_eq!(chosen(&shelf, Kind::Reranker).as_deref(), Some("reads-twice"));
    assert_eq!(chosen(&shelf, Kind::Generator), None);

    shelf.remove(&mine).unwrap();
    assert_eq!(chosen(&shelf, Kind::Embedder).as_deref(), Some("paraphrase-multilingual-MiniLM-L12-v2"));
    assert!(!mine.folder.exists() && shelf.installed().len() == 3);
}

#[test]
fn a_bad_local_catalogue_does_not_keep_the_installed_from_being_used() {
    let (folder, shelf) = empty();
    install(&shelf, "all-MiniLM-L6-v2", Kind::Embedder);
    fs::write(folder.path().join("models.toml"), "[broken").unwrap();
    assert_eq!(chosen(&shelf, Kind::Embedder).as_deref(), Some("all-MiniLM-L6-v2"));
}

#[test]
fn the_identity_follows_the_weights() {
    let (_folder, shelf) = empty();
    let one = install(&shelf, "one", Kind::Embedder);
    let weights = one.files.iter().find(|file| file.name == "model.safetensors").unwrap();
    assert_eq!(one.identity, format!("one@{}", weights.sha256.short()));
}

#[test]
fn files_that_are_gone_or_cut_short_are_named() {
    let (_folder, shelf) = empty();
    let one = install(&shelf, "one", Kind::Generator);
    let path = one.folder.join("m.gguf");
    fs::write(&path, "on").unwrap();
    let error = shelf.chosen(Kind::Generator).unwrap_err();
    assert!(matches!(&error, ModelsError::Damaged { why: "is cut short", .. }), "{error:?}");
    assert!(shelf.use_(&one).is_err());
    fs::remove_file(&path).unwrap();
    let error = shelf.chosen(Kind::Generator).unwrap_err().to_string();
    assert!(error.contains("m.gguf is gone"), "{error}");
}

#[test]
fn a_folder_without_a_sound_note_is_reported_and_costs_only_itself() {
    let (_folder, shelf) = empty();
    install(&shelf, "sound", Kind::Embedder);
    for (name, note) in [("empty", ""), ("newer", "{\"version\": 9}"), ("list", "[1, 2]")] {
        fs::create_dir_all(shelf.folder().join(name)).unwrap();
        fs::write(shelf.folder().join(name).join(manifest::FILE), note).unwrap();
    }
    fs::create_dir_all(shelf.folder().join("noteless")).unwrap();
    fs::create_dir_all(shelf.folder().join(".staging")).unwrap();
    let (installed, unreadable) = shelf.survey();
    assert_eq!(installed.len(), 1);
    assert_eq!(
        unreadable.iter().map(|broken| broken.name.as_str()).collect::<Vec<_>>(),
        ["empty", "list", "newer", "noteless"]
    );
}

#[test]
fn a_note_from_elsewhere_cannot_point_outside() {
    let (_folder, shelf) = empty();
    let one = install(&shelf, "one", Kind::Embedder);
    for name in ["../../secret", "/etc/passwd", "docent-model.json", "config.json"] {
        let mut manifest = Manifest::read(&one.folder).unwrap().unwrap();
        manifest.files.push(Held { name: name.to_owned(), ..manifest.files[0].clone() });
        assert!(manifest.check().is_err(), "{name}");
    }
}

#[test]
fn names_are_explained_when_they_are_not_there() {
    let (_folder, shelf) = empty();
    let catalogue = Catalogue::built_in();
    install(&shelf, "my-own", Kind::Embedder);
    assert_eq!(shelf.named("My_Own", &catalogue).unwrap().name, "my-own");
    assert!(
        matches!(shelf.named("qwen3-4b", &catalogue), Err(ModelsError::NotInstalled { name }) if name == "Qwen3-4B")
    );
    assert!(
        matches!(shelf.named("my-onw", &catalogue), Err(ModelsError::Unknown { nearest: Some(n), .. }) if n == "my-own")
    );
}
