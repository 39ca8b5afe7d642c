//! Schemas of what clients send, written down as they are published: they say exactly what is read.

use serde_json::Value;
use utoipa::openapi::{RefOr, Schema};

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

/// Of one that is written in the program.
pub(in crate::http) fn schema(written: Value) -> RefOr<Schema> {
    serde_json::from_value(written).expect("a test reads every schema")
}
