//! What does it cost with a real vocabulary? Where the folder that `DOCENT_EVAL_DATA` names has them; `--nocapture` shows it.

use std::time::{Duration, Instant};

use super::{Shapes, check};
use crate::clock::{Clock, SystemClock};
use crate::inference::Shape;
use crate::inference::generator::words::Words;
use crate::inference::generator::words::tests::real::{material, phi3, qwen2};

const RECIPE: &str = r#"{"type":"object","properties":{"title":{"type":"string"},"minutes":{"type":"integer","minimum":1,"maximum":600},"steps":{"type":"array","items":{"type":"string","maxLength":200},"minItems":1,"maxItems":12}},"required":["title","minutes","steps"]}"#;
const ANSWER: &str = r#"{"title": "Arroz con leche y canela", "minutes": 45, "steps": ["Hervir la leche con la cáscara de limón.", "Añadir el arroz; mover sin parar.", "Servir frío"]}"#;
const PATTERN: &str = r#"{"type":"object","properties":{"s":{"type":"string","minLength":5,"maxLength":3000,"pattern":"^[A-Za-z ]+$"}},"required":["s"]}"#;
const LETTERS: &str = r#"{"s": "Someone went to the water and it was cold so they went back home"}"#;

struct Costs(Vec<Duration>);

impl Costs {
    fn shown(mut self) -> String {
        self.0.sort_unstable();
        let mean = self.0.iter().sum::<Duration>() / self.0.len() as u32;
        format!("mean {mean:?}, median {:?}, most {:?}", self.0[self.0.len() / 2], self.0[self.0.len() - 1])
    }
}

/// The words of an answer as the model would say them, each among all that may come.
fn measure(shapes: &Shapes, words: &Words, shape: &Shape, answer: &str) -> String {
    let clock = SystemClock;
    let start = clock.instant();
    let mut guide = shapes.guide(shape).unwrap();
    let compiled = clock.instant() - start;
    let tokens = shapes.factory.tok_env().tok_trie().greedy_tokenize(answer.as_bytes());
    let (mut masks, mut single) = (Vec::new(), Vec::new());
    let took = |since: Instant| clock.instant() - since;
    for token in tokens {
        let start = clock.instant();
        assert!(guide.allows(token).unwrap(), "{:?}", String::from_utf8_lossy(words.text(token)));
        single.push(took(start));
        let mut scores = vec![0.0; words.vocabulary()];
        let start = clock.instant();
        guide.rule_out(&mut scores).unwrap();
        masks.push(took(start));
        assert!(scores[token as usize] == 0.0);
        guide.take(token).unwrap();
    }
    assert!(guide.is_over());
    format!("compiled in {compiled:?}; all that may come: {}; one: {}", Costs(masks).shown(), Costs(single).shown())
}

#[test]
fn real_vocabularies_are_kept_to_shapes() {
    let Some(folder) = material() else { return };
    for (name, words) in [("qwen2", qwen2(&folder)), ("phi-3", phi3(&folder))] {
        let start = SystemClock.instant();
        let shapes = Shapes::new(&words).unwrap();
        println!("{name}: {} tokens, tree in {:?}", words.vocabulary(), SystemClock.instant() - start);
        for (shape, answer) in [
            (Shape::AnyObject, ANSWER),
            (Shape::Schema(RECIPE.to_owned()), ANSWER),
            (Shape::Schema(PATTERN.to_owned()), LETTERS),
        ] {
            println!("  {}", measure(&shapes, &words, &shape, answer));
        }
        let desk = super::Desk { words, shapes };
        for schema in super::SCHEMAS.iter().take(8) {
            check(&desk, schema, 0..4);
        }
    }
}
