//! What an entry says, for people.

use super::rows::{AnswerRow, PassagesRow};
use super::written::text_of;
use crate::cache::{Space, unpack};

/// Nothing where it says nothing that could be read.
pub fn remembered_text(space: &str, bytes: &[u8]) -> Option<String> {
    match space {
        Space::ANSWER => unpack::<AnswerRow>(bytes).map(AnswerRow::shown),
        Space::SEARCH | Space::CONTEXT => unpack::<PassagesRow>(bytes).map(PassagesRow::shown),
        Space::WRITTEN => text_of(bytes),
        Space::EMBEDDING | Space::USAGE => None,
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}
