//! Schemas that are made to take too much: they are refused, or followed in bounds.

use serde_json::{Value, json};

use super::{desk, dice};
use crate::inference::Shape;
use crate::inference::generator::config::Architecture;

/// Each inside the one before.
fn chain(length: usize, link: impl Fn(Value) -> Value) -> Value {
    let mut definitions = serde_json::Map::new();
    for at in 0..length {
        let next = json!({ "$ref": format!("#/$defs/a{}", at + 1) });
        definitions.insert(format!("a{at}"), link(next));
    }
    definitions.insert(format!("a{length}"), json!({ "type": "null" }));
    json!({ "$ref": "#/$defs/a0", "$defs": definitions })
}

fn repeated(count: usize, of: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..count).map(of).collect()
}

fn properties(count: usize, schema: Value) -> Value {
    (0..count).map(|at| (format!("p{at}"), schema.clone())).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn no_schema_takes_more_than_it_may() {
    let desk = desk(Architecture::Qwen2);
    let nested = (0..60).fold(json!({ "type": "null" }), |inner, _| json!({ "type": "array", "items": inner }));
    let choices =
        |at: usize| json!({ "anyOf": repeated(6, |other| json!({ "required": [format!("k{at}_{other}")] })) });
    for schema in [
        chain(1400, |next| json!({ "type": "object", "properties": { "x": next }, "required": ["x"] })),
        chain(1400, |next| json!({ "allOf": [next] })),
        chain(700, |next| json!({ "allOf": [next, { "minLength": 0 }] })),
        chain(900, |next| json!({ "anyOf": [next, { "type": "integer" }] })),
        chain(5000, |next| next),
        nested,
        json!({ "type": "object", "properties": properties(1500, json!({ "type": "integer" })) }),
        json!({ "type": "object", "properties": properties(400, json!({ "type": "integer" })), "additionalProperties": { "type": "integer" } }),
        json!({ "enum": repeated(4900, |at| json!(format!("value {at}"))) }),
        json!({ "enum": repeated(6000, |at| json!(at)) }),
        json!({ "const": "y".repeat(200_000) }),
        json!({ "const": "y".repeat(300_000) }),
        json!({ "type": "array", "items": { "type": "string", "maxLength": 1_000_000 }, "minItems": 1_000_000 }),
        json!({ "type": "array", "maxItems": 1e300 }),
        json!({ "type": "string", "minLength": 18_446_744_073_709_551_615_u64 }),
        json!({ "type": "string", "pattern": "^(((((a{1,99}){1,99}){1,99}){1,99}){1,99})$" }),
        json!({ "type": "string", "pattern": "(".repeat(2000) + "a" + &")".repeat(2000) }),
        json!({ "type": "string", "pattern": "(a*)*".repeat(200) }),
        json!({ "type": "string", "pattern": ".*a.{900}" }),
        json!({ "type": "string", "pattern": r"\p{L}{1,1000}\p{N}{1,1000}" }),
        json!({ "type": "string", "minLength": 500, "pattern": "^(a|b|ab|ba)*$" }),
        json!({ "allOf": repeated(30, |at| json!({ "type": "string", "pattern": format!(".*{at}.*") })) }),
        json!({ "type": "object", "allOf": repeated(20, choices) }),
        json!({ "anyOf": repeated(900, |at| json!({ "type": "object", "properties": { "a": {}, format!("k{at}"): {} } })) }),
        json!({ "type": "number", "multipleOf": 1e-300 }),
        json!({ "type": "integer", "multipleOf": 99_991 }),
        json!({ "type": "number", "minimum": 1e308 }),
        json!({ "type": "number", "maximum": 1e-300 }),
    ] {
        if let Ok(mut guide) = desk.shapes.guide(&Shape::Schema(schema.to_string())) {
            let mut dice = dice(3);
            for _ in 0..12 {
                let mut scores: Vec<f32> = (0..desk.words.vocabulary()).map(|_| dice.number()).collect();
                let Ok(()) = guide.rule_out(&mut scores) else { break };
                let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
                if guide.take(best as u32).is_err() || guide.is_over() {
                    break;
                }
            }
        }
    }
}

#[test]
fn who_writes_a_schema_has_no_say_in_how_it_is_followed() {
    let desk = desk(Architecture::Qwen2);
    let schema = r#"{"x-guidance":{"whitespace_pattern":"x+","lenient":true},"type":"object","properties":{"a":{"type":"null"}},"required":["a"]}"#;
    for seed in 0..10 {
        let text = desk.throw(desk.guide(schema), &mut dice(seed), 80).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json!({ "a": null }), "{text}");
    }
    let refusal = desk.refusal(r#"{"x-guidance":{"lenient":true},"type":"object","properties":{"a":{"not":{}}}}"#);
    assert_eq!(refusal, "at #/properties/a: the keyword \"not\" is not supported");
}
