//! Which formats are read, under which names, and by whom? A new format is one file and one row here.

use std::borrow::Cow;

use super::guard::{Escape, contained};
use super::{Limits, Problem, ReadError, csv, decode, detect, docx, html, json, markdown, pdf, plain};
use crate::domain::{Format, Manuscript};

struct Reader {
    format: Format,
    extensions: &'static [&'static str],
    read: fn(&Source<'_>) -> Result<Manuscript, Problem>,
}

const READERS: [Reader; 7] = [
    Reader {
        format: Format::Text,
        extensions: &["txt", "text", "log", "rst", "org", "adoc", "asciidoc", "tex", "srt", "vtt"],
        read: plain::read,
    },
    Reader {
        format: Format::Markdown,
        extensions: &["md", "markdown", "mdown", "mkd", "mkdn", "mdx", "rmd", "qmd"],
        read: markdown::read,
    },
    Reader { format: Format::Html, extensions: &["html", "htm", "xhtml", "shtml"], read: html::read },
    Reader { format: Format::Csv, extensions: &["csv", "tsv", "tab"], read: csv::read },
    Reader { format: Format::Json, extensions: &["json", "jsonl", "ndjson"], read: json::read },
    Reader { format: Format::Pdf, extensions: &["pdf"], read: pdf::read },
    Reader { format: Format::Docx, extensions: &["docx", "docm", "dotx", "dotm"], read: docx::read },
];

/// What a reader is given.
pub(super) struct Source<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) limits: &'a Limits,
}

impl<'a> Source<'a> {
    pub(super) fn text(&self) -> Result<Cow<'a, str>, Problem> {
        self.text_declared(None)
    }

    pub(super) fn text_declared(
        &self,
        declared: Option<&'static encoding_rs::Encoding>,
    ) -> Result<Cow<'a, str>, Problem> {
        let text = decode::decode(self.bytes, declared)?;
        if text.len() > self.limits.text_bytes.saturating_mul(4) {
            return Err(Problem::TooMuchText { limit: self.limits.text_bytes });
        }
        Ok(text)
    }
}

/// The text of a file's bytes. `name` is shown in errors and helps to tell kinds of text apart.
pub fn parse(name: &str, bytes: &[u8], limits: &Limits) -> Result<Manuscript, ReadError> {
    let format = detect(name, bytes)?;
    let read = reader(format).read;
    let source = Source { bytes, limits };
    contained(|| read(&source))
        .unwrap_or_else(|escape| {
            Err(match escape {
                Escape::GaveUp => Problem::TooMuchWork(format),
                Escape::Panicked(message) => Problem::Panicked { format, message },
                Escape::NoThread(error) => Problem::Io(std::io::Error::other(error)),
            })
        })
        .map_err(|problem| problem.of(name))
}

/// The format a name promises.
pub(super) fn named(name: &str) -> Option<Format> {
    let extension = extension(name)?;
    let reader = READERS.iter().find(|reader| reader.extensions.iter().any(|e| extension.eq_ignore_ascii_case(e)));
    reader.map(|reader| reader.format)
}

pub(super) fn extension(name: &str) -> Option<&str> {
    let file = name.rsplit(['/', '\\']).next()?;
    let (stem, extension) = file.rsplit_once('.')?;
    (!stem.is_empty()).then_some(extension)
}

pub(super) fn is_json(bytes: &[u8]) -> bool {
    decode::decode(bytes, None).is_ok_and(|text| json::is_one_value(&text))
}

fn reader(format: Format) -> &'static Reader {
    READERS.iter().find(|reader| reader.format == format).expect("every format has a row in the table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_reader_and_a_name() {
        for format in Format::ALL {
            assert!(reader(format).extensions.iter().all(|extension| named(&format!("a.{extension}")) == Some(format)));
        }
        assert_eq!(named(".txt"), None);
        assert_eq!(named("C:\\docs\\A.TXT"), Some(Format::Text));
    }

    #[test]
    fn an_error_names_its_file_once() {
        let error = parse("dir/a.txt", b"", &Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), "cannot read dir/a.txt: the file is empty");
        let blank = parse("dir/a.txt", b" \n\n ", &Limits::default()).unwrap_err();
        assert_eq!(blank.to_string(), "cannot read dir/a.txt: the text holds no text");
    }
}
