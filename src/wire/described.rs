//! How names and words of a request are described, each rule once. They say what is checked where names and words are used.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Letters of any script: as `char::is_alphanumeric` has them.
macro_rules! name {
    () => {
        r"[\p{Alpha}\p{N}_][\p{Alpha}\p{N}_.-]{0,63}"
    };
}
/// Something beside spaces: as `str::trim` has them.
macro_rules! visible {
    () => {
        r"[^\u0009-\u000d \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
    };
}

/// What a collection or a topic is called.
#[derive(Debug)]
pub enum NameJson {}

/// A collection's name, or nothing: forms send what was left empty.
#[derive(Debug)]
pub enum ShelfJson {}

/// A question, or what is looked for.
#[derive(Debug)]
pub(super) enum WordsJson {}

/// The name of a document that is sent as text.
#[derive(Debug)]
pub(super) enum SourceJson {}

/// A document's text.
#[derive(Debug)]
pub(super) enum TextJson {}

fn text(pattern: &str, longest: Option<usize>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).max_length(longest)
}

impl PartialSchema for NameJson {
    fn schema() -> RefOr<Schema> {
        let what = "1 to 64 letters of any script, digits, `-`, `_` or `.`; it begins with none of `-` and `.`";
        text(concat!("^", name!(), "$"), None).description(Some(what)).examples(["biology"]).into()
    }
}

impl PartialSchema for ShelfJson {
    fn schema() -> RefOr<Schema> {
        let what = "A collection's name; an empty one is as good as none";
        text(concat!("^(", name!(), ")?$"), None).description(Some(what)).examples(["biology"]).into()
    }
}

impl PartialSchema for WordsJson {
    fn schema() -> RefOr<Schema> {
        text(visible!(), Some(4000)).min_length(Some(1)).description(Some("In any language")).into()
    }
}

impl PartialSchema for SourceJson {
    fn schema() -> RefOr<Schema> {
        let one_line = r"^[^\u0000-\u001f\u007f-\u009f]*$";
        let what = "What it is called from now on, in one line; the same source again updates the document";
        let line = text(one_line, Some(1024)).min_length(Some(1));
        // A pattern each: that it is one line, and that something stands in it.
        let all = utoipa::openapi::AllOfBuilder::new().item(line).item(text(visible!(), None));
        all.description(Some(what)).examples(["notes/heart.md"]).into()
    }
}

impl PartialSchema for TextJson {
    fn schema() -> RefOr<Schema> {
        text(visible!(), None).min_length(Some(1)).description(Some("Control characters are passed over")).into()
    }
}

macro_rules! named {
    ($($of:ident $name:literal),*) => {$(
        impl ToSchema for $of {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    )*};
}

named!(NameJson "Name", ShelfJson "Shelf", WordsJson "Words", SourceJson "Source", TextJson "Text");
