//! Schemas that nobody would write: nothing panics, and what is followed is kept to.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Desk, desk, dice, fits};
use crate::inference::Shape;
use crate::inference::generator::config::Architecture;

fn leaf() -> impl Strategy<Value = Value> {
    let number =
        prop_oneof![(-20..20i32).prop_map(|n| json!(n)), (-4.0..4.0f64).prop_map(|n| json!((n * 8.0).round() / 8.0))];
    let name = "[abñ\"]{1,2}";
    prop_oneof![
        Just(json!(true)),
        Just(json!(false)),
        Just(json!({})),
        Just(json!({"$ref": "#/$defs/x"})),
        Just(json!({"$ref": "#"})),
        (number.clone(), number.clone())
            .prop_map(|(a, b)| json!({"type": "number", "minimum": a, "exclusiveMaximum": b})),
        (number.clone(), 1..9u32).prop_map(|(a, step)| json!({"type": "integer", "maximum": a, "multipleOf": step})),
        (0..4u32, 0..6u32).prop_map(|(a, b)| json!({"type": "string", "minLength": a, "maxLength": b})),
        "[ab.+*|()\\[\\]^$\\\\d-]{0,6}"
            .prop_map(|pattern| json!({"type": "string", "maxLength": 5, "pattern": pattern})),
        prop::collection::vec(name, 0..3).prop_map(|names| json!({"enum": names})),
        number.prop_map(|number| json!({"const": number})),
        name.prop_map(|name| json!({"required": [name]})),
        "[a-z$]{1,12}".prop_map(|key| json!({key: 1, "type": "null"})),
    ]
}

fn schema() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        let named = prop::collection::vec(("[abñ\"]{1,2}", inner.clone()), 0..3)
            .prop_map(|all| Value::Object(all.into_iter().collect::<Map<_, _>>()));
        let list = prop::collection::vec(inner.clone(), 0..3);
        let names = prop::collection::vec("[abñ\"]{1,2}", 0..2);
        prop_oneof![
            (named.clone(), names, inner.clone(), any::<bool>()).prop_map(|(named, required, others, is_open)| {
                let mut schema = json!({"type": "object", "properties": named, "required": required});
                if is_open {
                    schema["additionalProperties"] = others;
                    schema["maxProperties"] = json!(2);
                }
                schema
            }),
            (list.clone(), inner.clone(), 0..3u32).prop_map(|(first, items, least)| {
                json!({"type": "array", "prefixItems": first, "items": items, "minItems": least, "maxItems": 3})
            }),
            list.clone().prop_map(|list| json!({"anyOf": list})),
            list.clone().prop_map(|list| json!({"oneOf": list})),
            (list, named).prop_map(|(list, named)| json!({"allOf": list, "properties": named})),
        ]
    })
}

thread_local! {
    static DESK: Desk = desk(Architecture::Qwen2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_followed_is_kept_to(whole in schema(), other in schema(), seed in any::<u64>()) {
        let mut root = whole;
        if let Value::Object(root) = &mut root {
            root.insert("$defs".to_owned(), json!({"x": other}));
        }
        DESK.with(|desk| {
            let Ok(guide) = desk.shapes.guide(&Shape::Schema(root.to_string())) else { return Ok(()) };
            let Some(text) = desk.throw(guide, &mut dice(seed), 60) else { return Ok(()) };
            let value: Value = serde_json::from_str(&text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
            prop_assert!(fits(&root, &root, &value), "{}: {}", root, text);
            Ok(())
        })?;
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[{}\\[\\]\":,a-z0-9$#/.-]{0,40}", key in "[a-zA-Z$]{1,14}", value in "[\\[\\]{}\",a1.-]{0,8}") {
        DESK.with(|desk| {
            for schema in [text, format!("{{\"{key}\":{value}}}")] {
                let _ = desk.shapes.guide(&Shape::Schema(schema));
            }
        });
    }
}
