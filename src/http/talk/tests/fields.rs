//! Is every field of a schema read, and everything that is needed missed?

use serde_json::Value;

/// Sends every field of a schema wrongly, one after the other, beside what is right; `reads` says whether it was taken.
/// A schema and what is read cannot part ways unnoticed.
pub(in crate::http) fn fields_are_read<T: utoipa::PartialSchema>(right: &Value, reads: &dyn Fn(&Value) -> bool) {
    let written = serde_json::to_value(T::schema()).unwrap();
    // Some stand beside a choice of others.
    let written = if written["allOf"].is_array() { &written["allOf"][0] } else { &written };
    assert!(reads(right), "{right} is right");
    let fields = written["properties"].as_object().unwrap();
    for name in fields.keys() {
        // No field of any dialect takes this.
        let mut wrong = right.clone();
        wrong[name] = serde_json::json!([[{"": 0}]]);
        assert!(!reads(&wrong), "{name} is in the schema, and nobody reads it");
    }
    for needed in written["required"].as_array().into_iter().flatten() {
        let mut without = right.clone();
        without.as_object_mut().unwrap().remove(needed.as_str().unwrap());
        assert!(!reads(&without), "{needed} is needed, and nobody misses it");
    }
}
