//! The keywords of a schema: which there are, and what may be said with them.

use serde_json::{Map, Value};

use super::super::pattern::{is_compiled, translated};
use super::super::place::Place;
use super::super::unfit::{Unfit, shortened};

/// A length or count that nobody means.
pub(super) const MOST: u64 = 1_000_000;

/// A pattern of this length is a list.
const MOST_PATTERN: usize = 4096;

/// What the standard has and what cannot be kept to a token at a time.
pub(super) const REFUSED: [&str; 19] = [
    "not",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$dynamicRef",
    "$recursiveRef",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "extends",
    "disallow",
];

const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

/// Those that are held to; others say what a text is about.
pub(super) const FORMATS: [&str; 9] =
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];

pub(super) const COMBINING: [&str; 4] = ["$ref", "anyOf", "oneOf", "allOf"];

/// Which type is meant where none is said.
pub(super) const TELLING: [(&str, &[&str]); 4] = [
    (
        "object",
        &["properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties"],
    ),
    ("array", &["items", "prefixItems", "additionalItems", "minItems", "maxItems"]),
    ("string", &["minLength", "maxLength", "pattern"]),
    ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
];

/// Which type is meant by keywords that are for values of one type only.
pub(super) fn meant(schema: &Map<String, Value>) -> Option<&'static str> {
    let telling = TELLING.iter().find(|(_, keys)| keys.iter().any(|key| schema.contains_key(*key)));
    telling.map(|(name, _)| *name)
}

/// Whether something says which values there may be.
pub(super) fn is_typed(schema: &Map<String, Value>) -> bool {
    ["type", "enum", "const"].iter().any(|key| schema.contains_key(*key))
}

pub(super) fn types(value: &Value, place: &Place<'_>) -> Result<Value, Unfit> {
    let is_type = |value: &Value| value.as_str().is_some_and(|name| TYPES.contains(&name));
    match value {
        Value::Array(list) if !list.is_empty() && list.iter().all(is_type) => Ok(value.clone()),
        value if is_type(value) => Ok(value.clone()),
        _ => Err(place.unfit(format!("there is no type {}", shortened(&value.to_string())))),
    }
}

pub(super) fn pattern_at(pattern: &str, place: &Place<'_>) -> Result<String, Unfit> {
    if pattern.len() > MOST_PATTERN {
        return Err(place.unfit(format!("a pattern of {} bytes is too long", pattern.len())));
    }
    let unfit = |why: &str| place.unfit(format!("the pattern {:?} {why}", shortened(pattern)));
    let translated = translated(pattern).map_err(unfit)?;
    if is_compiled(&translated) { Ok(translated) } else { Err(unfit("is not well formed")) }
}

/// Counts may be written as 3 or as 3.0.
pub(super) fn whole_number(value: &Value, place: &Place<'_>) -> Result<u64, Unfit> {
    let float = || value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0).map(|number| number as u64);
    value.as_u64().or_else(float).ok_or_else(|| place.unfit(format!("{} is no count", shortened(&value.to_string()))))
}

/// How many properties there are can be counted where it is the same whichever are chosen.
pub(super) fn count_properties(written: &Map<String, Value>, place: &Place<'_>) -> Result<(), Unfit> {
    let Some(key) = ["minProperties", "maxProperties"].into_iter().find(|key| written.contains_key(*key)) else {
        return Ok(());
    };
    let required = written.get("required").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let properties = written.get("properties").and_then(Value::as_object);
    let optional = properties.into_iter().flatten().filter(|(name, _)| !required.iter().any(|other| *other == **name));
    if optional.count() > 0 {
        return Err(place.unfit(format!("\"{key}\" beside properties that are not required is not supported")));
    }
    Ok(())
}
