//! What a schema leaves open, kept close: an object has the properties that are named, a tuple its items.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::super::place::referred;
use super::anything::{anything_else, plain};
use super::keywords;

/// Names beside each other; of more, objects are left open.
const MOST_NAMES: usize = 500;

/// Schemas that one value has to fit: which properties do they name together?
#[derive(Debug, Default)]
pub(super) struct Together {
    /// With what is left of their values for the others to say.
    names: Map<String, Value>,
    is_typed: bool,
    meant: Option<&'static str>,
    has_items: bool,
    /// Some say themselves which others there may be.
    is_open: bool,
}

impl Together {
    pub(super) fn of(root: &Value, schema: &Map<String, Value>) -> Together {
        let mut together = Together::default();
        together.gather(root, schema, &mut HashSet::new());
        together.is_open |= together.names.len() > MOST_NAMES;
        together
    }

    /// Which type they have, where they only say what values of one type are like.
    pub(super) fn meant(&self) -> Option<&'static str> {
        self.meant.filter(|_| !self.is_typed)
    }

    fn gather(&mut self, root: &Value, schema: &Map<String, Value>, met: &mut HashSet<*const Value>) {
        self.is_open |= schema.contains_key("additionalProperties") || schema.contains_key("patternProperties");
        let named =
            schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name.as_str());
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in named {
            self.names.insert(name.to_owned(), Value::Bool(true));
        }
        for name in required {
            self.names.entry(name).or_insert_with(plain);
        }
        self.is_typed |= keywords::is_typed(schema);
        self.meant = self.meant.or(keywords::meant(schema));
        self.has_items |= schema.contains_key("items") || schema.contains_key("prefixItems");
        let lists = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        let meant = schema.get("$ref").and_then(Value::as_str).and_then(|reference| referred(root, reference));
        for part in lists.chain(meant) {
            // Each once, however often it is referred to.
            if let (Value::Object(inner), true) = (part, met.insert(std::ptr::from_ref(part))) {
                self.gather(root, inner, met);
            }
        }
    }
}

/// Of a schema by itself.
pub(super) fn alone(written: &mut Map<String, Value>) {
    let names = |key: &str| written.get(key).and_then(Value::as_object).filter(|names| !names.is_empty());
    let mut close = Vec::new();
    if may_be(written, "object") && !written.contains_key("additionalProperties") {
        let properties = names("properties");
        let is_named =
            |name: &Value| properties.is_some_and(|all| name.as_str().is_some_and(|name| all.contains_key(name)));
        let required = written.get("required").and_then(Value::as_array);
        let has_names = properties.is_some() || names("patternProperties").is_some();
        let is_closed = has_names && required.is_none_or(|required| required.iter().all(is_named));
        close.push(("additionalProperties", if is_closed { Value::Bool(false) } else { anything_else() }));
    }
    if may_be(written, "array") && !written.contains_key("items") {
        let least = written.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let listed = written.get("prefixItems").and_then(Value::as_array).map(|list| list.len() as u64);
        let is_closed = listed.is_some_and(|listed| least <= listed);
        close.push(("items", if is_closed { Value::Bool(false) } else { anything_else() }));
    }
    written.extend(close.into_iter().map(|(key, value)| (key.to_owned(), value)));
}

/// Of one beside others: the properties of all of them.
pub(super) fn beside(written: &mut Map<String, Value>, others: &Together) {
    if !others.has_items && may_be(written, "array") {
        written.insert("items".to_owned(), plain());
    }
    if others.is_open || !may_be(written, "object") {
        return;
    }
    if others.names.is_empty() {
        written.insert("additionalProperties".to_owned(), plain());
        return;
    }
    let Some(properties) = written.entry("properties").or_insert_with(|| json!({})).as_object_mut() else { return };
    for (name, anything) in &others.names {
        properties.entry(name.as_str()).or_insert_with(|| anything.clone());
    }
    written.insert("additionalProperties".to_owned(), Value::Bool(false));
}

fn may_be(written: &Map<String, Value>, kind: &str) -> bool {
    match written.get("type") {
        Some(Value::Array(types)) => types.iter().any(|name| name == kind),
        Some(name) => name == kind,
        None => true,
    }
}
