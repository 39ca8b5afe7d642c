//! What clients write in several calls, checked.

use crate::domain::CollectionName;
use crate::fault::{Fault, Result};

pub(super) fn collection(name: Option<&str>) -> Result<Option<CollectionName>> {
    name.map(named).transpose()
}

pub(super) fn named(name: &str) -> Result<CollectionName> {
    CollectionName::new(name).map_err(|error| {
        Fault::caller("bad_collection", error.to_string()).hint("a collection is called like biology or lab-2024")
    })
}

pub(super) fn unknown_model(name: &str) -> Fault {
    Fault::caller("unknown_model", format!("there is no generator {name:?} in use"))
        .hint("leave `model` out for the one that was chosen; `/v1/models` lists those that are there")
}
