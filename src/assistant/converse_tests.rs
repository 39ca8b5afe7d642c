//! Conversations without documents: streamed, in time, by name, and given up at once when nobody listens.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::fake_generator::{FakeGenerator, Says, choice};
use super::fixture::{LAB, library};
use super::named::Beside;
use super::pool::{Found, Pool};
use super::{Choice, Conversation, Engines, Heard, Question, Wishes, Written, ask, converse};
use crate::cache::{Cache, Setup};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::domain::{Message, Origin, Speaker};
use crate::fault::{Fault, Result};
use crate::inference::{Generator, Prompt, Reason, Sampling, Shape};
use crate::models::Shelf;

fn says(text: &str) -> Says {
    Says::All(text.to_owned())
}

fn conversation(text: &str) -> Conversation {
    Conversation {
        prompt: Prompt::Chat(vec![Message { speaker: Speaker::User, text: text.to_owned() }]),
        model: None,
        max_tokens: 100,
        sampling: Sampling::greedy(),
        stop: Vec::new(),
        shape: None,
        timeout: Duration::from_secs(20),
    }
}

fn hear(engines: &Engines, conversation: &Conversation) -> (Vec<Heard>, Result<Written>) {
    let mut heard = Vec::new();
    let written = converse(engines, conversation, &SystemClock, &mut |event| {
        if event != Heard::Waiting {
            heard.push(event);
        }
        ControlFlow::Continue(())
    });
    (heard, written)
}

fn text(heard: &[Heard]) -> String {
    heard.iter().map(|heard| if let Heard::Text(text) = heard { text.as_str() } else { "" }).collect()
}

#[test]
fn what_is_written_is_told_in_pieces() {
    let fake = FakeGenerator::free([says("Buenos días a todos")]);
    let (heard, written) = hear(&fake.engines(), &conversation("Saluda"));
    assert_eq!(heard[0], Heard::Ready);
    assert_eq!((heard.len(), text(&heard).as_str()), (8, "Buenos días a todos"));
    let written = written.unwrap();
    assert_eq!((written.model.as_str(), written.reason), ("fake", Reason::End));
    assert_eq!((written.prompt_tokens, written.generated_tokens), (6, 7));
    assert!(written.load + written.read <= written.total + Duration::from_millis(1));
}

#[test]
fn a_text_is_gone_on_from_and_limits_are_passed_on() {
    let fake = FakeGenerator::free([Says::Cut("and so on".to_owned())]);
    let asked = Conversation {
        prompt: Prompt::Text("Once upon".to_owned()),
        max_tokens: usize::MAX,
        stop: vec!["END".to_owned()],
        shape: Some(Shape::AnyObject),
        sampling: Sampling { temperature: 0.5, seed: 7, ..Sampling::greedy() },
        ..conversation("")
    };
    let (heard, written) = hear(&fake.engines(), &asked);
    assert_eq!((text(&heard).as_str(), written.unwrap().reason), ("and so on", Reason::Length));
    let prompts = fake.prompts.lock().unwrap();
    let (messages, limits) = &prompts[0];
    assert_eq!(messages[0].text, "Once upon");
    assert_eq!((limits.max_tokens, limits.stop.as_slice()), (4096, &["END".to_owned()][..]));
    assert_eq!((limits.sampling.temperature, limits.sampling.seed), (0.5, 7));
    assert_eq!(limits.shape, Some(Shape::AnyObject));
}

#[test]
fn whoever_goes_away_frees_the_place() {
    for last in 0..3 {
        let fake = FakeGenerator::free([Says::Hangs("one two three".to_owned())]);
        let mut heard = 0;
        let written = converse(&fake.engines(), &conversation("Count"), &SystemClock, &mut |event| {
            heard += usize::from(event != Heard::Waiting);
            if heard > last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(written.unwrap().reason, Reason::Stopped, "{last}");
        if last > 0 {
            fake.let_go();
            assert_eq!(fake.ended(), Reason::Stopped);
        }
    }
}

#[test]
fn while_nothing_comes_the_listener_is_asked_whether_it_waits() {
    let fake = FakeGenerator::free([Says::Hangs("one".to_owned())]);
    let mut waited = 0;
    let written = converse(&fake.engines(), &conversation("Count"), &SystemClock, &mut |event| {
        waited += usize::from(event == Heard::Waiting);
        if waited == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let written = written.unwrap();
    assert_eq!(written.reason, Reason::Stopped);
    assert!(written.total < Duration::from_secs(5), "{written:?}");
    fake.let_go();
    assert_eq!(fake.ended(), Reason::Stopped);
}

/// Stands still until it is told that time is up.
#[derive(Debug)]
struct Standing {
    began: Instant,
    is_over: AtomicBool,
}

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn instant(&self) -> Instant {
        let hour = Duration::from_secs(3600);
        if self.is_over.load(Ordering::SeqCst) { self.began + hour } else { self.began }
    }
}

#[test]
fn the_deadline_is_kept_with_what_there_is_by_then() {
    for (said, ended) in [("half a", Ok(Reason::Deadline)), ("", Err("generator_late"))] {
        let fake = FakeGenerator::free([Says::Hangs(said.to_owned())]);
        let clock = Standing { began: SystemClock.instant(), is_over: AtomicBool::new(false) };
        let (mut told, mut is_ready) = (String::new(), false);
        let written = converse(&fake.engines(), &conversation("Hurry"), &clock, &mut |event| {
            match event {
                Heard::Text(text) => told.push_str(&text),
                Heard::Ready => is_ready = true,
                Heard::Waiting => clock.is_over.store(is_ready && told == said, Ordering::SeqCst),
            }
            ControlFlow::Continue(())
        });
        assert_eq!(written.map(|written| written.reason).map_err(|fault| fault.code), ended);
        assert_eq!(told, said);
        fake.let_go();
    }
}

#[test]
fn what_goes_wrong_is_said() {
    let fake = FakeGenerator::free([Says::Busy, Says::Panics, Says::Fails("so far".to_owned())]);
    let engines = fake.engines();
    assert_eq!(hear(&engines, &conversation("1")).1.unwrap_err().code, "model_busy");
    assert_eq!(hear(&engines, &conversation("2")).1.unwrap_err().code, "generator_lost");
    let (heard, written) = hear(&engines, &conversation("3"));
    assert_eq!((text(&heard).as_str(), written.unwrap_err().code), ("so far", "model_failed"));

    assert_eq!(hear(&Engines::none(), &conversation("4")).1.unwrap_err().code, "no_model");
    let broken = Engines::none().with_generator(choice(), || Err(Fault::machine("model_damaged", "it is cut short")));
    for _ in 0..2 {
        assert_eq!(hear(&broken, &conversation("5")).1.unwrap_err().code, "model_damaged");
    }
    let named = Conversation { model: Some("other".to_owned()), ..conversation("6") };
    let fault = hear(&Engines::none(), &named).1.unwrap_err();
    assert_eq!((fault.code, fault.what.as_str()), ("no_such_model", "there is no generator \"other\""));
}

#[test]
fn a_name_means_the_chosen_one_or_one_of_the_pool() {
    let (chosen, other) = (FakeGenerator::free([says("chosen")]), FakeGenerator::free([says("other")]));
    let engines = beside(&chosen, &other);
    let named = |name: &str| Conversation { model: Some(name.to_owned()), ..conversation("Who?") };
    assert_eq!(text(&hear(&engines, &named("fake")).0), "chosen");
    let (heard, written) = hear(&engines, &named("b"));
    assert_eq!((text(&heard).as_str(), written.unwrap().model.as_str()), ("other", "b"));
    assert_eq!(hear(&engines, &named("c")).1.unwrap_err().code, "no_such_model");
    let mut opened: Vec<String> = engines.opened().into_iter().map(|choice| choice.name).collect();
    opened.sort();
    assert_eq!(opened, ["b", "fake"]);
    engines.close("b");
    engines.close("fake");
    assert_eq!(engines.opened().len(), 1);
}

/// The one was chosen, the other is called b.
fn beside(chosen: &Arc<FakeGenerator>, other: &Arc<FakeGenerator>) -> Engines {
    let lent = Arc::clone(other);
    let wishes = Wishes { reranks: false, context: 4096, memory: 1 << 20 };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let generators: Pool<dyn Generator> = Pool::new(move |name| {
        let lent = Arc::clone(&lent);
        match name {
            "b" => Ok(Found {
                choice: Choice { name: "b".to_owned(), id: "b@1".to_owned(), languages: Vec::new() },
                open: Box::new(move || Ok(lent as _)),
            }),
            _ => Err(Fault::caller("no_such_model", format!("there is no model {name:?}"))),
        }
    });
    let others = Beside::on(&Shelf::open(Path::new("nowhere")), wishes, &clock);
    chosen.engines().with_others(Beside { generators: Arc::new(generators), ..others })
}

#[test]
fn any_generator_on_the_shelf_answers_from_the_documents() {
    let (chosen, other) =
        (FakeGenerator::saying("Fifteen minutes [1]."), FakeGenerator::saying("For fifteen minutes [1]."));
    let engines = beside(&chosen, &other).with_cache(Cache::open(Setup::new(None), Arc::new(SystemClock)));
    let (_folder, library) = library(&[("lab", "/d/lab.txt", LAB)]);
    let question = Question::new("How long do I rinse my eyes at the eyewash?");
    let answer = |engines: &Engines| {
        ask(&library.snapshot(), engines, &question, &SystemClock, &mut |_| ControlFlow::Continue(())).unwrap()
    };
    let writing = engines.writing_with("b").unwrap();
    let written = answer(&writing);
    assert_eq!((written.model.as_deref(), written.origin), (Some("b"), Origin::Generated), "{written:?}");
    assert_eq!(answer(&engines).model.as_deref(), Some("fake"), "what one wrote is not given out as another's");
    let again = answer(&engines.writing_with("b").unwrap());
    assert!(matches!(again.origin, Origin::Remembered(_)) && again.model.as_deref() == Some("b"), "{again:?}");
    assert_eq!(answer(&writing.writing_with("fake").unwrap()).model.as_deref(), Some("fake"));
    assert_eq!(engines.writing_with("c").unwrap_err().code, "no_such_model");
    assert_eq!(Engines::none().writing_with("c").unwrap_err().code, "no_such_model");
    // Nobody works with it any more.
    engines.close("b");
    assert_eq!(engines.opened().len(), 1);
}
