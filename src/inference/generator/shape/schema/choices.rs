//! `oneOf`: does what is written for one choice fit no other? Where that is certain, the choices are free.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::super::place::{Place, referred};
use super::super::unfit::Unfit;

/// How often a schema is looked up in another.
const DEEPEST: usize = 12;

/// Comparisons before it is taken for uncertain.
const MOST_COMPARED: usize = 100_000;

/// `is_close`: of an object only the properties that are named are written.
pub(super) fn check(root: &Value, choices: &[Value], place: &Place<'_>, is_close: bool) -> Result<(), Unfit> {
    const MOST: usize = 100;
    if choices.len() > MOST {
        return Err(place.unfit(format!("has more than {MOST} choices")));
    }
    let apart = Apart { root, is_close, left: Cell::new(MOST_COMPARED) };
    for (at, choice) in choices.iter().enumerate() {
        for (other_at, other) in choices.iter().enumerate() {
            if at != other_at && !apart.never(choice, other, DEEPEST) {
                let why = format!("what fits {at} may fit {other_at} too, and only one may: say \"anyOf\"");
                return Err(place.unfit(why));
            }
        }
    }
    Ok(())
}

struct Apart<'a> {
    root: &'a Value,
    is_close: bool,
    left: Cell<usize>,
}

impl<'a> Apart<'a> {
    /// Whether nothing that is written for `written` fits `other`. `false` when that is not certain.
    fn never(&self, written: &'a Value, other: &'a Value, depth: usize) -> bool {
        if written == &Value::Bool(false) || other == &Value::Bool(false) {
            return true;
        }
        self.left.set(self.left.get().saturating_sub(1));
        let goes_on = depth > 0 && self.left.get() > 0;
        let (Value::Object(a), Value::Object(b), true) = (written, other, goes_on) else { return false };
        if self.meant(a).is_some_and(|meant| self.never(meant, other, depth - 1))
            || self.meant(b).is_some_and(|meant| self.never(written, meant, depth - 1))
        {
            return true;
        }
        for key in ["anyOf", "oneOf"] {
            let all = |list: &'a Value, never: &dyn Fn(&'a Value) -> bool| {
                list.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(never))
            };
            if a.get(key).is_some_and(|list| all(list, &|choice| self.never(choice, other, depth - 1)))
                || b.get(key).is_some_and(|list| all(list, &|choice| self.never(written, choice, depth - 1)))
            {
                return true;
            }
        }
        let any = |list: &'a Value, never: &dyn Fn(&'a Value) -> bool| {
            list.as_array().is_some_and(|list| list.iter().any(never))
        };
        if a.get("allOf").is_some_and(|list| any(list, &|part| self.never(part, other, depth - 1)))
            || b.get("allOf").is_some_and(|list| any(list, &|part| self.never(written, part, depth - 1)))
        {
            return true;
        }
        if let (Some(a), Some(b)) = (values(a), values(b)) {
            return !a.iter().any(|value| b.iter().any(|other| is_same(value, other)));
        }
        match kinds(a) & kinds(b) {
            0 => true,
            OBJECT => self.never_object(a, b, depth),
            _ => false,
        }
    }

    fn meant(&self, schema: &Map<String, Value>) -> Option<&'a Value> {
        referred(self.root, schema.get("$ref")?.as_str()?)
    }

    /// Some property tells them apart.
    fn never_object(&self, a: &'a Map<String, Value>, b: &'a Map<String, Value>, depth: usize) -> bool {
        let property =
            |schema: &'a Map<String, Value>, name: &str| schema.get("properties").and_then(|all| all.get(name));
        let has_patterns = |schema: &Map<String, Value>| schema.contains_key("patternProperties");
        let is_closed = |schema: &Map<String, Value>| schema.get("additionalProperties") == Some(&Value::Bool(false));
        let leaves_out = |name: &str| {
            let names_all = required(a).all(|name| property(a, name).is_some());
            let is_kept_close = self.is_close && a.contains_key("properties") && names_all && is_plain(a);
            let is_closed = is_closed(a) || is_kept_close && !a.contains_key("additionalProperties");
            is_closed && !has_patterns(a) && property(a, name).is_none()
        };
        required(b).any(leaves_out)
            || required(a).any(|name| match (property(a, name), property(b, name)) {
                (Some(value), Some(other)) => self.never(value, other, depth - 1),
                (_, None) => is_closed(b) && !has_patterns(b),
                (None, Some(_)) => false,
            })
    }
}

/// Nothing beside it says more about the same object.
fn is_plain(schema: &Map<String, Value>) -> bool {
    super::COMBINING.iter().all(|key| !schema.contains_key(*key))
}

fn required(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// All that fit, where they are listed.
fn values(schema: &Map<String, Value>) -> Option<&[Value]> {
    match (schema.get("const"), schema.get("enum")) {
        (Some(value), _) => Some(std::slice::from_ref(value)),
        (None, Some(Value::Array(values))) => Some(values),
        _ => None,
    }
}

/// 1 and 1.0 are the same number.
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

const OBJECT: u8 = 1 << 5;

/// A bit for each type; those of numbers are one.
fn kinds(schema: &Map<String, Value>) -> u8 {
    let kind = |name: &str| match name {
        "null" => 1,
        "boolean" => 1 << 1,
        "integer" | "number" => 1 << 2,
        "string" => 1 << 3,
        "array" => 1 << 4,
        "object" => OBJECT,
        _ => u8::MAX,
    };
    if let Some(values) = values(schema) {
        let of = |value: &Value| match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        return values.iter().fold(0, |kinds, value| kinds | kind(of(value)));
    }
    match schema.get("type") {
        Some(Value::String(name)) => kind(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).fold(0, |kinds, name| kinds | kind(name)),
        _ => u8::MAX,
    }
}
