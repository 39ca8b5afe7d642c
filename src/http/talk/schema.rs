//! Schemas of what clients send, written down as they are published: they say exactly what is read.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};

use super::wanted::{LONGEST, MOST_STOPS};

/// A type that stands for each schema.
macro_rules! schemas {
    ($($(#[doc = $what:literal])* $name:ident = $schema:tt;)*) => {$(
        $(#[doc = $what])*
        #[derive(Debug)]
        pub(in crate::http) enum $name {}

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::http::talk::schema(serde_json::json!($schema))
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}

pub(in crate::http) use schemas;

/// What is read so far only: nothing, or one of these.
pub(in crate::http) fn only(harmless: Value) -> Value {
    let mut values = vec![Value::Null];
    values.extend(harmless.as_array().cloned().unwrap_or_default());
    let kinds: BTreeSet<&str> = values.iter().map(kind).collect();
    json!({"type": kinds, "enum": values, "description": "Anything else is refused"})
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Texts that end an answer.
pub(in crate::http) fn stops() -> Value {
    let several = json!({"type": "array", "maxItems": MOST_STOPS, "items": {"type": "string"}});
    json!({"oneOf": [{"type": "string"}, several, {"type": "null"}]})
}

pub(in crate::http) fn timeout() -> Value {
    let what = "When the answer has to be there; docent's own";
    json!({"type": ["integer", "null"], "minimum": 1, "maximum": LONGEST, "description": what})
}

/// A schema of an object: its own fields, and those that it shares with others.
pub(in crate::http) fn with(mut own: Value, shared: Value) -> Value {
    if let (Some(fields), Value::Object(shared)) = (own["properties"].as_object_mut(), shared) {
        fields.extend(shared);
    }
    own
}

/// Of one that is written in the program.
pub(in crate::http) fn schema(written: Value) -> RefOr<Schema> {
    serde_json::from_value(written).expect("a test reads every schema")
}
