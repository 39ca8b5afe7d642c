//! Where in a schema is this? A path that costs nothing until something is wrong there.

use serde_json::Value;

use super::unfit::Unfit;

#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// A pointer from the whole.
    At(&'a str),
    Key(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    pub(super) fn key(&'a self, key: &'a str) -> Place<'a> {
        Place::Key(self, key)
    }

    pub(super) fn item(&'a self, index: usize) -> Place<'a> {
        Place::Item(self, index)
    }

    pub(super) fn unfit(&self, why: impl Into<String>) -> Unfit {
        Unfit { at: self.pointer(), why: why.into() }
    }

    fn pointer(&self) -> String {
        match self {
            Place::At(pointer) => (*pointer).to_owned(),
            Place::Key(above, key) => format!("{}/{}", above.pointer(), key.replace('~', "~0").replace('/', "~1")),
            Place::Item(above, index) => format!("{}/{index}", above.pointer()),
        }
    }
}

/// What `#/definitions/name` stands for. Only what is in the schema itself can be referred to.
pub(super) fn referred<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    if pointer.is_empty() {
        return Some(root);
    }
    root.pointer(&percent_decoded(pointer)?)
}

/// Pointers in references may be written as in addresses of the web.
fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_into_the_schema() {
        let root: Value = serde_json::from_str(r#"{"$defs":{"a/b":{"x":[1,2]},"ñ":3,"":4}}"#).unwrap();
        let found = |reference: &str| referred(&root, reference).map(Value::to_string);
        assert_eq!(found("#"), Some(root.to_string()));
        assert_eq!(found("#/$defs/a~1b/x/1").as_deref(), Some("2"));
        assert_eq!(found("#/%24defs/%C3%B1").as_deref(), Some("3"));
        assert_eq!(found("#/$defs/").as_deref(), Some("4"));
        for nowhere in ["#/$defs/c", "#name", "other.json#/a", "https://example.org/schema", "#/%2", "#/%FF", ""] {
            assert_eq!(found(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn a_place_is_a_pointer() {
        let root = Place::At("#");
        let (properties, odd) = (root.key("properties"), "a/b~c");
        let name = properties.key(odd);
        assert_eq!(name.item(3).unfit("is odd").to_string(), "at #/properties/a~1b~0c/3: is odd");
    }
}
