//! What may be anything, and ends some day: not nested deeper than readers follow.

use serde_json::{Value, json};

/// Where a schema says nothing.
const ANYTHING: &str = "#/$defs/any0";

/// An object of which nothing is said.
pub(in crate::inference::generator::shape) const ANY_OBJECT: &str = r#"{"type":"object"}"#;

const LEVELS: usize = 16;

pub(super) fn anything_else() -> Value {
    json!({ "$ref": ANYTHING })
}

/// The same where several say it of one value, which is then not looked at again and again.
pub(super) fn plain() -> Value {
    json!({ "type": ["null", "boolean", "number", "string"], "minimum": -1e15, "maximum": 1e15 })
}

/// The definitions it needs.
pub(super) fn definitions() -> impl Iterator<Item = (String, Value)> {
    (0..LEVELS).map(|level| {
        let plain = plain();
        let within = format!("#/$defs/any{}", level + 1);
        let nested = [
            json!({ "type": "object", "additionalProperties": { "$ref": within } }),
            json!({ "type": "array", "items": { "$ref": within } }),
        ];
        let any = if level + 1 == LEVELS { plain } else { json!({ "anyOf": [plain, nested[0], nested[1]] }) };
        (format!("any{level}"), any)
    })
}
