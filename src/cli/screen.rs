//! Where results, notes and errors go, and what the reader's terminal can show.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::args::Colour;
use super::ending::{Ending, Failure, Outcome};

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const MARK: Style = AnsiColor::Cyan.on_default().bold();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(super) const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loudness {
    Quiet,
    Plain,
    Verbose,
}

/// Longer lines are hard to read, however wide the window is.
const WIDEST: usize = 100;

pub(super) struct Screen {
    stdout: BufWriter<AutoStream<io::Stdout>>,
    stderr: AutoStream<io::Stderr>,
    loudness: Loudness,
    /// Columns for running text; `None` where no terminal wraps it.
    pub width: Option<usize>,
}

impl Screen {
    pub(super) fn open(colour: Colour, loudness: Loudness) -> Screen {
        ColorChoice::from(colour).write_global();
        let stdout = AutoStream::auto(io::stdout());
        let width = stdout.is_terminal().then(terminal_width);
        Screen { stdout: BufWriter::new(stdout), stderr: AutoStream::auto(io::stderr()), loudness, width }
    }

    pub(super) fn stdout(&mut self) -> &mut dyn Write {
        &mut self.stdout
    }

    pub(super) fn out(&mut self, text: &dyn fmt::Display) -> Result<(), Failure> {
        write!(self.stdout, "{text}").map_err(Failure::Stdout)
    }

    pub(super) fn line(&mut self, text: &dyn fmt::Display) -> Result<(), Failure> {
        writeln!(self.stdout, "{text}").map_err(Failure::Stdout)
    }

    /// What was written so far is seen now.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        self.stdout.flush().map_err(Failure::Stdout)
    }

    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer_pretty(&mut self.stdout, value).map_err(|error| Failure::Stdout(error.into()))?;
        self.out(&'\n')
    }

    /// One value on one line, for those that come one after another.
    pub(super) fn json_line(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.stdout, value).map_err(|error| Failure::Stdout(error.into()))?;
        self.out(&'\n')?;
        self.flush()
    }

    /// For people, on stderr. Where nobody takes it, nothing is lost.
    pub(super) fn note(&mut self, text: &dyn fmt::Display) {
        if self.loudness >= Loudness::Plain {
            let _ = writeln!(self.stderr, "{text}");
        }
    }

    /// A note for `-v`.
    pub(super) fn detail(&mut self, text: &dyn fmt::Display) {
        if self.loudness >= Loudness::Verbose {
            let _ = writeln!(self.stderr, "{text}");
        }
    }

    pub(super) fn hint(&mut self, text: &dyn fmt::Display) {
        self.note(&format_args!("{HINT}hint:{HINT:#} {text}"));
    }

    /// Something did not work, and what was asked for was done without it.
    pub(super) fn warning(&mut self, what: &dyn fmt::Display, hint: Option<&str>) {
        self.note(&format_args!("{WARNING}warning:{WARNING:#} {what}"));
        if let Some(hint) = hint {
            self.hint(&hint);
        }
    }

    pub(super) fn error(&mut self, what: &dyn fmt::Display, hint: Option<&str>) {
        let _ = writeln!(self.stderr, "{ERROR}error:{ERROR:#} {what}");
        if let Some(hint) = hint {
            let _ = writeln!(self.stderr, "{HINT}hint:{HINT:#} {hint}");
        }
    }

    /// Whether a bar may be drawn on stderr.
    pub(super) fn shows_progress(&self) -> bool {
        self.loudness == Loudness::Plain && io::stderr().is_terminal()
    }

    pub(super) fn stderr_has_colour(&self) -> bool {
        !matches!(self.stderr.current_choice(), ColorChoice::Never)
    }

    /// The last words of a command.
    pub(super) fn end(&mut self, outcome: Outcome) -> Ending {
        let outcome = outcome.and_then(|ending| self.flush().map(|()| ending));
        let failure = match outcome {
            Ok(ending) => return ending,
            Err(failure) => failure,
        };
        match &failure {
            Failure::Fault(fault) => {
                // What was found before it failed is still a result, and stands before the error.
                let _ = self.flush();
                tracing::debug!(code = fault.code, cause = ?std::error::Error::source(fault), "failed");
                self.error(fault, fault.hint.as_deref());
            }
            Failure::Stdout(error) if failure.ending() == Ending::Failed => {
                self.error(&format_args!("cannot write to standard output: {}", error.kind()), None);
            }
            Failure::Stdout(_) => {}
        }
        failure.ending()
    }
}

/// Terminals that do not know their own size are as wide as terminals once were.
fn terminal_width() -> usize {
    let columns = terminal_size::terminal_size().map_or(80, |(terminal_size::Width(columns), _)| usize::from(columns));
    columns.clamp(20, WIDEST)
}
