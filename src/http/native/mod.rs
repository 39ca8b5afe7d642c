//! docent's own dialect, under `/rag/v1`.

mod ask;
mod search;
mod words;

pub(super) use self::ask::ask;
pub(super) use self::search::search;
