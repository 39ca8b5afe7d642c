//! What does a file say? Bytes in any known format become a [`Manuscript`](crate::domain::Manuscript).
//! Every file is hostile until read: sizes, depth and work are bounded, and no parser's panic leaves this room.

mod csv;
mod decode;
mod detect;
mod docx;
mod draft;
mod error;
mod file;
mod formats;
mod guard;
mod html;
mod json;
mod limits;
mod markdown;
mod package;
mod pdf;
mod plain;
mod table;
mod titles;
mod xml;

#[cfg(test)]
mod parity;

pub use detect::{detect, is_readable_name};
pub use error::{Problem, ReadError};
pub use file::load;
pub use formats::parse;
pub use limits::Limits;
