//! What does a GGUF file say about the model in it?

use std::io::Read;

use super::Why;
use crate::gguf::{self, BadGguf};

#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::models) struct Header {
    pub name: Option<String>,
    pub architecture: Option<String>,
    pub context: Option<usize>,
    pub licence: Option<String>,
    pub languages: Vec<String>,
}

/// What is longer is none of what docent wants to know.
const MOST_TEXT: usize = 4 << 10;
const MOST_LANGUAGES: usize = 1000;

pub(in crate::models) fn read_header(reader: impl Read, length: u64) -> Result<Header, Why> {
    let wanted = |key: &str| {
        let general = ["general.name", "general.architecture", "general.license", "general.languages"];
        general.contains(&key) || key.ends_with(".context_length")
    };
    let contents = gguf::read(reader, length, wanted).map_err(|error| match error {
        BadGguf::Unread(error) => crate::models::error::reason(&error),
        error => error.to_string(),
    })?;
    let text = |key: &str| contents.text(key).filter(|text| text.len() <= MOST_TEXT).map(str::to_owned);
    let architecture = text("general.architecture").ok_or("it names no architecture")?;
    let context = contents.integer(&format!("{architecture}.context_length"));
    let languages = contents.texts("general.languages").unwrap_or_default();
    Ok(Header {
        name: text("general.name"),
        architecture: Some(architecture),
        context: context.and_then(|tokens| usize::try_from(tokens).ok()),
        licence: text("general.license"),
        languages: languages.iter().filter(|name| name.len() <= MOST_TEXT).take(MOST_LANGUAGES).cloned().collect(),
    })
}
