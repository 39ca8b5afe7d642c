//! What do chat templates take for granted? Most were written for Python, by people who tried them there.

use std::error::Error as _;
use std::fmt;

use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, Value};

pub(super) fn add(environment: &mut Environment<'static>, source: &str) {
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, "raised").with_source(Raised(message)))
    });
    environment.add_filter("tojson", to_json);
    // Asked of the tools that there are none of.
    environment.add_test("iterable", |value: &Value| !value.is_none() && value.try_iter().is_ok());
    // The day is not told: the same question gives the same prompt tomorrow. Templates that ask first have a day of their
    // own for it; the others write none.
    if !source.contains("strftime_now is defined") {
        environment.add_function("strftime_now", |_: String| String::new());
    }
}

/// What a template said with `raise_exception`.
#[derive(Debug)]
struct Raised(String);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Raised {}

pub(super) fn raised(error: &Error) -> Option<&str> {
    let mut below = error.source();
    while let Some(cause) = below {
        if let Some(Raised(message)) = cause.downcast_ref() {
            return Some(message);
        }
        below = cause.source();
    }
    None
}

/// Python's own form: a space behind `,` and `:`, nothing made safe for web pages.
fn to_json(value: &Value, options: Kwargs) -> Result<String, Error> {
    let indent: Option<usize> = options.get("indent")?;
    // Whatever else is asked for changes nothing here.
    let _ = (options.get::<Option<bool>>("ensure_ascii")?, options.get::<Option<bool>>("sort_keys")?);
    options.assert_all_used()?;
    let mut out = Vec::new();
    let written = match indent {
        Some(indent) => {
            let spaces = vec![b' '; indent.min(16)];
            let form = serde_json::ser::PrettyFormatter::with_indent(&spaces);
            serde::Serialize::serialize(value, &mut serde_json::Serializer::with_formatter(&mut out, form))
        }
        None => serde::Serialize::serialize(value, &mut serde_json::Serializer::with_formatter(&mut out, Spaced)),
    };
    let failed = |_| Error::new(ErrorKind::BadSerialization, "cannot be written as JSON");
    written.map_err(failed)?;
    String::from_utf8(out).map_err(|_| Error::new(ErrorKind::BadSerialization, "cannot be written as JSON"))
}

struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

/// `{% generation %}` shows what is learned from in training; what stands inside is written in any case.
pub(super) fn without_training(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find("{%") {
        let inside = &rest[at + 2..];
        let Some(end) = inside.find("%}") else { break };
        let tag = &inside[..end];
        let word = tag.trim_matches(|c: char| c.is_whitespace() || c == '-' || c == '+');
        let stand_in = match word {
            "generation" => "if true",
            "endgeneration" => "endif",
            _ => word,
        };
        out.push_str(&rest[..at + 2]);
        if stand_in == word {
            out.push_str(tag)
        } else {
            out.push_str(&tag.replace(word, stand_in))
        }
        out.push_str("%}");
        rest = &inside[end + 2..];
    }
    out.push_str(rest);
    out
}
