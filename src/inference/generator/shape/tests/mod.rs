//! Does everything that is written fit, whatever a model would rather say? Here the models are dice.

pub(in crate::inference::generator) mod fits;
mod hostile;
mod random;
mod vocabularies;

use serde_json::Value;

use self::fits::fits;
use super::{Guide, Shapes};
use crate::gguf::Kind;
use crate::inference::Shape;
use crate::inference::generator::config::Architecture;
use crate::inference::generator::file::Opened;
use crate::inference::generator::tests::fixture::Tiny;
use crate::inference::generator::words::Words;
use crate::inference::tests::fixture::Dice;

fn dice(seed: u64) -> Dice {
    Dice((seed | 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed << 17)
}

/// A vocabulary with its tree.
struct Desk {
    words: Words,
    shapes: Shapes,
}

fn desk(architecture: Architecture) -> Desk {
    let model = Tiny::new(architecture, Kind::F32).write();
    let opened = Opened::open(&model.source()).unwrap();
    let words = Words::load(&opened.contents, &model.source()).unwrap();
    let shapes = Shapes::new(&words).unwrap();
    Desk { words, shapes }
}

impl Desk {
    fn guide(&self, schema: &str) -> Guide {
        self.shapes.guide(&Shape::Schema(schema.to_owned())).unwrap_or_else(|unfit| panic!("{schema}: {unfit}"))
    }

    fn refusal(&self, schema: &str) -> String {
        let guide = self.shapes.guide(&Shape::Schema(schema.to_owned()));
        guide.err().unwrap_or_else(|| panic!("{schema} was followed")).to_string()
    }

    /// Throws dice for each token; `None` when it did not come to an end.
    fn throw(&self, mut guide: Guide, dice: &mut Dice, most: usize) -> Option<String> {
        let mut bytes = Vec::new();
        for _ in 0..most {
            let mut scores: Vec<f32> = (0..self.words.vocabulary()).map(|_| dice.number()).collect();
            guide.rule_out(&mut scores).expect("some token goes on");
            let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap();
            for token in [best, (scores[best] * 1e6) as usize % scores.len()] {
                let is_allowed = guide.allows(token as u32).unwrap();
                assert_eq!(is_allowed, scores[token] > f32::NEG_INFINITY, "both ways to ask say the same of {token}");
            }
            guide.take(best as u32).unwrap();
            bytes.extend_from_slice(self.words.text(best as u32));
            if guide.is_over() {
                return Some(String::from_utf8(bytes).unwrap());
            }
        }
        None
    }
}

fn check(desk: &Desk, schema: &str, seeds: std::ops::Range<u64>) {
    let root: Value = serde_json::from_str(schema).unwrap();
    let mut complete = 0;
    for seed in seeds.clone() {
        let Some(text) = desk.throw(desk.guide(schema), &mut dice(seed), 600) else { continue };
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{schema}: {error}: {text}"));
        assert!(fits(&root, &root, &value), "{schema}: {text}");
        assert!(!text.contains("      \n") && !text.contains("                           "), "{text:?}");
        complete += 1;
    }
    assert!(complete * 2 >= seeds.count(), "{complete} of {schema}");
}

pub(in crate::inference::generator) const SCHEMAS: [&str; 44] = [
    r#"{"type":"object","properties":{"name":{"type":"string","maxLength":10},"age":{"type":"integer","minimum":0,"maximum":150}},"required":["name","age"]}"#,
    r#"{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"object","properties":{"c":{"enum":[1,2,"x",null,[1,{"k":"v"}],{"z":1.5}]}},"required":["c"]}},"required":["b"]}},"required":["a"],"additionalProperties":false}"#,
    r#"{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":5}"#,
    r#"{"type":"array","prefixItems":[{"type":"string","maxLength":3},{"type":"integer","minimum":-5,"maximum":5}],"items":false,"minItems":2}"#,
    r#"{"type":"array","prefixItems":[{"const":1},{"const":2}],"items":{"const":3},"minItems":1,"maxItems":4}"#,
    r#"{"type":"array","items":[{"type":"string","maxLength":2}],"additionalItems":{"type":"integer","minimum":1,"maximum":3},"minItems":2,"maxItems":3}"#,
    r#"{"type":"number","minimum":-1.5,"maximum":2.25}"#,
    r#"{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}"#,
    r#"{"type":"number","minimum":0,"exclusiveMinimum":true,"maximum":0.5}"#,
    r#"{"type":"number","minimum":0.1,"maximum":0.35}"#,
    r#"{"type":"number","minimum":-0.001}"#,
    r#"{"type":"number","maximum":-12.5}"#,
    r#"{"type":"number"}"#,
    r#"{"type":"integer"}"#,
    r#"{"type":"integer","maximum":-3}"#,
    r#"{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807}"#,
    r#"{"type":"integer","exclusiveMinimum":10,"maximum":1000,"multipleOf":7}"#,
    r#"{"type":"number","multipleOf":0.25,"minimum":-3,"maximum":3}"#,
    r#"{"type":"string","minLength":3,"maxLength":6}"#,
    r#"{"type":"string","pattern":"^[A-Z][a-z]{2,5}(-\\d+)?$","maxLength":12}"#,
    r#"{"type":"string","pattern":"\\d{3}","maxLength":8}"#,
    r#"{"type":"string","pattern":"^(?:a|b|[^\\W\\d]){4}$"}"#,
    r#"{"type":"string","enum":["uno","dos","un\"quote","tab\t","ñandú","日本","a/b","\\",""]}"#,
    r#"{"const":{"a":[1,2,{"b":null}],"ñ":"é"}}"#,
    r#"{"enum":[1,1.5,-2,1e3,0.1,true,"1"]}"#,
    r#"{"anyOf":[{"type":"string","maxLength":4},{"type":"integer","minimum":5,"maximum":9},{"type":"null"}]}"#,
    r#"{"oneOf":[{"type":"object","properties":{"x":{"type":"integer","minimum":0,"maximum":3}},"required":["x"]},{"type":"object","properties":{"y":{"type":"boolean"}},"required":["y"]}]}"#,
    r##"{"oneOf":[{"$ref":"#/$defs/Cat"},{"$ref":"#/$defs/Dog"}],"$defs":{"Cat":{"type":"object","properties":{"type":{"const":"cat"},"lives":{"type":"integer","minimum":1,"maximum":9}},"required":["type","lives"]},"Dog":{"type":"object","properties":{"type":{"enum":["dog","wolf"]},"name":{"type":"string","maxLength":5}},"required":["type"]}}}"##,
    r##"{"$defs":{"node":{"type":"object","properties":{"v":{"type":"integer","minimum":0,"maximum":9},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["v","next"]}},"$ref":"#/$defs/node"}"##,
    r##"{"type":"object","properties":{"tree":{"$ref":"#/definitions/a~1b"}},"required":["tree"],"definitions":{"a/b":{"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#/definitions/a~1b"},"maxItems":1}},"required":["kids"]}}}"##,
    r##"{"type":"object","properties":{"x":{"allOf":[{"$ref":"#/$defs/S"}],"description":"d","default":"q"}},"required":["x"],"$defs":{"S":{"type":"string","enum":["p","q"]}}}"##,
    r#"{"type":"object","properties":{"clave ñ":{"type":"string","maxLength":2},"日本":{"type":"null"},"a\"b\\c\n":{"type":"boolean"}},"required":["clave ñ","日本","a\"b\\c\n"]}"#,
    r#"{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":9},"b":{"type":"boolean"},"c":{"type":"null"}},"required":["b"]}"#,
    r#"{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":9},"b":{"type":"boolean"},"c":{"type":"null"}}}"#,
    r#"{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"additionalProperties":{"type":"integer","minimum":0,"maximum":9},"maxProperties":3}"#,
    r#"{"type":"object","additionalProperties":{"type":"boolean"},"minProperties":1,"maxProperties":3}"#,
    r#"{"type":"object","patternProperties":{"^n_[a-z]{1,3}$":{"type":"integer","minimum":0,"maximum":99},"^s_[a-z]{1,3}$":{"type":"string","maxLength":3}},"additionalProperties":false,"minProperties":1,"maxProperties":4}"#,
    r#"{"allOf":[{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":9}},"required":["a"]},{"type":"object","properties":{"b":{"type":"boolean"}},"required":["b"]}]}"#,
    r#"{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":9},"b":{"type":"boolean"}},"anyOf":[{"required":["a"]},{"required":["b"]}],"additionalProperties":false}"#,
    r#"{"type":"object","properties":{"when":{"type":"string","format":"date-time"},"id":{"type":"string","format":"uuid"}},"required":["when","id"]}"#,
    r#"{"type":["string","null"],"maxLength":4}"#,
    r#"{"properties":{"x":{"type":"integer","minimum":1,"maximum":2}},"required":["x"]}"#,
    r#"{"type":"object","properties":{"x":true,"y":{}},"required":["x","y"]}"#,
    r#"{"type":"array","items":{"anyOf":[{"type":"integer","minimum":0,"maximum":255},{"type":"array","items":{"type":"string","maxLength":2},"maxItems":2}]},"maxItems":3}"#,
];

#[test]
fn what_is_written_fits() {
    let desk = desk(Architecture::Qwen2);
    for schema in SCHEMAS {
        check(&desk, schema, 0..24);
    }
}

#[test]
fn bytes_that_have_names_fit_too() {
    let desk = desk(Architecture::Llama);
    for schema in SCHEMAS {
        check(&desk, schema, 0..8);
    }
}

#[test]
fn any_object_is_an_object() {
    let desk = desk(Architecture::Qwen2);
    let mut complete = 0;
    for seed in 0..60 {
        let guide = desk.shapes.guide(&Shape::AnyObject).unwrap();
        if let Some(text) = desk.throw(guide, &mut dice(seed), 800) {
            assert!(serde_json::from_str::<Value>(&text).unwrap().is_object(), "{text}");
            complete += 1;
        }
    }
    assert!(complete > 40, "{complete}");
}

#[test]
fn only_a_number_may_go_on_when_it_is_complete() {
    let desk = desk(Architecture::Qwen2);
    let token =
        |text: &str| (0..desk.words.vocabulary() as u32).find(|id| desk.words.text(*id) == text.as_bytes()).unwrap();
    let end = desk.words.ends()[0];
    let mut guide = desk.guide(r#"{"enum":[1,12,true,"a"]}"#);
    assert_eq!(guide.allows(end), Ok(false), "nothing was written");
    guide.take(token("1")).unwrap();
    assert!(!guide.is_over());
    let next = [token("2"), token("3"), end, desk.words.vocabulary() as u32 - 2];
    assert_eq!(next.map(|token| guide.allows(token).unwrap()), [true, false, true, false], "marks are no text");
    guide.take(end).unwrap();
    assert!(guide.is_over());
}

#[test]
fn what_leads_nowhere_is_said_before() {
    let desk = desk(Architecture::Qwen2);
    for (schema, why) in [
        (r#"{"not":{"type":"string"}}"#, "at #: the keyword \"not\" is not supported"),
        (
            r#"{"properties":{"a":{"type":"array","uniqueItems":true}}}"#,
            "at #/properties/a: the keyword \"uniqueItems\" is not supported",
        ),
        (r#"{"type":"text"}"#, "at #/type: there is no type \"text\""),
        (
            r#"{"$ref":"https://example.org/a"}"#,
            "at #/$ref: \"https://example.org/a\" is outside of the schema, and nothing is fetched",
        ),
        (r##"{"$ref":"#/$defs/a"}"##, "at #/$ref: \"#/$defs/a\" is not in the schema"),
        (r##"{"$ref":"#"}"##, "at #: it has nothing that fits it and comes to an end"),
        (r#"{"type":"integer","minimum":5,"maximum":4}"#, "at #: it has nothing that fits it"),
        (r#"{"type":"string","pattern":"(?=a)"}"#, "at #/pattern: the pattern \"(?=a)\" looks ahead"),
        (
            r#"{"oneOf":[{"type":"string"},{"maxLength":3}]}"#,
            "at #/oneOf: what fits 0 may fit 1 too, and only one may: say \"anyOf\"",
        ),
        (r#"{"type":"string","enum":["a\u0001"]}"#, "at #/enum: a text with control characters is not supported"),
        (r#"{"enum":[9007199254740993]}"#, "at #/enum: 9007199254740993 has more digits than are kept"),
        (
            r#"{"type":"object","properties":{"a":{}},"minProperties":1}"#,
            "at #: \"minProperties\" beside properties that are not required is not supported",
        ),
        ("[1]", "at #: is neither a schema nor true nor false"),
        ("{", "at #: it is not JSON, see line 1 column 1"),
    ] {
        assert_eq!(desk.refusal(schema), why);
    }
}
