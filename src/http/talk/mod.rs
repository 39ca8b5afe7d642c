//! What the two borrowed dialects share: reading a request, who is asked, and one stream of what is said.

mod fields;
mod grounds;
mod model;
mod schema;
mod stream;
mod turns;
mod vectors;
mod wanted;
mod words;

pub(super) use fields::{Fields, Param, Refused, Result, shown};
pub(super) use grounds::Grounds;
pub(super) use model::{Asked, DOCENT};
pub(super) use schema::{only, schema, schemas, stops, timeout, with};
pub(super) use stream::{Begun, Form};
#[cfg(test)]
pub(super) use tests::fields_are_read;
pub(super) use vectors::vectors;
pub(super) use wanted::{LONGEST, MOST_STOPS, Wanted, chance, identity, tokens};
#[cfg(test)]
pub(super) use words::Ended;
pub(super) use words::{Over, Words};

#[cfg(test)]
mod tests;
