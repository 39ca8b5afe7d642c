//! The plain twin: does this value fit this schema, as the standard says?

use serde_json::Value;

pub(in crate::inference::generator) fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    fits_within(root, schema, value, DEEPEST)
}

/// How often schemas lead to others for one value.
const DEEPEST: usize = 12;

/// Whatever refers to itself without an end says nothing.
fn fits_within(root: &Value, schema: &Value, value: &Value, depth: usize) -> bool {
    if depth == 0 {
        return true;
    }
    let same = |schema: &Value| fits_within(root, schema, value, depth - 1);
    let Value::Object(keywords) = schema else { return schema == &Value::Bool(true) };
    keywords.iter().all(|(key, said)| match (key.as_str(), value) {
        ("$ref", _) => same(root.pointer(&said.as_str().unwrap()[1..]).unwrap()),
        ("type", _) => match said {
            Value::Array(types) => types.iter().any(|name| is_type(value, name.as_str().unwrap())),
            name => is_type(value, name.as_str().unwrap()),
        },
        ("enum", _) => list(said).iter().any(|other| is_same(other, value)),
        ("const", _) => is_same(said, value),
        ("anyOf", _) => list(said).iter().any(same),
        ("oneOf", _) => list(said).iter().filter(|schema| same(schema)).count() == 1,
        ("allOf", _) => list(said).iter().all(same),
        ("minimum", Value::Number(number)) => {
            let is_beyond = schema["exclusiveMinimum"] == true && number.as_f64() == said.as_f64();
            number.as_f64() >= said.as_f64() && !is_beyond
        }
        ("maximum", Value::Number(number)) => number.as_f64() <= said.as_f64(),
        ("exclusiveMinimum", Value::Number(number)) => said.is_boolean() || number.as_f64() > said.as_f64(),
        ("exclusiveMaximum", Value::Number(number)) => said.is_boolean() || number.as_f64() < said.as_f64(),
        ("multipleOf", Value::Number(number)) => (number.as_f64().unwrap() / said.as_f64().unwrap()).fract() == 0.0,
        ("minLength", Value::String(text)) => text.chars().count() as u64 >= said.as_u64().unwrap(),
        ("maxLength", Value::String(text)) => text.chars().count() as u64 <= said.as_u64().unwrap(),
        ("pattern", Value::String(text)) => matches(said.as_str().unwrap(), text),
        ("format", Value::String(text)) => match said.as_str().unwrap() {
            "date-time" => matches(r"^\d{4}-\d\d-\d\d[tT]\d\d:\d\d:\d\d(\.\d+)?([zZ]|[+-]\d\d:\d\d)$", text),
            "uuid" => matches("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", text),
            other => panic!("no test asks for {other}"),
        },
        ("minItems", Value::Array(items)) => items.len() as u64 >= said.as_u64().unwrap(),
        ("maxItems", Value::Array(items)) => items.len() as u64 <= said.as_u64().unwrap(),
        ("prefixItems", Value::Array(items)) => first_fit(said, items, &|schema, item| fits(root, schema, item)),
        ("items", Value::Array(items)) if said.is_array() => {
            first_fit(said, items, &|schema, item| fits(root, schema, item))
        }
        ("items", Value::Array(items)) => {
            let first = schema.get("prefixItems").map_or(0, |first| list(first).len());
            items.iter().skip(first).all(|item| fits(root, said, item))
        }
        ("additionalItems", Value::Array(items)) => {
            items.iter().skip(list(&schema["items"]).len()).all(|item| fits(root, said, item))
        }
        ("required", Value::Object(all)) => list(said).iter().all(|name| all.contains_key(name.as_str().unwrap())),
        ("minProperties", Value::Object(all)) => all.len() as u64 >= said.as_u64().unwrap(),
        ("maxProperties", Value::Object(all)) => all.len() as u64 <= said.as_u64().unwrap(),
        ("properties", Value::Object(all)) => {
            all.iter().all(|(name, value)| said.get(name).is_none_or(|schema| fits(root, schema, value)))
        }
        ("patternProperties", Value::Object(all)) => all.iter().all(|(name, value)| {
            said.as_object()
                .unwrap()
                .iter()
                .all(|(pattern, schema)| !matches(pattern, name) || fits(root, schema, value))
        }),
        ("additionalProperties", Value::Object(all)) => all.iter().all(|(name, value)| {
            let is_named = schema.get("properties").is_some_and(|named| named.get(name).is_some());
            let patterns = schema.get("patternProperties").and_then(Value::as_object);
            let has_pattern = patterns.is_some_and(|patterns| patterns.keys().any(|pattern| matches(pattern, name)));
            is_named || has_pattern || fits(root, said, value)
        }),
        _ => true,
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn first_fit(schemas: &Value, items: &[Value], fits: &dyn Fn(&Value, &Value) -> bool) -> bool {
    list(schemas).iter().zip(items).all(|(schema, item)| fits(schema, item))
}

fn matches(pattern: &str, text: &str) -> bool {
    regex::Regex::new(pattern).unwrap().is_match(text)
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    }
}

fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b)))
        }
        (a, b) => a == b,
    }
}
