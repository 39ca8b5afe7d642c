//! Can this schema be followed? Reads it and writes it anew: only keywords that can be kept to while writing, every
//! reference to a definition, every bound within what is counted exactly.
//!
//! Where a schema leaves something open the answer is kept close: an object has the properties that are named and no
//! others, numbers are not longer than a number holds, and what may be anything is not nested without end. Whatever fits
//! the schema that is written fits the one that was read.

mod anything;
mod choices;
mod close;
mod finite;
mod keywords;
mod numbers;

use std::collections::HashMap;

use serde_json::{Map, Value, json};

pub(super) use self::anything::ANY_OBJECT;
use self::anything::{anything_else, definitions};
use self::close::Together;
use self::keywords::{
    COMBINING, FORMATS, MOST, REFUSED, count_properties, is_typed, meant, pattern_at, types, whole_number,
};
use super::place::{Place, referred};
use super::unfit::{Unfit, shortened};

/// Of a schema's text.
const MOST_BYTES: usize = 256 << 10;

/// Of all schemas inside a schema. What compiles it goes as deep as there are, in the worst case.
const MOST_PARTS: usize = 3000;

/// Of all values that are listed.
const MOST_VALUES: usize = 5000;

/// Patterns for the same text multiply.
const MOST_TOGETHER: usize = 8;

/// The schema to compile.
pub(super) fn read(text: &str) -> Result<Value, Unfit> {
    if text.len() > MOST_BYTES {
        let why = format!("it has {} bytes, and {MOST_BYTES} are the most that are read", text.len());
        return Err(Unfit::whole(why));
    }
    let root: Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let is_deep = error.to_string().contains("recursion");
        let why = if is_deep { "it is nested too deeply" } else { "it is not JSON" };
        Unfit::whole(format!("{why}, see line {line} column {column}"))
    })?;
    let mut reader = Reader {
        root: &root,
        known: HashMap::new(),
        wanted: Vec::new(),
        sets: Vec::new(),
        parts: 0,
        values: 0,
        patterns: 0,
    };
    let mut whole = reader.schema(&root, &Place::At("#"), Mood::Alone)?;
    let mut definitions: Map<String, Value> = self::definitions().collect();
    while let Some((reference, mood, name)) = reader.wanted.pop() {
        let Some(meant) = referred(&root, &reference) else {
            return Err(Unfit::whole(format!("{:?} is not in the schema", shortened(&reference))));
        };
        let written = reader.schema(meant, &Place::At(&reference), mood)?;
        definitions.insert(name, written);
    }
    if let Value::Object(whole) = &mut whole {
        whole.insert("$defs".to_owned(), Value::Object(definitions));
    }
    finite::check(&whole)?;
    Ok(whole)
}

/// Whether what is written for a schema has to fit others too, so that they have to leave room for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mood {
    Alone,
    /// With which others, as the number of a set.
    Combined(usize),
}

/// Of a value of which nothing is said. Where others may say something it is left to them.
fn anything(mood: Mood) -> Value {
    if mood == Mood::Alone { anything_else() } else { Value::Bool(true) }
}

struct Reader<'a> {
    root: &'a Value,
    /// The names of definitions.
    known: HashMap<(String, Mood), String>,
    /// Those that are still to be written.
    wanted: Vec<(String, Mood, String)>,
    sets: Vec<Together>,
    parts: usize,
    values: usize,
    /// Those that may have to fit together.
    patterns: usize,
}

impl Reader<'_> {
    fn schema(&mut self, schema: &Value, place: &Place<'_>, mood: Mood) -> Result<Value, Unfit> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err(Unfit::whole(format!("it has more than {MOST_PARTS} parts")));
        }
        let schema = match schema {
            Value::Bool(false) => return Ok(Value::Bool(false)),
            Value::Bool(true) => return Ok(anything(mood)),
            Value::Object(schema) => schema,
            _ => return Err(place.unfit("is neither a schema nor true nor false")),
        };
        if let Some(refused) = REFUSED.iter().find(|refused| schema.contains_key(**refused)) {
            return Err(place.unfit(format!("the keyword \"{refused}\" is not supported")));
        }
        let combining = COMBINING.iter().filter(|key| schema.contains_key(**key)).count();
        let asserts = is_typed(schema) || meant(schema).is_some();
        if combining == 0 && !asserts {
            return Ok(anything(mood));
        }
        let inner = if combining > 1 || combining == 1 && asserts { self.combined(schema, mood) } else { mood };
        let mut written = Map::new();
        for (key, value) in schema {
            self.keyword((key, value), schema, &place.key(key), inner, &mut written)?;
        }
        if schema.get("uniqueItems").is_some_and(|unique| *unique != Value::Bool(false)) {
            return Err(place.unfit("the keyword \"uniqueItems\" is not supported"));
        }
        let meant = match inner {
            Mood::Alone => meant(schema),
            Mood::Combined(set) => self.sets[set].meant(),
        };
        if let (Some(meant), true) = (meant, asserts && !is_typed(schema)) {
            written.insert("type".to_owned(), json!(meant));
        }
        let is_open = asserts && !schema.contains_key("enum") && !schema.contains_key("const");
        numbers::bounds(schema, place, inner == Mood::Alone, is_open, &mut written)?;
        if is_open {
            match inner {
                Mood::Combined(set) => close::beside(&mut written, &self.sets[set]),
                Mood::Alone => close::alone(&mut written),
            }
        }
        if let Some(Value::Array(choices)) = schema.get("oneOf") {
            choices::check(self.root, choices, &place.key("oneOf"), inner == Mood::Alone)?;
        }
        count_properties(&written, place)?;
        Ok(Value::Object(written))
    }

    fn keyword(
        &mut self,
        (key, value): (&str, &Value),
        schema: &Map<String, Value>,
        place: &Place<'_>,
        mood: Mood,
        written: &mut Map<String, Value>,
    ) -> Result<(), Unfit> {
        let (key, value) = match key {
            "type" => (key, types(value, place)?),
            "enum" | "const" => {
                let list = if key == "enum" { value.as_array() } else { None };
                if key == "enum" && list.is_none_or(Vec::is_empty) {
                    return Err(place.unfit("is no list of values"));
                }
                self.listed(value, place)?;
                (key, value.clone())
            }
            "$ref" => ("$ref", self.reference(value, place, mood)?),
            "anyOf" | "oneOf" => {
                // Of those of `oneOf` no two fit at once.
                if written.contains_key("anyOf") {
                    return Err(place.unfit("\"anyOf\" beside \"oneOf\" is not supported"));
                }
                ("anyOf", self.list(value, place, mood)?)
            }
            "allOf" => {
                let is_one = value.as_array().is_some_and(|all| all.len() == 1);
                let inner = if is_one { mood } else { self.combined(schema, mood) };
                ("allOf", self.list(value, place, inner)?)
            }
            "properties" => (key, self.named(value, place)?),
            "patternProperties" => {
                let Value::Object(named) = self.named(value, place)? else { return Ok(()) };
                let translate = |(pattern, schema): (String, Value)| Ok((pattern_at(&pattern, place)?, schema));
                (key, Value::Object(named.into_iter().map(translate).collect::<Result<_, Unfit>>()?))
            }
            "additionalProperties" => (key, self.schema(value, place, Mood::Alone)?),
            // As tuples were once written.
            "additionalItems" if schema.get("items").is_some_and(Value::is_array) => {
                ("items", self.schema(value, place, Mood::Alone)?)
            }
            "items" if !value.is_array() => (key, self.schema(value, place, Mood::Alone)?),
            "items" | "prefixItems" => ("prefixItems", self.list(value, place, Mood::Alone)?),
            "required" => {
                let names = value.as_array().filter(|names| names.iter().all(Value::is_string));
                let names = names.ok_or_else(|| place.unfit("is no list of names"))?;
                (key, Value::Array(names.clone()))
            }
            "minProperties" | "minItems" | "minLength" => {
                let count = whole_number(value, place)?;
                if count > MOST {
                    return Err(place.unfit(format!("{count} is more than will ever be written")));
                }
                (key, json!(count))
            }
            "maxProperties" | "maxItems" | "maxLength" => (key, json!(whole_number(value, place)?.min(MOST))),
            "pattern" => {
                let pattern = value.as_str().ok_or_else(|| place.unfit("is no text"))?;
                self.patterns += usize::from(mood != Mood::Alone);
                if self.patterns > MOST_TOGETHER {
                    return Err(place.unfit(format!("more than {MOST_TOGETHER} patterns may have to fit together")));
                }
                (key, Value::String(pattern_at(pattern, place)?))
            }
            "format" if value.as_str().is_some_and(|name| FORMATS.contains(&name)) => (key, value.clone()),
            _ => return Ok(()),
        };
        written.insert(key.to_owned(), value);
        Ok(())
    }

    /// The mood of schemas beside each other, of which `schema` is made.
    fn combined(&mut self, schema: &Map<String, Value>, mood: Mood) -> Mood {
        if mood != Mood::Alone {
            return mood;
        }
        self.sets.push(Together::of(self.root, schema));
        Mood::Combined(self.sets.len() - 1)
    }

    fn list(&mut self, value: &Value, place: &Place<'_>, mood: Mood) -> Result<Value, Unfit> {
        let list = value.as_array().filter(|list| !list.is_empty());
        let list = list.ok_or_else(|| place.unfit("is no list of schemas"))?;
        let items = list.iter().enumerate().map(|(index, item)| self.schema(item, &place.item(index), mood));
        Ok(Value::Array(items.collect::<Result<_, _>>()?))
    }

    fn named(&mut self, value: &Value, place: &Place<'_>) -> Result<Value, Unfit> {
        let named = value.as_object().ok_or_else(|| place.unfit("has no schemas by name"))?;
        let schemas = named.iter().map(|(name, schema)| {
            let written = self.schema(schema, &place.key(name), Mood::Alone)?;
            Ok((name.clone(), written))
        });
        Ok(Value::Object(schemas.collect::<Result<_, Unfit>>()?))
    }

    fn reference(&mut self, value: &Value, place: &Place<'_>, mood: Mood) -> Result<Value, Unfit> {
        let reference = value.as_str().ok_or_else(|| place.unfit("is no reference"))?;
        if !reference.starts_with('#') {
            let why = format!("{:?} is outside of the schema, and nothing is fetched", shortened(reference));
            return Err(place.unfit(why));
        }
        if referred(self.root, reference).is_none() {
            return Err(place.unfit(format!("{:?} is not in the schema", shortened(reference))));
        }
        let next = format!("d{}", self.known.len());
        let name = match self.known.get(&(reference.to_owned(), mood)) {
            Some(name) => name,
            None => {
                self.wanted.push((reference.to_owned(), mood, next.clone()));
                self.known.entry((reference.to_owned(), mood)).or_insert(next)
            }
        };
        Ok(Value::String(format!("#/$defs/{name}")))
    }

    /// Values that are written as they stand.
    fn listed(&mut self, value: &Value, place: &Place<'_>) -> Result<(), Unfit> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(Unfit::whole(format!("it lists more than {MOST_VALUES} values")));
        }
        match value {
            Value::Number(number) if !numbers::is_exact(number) => {
                Err(place.unfit(format!("{number} has more digits than are kept")))
            }
            Value::Array(values) => values.iter().try_for_each(|value| self.listed(value, place)),
            Value::Object(values) => values.values().try_for_each(|value| self.listed(value, place)),
            // They are written in one way only, and most of these in none.
            Value::String(text) if text.chars().any(|c| c.is_ascii_control() && !"\n\r\t\u{8}\u{C}".contains(c)) => {
                Err(place.unfit("a text with control characters is not supported"))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
