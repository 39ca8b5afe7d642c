//! Finding by meaning: embedding while adding and afterwards, hybrid search, and what happens when a model fails.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::fake::{FakeEmbedder, FakeReranker, broken_engines};
use super::{
    AddEvent, AddOptions, AddReport, Choice, EmbedEvent, EmbedReport, Engines, Mode, Others, Query, Question, add, ask,
    embed, search,
};
use crate::cache::{Cache, Setup};
use crate::clock::SystemClock;
use crate::domain::Passage;
use crate::fault::Fault;
use crate::library::Library;

struct Home {
    folder: tempfile::TempDir,
    library: Library,
}

const HEART: &str = "The cardiac muscle has a pulse of its own, some hundred thousand times every day.";
const LUNG: &str = "Los pulmones se llenan de aire y el aire sale otra vez.";
const ACID: &str = "Vitriol is kept in the lower cupboard, behind the safety glass.";

impl Home {
    fn new(files: &[(&str, &str)]) -> Home {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(&folder.path().join("data")).unwrap();
        let home = Home { folder, library };
        fs::create_dir(home.docs()).unwrap();
        for (name, text) in files {
            fs::write(home.docs().join(name), text).unwrap();
        }
        home
    }

    fn three() -> Home {
        Home::new(&[("1.txt", HEART), ("2.txt", LUNG), ("3.txt", ACID)])
    }

    fn docs(&self) -> PathBuf {
        self.folder.path().join("docs")
    }

    fn add(&self, engines: &Engines) -> AddReport {
        self.add_until(engines, &mut |_| {}, &AtomicBool::new(false))
    }

    fn add_until(&self, engines: &Engines, progress: &mut dyn FnMut(AddEvent<'_>), stop: &AtomicBool) -> AddReport {
        let options = AddOptions { engines: engines.clone(), ..AddOptions::default() };
        let report = add(&self.library, &[self.docs()], &options, &SystemClock, progress, stop).unwrap();
        assert!(report.broken.is_none() && report.failed.is_empty(), "{report:?}");
        report
    }

    fn embed(&self, engines: &Engines) -> EmbedReport {
        let stop = AtomicBool::new(false);
        embed(&self.library, engines, Others::UntilDone, &SystemClock, &mut |_| {}, &stop).unwrap()
    }

    fn search(&self, engines: &Engines, text: &str, mode: Mode) -> Result<Vec<Passage>, Fault> {
        let query = Query { text: text.to_owned(), collection: None, k: 5, mode };
        search(&self.library.snapshot(), engines, &query)
    }

    /// The file of the best passage.
    fn best(&self, engines: &Engines, text: &str, mode: Mode) -> Option<String> {
        let found = self.search(engines, text, mode).unwrap();
        found.first().map(|passage| passage.title.clone())
    }

    fn embedders(&self) -> Vec<(String, u64)> {
        self.library.snapshot().embedders().unwrap()
    }
}

#[test]
fn what_shares_no_word_is_found_by_its_meaning() {
    let home = Home::three();
    let embedder = Arc::new(FakeEmbedder::new());
    let engines = embedder.engines();
    let report = home.add(&engines);
    assert_eq!((report.added, report.not_embedded), (3, 0));
    for (question, file) in [("corazón latidos", "1"), ("lungs", "2"), ("ácido", "3")] {
        assert_eq!(home.best(&engines, question, Mode::Lexical), None, "{question} shares no word");
        assert_eq!(home.best(&engines, question, Mode::Hybrid).as_deref(), Some(file));
        assert_eq!(home.best(&engines, question, Mode::Vector).as_deref(), Some(file));
    }
    // Words still count, and more where they are all there is.
    assert_eq!(home.best(&engines, "safety glass", Mode::Hybrid).as_deref(), Some("3"));
    assert_eq!(home.best(&Engines::none(), "safety glass", Mode::Hybrid).as_deref(), Some("3"));
    assert!(engines.take_troubles().is_empty());
    let cosine = home.search(&engines, "ácido", Mode::Vector).unwrap()[0].score;
    assert!((0.1..=1.0).contains(&cosine), "{cosine}");
}

#[test]
fn what_did_not_change_is_not_embedded_again() {
    let home = Home::three();
    let embedder = Arc::new(FakeEmbedder::new());
    home.add(&embedder.engines());
    assert_eq!(embedder.count(), 3);
    assert_eq!(home.add(&embedder.engines()).unchanged, 3);
    assert_eq!(embedder.count(), 3);
    fs::write(home.docs().join("2.txt"), "The lungs are two.").unwrap();
    assert_eq!(home.add(&embedder.engines()).updated, 1);
    assert_eq!(embedder.count(), 4);
    assert_eq!(home.best(&embedder.engines(), "pulmón", Mode::Vector).as_deref(), Some("2"));
}

#[test]
fn nothing_is_loaded_that_is_not_needed() {
    let home = Home::three();
    home.add(&Engines::none());
    let choice = Choice { name: "x".to_owned(), id: "x@1".to_owned(), languages: Vec::new() };
    let engines = Engines::none().with_embedder(choice, || panic!("the library has no vectors of it"));
    assert_eq!(home.best(&engines, "safety glass", Mode::Hybrid).as_deref(), Some("3"));
    assert_eq!(home.best(&engines, "safety glass", Mode::Lexical).as_deref(), Some("3"));
    assert_eq!(home.add(&engines).unchanged, 3);
}

#[test]
fn documents_that_were_there_before_are_embedded_afterwards_and_only_once() {
    let home = Home::three();
    home.add(&Engines::none());
    let embedder = Arc::new(FakeEmbedder::new());
    let engines = embedder.engines();
    assert_eq!(home.add(&engines).not_embedded, 3);
    assert_eq!(home.search(&engines, "ácido", Mode::Vector).unwrap_err().code, "no_vectors");
    let report = home.embed(&engines);
    assert_eq!((report.documents, report.chunks, report.remaining), (3, 3, 0));
    assert_eq!(home.best(&engines, "ácido", Mode::Vector).as_deref(), Some("3"));
    let again = home.embed(&engines);
    assert_eq!((again.documents, embedder.count()), (0, 3));
    assert_eq!(home.add(&engines).not_embedded, 0);
}

#[test]
fn another_embedder_takes_over_when_it_has_read_everything() {
    let home = Home::three();
    let (old, new) = (Arc::new(FakeEmbedder::named("old@1")), Arc::new(FakeEmbedder::named("new@1")));
    home.add(&old.engines());
    fs::write(home.docs().join("4.txt"), "A page about lungs.").unwrap();
    assert_eq!(home.add(&new.engines()).not_embedded, 3);
    // Meanwhile what is there is used.
    assert_eq!(home.best(&new.engines(), "pulmón", Mode::Hybrid).as_deref(), Some("4"));
    assert_eq!(home.embedders(), [("new@1".to_owned(), 1), ("old@1".to_owned(), 3)]);
    let report = home.embed(&new.engines());
    assert_eq!((report.documents, report.forgotten), (3, vec!["old@1".to_owned()]));
    assert_eq!(home.embedders(), [("new@1".to_owned(), 4)]);
    assert_eq!(home.search(&old.engines(), "pulmón", Mode::Vector).unwrap_err().code, "no_vectors");
}

#[test]
fn embedding_that_was_stopped_goes_on_where_it_stopped() {
    let files: Vec<_> = (0..600).map(|n| (format!("{n}.txt"), format!("note {n} about the heart"))).collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let home = Home::new(&files);
    home.add(&Engines::none());
    let embedder = Arc::new(FakeEmbedder::new());
    let stop = AtomicBool::new(false);
    let mut durable = 0;
    let mut progress = |event| match event {
        EmbedEvent::Embedded { passages } if passages > 0 => stop.store(true, Ordering::Relaxed),
        EmbedEvent::Done { documents } => durable = documents,
        _ => {}
    };
    let engines = embedder.engines();
    let report = embed(&home.library, &engines, Others::UntilDone, &SystemClock, &mut progress, &stop).unwrap();
    assert!(report.stopped && report.remaining > 0, "{report:?}");
    assert_eq!((report.documents, report.documents + report.remaining), (durable, 600));
    assert_eq!(home.embedders().iter().map(|(_, documents)| *documents).sum::<u64>(), durable);
    let rest = home.embed(&engines);
    assert_eq!((rest.documents + report.documents, rest.remaining), (600, 0));
}

#[test]
fn an_embedder_that_fails_costs_its_vectors_and_nothing_else() {
    let home = Home::three();
    let embedder = Arc::new(FakeEmbedder::new());
    embedder.fails.store(true, Ordering::SeqCst);
    let engines = embedder.engines();
    let report = home.add(&engines);
    assert_eq!((report.added, report.not_embedded), (3, 3));
    let troubles = engines.take_troubles();
    assert_eq!(troubles.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["model_failed"], "told once");
    assert_eq!(home.best(&engines, "safety glass", Mode::Hybrid).as_deref(), Some("3"));
    let failed = embed(&home.library, &engines, Others::UntilDone, &SystemClock, &mut |_| {}, &AtomicBool::new(false));
    assert_eq!(failed.unwrap_err().code, "model_failed");

    embedder.fails.store(false, Ordering::SeqCst);
    assert_eq!(home.embed(&engines).documents, 3);
    embedder.fails.store(true, Ordering::SeqCst);
    assert_eq!(home.best(&engines, "safety glass", Mode::Hybrid).as_deref(), Some("3"), "by its words");
    assert_eq!(engines.take_troubles().len(), 1);
    assert_eq!(home.search(&engines, "lungs", Mode::Vector).unwrap_err().code, "model_failed");
}

#[test]
fn an_embedder_that_cannot_be_opened_is_one_warning() {
    let home = Home::three();
    let engines = broken_engines();
    let report = home.add(&engines);
    assert_eq!((report.added, report.not_embedded), (3, 3));
    let troubles = engines.take_troubles();
    assert!(troubles.len() == 1 && troubles[0].hint.is_some(), "{troubles:?}");
    let failed = embed(&home.library, &engines, Others::Now, &SystemClock, &mut |_| {}, &AtomicBool::new(false));
    assert!(failed.is_err());
    assert_eq!(home.search(&Engines::none(), "lungs", Mode::Vector).unwrap_err().code, "no_embedder");
}

#[test]
fn long_chunks_are_found_by_any_of_their_stretches() {
    let mut text = "This page is about many things that have nothing to do with each other. ".repeat(7);
    text.push_str("At the very end it mentions the cardiac pulse.");
    let home = Home::new(&[("long.txt", &text), ("2.txt", LUNG)]);
    let embedder = Arc::new(FakeEmbedder::new().reading(30));
    let engines = embedder.engines();
    home.add(&engines);
    assert!(embedder.count() > 3, "several stretches of one chunk");
    assert_eq!(home.best(&engines, "corazón latidos", Mode::Vector).as_deref(), Some("long"));
}

#[test]
fn stopping_an_add_keeps_what_was_reported_and_no_more() {
    let files: Vec<_> = (0..400).map(|n| (format!("{n:03}.txt"), format!("zebra number{n}"))).collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let home = Home::new(&files);
    let engines = Arc::new(FakeEmbedder::new()).engines();
    let stop = AtomicBool::new(false);
    let mut progress = |event: AddEvent<'_>| {
        if let AddEvent::Embedded { .. } = event {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let report = home.add_until(&engines, &mut progress, &stop);
    assert!(report.stopped && report.added < 400, "{report:?}");
    let embedded: u64 = home.embedders().iter().map(|(_, documents)| documents).sum();
    assert_eq!(embedded, report.added, "with its vectors, every one");
    assert_eq!(home.add(&engines).added + report.added, 400);
}

#[test]
fn copies_are_shown_once_and_neighbours_together() {
    let sentences: Vec<String> = (0..60).map(|n| format!("Rule {n} says that valve {n} is closed by hand.")).collect();
    let long = sentences.join(" ");
    let copy = "The pump is started by the engineer who is on duty, after the valves were closed.";
    let home = Home::new(&[("long.txt", &long), ("a.txt", copy), ("b.txt", copy), ("c.txt", &copy.to_uppercase())]);
    home.add(&Engines::none());
    let pumps = home.search(&Engines::none(), "who starts the pump?", Mode::Lexical).unwrap();
    assert_eq!(pumps.iter().filter(|passage| passage.text.to_lowercase().contains("pump")).count(), 1, "{pumps:?}");

    let rules =
        home.search(&Engines::none(), "which rule says that a valve is closed by hand?", Mode::Lexical).unwrap();
    let document =
        home.library.snapshot().documents(None).unwrap().into_iter().find(|one| one.title == "long").unwrap();
    assert!(document.chunks > 1);
    let from_long: Vec<_> = rules.iter().filter(|passage| passage.title == "long").collect();
    assert!(from_long.len() < document.chunks as usize);
    let whole: Vec<char> = home.library.snapshot().text(&document.id).unwrap().unwrap().chars().collect();
    for passage in from_long {
        let (start, end) = (passage.range.start as usize, passage.range.end as usize);
        assert_eq!(whole[start..end].iter().collect::<String>(), passage.text);
        let mut last = 0;
        for part in &passage.parts {
            assert!(part.range.start >= last && part.range.end <= passage.text.len(), "{:?}", passage.parts);
            last = part.range.end;
        }
        assert_eq!(last, passage.text.len());
    }
}

#[test]
fn what_was_embedded_once_is_remembered_by_its_content() {
    let home = Home::three();
    let cache = Cache::open(Setup::new(Some(home.folder.path().to_owned())), Arc::new(SystemClock));
    let embedder = Arc::new(FakeEmbedder::new());
    let engines = || embedder.engines().with_cache(cache.clone());
    home.add(&engines());
    assert_eq!(embedder.count(), 3);
    // The same words under another name, and in a library that was made anew.
    fs::write(home.docs().join("copy.txt"), LUNG).unwrap();
    home.add(&engines());
    let other = Home::three();
    other.add(&engines());
    assert_eq!(embedder.count(), 3);
    assert_eq!(other.best(&engines(), "pulmón", Mode::Vector).as_deref(), Some("2"));
    // A question that was asked before needs no model at all.
    embedder.fails.store(true, Ordering::SeqCst);
    assert_eq!(other.best(&engines(), "pulmón", Mode::Vector).as_deref(), Some("2"));
    let choice = Choice { name: "other".to_owned(), id: "other@1".to_owned(), languages: Vec::new() };
    let stranger = Engines::none()
        .with_embedder(choice, || Ok(Arc::new(FakeEmbedder::named("other@1"))))
        .with_cache(cache.clone());
    assert_eq!(other.embed(&stranger).documents, 3, "another embedder's vectors are not taken for its own");
}

#[test]
fn a_passage_in_another_language_answers_with_its_nearest_sentence() {
    let text = "El corazón late cien mil veces cada día. La puerta es roja.";
    let home = Home::new(&[("1.txt", text), ("2.txt", LUNG), ("3.txt", ACID)]);
    let engines = Arc::new(FakeEmbedder::new()).engines();
    home.add(&engines);
    let asked = |engines: &Engines, text: &str, certainty: f32| {
        let question = Question { certainty, ..Question::new(text) };
        ask(&home.library.snapshot(), engines, &question, &SystemClock, &mut |_| ControlFlow::Continue(())).unwrap()
    };
    let answer = asked(&engines, "Does the heart beat all day?", 0.2);
    let quotes: Vec<&str> = answer.citations.iter().map(|citation| citation.quote.as_str()).collect();
    assert_eq!(quotes, ["El corazón late cien mil veces cada día."], "{}", answer.text);
    assert!(!asked(&Engines::none(), "Does the heart beat all day?", 0.2).is_found(), "words alone do not reach it");
    assert!(!asked(&engines, "Who was the king of Mongolia?", 0.5).is_found());
}

#[test]
fn the_reranker_has_the_last_word_among_the_best() {
    let home = Home::new(&[("a.txt", "The pump is blue."), ("b.txt", "The pump, the pump: it is green, that pump.")]);
    home.add(&Engines::none());
    let choice = |id: &str| Choice { name: id.to_owned(), id: id.to_owned(), languages: Vec::new() };
    let first = |engines: &Engines, mode| home.best(engines, "pump green", mode).unwrap();
    assert_eq!(first(&Engines::none(), Mode::Hybrid), "b");
    let blue = Engines::none().with_reranker(choice("r"), || Ok(Arc::new(FakeReranker("blue"))));
    assert_eq!(first(&blue, Mode::Hybrid), "a");
    assert_eq!(first(&blue, Mode::Lexical), "b");
    let scores: Vec<f32> = home.search(&blue, "pump", Mode::Hybrid).unwrap().iter().map(|one| one.score).collect();
    assert!(scores[0] > 0.9 && scores[1] < 0.1, "{scores:?}");
    let broken = Engines::none().with_reranker(choice("r"), || Err(Fault::machine("model_damaged", "it is broken")));
    assert_eq!(first(&broken, Mode::Hybrid), "b");
    assert_eq!(broken.take_troubles().len(), 1);
}
