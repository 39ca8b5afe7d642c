//! Answers in a shape, through the door that everybody uses: random weights would never say anything of the kind.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;

use serde_json::Value;

use super::fixture::Tiny;
use crate::clock::SystemClock;
use crate::fault::{Fault, Whose};
use crate::gguf::Kind;
use crate::inference::generator::config::Architecture;
use crate::inference::generator::open_generator;
use crate::inference::generator::shape::tests::SCHEMAS;
use crate::inference::generator::shape::tests::fits::fits;
use crate::inference::{Finish, Generator, InferenceError, Limits, Prompt, Reason, Sampling, Shape, Urgency};

fn open(architecture: Architecture) -> Arc<dyn Generator> {
    let model = Tiny::new(architecture, Kind::Q8_0).write();
    open_generator(model.source(), NonZeroUsize::new(2).unwrap(), Arc::new(SystemClock)).unwrap()
}

fn limits(schema: &str, seed: u64) -> Limits {
    let sampling = Sampling { temperature: 1.0, seed, ..Sampling::greedy() };
    let shape = Some(Shape::Schema(schema.to_owned()));
    Limits { max_tokens: 400, ignore_end: false, deadline: None, stop: Vec::new(), sampling, shape }
}

fn say(generator: &dyn Generator, text: &str, limits: &Limits) -> Result<(String, Finish), InferenceError> {
    let mut said = String::new();
    let finish = generator.generate(&Prompt::Text(text.to_owned()), limits, Urgency::Ask, &mut |piece| {
        said.push_str(piece);
        ControlFlow::Continue(())
    });
    finish.map(|finish| (said, finish))
}

fn check(schema: &str, text: &str, finish: Finish) {
    // What is nested without end may be cut, and is then the beginning of what fits.
    if finish.reason == Reason::Length {
        assert_eq!(finish.generated_tokens, 400);
        return;
    }
    let root: Value = serde_json::from_str(schema).unwrap();
    let value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{schema}: {error}: {text}"));
    assert!(fits(&root, &root, &value), "{schema}: {text}");
    assert_eq!(finish.reason, Reason::End);
}

#[test]
fn random_weights_say_what_fits() {
    for architecture in [Architecture::Qwen2, Architecture::Llama] {
        let generator = open(architecture);
        let mut ended = 0;
        for (at, schema) in SCHEMAS.iter().enumerate() {
            let (text, finish) = say(&*generator, "the water", &limits(schema, at as u64)).unwrap();
            check(schema, &text, finish);
            ended += usize::from(finish.reason == Reason::End);
            let greedy = Limits { sampling: Sampling::greedy(), ..limits(schema, 0) };
            let (text, finish) = say(&*generator, "the water", &greedy).unwrap();
            check(schema, &text, finish);
        }
        assert!(ended * 10 > SCHEMAS.len() * 8, "{ended} came to an end");
    }
}

#[test]
fn every_way_to_draw_keeps_to_the_shape() {
    let generator = open(Architecture::Qwen2);
    let schema = SCHEMAS[0];
    for (seed, change) in [
        (|sampling: &mut Sampling| sampling.top_k = 3) as fn(&mut Sampling),
        |sampling| sampling.top_p = 0.3,
        |sampling| (sampling.top_k, sampling.top_p) = (50, 0.9),
        |sampling| sampling.min_p = 0.5,
        |sampling| sampling.repeat_penalty = 1.5,
        |sampling| sampling.temperature = 5.0,
        |sampling| sampling.bias = (0..200).map(|id| (id, -100.0)).collect(),
    ]
    .into_iter()
    .enumerate()
    {
        let mut limits = limits(schema, seed as u64);
        change(&mut limits.sampling);
        let (text, finish) = say(&*generator, "at", &limits).unwrap();
        check(schema, &text, finish);
    }
}

#[test]
fn together_with_free_answers_everybody_gets_the_same() {
    let asks = |seed: usize| match seed % 3 {
        0 => Limits { shape: None, max_tokens: 60, ignore_end: true, ..limits("", seed as u64) },
        1 => Limits { sampling: Sampling::greedy(), ..limits(SCHEMAS[seed], 0) },
        _ => limits(SCHEMAS[seed], seed as u64),
    };
    let together = open(Architecture::Qwen2);
    let callers: Vec<_> = (0..9)
        .map(|seed| {
            let together = Arc::clone(&together);
            thread::spawn(move || say(&*together, &"water ".repeat(seed + 1), &asks(seed)).unwrap().0)
        })
        .collect();
    let found: Vec<String> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
    let alone = open(Architecture::Qwen2);
    let expected: Vec<String> =
        (0..9).map(|seed| say(&*alone, &"water ".repeat(seed + 1), &asks(seed)).unwrap().0).collect();
    assert_eq!(found, expected);
}

#[test]
fn too_few_tokens_cut_it() {
    let generator = open(Architecture::Qwen2);
    let short = Limits { max_tokens: 6, ..limits(SCHEMAS[1], 1) };
    let (text, finish) = say(&*generator, "he", &short).unwrap();
    assert_eq!((finish.reason, finish.generated_tokens), (Reason::Length, 6));
    let (whole, _) = say(&*generator, "he", &limits(SCHEMAS[1], 1)).unwrap();
    assert!(text.starts_with('{') && whole.starts_with(&text), "{text:?} {whole:?}");
}

#[test]
fn a_text_that_ends_it_cuts_it_too() {
    let generator = open(Architecture::Qwen2);
    let stopped = Limits { stop: vec!["\"b\"".to_owned()], ..limits(SCHEMAS[1], 1) };
    let (text, finish) = say(&*generator, "he", &stopped).unwrap();
    assert_eq!(finish.reason, Reason::End);
    assert!(text.contains("\"a\"") && !text.contains("\"b\""), "{text:?}");
}

#[test]
fn what_cannot_be_followed_is_said_before_anything_is_written() {
    let generator = open(Architecture::Qwen2);
    let schema = r#"{"type":"object","properties":{"a":{"type":"array","uniqueItems":true}}}"#;
    let error = say(&*generator, "he", &limits(schema, 0)).unwrap_err();
    let fault = Fault::from(error);
    assert_eq!((fault.whose, fault.code), (Whose::Caller, "schema_unsupported"));
    let expected =
        "the schema of the answer cannot be followed: at #/properties/a: the keyword \"uniqueItems\" is not supported";
    assert_eq!(fault.what, expected);
}
