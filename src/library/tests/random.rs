//! Any order of changes, against a plain map: what is listed, what is found and what is kept always agree.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Put(u8, u8),
    Remove(u8),
    Rename(u8, u8),
    Commit,
    Publish,
    /// Writer and library go away without a word: what was not committed never happened.
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..6u8, 0..5u8).prop_map(|(source, content)| Step::Put(source, content)),
        2 => (0..6u8).prop_map(Step::Remove),
        2 => (0..6u8, 0..6u8).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => Just(Step::Commit),
        2 => Just(Step::Publish),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..40)
}

/// Content n has n chunks, each with a word of its own.
fn content(n: u8) -> String {
    (0..n).map(|chunk| format!("kappa{n} part{n}x{chunk}")).collect::<Vec<_>>().join("\n\n")
}

fn source(n: u8) -> String {
    format!("/source{n}")
}

type Model = BTreeMap<u8, u8>;

fn assert_is(library: &Library, model: &Model) {
    assert_sound(library);
    let snapshot = library.snapshot();
    let listed: BTreeMap<String, String> = snapshot
        .documents(None)
        .unwrap()
        .into_iter()
        .map(|document| (document.source, snapshot.text(&document.id).unwrap().unwrap()))
        .collect();
    let expected = model.iter().map(|(&at, &n)| (source(at), content(n))).collect();
    assert_eq!(listed, expected);
    for n in 0..5u8 {
        let copies = model.values().filter(|&&kept| kept == n).count();
        assert_eq!(found(library, &format!("kappa{n}")).len(), copies * usize::from(n), "content {n}");
        for chunk in 0..n {
            let word = format!("part{n}x{chunk}");
            assert_eq!(found(library, &word), vec![format!("kappa{n} {word}"); copies]);
            assert_eq!(snapshot.document_frequency(&word).unwrap(), copies as u64);
        }
    }
    let named: BTreeSet<String> = (0..6).filter(|&at| !found_titles(library, at).is_empty()).map(source).collect();
    let with_chunks = model.iter().filter(|&(_, &n)| n > 0).map(|(&at, _)| source(at)).collect();
    assert_eq!(named, with_chunks, "a document is found by its present name and by no other");
}

fn found_titles(library: &Library, at: u8) -> Vec<String> {
    found(library, &format!("source{at}"))
}

fn apply(writer: &mut Writer<'_>, model: &mut Model, ids: &mut BTreeMap<u8, crate::domain::DocumentId>, step: &Step) {
    match *step {
        Step::Put(at, n) => {
            let put = writer.put(draft(&CollectionName::default(), &source(at), &content(n)), Timestamp(1)).unwrap();
            let id = match (put, model.insert(at, n)) {
                (Put::Added(id), None) => id,
                (Put::Updated(id), Some(before)) if before != n => id,
                (Put::Unchanged(id), Some(before)) if before == n => id,
                (put, before) => panic!("{put:?} where {before:?} was and {n} came"),
            };
            assert_eq!(ids.entry(at).or_insert_with(|| id.clone()), &id, "an id is kept as long as its document");
        }
        Step::Remove(at) => {
            if let Some(id) = ids.remove(&at) {
                assert!(writer.remove(&id).unwrap());
                model.remove(&at);
            }
        }
        Step::Rename(from, to) => {
            let Some(id) = ids.get(&from).cloned() else { return };
            let hash = ContentHash::of(content(model[&from]).as_bytes());
            // A rename is of something durable: that is how its caller came to know it.
            writer.commit().unwrap();
            let renamed = writer.rename(&id, &hash, &source(to));
            assert_eq!(renamed.is_ok(), !model.contains_key(&to), "{renamed:?}");
            if renamed.is_ok() {
                let n = model.remove(&from).unwrap();
                model.insert(to, n);
                ids.remove(&from);
                ids.insert(to, id);
            }
        }
        Step::Commit => writer.commit().unwrap(),
        Step::Publish | Step::Reopen => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_library_is_what_a_plain_map_says(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let (mut model, mut ids) = (Model::new(), BTreeMap::new());
        let mut steps = steps.iter().peekable();
        loop {
            let library = Library::open(folder.path()).unwrap();
            assert_is(&library, &model);
            let mut durable = (model.clone(), ids.clone());
            let mut writer = library.begin().unwrap();
            let mut reopens = false;
            for step in steps.by_ref() {
                apply(&mut writer, &mut model, &mut ids, step);
                match step {
                    Step::Reopen => {
                        reopens = true;
                        break;
                    }
                    Step::Publish => {
                        writer.publish().unwrap();
                        assert_is(&library, &model);
                        durable = (model.clone(), ids.clone());
                    }
                    Step::Commit => durable = (model.clone(), ids.clone()),
                    Step::Rename(..) if writer.uncommitted() == 0 => durable = (model.clone(), ids.clone()),
                    _ => {}
                }
            }
            if !reopens {
                writer.publish().unwrap();
                assert_is(&library, &model);
                break;
            }
            // A rename commits what came before it: make the rest durable too, or nobody could say what is.
            if (&model, &ids) != (&durable.0, &durable.1) && steps.len() % 2 == 0 {
                writer.commit().unwrap();
            } else if (&model, &ids) != (&durable.0, &durable.1) {
                drop(writer);
                drop(library);
                let library = Library::open(folder.path()).unwrap();
                (model, ids) = read_back(&library);
                continue;
            }
            drop(writer);
        }
    }
}

/// What a library says it holds, as a model.
fn read_back(library: &Library) -> (Model, BTreeMap<u8, crate::domain::DocumentId>) {
    let snapshot = library.snapshot();
    let (mut model, mut ids) = (Model::new(), BTreeMap::new());
    for document in snapshot.documents(None).unwrap() {
        let at = document.source.strip_prefix("/source").unwrap().parse().unwrap();
        let text = snapshot.text(&document.id).unwrap().unwrap();
        model.insert(at, (0..5).find(|&n| content(n) == text).expect("only whole contents are kept"));
        ids.insert(at, document.id);
    }
    (model, ids)
}
