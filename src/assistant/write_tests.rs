//! Answers that a model writes: cited, checked, in time, and with the documents' own sentences where there is no model.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use super::fake_generator::{FakeGenerator, Says, choice};
use super::fixture::{CALCULO, LAB, PULMON, library};
use super::phrases::nothing_found;
use super::{Engines, Question, Writing, ask};
use crate::clock::SystemClock;
use crate::domain::{Answer, Because, Event, Language, Origin, Turn};
use crate::fault::Fault;
use crate::inference::{Reason, Sampling};
use crate::library::Library;

const EYES: &str = "How long do I rinse my eyes at the eyewash?";
const RINSE: &str = "Rinse the eyes at the eyewash for fifteen minutes";

struct Home {
    _folder: tempfile::TempDir,
    library: Library,
}

impl Home {
    fn new() -> Home {
        let documents =
            [("lab", "/d/lab.txt", LAB), ("clinic", "/d/pulmón.txt", PULMON), ("math", "/d/cálculo.txt", CALCULO)];
        let (folder, library) = library(&documents);
        Home { _folder: folder, library }
    }

    /// The answer, after checking that the events tell the same.
    fn ask(&self, engines: &Engines, question: &Question) -> Answer {
        let (mut sources, mut told, mut done) = (None, String::new(), None);
        let answer = ask(&self.library.snapshot(), engines, question, &SystemClock, &mut |event| {
            assert!(done.is_none(), "nothing comes after the end");
            match event {
                Event::Sources(passages) => assert!(sources.replace(passages.len()).is_none()),
                Event::Text(text) => {
                    assert!(sources.is_some() && !text.is_empty());
                    told.push_str(&text);
                }
                Event::Waiting => {}
                Event::Done(answer) => done = Some(*answer),
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(Some(&answer), done.as_ref());
        assert_eq!(told, answer.text, "what was told is what was answered");
        let snapshot = self.library.snapshot();
        for citation in &answer.citations {
            assert!(snapshot.text(&citation.document).unwrap().unwrap().contains(&citation.quote), "{citation:?}");
            assert!(answer.text.contains(&format!("[{}]", citation.n)));
        }
        let length = answer.text.chars().count();
        assert!(answer.unsupported.iter().all(|range| range.start < range.end && range.end <= length), "{answer:?}");
        answer
    }

    /// Asks about the eyes of somebody who writes this.
    fn written(&self, text: &str) -> Answer {
        self.ask(&FakeGenerator::saying(text).engines(), &Question::new(EYES))
    }
}

fn unsupported(answer: &Answer) -> Vec<String> {
    let part = |range: &std::ops::Range<usize>| answer.text.chars().skip(range.start).take(range.len()).collect();
    answer.unsupported.iter().map(part).collect()
}

#[test]
fn an_answer_is_written_from_numbered_sources_and_cited() {
    let home = Home::new();
    let fake = FakeGenerator::saying(&format!("{RINSE} [1]. Then tell the supervisor [1]."));
    let answer = home.ask(&fake.engines(), &Question::new(EYES));
    assert_eq!(answer.text, format!("{RINSE} [1]. Then tell the supervisor [1]."));
    assert_eq!((answer.origin, answer.complete, answer.model.as_deref()), (Origin::Generated, true, Some("fake")));
    let citation = &answer.citations[0];
    assert!(answer.citations.len() == 1 && citation.n == 1 && citation.source == "/d/lab.txt");
    assert!(citation.quote.contains("fifteen minutes") && citation.place.line == Some(2) && citation.score > 0.6);
    assert!(answer.unsupported.is_empty());
    let timings = answer.timings;
    assert!(timings.prompt_tokens > 100 && timings.generated_tokens > 5 && timings.first_token.is_some());
    assert!(timings.first_token.unwrap() <= timings.total && timings.retrieve <= timings.total);

    let asked = fake.asked();
    let (sources, question) = asked.split_once("\nQuestion: ").unwrap();
    assert!(sources.contains("[1] lab\n> ") && sources.contains("eyewash for fifteen minutes"), "{asked}");
    assert!(question.starts_with(EYES));
    let (messages, limits) = fake.prompts.lock().unwrap()[0].clone();
    assert!(messages[0].text.contains(nothing_found(Language::English)));
    assert_eq!((limits.max_tokens, limits.sampling), (512, Sampling::greedy()));
}

#[test]
fn the_prompt_is_in_the_askers_language_and_the_limits_are_theirs() {
    let home = Home::new();
    let fake = FakeGenerator::saying("El radón es la segunda causa [1].");
    let writing = Some(Writing { max_tokens: 77, temperature: 0.7, seed: 9, ..Writing::default() });
    let question = Question { writing, ..Question::new("¿Cuál es la segunda causa del cáncer de pulmón?") };
    let answer = home.ask(&fake.engines(), &question);
    assert_eq!((answer.language, answer.text.as_str()), (Language::Spanish, "El radón es la segunda causa [1]."));
    assert!(fake.asked().contains("\nPregunta: "));
    let limits = fake.prompts.lock().unwrap()[0].1.clone();
    assert_eq!((limits.max_tokens, limits.sampling.seed, limits.sampling.temperature), (77, 9, 0.7));
    assert!(limits.sampling.top_k > 0);
}

#[test]
fn marks_are_checked_and_statements_without_one_are_matched() {
    let home = Home::new();
    let answer = home.written(&format!("{RINSE} [7]. The moon is made of green cheese [1]. Coats have buttons."));
    assert_eq!(answer.text, format!("{RINSE}. [1] The moon is made of green cheese. Coats have buttons."));
    assert_eq!(unsupported(&answer), ["The moon is made of green cheese.", "Coats have buttons."]);
    assert_eq!(answer.citations.len(), 1);
    for minutes in ["forty", "40"] {
        let answer = home.written(&format!("Rinse the eyes at the eyewash for {minutes} minutes [1]."));
        assert_eq!((unsupported(&answer).len(), answer.is_found()), (1, false), "another number: {}", answer.text);
    }
}

#[test]
fn a_model_that_does_not_know_is_believed() {
    let home = Home::new();
    let nothing = nothing_found(Language::English);
    for (written, expected) in [
        (nothing, nothing),
        ("Nothing in your documents answers this question. The moon is green.", nothing),
        ("The sources do not mention it.", "The sources do not mention it."),
    ] {
        let answer = home.written(written);
        assert_eq!(answer.text, expected);
        assert!(!answer.is_found() && answer.complete && answer.unsupported.is_empty(), "{answer:?}");
        assert_eq!(answer.origin, Origin::Generated);
    }
    let answer = home.written(&format!("{RINSE} [1]. {nothing}"));
    assert_eq!(answer.text, format!("{RINSE} [1]."));
}

#[test]
fn loops_thoughts_and_limits() {
    let home = Home::new();
    let fake = FakeGenerator::new([Says::Hangs(format!("{RINSE} [1]. ").repeat(40))]);
    let answer = home.ask(&fake.engines(), &Question::new(EYES));
    assert_eq!((answer.text, answer.complete), (format!("{RINSE} [1]."), true));
    fake.let_go();
    assert_eq!(fake.ended(), Reason::Stopped, "it is told to stop");
    let answer = home.written(&format!("<think>The eyes? [1] Yes.</think>\n\n{RINSE} [1]."));
    assert_eq!(answer.text, format!("{RINSE} [1]."));
    let fake = FakeGenerator::new([Says::Cut(format!("{RINSE} [1]. Then tell the"))]);
    let answer = home.ask(&fake.engines(), &Question::new(EYES));
    assert_eq!((answer.complete, answer.origin), (false, Origin::Generated));
    assert!(answer.text.starts_with(RINSE));
}

#[test]
fn without_a_model_the_documents_speak_and_say_why() {
    let home = Home::new();
    let extracted = |engines: &Engines, question: &Question, because: Because, troubles: usize| {
        let answer = home.ask(engines, question);
        assert!(answer.text.contains("fifteen minutes") && answer.is_found() && answer.complete, "{}", answer.text);
        assert_eq!((answer.origin, answer.model), (Origin::Extracted(because), None));
        assert_eq!(engines.take_troubles().len(), troubles, "{because:?}");
    };
    let question = Question::new(EYES);
    extracted(&Engines::none(), &question, Because::NoGenerator, 0);
    let unused = FakeGenerator::new([]);
    extracted(&unused.engines(), &Question { writing: None, ..question.clone() }, Because::Asked, 0);
    let broken = Engines::none()
        .with_generator(choice(), || Err(Fault::machine("model_damaged", "the model fake cannot be loaded")));
    extracted(&broken, &question, Because::Failed, 1);
    let of = |says: Says| FakeGenerator::new([says]).engines();
    extracted(&of(Says::Busy), &question, Because::Busy, 1);
    extracted(&of(Says::Fails(String::new())), &question, Because::Failed, 1);
    extracted(&of(Says::All(" \n".to_owned())), &question, Because::Failed, 1);
    extracted(&of(Says::All("[4]".to_owned())), &question, Because::Failed, 1);
    extracted(&of(Says::Panics), &question, Because::Failed, 1);
    let tiny = FakeGenerator::with_context(64, []);
    extracted(&tiny.engines(), &question, Because::Failed, 1);
}

#[test]
fn the_deadline_is_kept_whatever_the_model_does() {
    let home = Home::new();
    let question = Question { timeout: Duration::from_millis(400), ..Question::new(EYES) };
    let fake = FakeGenerator::new([Says::Hangs(String::new()), Says::Hangs(format!("{RINSE} [1]. Then "))]);
    let engines = fake.engines();
    let answer = home.ask(&engines, &question);
    assert_eq!(answer.origin, Origin::Extracted(Because::Late));
    assert!(answer.is_found() && answer.complete);
    let limit = fake.prompts.lock().unwrap()[0].1.deadline;
    assert!(limit.is_some());
    assert!(answer.timings.total <= question.timeout + Duration::from_millis(50), "{:?}", answer.timings);
    assert_eq!(engines.take_troubles()[0].code, "generator_late");
    fake.let_go();
    assert_eq!(fake.ended(), Reason::Stopped, "nobody listens any more");

    let answer = home.ask(&engines, &question);
    assert_eq!((answer.origin, answer.complete), (Origin::Generated, false));
    assert!(answer.text.starts_with(RINSE) && answer.citations.len() == 1, "{}", answer.text);
    fake.let_go();

    let (hold, held) = crossbeam_channel::bounded::<()>(0);
    let fake = FakeGenerator::saying(RINSE);
    let slow = Engines::none().with_generator(choice(), move || {
        let _ = held.recv();
        Ok(Arc::clone(&fake) as _)
    });
    assert_eq!(home.ask(&slow, &question).origin, Origin::Extracted(Because::Late));
    drop(hold);
    // The next one finds it open, however long that took.
    let patient = Question { timeout: Duration::from_secs(60), ..question };
    assert_eq!(home.ask(&slow, &patient).origin, Origin::Generated);
}

#[test]
fn whoever_goes_away_ends_it() {
    let home = Home::new();
    let fake = FakeGenerator::new([Says::Hangs(String::new()), Says::All(format!("{RINSE} [1]. ").repeat(3))]);
    let engines = fake.engines();
    let until = |stop: &dyn Fn(&Event) -> bool| {
        let mut heard = 0;
        let answer = ask(&home.library.snapshot(), &engines, &Question::new(EYES), &SystemClock, &mut |event| {
            heard += 1;
            if stop(&event) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        (answer.unwrap(), heard)
    };
    let (answer, heard) = until(&|event| *event == Event::Waiting);
    assert!(!answer.complete && heard == 2, "sources, and waiting once");
    fake.let_go();
    assert_eq!(fake.ended(), Reason::Stopped);
    let (answer, _) = until(&|event| matches!(event, Event::Text(_)));
    assert!(!answer.complete && answer.origin == Origin::Generated && RINSE.starts_with(&answer.text), "{answer:?}");
}

#[test]
fn where_the_documents_hardly_answer_the_model_has_to_prove_itself() {
    let home = Home::new();
    let question = Question { certainty: 0.98, ..Question::new("What about eyes and the laboratory?") };
    assert!(!home.ask(&Engines::none(), &question).is_found(), "the sentences alone do not answer");
    let answer = home.ask(&FakeGenerator::saying(&format!("{RINSE} [1].")).engines(), &question);
    assert_eq!((answer.text.as_str(), answer.is_found()), (&*format!("{RINSE} [1]."), true));
    let made_up =
        FakeGenerator::saying("Jupiter has many satellites around it [1]. Rinse the eyes at the eyewash [1].");
    let answer = home.ask(&made_up.engines(), &question);
    assert_eq!(answer.text, nothing_found(Language::English));
    assert!(!answer.is_found() && answer.origin == Origin::Generated);

    let unasked = FakeGenerator::new([]);
    let answer = home.ask(&unasked.engines(), &Question::new("Who is the mayor of Toledo?"));
    assert_eq!(answer.origin, Origin::Extracted(Because::NothingFound));
}

fn follow_up(text: &str) -> Question {
    let turn = Turn {
        question: "What do I do when a chemical gets into the eyes?".to_owned(),
        answer: "Rinse them at the eyewash [1].".to_owned(),
    };
    Question { history: vec![turn], ..Question::new(text) }
}

#[test]
fn a_conversation_is_told_to_the_model() {
    let home = Home::new();
    let fake = FakeGenerator::saying("At the eyewash, for fifteen minutes [1].");
    let answer = home.ask(&fake.engines(), &follow_up("How long do I rinse my eyes at the eyewash?"));
    assert!(answer.is_found(), "{answer:?}");
    let messages = fake.prompts.lock().unwrap()[0].0.clone();
    assert_eq!(messages.len(), 4);
    assert_eq!(messages[2].text, "Rinse them at the eyewash.");
    assert!(messages[3].text.contains("Question: How long do I rinse"));
}

#[test]
fn a_question_that_leans_on_another_is_made_to_stand_alone() {
    let home = Home::new();
    let answer = format!("{RINSE} [1].");
    let says = |first: Says| FakeGenerator::new([first, Says::All(answer.clone())]);
    let fake = says(Says::All(format!("<think>eyes</think>\"{EYES}\"\nThat is the question.")));
    assert_eq!(home.ask(&fake.engines(), &follow_up("And for how long?")).text, answer);
    let prompts = fake.prompts.lock().unwrap().clone();
    assert!(prompts[0].0[1].text.contains("Question: And for how long?") && prompts[0].1.max_tokens <= 64);
    assert!(prompts[1].0.last().unwrap().text.contains(&format!("Question: {EYES}")));

    // Without one that can do it, both questions together find the passage.
    for first in [Says::Busy, Says::All("Eyes".to_owned()), Says::Fails(String::new())] {
        let fake = says(first);
        let engines = fake.engines();
        assert_eq!(home.ask(&engines, &follow_up("Where exactly?")).text, answer);
        assert!(engines.take_troubles().is_empty());
        let prompts = fake.prompts.lock().unwrap().clone();
        assert!(prompts.last().unwrap().0.last().unwrap().text.contains("Question: Where exactly?"));
    }
    let fake = FakeGenerator::new([Says::Hangs(String::new()), Says::Hangs(String::new())]);
    let question = Question { timeout: Duration::from_millis(400), ..follow_up("Where exactly?") };
    let late = home.ask(&fake.engines(), &question);
    assert!(late.is_found() && late.timings.total < Duration::from_millis(450), "{late:?}");
}
