//! How does a command end: with which exit code, and with which words when it failed?

use std::io;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::screen::{ERROR, HINT};
use crate::fault::Fault;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Fine,
    Failed,
    WrongUsage,
    /// Some of it failed; the rest is done.
    Partly,
    /// Nothing in the documents to answer from.
    NothingFound,
    /// Ctrl-C; what was done stays done.
    Interrupted,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> ExitCode {
        ExitCode::from(match ending {
            Ending::Fine => 0,
            Ending::Failed => 1,
            Ending::WrongUsage => 2,
            Ending::Partly => 3,
            Ending::NothingFound => 4,
            Ending::Interrupted => 130,
        })
    }
}

pub(super) type Outcome = Result<Ending, Failure>;

#[derive(Debug)]
pub(super) enum Failure {
    Fault(Fault),
    /// Whoever reads stdout does not take it.
    Stdout(io::Error),
}

impl<E: Into<Fault>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Fault(error.into())
    }
}

/// Codes of faults that lie in what was typed.
const WRONG_USAGE: [&str; 5] = ["usage", "settings", "empty_question", "question_too_long", "bad_k"];

/// A fault that lies in what was typed.
pub(super) fn wrong_usage(what: impl Into<String>) -> Fault {
    Fault::caller("usage", what)
}

impl Failure {
    pub(super) fn from_stdin(error: io::Error) -> Failure {
        Failure::Fault(
            Fault::caller("stdin", "standard input cannot be read").hint("give lines in UTF-8").because_of(error),
        )
    }

    pub(super) fn ending(&self) -> Ending {
        match self {
            Failure::Fault(fault) if WRONG_USAGE.contains(&fault.code) => Ending::WrongUsage,
            Failure::Fault(_) => Ending::Failed,
            // `docent list | head` has what it wanted.
            Failure::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe => Ending::Fine,
            Failure::Stdout(_) => Ending::Failed,
        }
    }
}

/// clap's findings in the form of all our errors; help and version are results.
pub(super) fn misread(error: &clap::Error) -> Ending {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return Ending::Fine;
    }
    let (what, hint) = words(error);
    anstream::eprintln!("{ERROR}error:{ERROR:#} {what}\n{HINT}hint:{HINT:#} {hint}");
    Ending::WrongUsage
}

fn words(error: &clap::Error) -> (String, String) {
    let rendered = error.render().to_string();
    let mut paragraphs = rendered.split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let what = paragraphs.next().unwrap_or_default();
    let what = what.strip_prefix("error: ").unwrap_or(&what).trim_end_matches('.').to_owned();
    let mut hint = None;
    let mut usage = None;
    for paragraph in paragraphs {
        if let Some(text) = paragraph.strip_prefix("tip: ") {
            hint.get_or_insert(text.split(" tip: ").next().unwrap_or_default().to_owned());
        } else if let Some(text) = paragraph.strip_prefix("Usage: ") {
            usage = Some(format!("usage: {text}"));
        }
    }
    if let Some(ContextValue::Strings(values)) = error.get(ContextKind::ValidValue)
        && !values.is_empty()
        && hint.is_none()
    {
        hint = Some(format!("one of: {}", values.join(", ")));
    }
    if error.kind() == ErrorKind::ValueValidation {
        hint.get_or_insert_with(|| "add `--help` to see what it takes".to_owned());
    }
    (what, hint.or(usage).unwrap_or_else(|| "`docent --help` shows what there is".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Typed;
    use clap::Parser;

    fn of(typed: &[&str]) -> (String, String) {
        words(&Typed::try_parse_from(typed).unwrap_err())
    }

    #[test]
    fn typing_errors_come_with_the_nearest_word() {
        let (what, hint) = of(&["docent", "confg"]);
        assert_eq!(what, "unrecognized subcommand 'confg'");
        assert!(hint.contains("'config'"), "{hint}");
        let (what, hint) = of(&["docent", "config", "show", "--jsn"]);
        assert_eq!(what, "unexpected argument '--jsn' found");
        assert!(hint.contains("'--json'"), "{hint}");
    }

    #[test]
    fn a_missing_word_shows_the_usage() {
        let (what, hint) = of(&["docent", "completions"]);
        assert!(what.contains("<SHELL>"), "{what}");
        assert!(hint.starts_with("usage: docent completions"), "{hint}");
    }
}
