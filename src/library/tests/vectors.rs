//! Finding by meaning: any history of changes against brute force, and what is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use redb::{Database, ReadableTable};

use super::*;
use crate::domain::DocumentId;
use crate::fault::{Fault, Whose};
use crate::library::tables::{RESIDUES, VECTORS};

/// Identity and dimensions.
const EMBEDDERS: [(&str, usize); 2] = [("small@1", 5), ("large@2", 70)];
const COLLECTIONS: [&str; 2] = ["labs", "calculus"];

#[derive(Clone, Debug)]
enum Step {
    /// Collection, source, content, and which embedders have read it.
    Put(u8, u8, u8, u8),
    Embed(u8, u8, u8),
    Remove(u8, u8),
    Rename(u8, u8, u8),
    RemoveCollection(u8),
    Forget(u8),
    Commit,
    /// And whether the new revision is asked at once, or only later, when it is old.
    Publish(bool),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (0..2u8, 0..8u8, 0..40u8, 0..4u8).prop_map(|(c, s, content, e)| Step::Put(c, s, content, e)),
        4 => (0..2u8, 0..8u8, 0..2u8).prop_map(|(c, s, e)| Step::Embed(c, s, e)),
        3 => (0..2u8, 0..8u8).prop_map(|(c, s)| Step::Remove(c, s)),
        2 => (0..2u8, 0..8u8, 0..8u8).prop_map(|(c, from, to)| Step::Rename(c, from, to)),
        1 => (0..2u8).prop_map(Step::RemoveCollection),
        1 => (0..2u8).prop_map(Step::Forget),
        1 => Just(Step::Commit),
        5 => proptest::bool::ANY.prop_map(Step::Publish),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..80)
}

fn name(collection: u8) -> CollectionName {
    shelf(COLLECTIONS[collection as usize])
}

fn source(at: u8) -> String {
    format!("/source{at}")
}

/// Content n has so many chunks.
fn chunks(n: u8) -> u8 {
    n % 13
}

fn content(n: u8) -> String {
    (0..chunks(n)).map(|chunk| format!("content {n} chunk {chunk}")).collect::<Vec<_>>().join("\n\n")
}

/// One to three vectors for each chunk; some contents share theirs.
fn vectors(embedder: u8, n: u8) -> Vec<ChunkVectors> {
    let seed = |chunk: u8, stretch: u8| 31 * u64::from(n / 2) + 1009 * u64::from(chunk) + 7 * u64::from(stretch);
    let of = |chunk: u8| (0..=chunk % 3).map(|stretch| vector(embedder, seed(chunk, stretch))).collect();
    (0..chunks(n)).map(of).collect()
}

fn vector(embedder: u8, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + u64::from(embedder);
    let mut number = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..EMBEDDERS[embedder as usize].1).map(|_| number()).collect()
}

#[derive(Clone, Default, Debug, PartialEq)]
struct Model(BTreeMap<(u8, u8), Kept>);

#[derive(Clone, Debug, PartialEq)]
struct Kept {
    id: DocumentId,
    content: u8,
    embedded: [bool; 2],
}

fn apply(writer: &mut Writer<'_>, Model(model): &mut Model, step: &Step) {
    match *step {
        Step::Put(c, s, n, embedded) => {
            let mut draft = draft(&name(c), &source(s), &content(n));
            let embedded = [embedded & 1 > 0, embedded & 2 > 0];
            for e in (0..2).filter(|&e| embedded[e as usize]) {
                draft = draft.with_vectors(EMBEDDERS[e as usize].0, vectors(e, n));
            }
            let put = writer.put(draft, Timestamp(1)).unwrap();
            if !matches!(put, Put::Unchanged(_)) {
                model.insert((c, s), Kept { id: put.id().clone(), content: n, embedded });
            }
        }
        Step::Embed(c, s, e) => {
            let Some(kept) = model.get_mut(&(c, s)) else { return };
            let hash = ContentHash::of(content(kept.content).as_bytes());
            let mut embed =
                |hash| writer.put_vectors(&kept.id, &hash, EMBEDDERS[e as usize].0, vectors(e, kept.content)).unwrap();
            assert!(!embed(ContentHash::of(b"another")));
            assert!(embed(hash));
            kept.embedded[e as usize] = true;
        }
        Step::Remove(c, s) => {
            if let Some(kept) = model.remove(&(c, s)) {
                assert!(writer.remove(&kept.id).unwrap());
            }
        }
        Step::Rename(c, from, to) => {
            if model.contains_key(&(c, to)) {
                return;
            }
            let Some(kept) = model.remove(&(c, from)) else { return };
            // A rename is of something durable: that is how its caller came to know it.
            writer.commit().unwrap();
            let hash = ContentHash::of(content(kept.content).as_bytes());
            writer.rename(&kept.id, &hash, &source(to)).unwrap();
            model.insert((c, to), kept);
        }
        Step::RemoveCollection(c) => {
            writer.remove_collection(&name(c)).unwrap();
            model.retain(|&(collection, _), _| collection != c);
        }
        Step::Forget(e) => {
            let with_some = model.values().filter(|kept| kept.embedded[e as usize] && chunks(kept.content) > 0).count();
            assert_eq!(writer.forget_embedder(EMBEDDERS[e as usize].0).unwrap(), with_some as u64);
            model.values_mut().for_each(|kept| kept.embedded[e as usize] = false);
        }
        Step::Commit => writer.commit().unwrap(),
        Step::Publish(_) | Step::Reopen => {}
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()) as f32
}

/// Everything that can be asked of a snapshot, against the model of its revision.
fn check(snapshot: &Snapshot, Model(model): &Model) {
    for (e, (embedder, _)) in (0..2).zip(EMBEDDERS) {
        let has_some = |kept: &Kept| kept.embedded[e as usize] && chunks(kept.content) > 0;
        let with_some = model.values().filter(|kept| has_some(kept)).count() as u64;
        let listed = snapshot.embedders().unwrap().into_iter().find(|(name, _)| name == embedder);
        assert_eq!(listed.map_or(0, |(_, documents)| documents), with_some);
        let mut missing: Vec<_> = model
            .values()
            .filter(|kept| chunks(kept.content) > 0 && !has_some(kept))
            .map(|kept| kept.id.clone())
            .collect();
        let mut without = snapshot.without_vectors(embedder, usize::MAX).unwrap();
        missing.sort();
        without.sort();
        assert_eq!(without, missing);
        assert_eq!(snapshot.without_vectors(embedder, 1).unwrap().len(), missing.len().min(1));
        for collection in [None, Some(0), Some(1)] {
            let mut scores = BTreeMap::new();
            let question = vector(e, 5 + model.len() as u64);
            let wanted = |c: u8| collection.is_none_or(|wanted| wanted == c);
            for (_, kept) in model.iter().filter(|&(&(c, _), kept)| wanted(c) && has_some(kept)) {
                let chunks = snapshot.chunks_of(&kept.id).unwrap();
                for (chunk, vectors) in chunks.zip(vectors(e, kept.content)) {
                    let best = vectors.iter().map(|vector| cosine(vector, &question)).max_by(f32::total_cmp);
                    scores.insert(chunk, best.unwrap());
                }
            }
            let mut best: Vec<f32> = scores.values().copied().collect();
            best.sort_by(|a, b| b.total_cmp(a));
            let collection = collection.map(name);
            let query = VectorQuery { embedder, vector: &question, collection: collection.as_ref() };
            for limit in [0, 1, 7, usize::MAX] {
                let hits = snapshot.nearest(&query, limit).unwrap();
                assert_eq!(hits.len(), limit.min(scores.len()));
                for (hit, best) in hits.iter().zip(&best) {
                    assert!((hit.score - best).abs() < 5e-5, "{hits:?}, not {best}");
                    assert!((hit.score - scores[&hit.chunk.0]).abs() < 5e-5, "{hit:?}");
                }
                let in_order = |pair: &[Hit]| (-pair[0].score, pair[0].chunk) < (-pair[1].score, pair[1].chunk);
                assert!(hits.windows(2).all(in_order), "each once, the earlier of equals first: {hits:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_nearest_are_those_that_brute_force_finds(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let mut model = Model::default();
        let mut steps = steps.iter().peekable();
        while steps.peek().is_some() {
            let library = Library::open(folder.path()).unwrap();
            check(&library.snapshot(), &model);
            let mut asked_later: Vec<(Arc<Snapshot>, Model)> = Vec::new();
            let mut writer = library.begin().unwrap();
            for step in steps.by_ref() {
                apply(&mut writer, &mut model, step);
                if let Step::Publish(at_once) = step {
                    writer.publish().unwrap();
                    let snapshot = library.snapshot();
                    if *at_once {
                        check(&snapshot, &model);
                    }
                    asked_later.push((snapshot, model.clone()));
                }
                if let Step::Reopen = step {
                    break;
                }
            }
            writer.commit().unwrap();
            for (snapshot, model) in &asked_later {
                check(snapshot, model);
            }
        }
        check(&Library::open(folder.path()).unwrap().snapshot(), &model);
    }
}

fn code(error: LibraryError) -> (Whose, &'static str) {
    let fault = Fault::from(error);
    assert!(fault.hint.is_some());
    (fault.whose, fault.code)
}

#[test]
fn vectors_that_are_none_are_refused_and_the_rest_of_the_group_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let library = open(folder.path());
    let mut writer = library.begin().unwrap();
    let one = |source: &str, vector: Vec<f32>| {
        draft(&CollectionName::default(), source, source).with_vectors("e", vec![vec![vector]])
    };
    writer.put(one("/good", vec![1.0, 2.0]), Timestamp(1)).unwrap();
    let refused = (Whose::Machine, "vectors_refused");
    for bad in [vec![], vec![0.0, 0.0], vec![f32::NAN, 1.0], vec![1.0, f32::NEG_INFINITY], vec![1.0, 2.0, 3.0]] {
        assert_eq!(code(writer.put(one("/bad", bad), Timestamp(1)).unwrap_err()), refused);
    }
    let (id, hash) = (DocumentId::new("d1"), ContentHash::of(b"/good"));
    for bad in [vec![], vec![vec![]], vec![vec![vec![1.0, 2.0, 3.0]]], vec![vec![vec![1.0, 2.0]]; 2]] {
        assert_eq!(code(writer.put_vectors(&id, &hash, "e", bad).unwrap_err()), refused);
    }
    assert!(!writer.put_vectors(&DocumentId::new("d9"), &hash, "e", Vec::new()).unwrap());
    assert_eq!(writer.forget_embedder("unknown").unwrap(), 0);
    writer.publish().unwrap();
    assert_eq!(sources(&library), ["/good"]);
    let snapshot = library.snapshot();
    let ask = |embedder, vector| snapshot.nearest(&VectorQuery { embedder, vector, collection: None }, 5);
    assert_eq!(ask("e", &[2.0, 4.0]).unwrap().len(), 1);
    assert_eq!(ask("unknown", &[2.0]).unwrap(), []);
    for bad in [&[][..], &[1.0], &[0.0, 0.0], &[f32::NAN, 0.0]] {
        assert_eq!(code(ask("e", bad).unwrap_err()), refused);
    }
}

#[test]
fn damaged_vectors_are_a_clear_error_and_words_are_found_all_the_same() {
    let vectors = |n: usize| vec![vec![vec![1.0, n as f32]; 3]];
    type Damage = fn(&mut Vec<u8>, &mut Vec<u8>);
    let damages: [Damage; 5] = [
        |coarse, _| coarse.truncate(20),
        |coarse, _| coarse[4..8].fill(0xff),
        |coarse, _| coarse[28..40].fill(0xff),
        |_, fine| fine.truncate(1),
        |_, fine| fine.clear(),
    ];
    for (how, damage) in damages.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let library = open(folder.path());
        let mut writer = library.begin().unwrap();
        for n in 0..3 {
            let draft = draft(&CollectionName::default(), &format!("/{n}"), &format!("words {n}"));
            writer.put(draft.with_vectors("e", vectors(n)), Timestamp(1)).unwrap();
        }
        writer.publish().unwrap();
        drop(writer);
        drop(library);
        let database = Database::open(folder.path().join("library.redb")).unwrap();
        let txn = database.begin_write().unwrap();
        {
            let (mut first, mut second) = (txn.open_table(VECTORS).unwrap(), txn.open_table(RESIDUES).unwrap());
            let key = (1, 2, 0);
            let mut coarse = first.get(key).unwrap().unwrap().value().to_vec();
            let mut fine = second.get(key).unwrap().unwrap().value().to_vec();
            damage(&mut coarse, &mut fine);
            first.insert(key, coarse.as_slice()).unwrap();
            second.insert(key, fine.as_slice()).unwrap();
        }
        txn.commit().unwrap();
        drop(database);
        let library = open(folder.path());
        let query = VectorQuery { embedder: "e", vector: &[1.0, 1.0], collection: None };
        let error = library.snapshot().nearest(&query, 3).unwrap_err();
        assert_eq!(code(error), (Whose::Machine, "library_damaged"), "{how}");
        assert_eq!(found(&library, "words").len(), 3);
    }
}
