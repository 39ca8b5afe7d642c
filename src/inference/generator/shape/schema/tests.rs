//! What becomes of a schema before it is compiled?

use serde_json::{Value, json};

use super::read;

fn written(schema: &Value) -> Value {
    let mut written = read(&schema.to_string()).unwrap_or_else(|unfit| panic!("{schema}: {unfit}"));
    if let Value::Object(written) = &mut written {
        written.retain(|key, _| key != "$defs");
    }
    written
}

fn why(schema: &Value) -> String {
    read(&schema.to_string()).err().unwrap_or_else(|| panic!("{schema} was read")).to_string()
}

const LARGEST: f64 = 9_007_199_254_740_992.0;

#[test]
fn what_is_left_open_is_kept_close() {
    let a = json!({ "a": { "type": "boolean" } });
    let any = json!({ "$ref": "#/$defs/any0" });
    for (schema, expected) in [
        (json!({}), any.clone()),
        (json!({ "title": "nothing said", "x-other": 1 }), any.clone()),
        (json!({ "type": "object" }), json!({ "type": "object", "additionalProperties": any })),
        (json!({ "properties": a }), json!({ "properties": a, "type": "object", "additionalProperties": false })),
        (
            json!({ "properties": a, "required": ["b"] }),
            json!({ "properties": a, "required": ["b"], "type": "object", "additionalProperties": any }),
        ),
        (json!({ "type": "array" }), json!({ "type": "array", "items": any })),
        (
            json!({ "type": "array", "prefixItems": [{ "type": "null" }] }),
            json!({ "type": "array", "prefixItems": [{ "type": "null" }], "items": false }),
        ),
        (json!({ "type": "number" }), json!({ "type": "number", "minimum": -LARGEST, "maximum": LARGEST })),
        (
            json!({ "type": "integer", "exclusiveMinimum": 1.5, "maximum": 1e300 }),
            json!({ "type": "integer", "minimum": 2.0, "maximum": LARGEST }),
        ),
        (
            json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 3, "exclusiveMaximum": 4 }),
            json!({ "type": "number", "minimum": 1e-12, "maximum": 3.0 }),
        ),
    ] {
        assert_eq!(written(&schema), expected, "{schema}");
    }
}

#[test]
fn what_has_to_fit_together_leaves_room() {
    let schema = json!({ "allOf": [{ "properties": { "a": { "type": "null" } } }, { "required": ["b"] }] });
    let plain = json!({ "type": ["null", "boolean", "number", "string"], "minimum": -1e15, "maximum": 1e15 });
    let part = |a: Value, required: Option<Value>| {
        let mut part = json!({ "type": "object", "properties": { "a": a, "b": plain }, "additionalProperties": false });
        part.as_object_mut().unwrap().extend(required.map(|names| ("required".to_owned(), names)));
        part
    };
    let expected = json!({ "allOf": [part(json!({ "type": "null" }), None), part(json!(true), Some(json!(["b"])))] });
    assert_eq!(written(&schema), expected);
}

#[test]
fn of_choices_only_one_fits() {
    let tagged =
        |name: &str, value: Value| json!({ "type": "object", "properties": { name: value }, "required": [name] });
    for choices in [
        json!([{ "type": "string" }, { "type": ["integer", "null"] }]),
        json!([{ "const": 1 }, { "enum": ["1", 2] }, { "type": "boolean" }]),
        json!([tagged("a", json!({ "const": 1 })), tagged("a", json!({ "const": 2 }))]),
        json!([tagged("a", json!({})), tagged("b", json!({}))]),
        json!([{ "anyOf": [{ "type": "null" }, { "type": "boolean" }] }, { "type": "string" }]),
        json!([{ "allOf": [{ "minLength": 1 }, { "type": "string" }] }, { "type": "null" }]),
    ] {
        assert_eq!(
            written(&json!({ "oneOf": choices }))["anyOf"].as_array().unwrap().len(),
            choices.as_array().unwrap().len()
        );
    }
    for choices in [
        json!([{ "type": "integer" }, { "type": "number" }]),
        json!([{ "const": 1 }, { "enum": [2, 1.0] }]),
        json!([{}, { "type": "null" }]),
        json!([tagged("a", json!({})), { "type": "object", "properties": { "a": {}, "b": {} } }]),
        // What is written for the second has "a" as well only if others are let in.
        json!([tagged("a", json!({})), { "type": "object", "additionalProperties": { "type": "null" } }]),
    ] {
        assert!(why(&json!({ "oneOf": choices })).contains("only one may"), "{choices}");
    }
}

#[test]
fn what_never_ends_is_refused() {
    let list = |next: Value| json!({ "type": "object", "properties": { "next": next }, "required": ["next"] });
    for schema in [
        json!(false),
        list(json!({ "$ref": "#" })),
        json!({ "type": "array", "items": { "$ref": "#" }, "minItems": 1 }),
        json!({ "$ref": "#/$defs/a", "$defs": { "a": { "allOf": [{ "$ref": "#/$defs/b" }] }, "b": { "anyOf": [{ "$ref": "#/$defs/a" }] } } }),
    ] {
        assert_eq!(why(&schema), "at #: it has nothing that fits it and comes to an end", "{schema}");
    }
    written(&list(json!({ "anyOf": [{ "$ref": "#" }, { "type": "null" }] })));
    written(&json!({ "type": "array", "items": { "$ref": "#" } }));
}
