//! Work ahead of questions, and a class that profits from it.

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::thread;
use std::time::Instant;

use super::*;
use crate::assistant::{
    Chore, Done, Errand, Plan, Ready, Topic, Topics, Why, Wish, do_chore, find_context, plan, popular, prefetch,
};
use crate::cache::performance;
use crate::clock::{Clock, Timestamp};

struct Course {
    _folder: TempDir,
    library: Library,
    topics: Topics,
    echo: Arc<Echo>,
    engines: Engines,
}

impl Course {
    fn new() -> Course {
        let (folder, library) = shelf();
        let topics = Topics::of(folder.path());
        for (name, query) in [
            ("eyes", EYES),
            ("opening", "When does the laboratory open in the morning?"),
            ("gloves", "When are gloves changed?"),
            ("coats", "How often are coats washed?"),
        ] {
            let lab = CollectionName::new("lab").unwrap();
            topics.set(Topic { name: name.into(), query: query.into(), collection: Some(lab), k: None }).unwrap();
        }
        let echo = Arc::new(Echo::default());
        let engines = cached(echo.engines());
        Course { _folder: folder, library, topics, echo, engines }
    }

    fn plan(&self, names: &[&str], learner: Option<&str>, depth: Ready) -> Plan {
        let topics = names.iter().map(|name| (*name).to_owned()).collect();
        let wish = Wish { topics, learner: learner.map(str::to_owned), limit: 3, k: 3, depth };
        plan(&self.library.snapshot(), &self.engines, &self.topics, &wish, &Question::new("")).unwrap()
    }

    fn run(&self, errands: &[Errand]) -> Done {
        let (snapshot, stop) = (self.library.snapshot(), AtomicBool::new(false));
        prefetch(&snapshot, &self.engines, errands, &Question::new(""), &SystemClock, &mut |_| (), &stop)
    }

    fn ask(&self, text: &str) -> Answer {
        let lab = Some(CollectionName::new("lab").unwrap());
        asked(&self.library, &self.engines, &Question { collection: lab, ..Question::new(text) }).0
    }
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.accepted.iter().map(|errand| errand.name.as_str()).collect()
}

#[test]
fn the_first_topics_are_made_ready_and_what_is_ready_is_left() {
    let course = Course::new();
    let first = course.plan(&["eyes", "no such", "opening", "gloves", "coats"], None, Ready::Context);
    assert_eq!(names(&first), ["eyes", "opening", "gloves"]);
    let skipped: Vec<_> = first.skipped.iter().map(|skipped| (skipped.name.as_str(), skipped.why)).collect();
    assert_eq!(skipped, [("no such", Why::Unknown), ("coats", Why::Limit)]);
    let done = course.run(&first.accepted);
    assert_eq!((done.ready.len(), done.failed.len(), done.stopped), (3, 0, false));
    let query = Query { text: EYES.into(), collection: CollectionName::new("lab").ok(), k: 3, mode: Mode::Hybrid };
    let (passages, tier) = find_context(&course.library.snapshot(), &course.engines, &query).unwrap();
    assert_eq!((passages.is_empty(), tier), (false, Some(Tier::Memory)));
    let again = course.plan(&["eyes", "coats"], None, Ready::Context);
    assert_eq!((names(&again), again.skipped[0].why), (vec!["coats"], Why::Fresh));
    put(&course.library, &[("lab", "/d/new.txt", "Coats and eyes are something new.")]);
    assert_eq!(names(&course.plan(&["eyes"], None, Ready::Context)), ["eyes"], "the documents changed");
    for (topics, learner, limit, k, code) in [
        (vec![], None, 3, 3, "no_topics"),
        (vec!["eyes".to_owned()], None, 0, 3, "bad_limit"),
        (vec![], Some("ana".to_owned()), 3, 101, "bad_limit"),
    ] {
        let wish = Wish { topics, learner, limit, k, depth: Ready::Context };
        let refused = plan(&course.library.snapshot(), &course.engines, &course.topics, &wish, &Question::new(""));
        assert_eq!(refused.unwrap_err().code, code);
    }
}

#[test]
fn depth_goes_from_passages_over_reading_to_the_whole_answer() {
    let course = Course::new();
    course.run(&course.plan(&["eyes"], None, Ready::Kv).accepted);
    assert_eq!((course.echo.warmed.load(SeqCst), course.echo.calls.load(SeqCst)), (1, 0));
    course.run(&course.plan(&["eyes"], None, Ready::Answer).accepted);
    assert_eq!(course.echo.calls.load(SeqCst), 1);
    assert_eq!(course.ask(EYES).origin, Origin::Remembered(Tier::Memory));
    assert!(names(&course.plan(&["eyes"], None, Ready::Answer)).is_empty());
    assert_eq!(popular(&course.engines, 5, 3, Ready::Answer).len(), 1, "what was prefetched was not asked by anybody");
}

#[test]
fn what_fails_is_said_and_the_others_are_made_ready() {
    let course = Course::new();
    let gone = CollectionName::new("gone").unwrap();
    course.topics.set(Topic { name: "bad".into(), query: "x".into(), collection: Some(gone), k: None }).unwrap();
    let done = course.run(&course.plan(&["bad", "eyes"], None, Ready::Context).accepted);
    assert_eq!(done.ready, ["eyes"]);
    assert_eq!((done.failed[0].0.as_str(), done.failed[0].1.code), ("bad", "unknown_collection"));
}

#[test]
fn it_gives_way_to_everybody_who_asks_and_stops_when_it_is_told_to() {
    let course = Course::new();
    let errands = course.plan(&["eyes", "gloves"], None, Ready::Context).accepted;
    let (snapshot, stop) = (course.library.snapshot(), AtomicBool::new(false));
    let asker = course.engines.calm().enter();
    thread::scope(|scope| {
        let (finished, is_finished) = crossbeam_channel::bounded(1);
        let (course, snapshot, stop, errands) = (&course, &snapshot, &stop, &errands);
        scope.spawn(move || {
            let like = Question::new("");
            let done = prefetch(snapshot, &course.engines, errands, &like, &SystemClock, &mut |_| (), stop);
            finished.send(done).unwrap();
        });
        assert!(is_finished.recv_timeout(Duration::from_millis(150)).is_err(), "somebody waits for an answer");
        assert_eq!(space(&course.engines, "context").tally.puts, 0);
        drop(asker);
        assert_eq!(is_finished.recv().unwrap().ready.len(), 2);
    });
    let _asker = course.engines.calm().enter();
    stop.store(true, SeqCst);
    let done = prefetch(&snapshot, &course.engines, &errands, &Question::new(""), &SystemClock, &mut |_| (), &stop);
    assert!(done.stopped && done.ready.is_empty());
}

#[test]
fn what_is_due_by_itself_is_done() {
    let course = Course::new();
    course.ask("When are gloves changed?");
    let due = |chore| {
        let (snapshot, stop) = (course.library.snapshot(), AtomicBool::new(false));
        do_chore(chore, &snapshot, &course.engines, &course.topics, &Question::new(""), 20, &stop).unwrap().ready
    };
    assert!(due(Chore::Sweep).is_empty());
    assert_eq!(due(Chore::Popular).len(), 1, "its passages by themselves were not ready");
    assert!(due(Chore::Popular).is_empty());
    put(&course.library, &[("lab", "/d/new.txt", "Something new about gloves that are changed.")]);
    assert_eq!(due(Chore::Popular), ["When are gloves changed?"]);
    assert_eq!(course.ask("When are gloves changed?").origin, Origin::Remembered(Tier::Memory));
    assert_eq!(due(Chore::Topics), ["eyes", "opening", "coats"], "what is ready already is left");
    assert_eq!(course.ask(EYES).origin, Origin::Remembered(Tier::Memory));
}

#[test]
fn a_learner_gets_what_usually_comes_next() {
    let course = Course::new();
    for learner in ["ana", "rui", "eva"] {
        course.plan(&["eyes"], Some(learner), Ready::Context);
        course.plan(&["coats"], Some(learner), Ready::Context);
    }
    course.plan(&["eyes"], Some("new"), Ready::Context);
    assert_eq!(names(&course.plan(&[], Some("new"), Ready::Context))[0], "coats");
    assert_eq!(names(&course.plan(&[], Some("nobody"), Ready::Context)), ["eyes", "opening", "gloves"]);
}

/// A clock that a class lives by.
struct ClassClock(AtomicU64, Instant);

impl Clock for ClassClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(SeqCst))
    }

    fn instant(&self) -> Instant {
        self.1 + Duration::from_millis(self.0.load(SeqCst))
    }
}

/// Thirty learners ask for two hours; what belongs to a topic is asked in three ways, and some topics far more than others.
#[test]
fn a_class_of_thirty_is_answered_from_memory() {
    const TOPICS: usize = 20;
    let texts: Vec<String> = (0..TOPICS)
        .map(|n| format!("The device{n} is cleaned with fluid{n}. The device{n} is kept at {} degrees.\n", n + 10))
        .collect();
    let sources: Vec<String> = (0..TOPICS).map(|n| format!("/d/{n}.txt")).collect();
    let documents: Vec<_> = (0..TOPICS).map(|n| ("lab", sources[n].as_str(), texts[n].as_str())).collect();
    let (folder, library) = library(&documents);
    let clock = Arc::new(ClassClock(AtomicU64::new(1_700_000_000_000), SystemClock.instant()));
    let cache = Cache::open(Setup { memory: 100 << 20, ..Setup::new(None) }, Arc::clone(&clock) as _);
    let echo = Arc::new(Echo::default());
    let engines = echo.engines().with_cache(cache);
    let topics = Topics::of(folder.path());
    let question = |topic: usize, way: usize| match way {
        0 => format!("With what is the device{topic} cleaned?"),
        1 => format!("At how many degrees is the device{topic} kept?"),
        _ => format!("What is fluid{topic} used for?"),
    };
    for n in 0..TOPICS {
        let topic = Topic { name: format!("t{n}"), query: question(n, 0), collection: None, k: None };
        topics.set(topic).unwrap();
    }
    let all: Vec<Errand> = topics.list().unwrap().iter().map(|topic| Errand::of(topic, 3, Ready::Answer)).collect();
    let (stop, like) = (AtomicBool::new(false), Question::new(""));
    prefetch(&library.snapshot(), &engines, &all, &like, clock.as_ref(), &mut |_| (), &stop);
    let ahead = echo.calls.load(SeqCst);
    let before = performance(&engines.cache().unwrap().status()).total;
    let mut state = 1u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let weights: Vec<f64> = (1..=TOPICS).map(|rank| 1.0 / rank as f64).collect();
    let sum: f64 = weights.iter().sum();
    for minute in 0..120 {
        for _ in 0..15 {
            let mut left = draw() * sum;
            let topic = weights.iter().position(|weight| {
                left -= weight;
                left <= 0.0
            });
            let asked_now = question(topic.unwrap_or(0), if draw() < 0.6 { 0 } else { 1 + (draw() * 2.0) as usize });
            ask(&library.snapshot(), &engines, &Question::new(asked_now), clock.as_ref(), &mut |_| {
                ControlFlow::Continue(())
            })
            .unwrap();
        }
        if minute == 60 {
            // A change of the documents makes everything be looked at again, and little be written again.
            put(&library, &[("lab", "/d/other.txt", "The door is red and the window is blue.\n")]);
            let usual = popular(&engines, 20, 3, Ready::Answer);
            prefetch(&library.snapshot(), &engines, &usual, &like, clock.as_ref(), &mut |_| (), &stop);
        }
        clock.0.fetch_add(60_000, SeqCst);
    }
    let status = engines.cache().unwrap().status();
    let found = performance(&status);
    let (hits, misses) = (found.total.hits - before.hits, found.total.misses - before.misses);
    let rate = hits as f64 * 100.0 / (hits + misses) as f64;
    let calls = echo.calls.load(SeqCst);
    println!(
        "1800 questions: {rate:.1}% remembered, {ahead} written ahead, {} while the class asked, {} bytes in memory",
        calls - ahead,
        status.memory_bytes
    );
    assert!(rate >= 80.0, "{rate}");
    assert!(status.memory_bytes <= 100_000_000);
}
