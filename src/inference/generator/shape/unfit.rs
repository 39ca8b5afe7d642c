//! Why can a schema not be followed? Said of the place in it, in words of its author.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::inference::generator) struct Unfit {
    /// As a pointer into the schema, `#/properties/age`.
    pub(super) at: String,
    pub(super) why: String,
}

impl Unfit {
    pub(super) fn whole(why: impl Into<String>) -> Unfit {
        Unfit { at: "#".to_owned(), why: why.into() }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: {}", shortened(&self.at), self.why)
    }
}

/// Names in a schema may be as long as it is.
pub(super) fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(200)]
}
