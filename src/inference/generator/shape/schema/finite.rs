//! Does a schema have anything that fits it and comes to an end? One that always asks for more of itself would be
//! written until there is no more room.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::super::unfit::Unfit;

/// `schema` is one that was written: every reference is to a definition.
pub(super) fn check(schema: &Value) -> Result<(), Unfit> {
    let none = Map::new();
    let definitions = schema.get("$defs").and_then(Value::as_object).unwrap_or(&none);
    let mut ends = Ends { known: definitions.keys().map(|name| (name.as_str(), false)).collect() };
    // Each that comes to an end may let others do so, which were mostly referred to before they were written.
    let mut is_news = true;
    while is_news {
        is_news = false;
        for (name, definition) in definitions.iter().rev() {
            if !ends.known[name.as_str()] && ends.ends(definition) {
                ends.known.insert(name, true);
                is_news = true;
            }
        }
    }
    if ends.ends(schema) { Ok(()) } else { Err(Unfit::whole("it has nothing that fits it and comes to an end")) }
}

struct Ends<'a> {
    /// Of each definition, whether it is known to.
    known: HashMap<&'a str, bool>,
}

impl Ends<'_> {
    fn ends(&self, schema: &Value) -> bool {
        let Value::Object(schema) = schema else { return schema != &Value::Bool(false) };
        let list = |key: &str| schema.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let reference = schema.get("$ref").and_then(Value::as_str);
        if reference.is_some_and(|reference| !self.is_known(reference)) {
            return false;
        }
        if !list("allOf").iter().all(|schema| self.ends(schema)) {
            return false;
        }
        let any = list("anyOf");
        if !any.is_empty() && !any.iter().any(|schema| self.ends(schema)) {
            return false;
        }
        let types = match schema.get("type") {
            Some(Value::String(name)) => vec![name.as_str()],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            // What is no object and no array has no parts to write.
            _ => return true,
        };
        types.into_iter().any(|name| match name {
            "object" => list("required").iter().filter_map(Value::as_str).all(|name| self.property_ends(schema, name)),
            "array" => self.items_end(schema),
            _ => true,
        })
    }

    fn is_known(&self, reference: &str) -> bool {
        let name = reference.strip_prefix("#/$defs/").unwrap_or(reference);
        self.known.get(name).copied().unwrap_or(false)
    }

    fn property_ends(&self, schema: &Map<String, Value>, name: &str) -> bool {
        match schema.get("properties").and_then(|properties| properties.get(name)) {
            Some(property) => self.ends(property),
            None if schema.contains_key("patternProperties") => true,
            None => schema.get("additionalProperties").is_none_or(|others| self.ends(others)),
        }
    }

    fn items_end(&self, schema: &Map<String, Value>) -> bool {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0) as usize;
        let first = schema.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        first.iter().take(least).all(|item| self.ends(item))
            && (least <= first.len() || schema.get("items").is_none_or(|items| self.ends(items)))
    }
}
