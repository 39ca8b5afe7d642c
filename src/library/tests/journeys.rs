//! Adding, changing, renaming, removing and finding, when nothing goes wrong.

use super::*;
use crate::domain::DocumentId;

#[test]
fn what_was_added_is_found_read_and_still_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    let put =
        add(&library, &[("/a/one.txt", "the lungs of a diver\n\nañadir oxígeno 心"), ("/a/two.txt", "another diver")]);
    assert_eq!(put, [Put::Added(DocumentId::new("d1")), Put::Added(DocumentId::new("d2"))]);
    let check = |library: &Library| {
        assert_sound(library);
        let mut divers = found(library, "diver");
        divers.sort();
        assert_eq!(divers, ["another diver", "the lungs of a diver"]);
        let snapshot = library.snapshot();
        let one = &snapshot.find("/a/one.txt").unwrap()[0];
        assert_eq!((one.id.as_str(), one.title.as_str(), one.chunks), ("d1", "one", 2));
        assert_eq!(snapshot.text(&one.id).unwrap().unwrap(), "the lungs of a diver\n\nañadir oxígeno 心");
        let second = snapshot.chunk(ChunkNumber(2)).unwrap().unwrap();
        assert_eq!((second.text.as_str(), second.characters.clone()), ("añadir oxígeno 心", 22..38));
        assert_eq!(snapshot.neighbours(ChunkNumber(2)).unwrap(), (Some(ChunkNumber(1)), None));
        assert_eq!(snapshot.neighbours(ChunkNumber(3)).unwrap(), (None, None));
        assert_eq!(snapshot.languages(None).unwrap(), [(Language::English, 2)]);
    };
    check(&library);
    library.close().unwrap();
    check(&open(folder.path()));
    check(&Library::open_to_read(folder.path()).unwrap());
}

#[test]
fn changed_content_replaces_the_old_and_keeps_the_id() {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    add(&library, &[("/a", "old words\n\nmore old words"), ("/b", "other")]);
    let revision = library.snapshot().revision();
    assert_eq!(add(&library, &[("/a", "old words\n\nmore old words")]), [Put::Unchanged(DocumentId::new("d1"))]);
    assert_eq!(library.snapshot().revision(), revision, "nothing was written");
    assert_eq!(add(&library, &[("/a", "new words")]), [Put::Updated(DocumentId::new("d1"))]);
    assert_sound(&library);
    assert_eq!(found(&library, "old"), [""; 0]);
    assert_eq!(found(&library, "words"), ["new words"]);
    assert_eq!(library.snapshot().document_frequency("old").unwrap(), 0, "no ghosts");
    assert_eq!(sources(&library), ["/a", "/b"]);
}

#[test]
fn nothing_is_there_before_it_is_committed_or_found_before_it_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    let mut writer = library.begin().unwrap();
    writer.put(draft(&CollectionName::default(), "/kept", "kept"), Timestamp(1)).unwrap();
    writer.commit().unwrap();
    writer.put(draft(&CollectionName::default(), "/lost", "lost"), Timestamp(1)).unwrap();
    assert_eq!(sources(&library), [""; 0], "a snapshot never changes");
    drop(writer);
    drop(library);
    let library = open(folder.path());
    assert_eq!(sources(&library), ["/kept"]);
    assert_eq!(found(&library, "kept"), ["kept"], "the index has caught up");
}

#[test]
fn a_rename_keeps_the_id_and_what_is_indexed() {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    let text = "some words";
    let mut writer = library.begin().unwrap();
    writer.put(draft(&CollectionName::default(), "/old-file.txt", text), Timestamp(1)).unwrap();
    writer
        .put(draft_with(&CollectionName::default(), "/titled.txt", "x", Some("Particular title")), Timestamp(1))
        .unwrap();
    writer.publish().unwrap();
    let (hash, id) = (ContentHash::of(text.as_bytes()), DocumentId::new("d1"));
    assert!(writer.rename(&id, &ContentHash::of(b"else"), "/n").is_err(), "another content");
    assert!(writer.rename(&id, &hash, "/titled.txt").is_err(), "the name is taken");
    writer.rename(&id, &hash, "/new-name.txt").unwrap();
    writer.rename(&DocumentId::new("d2"), &ContentHash::of(b"x"), "/elsewhere.txt").unwrap();
    writer.publish().unwrap();
    drop(writer);
    assert_sound(&library);
    let snapshot = library.snapshot();
    assert_eq!(sources(&library), ["/elsewhere.txt", "/new-name.txt"]);
    let titles: Vec<_> = snapshot.documents(None).unwrap().into_iter().map(|document| document.title).collect();
    assert_eq!(titles, ["new-name", "Particular title"]);
    assert_eq!(found(&library, "name"), ["some words"], "a file's name is its title, and titles are searched");
    assert_eq!(found(&library, "old"), [""; 0]);
    assert_eq!(found(&library, "particular"), ["x"]);
    assert!(snapshot.known(&CollectionName::default(), "/old-file.txt").unwrap().is_none());
    assert_eq!(snapshot.with_content(&CollectionName::default(), &hash).unwrap()[0].source, "/new-name.txt");
}

#[test]
fn collections_are_searched_listed_and_removed_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    let mut writer = library.begin().unwrap();
    for name in ["labs", "calculus"] {
        writer.put(draft(&shelf(name), "/same.txt", &format!("words about {name}")), Timestamp(1)).unwrap();
    }
    writer.publish().unwrap();
    drop(writer);
    assert_eq!(found(&library, "words").len(), 2);
    assert_eq!(found_in(&library, "words", Some(shelf("labs"))), ["words about labs"]);
    assert_eq!(found_in(&library, "words", Some(shelf("none"))), [""; 0]);
    assert_eq!(library.snapshot().find("/same.txt").unwrap().len(), 2);
    let names: Vec<_> = library.snapshot().collections().unwrap().into_iter().map(|c| c.name).collect();
    assert_eq!(names, [shelf("calculus"), shelf("labs")]);

    let mut writer = library.begin().unwrap();
    assert_eq!(writer.remove_collection(&shelf("labs")).unwrap(), Some(1));
    assert_eq!(writer.remove_collection(&shelf("labs")).unwrap(), None);
    writer.publish().unwrap();
    drop(writer);
    assert_sound(&library);
    assert_eq!(found(&library, "words"), ["words about calculus"]);
    assert!(!library.snapshot().has_collection(&shelf("labs")));
}

#[test]
fn a_removed_document_leaves_no_ghost() {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    add(&library, &[("/a", "rare word"), ("/b", "common word"), ("/c", "")]);
    let mut writer = library.begin().unwrap();
    assert!(writer.remove(&DocumentId::new("d1")).unwrap());
    assert!(!writer.remove(&DocumentId::new("d1")).unwrap());
    assert!(!writer.remove(&DocumentId::new("/b")).unwrap());
    writer.publish().unwrap();
    drop(writer);
    assert_sound(&library);
    let snapshot = library.snapshot();
    assert_eq!((snapshot.document_frequency("rare").unwrap(), snapshot.document_frequency("word").unwrap()), (0, 1));
    assert_eq!(found(&library, "rare"), [""; 0]);
    add(&library, &[("/d", "new")]);
    assert_eq!(library.snapshot().find("/d").unwrap()[0].id.as_str(), "d4", "numbers are never used twice");
}

#[test]
fn the_best_of_a_group_counts_and_groups_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    add(&library, &[("/1", "alpha beta zeta"), ("/2", "alpha gamma zeta"), ("/3", "beta gamma zeta")]);
    let score = |groups: Vec<Vec<(&str, f32)>>| {
        let groups =
            groups.into_iter().map(|group| group.into_iter().map(|(t, w)| (t.to_owned(), w)).collect()).collect();
        let query = LexicalQuery { groups, head_weight: 0.0, collection: None };
        let snapshot = library.snapshot();
        let mut hits = snapshot.search(&query, 10).unwrap();
        hits.sort_by_key(|hit| hit.chunk);
        hits.into_iter().map(|hit| (hit.chunk.0, hit.score)).collect::<Vec<_>>()
    };
    let alpha = score(vec![vec![("alpha", 1.0)]])[0].1;
    assert_eq!(score(vec![vec![("alpha", 1.0), ("beta", 1.0)]]), [(1, alpha), (2, alpha), (3, alpha)]);
    assert_eq!(score(vec![vec![("alpha", 1.0)], vec![("beta", 1.0)]]), [(1, 2.0 * alpha), (2, alpha), (3, alpha)]);
    assert_eq!(score(vec![vec![("alpha", 0.5), ("nowhere", 1.0)]]), [(1, alpha / 2.0), (2, alpha / 2.0)]);
    assert_eq!(score(vec![vec![]]), []);
    assert_eq!(score(vec![]), []);
}

#[test]
fn long_texts_come_back_whole_across_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    let text: String = (0..40_000).map(|n| if n % 50 == 49 { "\n\n".into() } else { format!("ñ{n} ") }).collect();
    add(&library, &[("/long", &text)]);
    assert_sound(&library);
    let id = DocumentId::new("d1");
    assert_eq!(library.snapshot().text(&id).unwrap().unwrap(), text);
    assert_eq!(library.snapshot().documents(None).unwrap()[0].chunks, 800);
}
