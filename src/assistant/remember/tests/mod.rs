//! What is remembered, how it is told, and that it is never wrong.

mod alike;
mod changes;
mod crowd;
mod echo;
mod prefetch;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use tempfile::TempDir;

use self::echo::Echo;
use crate::assistant::fake::FakeEmbedder;
use crate::assistant::fixture::{CALCULO, LAB, PULMON, library, put};
use crate::assistant::{Engines, Mode, Query, Question, ask, search};
use crate::cache::{Cache, Setup, SpaceStatus};
use crate::clock::SystemClock;
use crate::domain::{Answer, Because, CollectionName, Event, Origin, Passage, Tier};
use crate::library::Library;

const EYES: &str = "How long do I rinse my eyes at the eyewash?";

fn shelf() -> (TempDir, Library) {
    library(&[("lab", "/d/lab.txt", LAB), ("clinic", "/d/pulmón.txt", PULMON), ("math", "/d/cálculo.txt", CALCULO)])
}

fn cached(engines: Engines) -> Engines {
    engines.with_cache(Cache::in_memory(Arc::new(SystemClock)))
}

fn space(engines: &Engines, name: &str) -> SpaceStatus {
    let status = engines.cache().unwrap().status();
    status.spaces.into_iter().find(|space| space.space.name == name).unwrap()
}

/// The answer and the sources, after checking that the events tell the same.
fn asked(library: &Library, engines: &Engines, question: &Question) -> (Answer, Vec<Passage>) {
    let (mut sources, mut text, mut done) = (None, String::new(), None);
    let answer = ask(&library.snapshot(), engines, question, &SystemClock, &mut |event| {
        assert!(done.is_none(), "nothing comes after the end");
        match event {
            Event::Sources(passages) => assert!(sources.replace(passages).is_none(), "sources come once"),
            Event::Text(more) => {
                assert!(sources.is_some());
                text.push_str(&more);
            }
            Event::Waiting => {}
            Event::Done(answer) => done = Some(*answer),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(done.as_ref(), Some(&answer));
    assert_eq!(text, answer.text);
    (answer, sources.unwrap())
}

/// What of an answer must be the same whoever made it, and when.
fn content(answer: &Answer) -> Answer {
    let (origin, timings) = (Origin::Generated, Default::default());
    Answer { origin, timings, remembered: None, ..answer.clone() }
}

#[test]
fn an_answer_that_a_change_leaves_as_it_was_is_the_remembered_one() {
    let (_folder, library) = shelf();
    let engines = cached(Engines::none());
    let (first, _) = asked(&library, &engines, &Question::new(EYES));
    assert_eq!(first.origin, Origin::Extracted(Because::NoGenerator));
    put(&library, &[("garden", "/d/rosas.txt", "Las rosas se podan en febrero, antes de que broten las yemas.\n")]);
    let (again, sources) = asked(&library, &engines, &Question::new(EYES));
    assert_eq!(again.origin, Origin::Remembered(Tier::Memory));
    assert_eq!(again.remembered.as_ref().unwrap().because, Some(Because::NoGenerator));
    assert_eq!((&again.text, again.citations.len()), (&first.text, first.citations.len()));
    assert_eq!(content(&again), content(&asked(&library, &Engines::none(), &Question::new(EYES)).0));
    assert_eq!(sources, asked(&library, &Engines::none(), &Question::new(EYES)).1, "as they are found now");
    let answers = space(&engines, "answer").tally;
    assert_eq!((answers.memory_hits, answers.misses), (1, 1));
    put(&library, &[("lab", "/d/lab.txt", &LAB.replace("fifteen minutes", "twenty minutes"))]);
    let (changed, _) = asked(&library, &engines, &Question::new(EYES));
    assert_eq!(changed.origin, Origin::Extracted(Because::NoGenerator), "{}", changed.text);
    assert_ne!(changed.text, first.text);
    assert_eq!(space(&engines, "answer").tally.misses, 2);
}

#[test]
fn an_answer_is_made_once_and_told_again_in_the_same_way() {
    let (_folder, library) = shelf();
    let echo = Arc::new(Echo::default());
    let engines = cached(echo.engines());
    let (first, sources) = asked(&library, &engines, &Question::new(EYES));
    assert_eq!((first.origin, first.remembered.is_none()), (Origin::Generated, true));
    assert!(first.is_found());
    for written in [EYES, "how long do I rinse  my EYES at the eyewash"] {
        let (again, same) = asked(&library, &engines, &Question::new(written));
        assert_eq!(again.origin, Origin::Remembered(Tier::Memory), "{written}");
        assert_eq!(again.remembered.as_ref().unwrap().because, None);
        assert_eq!((content(&again), &same), (content(&first), &sources));
    }
    assert_eq!(echo.calls.load(SeqCst), 1);
    let others = [
        Question { k: 4, ..Question::new(EYES) },
        Question { collection: Some(CollectionName::new("lab").unwrap()), ..Question::new(EYES) },
        Question { certainty: 0.2, ..Question::new(EYES) },
        Question { mode: Mode::Lexical, ..Question::new(EYES) },
        Question { writing: None, ..Question::new(EYES) },
    ];
    for other in others {
        assert!(!matches!(asked(&library, &engines, &other).0.origin, Origin::Remembered(Tier::Disk)), "{other:?}");
        assert_eq!(space(&engines, "answer").tally.hits(), 2, "{other:?} is another question");
    }
    let tally = space(&engines, "answer").tally;
    assert_eq!((tally.memory_hits, tally.misses, tally.puts), (2, 6, 6));
}

#[test]
fn sentences_are_remembered_with_their_reason_and_on_disk_too() {
    let (_folder, library) = shelf();
    let home = tempfile::tempdir().unwrap();
    let open = || Cache::open(Setup::new(Some(home.path().to_owned())), Arc::new(SystemClock));
    let engines = Engines::none().with_cache(open());
    let (first, _) = asked(&library, &engines, &Question::new(EYES));
    assert_eq!(first.origin, Origin::Extracted(Because::NoGenerator));
    let (nothing, _) = asked(&library, &engines, &Question::new("Who is the mayor of Toledo?"));
    assert!(!nothing.is_found());
    drop(engines);
    let engines = Engines::none().with_cache(open());
    let (again, _) = asked(&library, &engines, &Question::new(EYES));
    assert_eq!(again.origin, Origin::Remembered(Tier::Disk));
    assert_eq!(again.remembered.as_ref().unwrap().because, Some(Because::NoGenerator));
    assert_eq!(content(&again), content(&first));
    let (again, _) = asked(&library, &engines, &Question::new("Who is the mayor of Toledo"));
    assert_eq!(again.remembered.unwrap().because, Some(Because::NothingFound));
    assert_eq!(space(&engines, "answer").tally.negative_hits, 1);
}

#[test]
fn passages_are_remembered_as_long_as_nothing_changes() {
    let (_folder, library) = shelf();
    let engines = cached(Engines::none());
    let query = Query { text: "biopsia diagnóstico".into(), collection: None, k: 3, mode: Mode::Hybrid };
    let first = search(&library.snapshot(), &engines, &query).unwrap();
    assert_eq!(search(&library.snapshot(), &engines, &query).unwrap(), first);
    assert_eq!(space(&engines, "search").tally.memory_hits, 1);
    put(&library, &[("clinic", "/d/otro.txt", "La biopsia del hígado confirma otro diagnóstico.")]);
    let second = search(&library.snapshot(), &engines, &query).unwrap();
    assert_eq!(second, search(&library.snapshot(), &Engines::none(), &query).unwrap());
    assert_ne!(second, first);
    let tally = space(&engines, "search").tally;
    assert_eq!((tally.memory_hits, tally.misses, tally.outdated), (1, 2, 1));
    let unknown = Query { collection: Some(CollectionName::new("none").unwrap()), ..query };
    assert_eq!(search(&library.snapshot(), &engines, &unknown).unwrap_err().code, "unknown_collection");
}

#[test]
fn what_was_made_without_a_model_that_should_have_helped_is_not_remembered() {
    let (_folder, library) = shelf();
    let embedder = Arc::new(FakeEmbedder::new());
    let engines = cached(embedder.engines());
    crate::assistant::embed(
        &library,
        &engines,
        crate::assistant::Others::UntilDone,
        &SystemClock,
        &mut |_| (),
        &Default::default(),
    )
    .unwrap();
    embedder.fails.store(true, SeqCst);
    for _ in 0..2 {
        let (answer, _) = asked(&library, &engines, &Question::new(EYES));
        assert_eq!(answer.origin, Origin::Extracted(Because::NoGenerator));
    }
    assert_eq!(space(&engines, "answer").tally.puts, 0);
    embedder.fails.store(false, SeqCst);
    asked(&library, &engines, &Question::new(EYES));
    assert_eq!(asked(&library, &engines, &Question::new(EYES)).0.origin, Origin::Remembered(Tier::Memory));
}

#[test]
fn an_answer_that_was_cut_short_or_came_late_is_not_remembered() {
    let (_folder, library) = shelf();
    let echo = Arc::new(Echo::default());
    let engines = cached(echo.engines());
    let mut heard = 0;
    let cut = ask(&library.snapshot(), &engines, &Question::new(EYES), &SystemClock, &mut |_| {
        heard += 1;
        if heard > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert!(!cut.complete);
    assert_eq!(asked(&library, &engines, &Question::new(EYES)).0.origin, Origin::Generated);
    echo.fails.store(true, SeqCst);
    let other = Question::new("When does the laboratory open in the morning?");
    for _ in 0..2 {
        assert_eq!(asked(&library, &engines, &other).0.origin, Origin::Extracted(Because::Failed));
    }
    echo.fails.store(false, SeqCst);
    assert_eq!(asked(&library, &engines, &other).0.origin, Origin::Generated);
}

#[test]
fn a_cached_answer_takes_no_time() {
    let (_folder, library) = shelf();
    let engines = cached(Arc::new(Echo::default()).engines());
    asked(&library, &engines, &Question::new(EYES));
    let mut times: Vec<Duration> =
        (0..200).map(|_| asked(&library, &engines, &Question::new(EYES)).0.timings.total).collect();
    times.sort();
    assert!(times[100] < Duration::from_millis(5), "{:?}", times[100]);
}

#[test]
fn other_words_are_answered_alike_only_where_that_is_switched_on_and_nothing_speaks_against_it() {
    let (_folder, library) = shelf();
    let other = "Please tell me how long I rinse my eyes at the eyewash";
    let ask = |engines: &Engines, text: &str| asked(&library, engines, &Question::new(text)).0;
    let off = cached(Arc::new(FakeEmbedder::new()).engines());
    ask(&off, EYES);
    assert!(ask(&off, other).remembered.is_none());
    let on = cached(Arc::new(FakeEmbedder::new()).engines()).with_likeness(Some(0.5));
    let first = ask(&on, EYES);
    let again = ask(&on, other);
    assert_eq!((again.origin, &again.text), (Origin::Remembered(Tier::Memory), &first.text));
    assert_eq!(again.remembered.unwrap().question.as_deref(), Some(EYES));
    for near in ["How long do I not rinse my eyes at the eyewash?", "How long do I rinse my hands at the eyewash?"] {
        assert!(ask(&on, near).remembered.is_none_or(|remembered| remembered.question.is_none()), "{near}");
    }
    put(&library, &[("lab", "/d/new.txt", "Something else.")]);
    assert!(ask(&on, other).remembered.is_none(), "the documents changed");
    let home = tempfile::tempdir().unwrap();
    let open = || {
        let cache = Cache::open(Setup::new(Some(home.path().to_owned())), Arc::new(SystemClock));
        Arc::new(FakeEmbedder::new()).engines().with_cache(cache).with_likeness(Some(0.5))
    };
    let engines = open();
    ask(&engines, EYES);
    engines.settle();
    drop(engines);
    let again = ask(&open(), other);
    assert_eq!(again.remembered.and_then(|how| how.question).as_deref(), Some(EYES), "also by another process");
    let strict = cached(Arc::new(FakeEmbedder::new()).engines()).with_likeness(Some(1.1));
    ask(&strict, EYES);
    assert!(ask(&strict, other).remembered.is_none(), "not like enough");
}
