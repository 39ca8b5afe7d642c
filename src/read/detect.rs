//! What kind of file is this? Its bytes are believed before its name.

use super::formats::{self, named};
use super::{Problem, ReadError};
use crate::domain::Format;

/// The format of a file's bytes; `name` decides only between kinds of plain text.
pub fn detect(name: &str, bytes: &[u8]) -> Result<Format, ReadError> {
    kind(name, bytes).map_err(|problem| problem.of(name))
}

/// Whether a walk through a folder should try this file.
pub fn is_readable_name(path: &std::path::Path) -> bool {
    let Some(name) = path.file_name() else { return false };
    let name = name.to_string_lossy();
    // An open document's lock file has the document's own extension.
    !name.starts_with("~$") && !name.starts_with(".~lock") && !name.starts_with("._") && named(&name).is_some()
}

pub(super) fn kind(name: &str, bytes: &[u8]) -> Result<Format, Problem> {
    if bytes.is_empty() {
        return Err(Problem::Empty);
    }
    let head = &bytes[..bytes.len().min(1024)];
    // Some programs write a few bytes of their own before a PDF begins.
    if let Some(at) = find(head, b"%PDF-")
        && (named(name) == Some(Format::Pdf) || (at < 16 && head.get(at + 5).is_some_and(u8::is_ascii_digit)))
    {
        return Ok(Format::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return packed(name, bytes);
    }
    if let Some((_, what, hint)) = KNOWN.iter().find(|(mark, ..)| bytes.starts_with(mark)) {
        return Err(Problem::Unsupported { what, hint });
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Err(Problem::Unsupported { what: "a video or a photograph", hint: PICTURE });
    }
    let start = text_start(bytes);
    let opens = |mark: &[u8]| start.len() >= mark.len() && start[..mark.len()].eq_ignore_ascii_case(mark);
    let is_html = opens(b"<!doctype html") || opens(b"<html");
    match named(name) {
        // Pages saved from the web keep all sorts of names.
        Some(Format::Text | Format::Pdf | Format::Docx) | None if is_html => Ok(Format::Html),
        Some(binary @ (Format::Pdf | Format::Docx)) => Err(Problem::NotA(binary)),
        Some(format) => Ok(format),
        None if opens(b"{") && formats::is_json(bytes) => Ok(Format::Json),
        None => Ok(Format::Text),
    }
}

const PICTURE: &str = "pictures and recordings hold no text to read; describe them in a text file";
const UNPACK: &str = "unpack it and add the files inside";
const OFFICE: &str = "open it in its program and save it as docx or pdf";

/// First bytes of what is known and not read.
const KNOWN: [(&[u8], &str, &str); 18] = [
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted office file", OFFICE),
    (b"{\\rtf", "rich text (rtf)", OFFICE),
    (b"\x89PNG\r\n", "a picture (png)", PICTURE),
    (b"\xff\xd8\xff", "a picture (jpeg)", PICTURE),
    (b"GIF8", "a picture (gif)", PICTURE),
    (b"BM\x00\x00", "a picture (bmp)", PICTURE),
    (b"II*\0", "a picture (tiff)", PICTURE),
    (b"MM\0*", "a picture (tiff)", PICTURE),
    (b"RIFF", "a recording or a picture", PICTURE),
    (b"ID3", "a recording (mp3)", PICTURE),
    (b"OggS", "a recording (ogg)", PICTURE),
    (b"\x1a\x45\xdf\xa3", "a video (matroska)", PICTURE),
    (b"\x1f\x8b", "an archive (gzip)", UNPACK),
    (b"BZh9", "an archive (bzip2)", UNPACK),
    (b"\xfd7zXZ\0", "an archive (xz)", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z)", UNPACK),
    (b"\x28\xb5\x2f\xfd", "an archive (zstd)", UNPACK),
    (b"SQLite format 3\0", "a database (sqlite)", "export its tables as csv"),
];

/// What lies in a zip is told by the names of its entries, which stand in plain sight in its directory at the end.
fn packed(name: &str, bytes: &[u8]) -> Result<Format, Problem> {
    let holds = |part: &[u8]| find(bytes, part).is_some();
    if holds(b"word/document") || named(name) == Some(Format::Docx) {
        return Ok(Format::Docx);
    }
    let (what, hint) = if holds(b"xl/workbook") {
        ("a spreadsheet (xlsx)", "save its sheets as csv")
    } else if holds(b"ppt/presentation") {
        ("a presentation (pptx)", "save it as pdf")
    } else if holds(b"mimetypeapplication/epub") {
        ("a book (epub)", "save it as html or pdf")
    } else if holds(b"mimetypeapplication/vnd.oasis") {
        ("an OpenDocument file", OFFICE)
    } else {
        ("an archive (zip)", UNPACK)
    };
    Err(Problem::Unsupported { what, hint })
}

pub(super) fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    // The first byte is sought alone, which is quick, and the rest compared only there.
    let first = *part.first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        if bytes[from + at..].starts_with(part) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// Past a byte order mark, white space, and the comments and declarations that may stand before `<html>`.
fn text_start(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    rest = &rest[..rest.len().min(4096)];
    loop {
        rest = rest.trim_ascii_start();
        let end = if rest.starts_with(b"<!--") {
            find(rest, b"-->").map(|at| at + 3)
        } else if rest.starts_with(b"<?xml") {
            find(rest, b"?>").map(|at| at + 2)
        } else {
            None
        };
        match end {
            Some(end) => rest = &rest[end..],
            None => return rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn bytes_are_believed_before_the_name() {
        for (name, bytes, format) in [
            ("a.txt", "%PDF-1.7\n".as_bytes(), Format::Pdf),
            ("a.pdf", b"\xef\xbb\xbf%PDF-1.4", Format::Pdf),
            ("a.txt", b"<!-- saved -->\n<!DOCTYPE HTML><p>x", Format::Html),
            ("page.pdf", b"<html><body>Not found", Format::Html),
            ("a.md", b"# Title", Format::Markdown),
            ("a.CSV", b"a,b", Format::Csv),
            ("notes", b"plain words", Format::Text),
            ("data", b"{\"a\": 1}", Format::Json),
            ("README", b"{curly} braces", Format::Text),
            ("how-to-%PDF.txt", b"a line about %PDF- marks, well inside of a text", Format::Text),
        ] {
            assert_eq!(kind(name, bytes).unwrap(), format, "{name}");
        }
    }

    #[test]
    fn what_is_not_read_says_what_it_is() {
        for (name, bytes, shown) in [
            ("a.txt", b"\x89PNG\r\n\x1a\n".as_slice(), "it is a picture (png), which is not read"),
            ("a.pdf", b"just text", "named like pdf, but it is not pdf"),
            ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is an old or encrypted office file, which is not read"),
            ("a.xlsx", b"PK\x03\x04....xl/workbook.xml", "it is a spreadsheet (xlsx), which is not read"),
            ("a.txt", b"", "the file is empty"),
        ] {
            assert_eq!(kind(name, bytes).unwrap_err().to_string(), shown);
        }
    }

    #[test]
    fn a_walk_takes_what_can_be_read() {
        for name in ["a.txt", "B.PDF", "dir/c.docx", "d.jsonl", "e.markdown"] {
            assert!(is_readable_name(Path::new(name)), "{name}");
        }
        for name in ["a.png", "b.exe", "c", "~$c.docx", "._d.txt", ".gitignore"] {
            assert!(!is_readable_name(Path::new(name)), "{name}");
        }
    }
}
