//! From a file to answers, through the door that everybody uses.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::fixture::{Model, Tiny};
use crate::clock::{Clock, SystemClock};
use crate::domain::{Message, Speaker};
use crate::gguf::Kind;
use crate::inference::error::InferenceError;
use crate::inference::generator::config::Architecture;
use crate::inference::generator::{GeneratorSource, open_generator};
use crate::inference::{Finish, Generator, Limits, Prompt, Reason, Sampling, Urgency};

const THREADS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

fn tiny() -> Model {
    Tiny::new(Architecture::Qwen2, Kind::Q8_0).write()
}

fn open(source: GeneratorSource) -> Arc<dyn Generator> {
    open_generator(source, THREADS, Arc::new(SystemClock)).unwrap()
}

fn limits(max_tokens: usize) -> Limits {
    Limits { max_tokens, ignore_end: true, deadline: None, stop: Vec::new(), sampling: Sampling::greedy(), shape: None }
}

fn say(generator: &dyn Generator, prompt: &Prompt, limits: &Limits) -> (String, Finish) {
    let mut text = String::new();
    let finish = generator.generate(prompt, limits, Urgency::Ask, &mut |piece| {
        text.push_str(piece);
        ControlFlow::Continue(())
    });
    (text, finish.unwrap())
}

fn asks(text: &str) -> Prompt {
    let message = |speaker, text: &str| Message { speaker, text: text.to_owned() };
    Prompt::Chat(vec![message(Speaker::System, "the water boils"), message(Speaker::User, text)])
}

#[test]
fn a_conversation_is_answered() {
    let model = tiny();
    let generator = open(model.source());
    assert_eq!((generator.id(), generator.context()), ("tiny", 512));
    let (text, finish) = say(&*generator, &asks("at the water"), &limits(40));
    assert_eq!((finish.reason, finish.generated_tokens, finish.reused_tokens), (Reason::Length, 40, 0));
    assert!(!text.is_empty() && finish.first_token.is_some());
    let (again, finish) = say(&*generator, &asks("at the water"), &limits(40));
    assert_eq!(again, text);
    assert_eq!(finish.reused_tokens, finish.prompt_tokens - 1, "it was read before");
    assert!(generator.count_tokens("the water") > 0);
}

#[test]
fn what_was_warmed_is_not_read_again() {
    let model = tiny();
    let generator = open(model.source());
    let text = "the water boils at the water ".repeat(4);
    generator.warm(&Prompt::Text(text.clone()), Urgency::Prefetch).unwrap();
    let (_, finish) = say(&*generator, &Prompt::Text(text + "he"), &limits(1));
    assert!(finish.reused_tokens > finish.prompt_tokens / 2, "{finish:?}");
}

/// Thirty tokens by chance.
fn dice(seed: u64) -> Limits {
    let sampling = Sampling { temperature: 1.0, top_k: 40, seed, ..Sampling::greedy() };
    Limits { sampling, ..limits(30) }
}

#[test]
fn together_or_alone_everybody_gets_the_same_text() {
    let model = tiny();
    let prompt = |seed: u64| asks(&"water boils at ".repeat(seed as usize * 3));
    let together = open(model.source());
    let callers: Vec<_> = (0..6)
        .map(|seed| {
            let together = Arc::clone(&together);
            thread::spawn(move || say(&*together, &prompt(seed), &dice(seed)).0)
        })
        .collect();
    let found: Vec<String> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
    let alone: Vec<String> = (0..6).map(|seed| say(&*open(model.source()), &prompt(seed), &dice(seed)).0).collect();
    assert_eq!(found, alone);
    assert!(found.iter().any(|text| *text != found[0]));
}

#[test]
fn an_answer_ends_at_a_text_that_ends_it() {
    let model = tiny();
    let generator = open(model.source());
    let (whole, _) = say(&*generator, &asks("he"), &limits(30));
    let letters: Vec<char> = whole.chars().collect();
    let stop: String = letters[letters.len() / 2..letters.len() / 2 + 2].iter().collect();
    let limits = Limits { stop: vec![stop.clone()], ..limits(30) };
    let (text, finish) = say(&*generator, &asks("he"), &limits);
    assert_eq!((text.as_str(), finish.reason), (whole.split(&stop).next().unwrap(), Reason::End));
}

#[test]
fn time_and_listeners_end_an_answer() {
    let model = tiny();
    let generator = open(model.source());
    let past = SystemClock.instant().checked_sub(Duration::from_secs(1)).unwrap();
    let (text, finish) = say(&*generator, &asks("he"), &Limits { deadline: Some(past), ..limits(30) });
    assert_eq!((text.as_str(), finish.reason), ("", Reason::Deadline));
    let stopped = generator.generate(&asks("he"), &limits(400), Urgency::Ask, &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped.unwrap().reason, Reason::Stopped);
    let (_, finish) = say(&*generator, &asks("he"), &limits(0));
    assert_eq!((finish.reason, finish.generated_tokens), (Reason::Length, 0));
}

#[test]
fn a_prompt_longer_than_what_was_set_is_refused() {
    let model = tiny();
    let generator = open(GeneratorSource { context: 100, ..model.source() });
    assert_eq!(generator.context(), 100);
    let long = Prompt::Text("water ".repeat(200));
    let error = generator.generate(&long, &limits(5), Urgency::Ask, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(matches!(error, InferenceError::TooLong { context: 100, .. }), "{error}");
    let (_, finish) = say(&*generator, &asks("he"), &limits(500));
    assert_eq!(finish.prompt_tokens + finish.generated_tokens, 100, "as many as fit");
}

/// A real trained model's greedy text, as its author's own test has it. Runs where `DOCENT_EVAL_DATA` names the folder.
#[test]
#[expect(clippy::disallowed_methods, reason = "settings are no business of a test that needs data from outside")]
fn a_trained_model_tells_its_story() {
    let Some(folder) = std::env::var_os("DOCENT_EVAL_DATA").map(PathBuf::from) else {
        println!("skipped: DOCENT_EVAL_DATA names no folder");
        return;
    };
    let expected = std::fs::read_to_string(folder.join("lm").join("expected_greedy_n200.txt")).unwrap();
    let model = tiny();
    let generator = open(GeneratorSource { weights: folder.join("lm").join("stories260K.gguf"), ..model.source() });
    let (text, _) = say(&*generator, &Prompt::Text(String::new()), &limits(200));
    assert_eq!(text.trim(), expected.trim());
}
