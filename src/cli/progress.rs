//! What is happening while documents are added: a bar on a terminal, a line per document with `-v`.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use super::screen::Screen;
use super::show_text::one_line;
use crate::assistant::{AddEvent, Outcome};

pub(super) struct Progress<'a> {
    screen: &'a mut Screen,
    bar: Option<ProgressBar>,
    files: (u64, u64),
    /// Embedded.
    passages: u64,
}

impl<'a> Progress<'a> {
    pub(super) fn new(screen: &'a mut Screen) -> Progress<'a> {
        Progress { screen, bar: None, files: (0, 0), passages: 0 }
    }

    pub(super) fn event(&mut self, event: &AddEvent<'_>) {
        match event {
            AddEvent::Started { files, bytes } => {
                self.files = (0, *files);
                self.bar = self.screen.shows_progress().then(|| bar(*bytes));
            }
            AddEvent::Done { path, bytes, outcome } => {
                self.screen.detail(&format_args!("{} {}", word(*outcome), named(path)));
                self.advance(*bytes);
            }
            AddEvent::Failed { path, bytes, fault } => {
                let what = &fault.what;
                // Most name the file; those that do not get it in front.
                let named = named(path);
                let what = if what.contains(&named) { what.clone() } else { format!("{named}: {what}") };
                let screen = &mut *self.screen;
                let mut complain = || screen.error(&what, fault.hint.as_deref());
                match &self.bar {
                    Some(bar) => bar.suspend(complain),
                    None => complain(),
                }
                self.advance(*bytes);
            }
            AddEvent::Embedded { passages } => {
                self.passages = *passages;
                self.message();
            }
            AddEvent::Publishing => {
                if let Some(bar) = &self.bar {
                    bar.set_message("writing the index");
                }
            }
        }
    }

    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    fn advance(&mut self, bytes: u64) {
        self.files.0 += 1;
        if let Some(bar) = &self.bar {
            bar.inc(bytes);
        }
        self.message();
    }

    fn message(&self) {
        let Some(bar) = &self.bar else { return };
        let (done, all) = self.files;
        bar.set_message(match self.passages {
            0 => format!("{done}/{all} files"),
            passages => format!("{done}/{all} files, {passages} passages embedded"),
        });
    }
}

/// For bytes that go somewhere.
pub(super) fn bytes_bar(bytes: u64) -> ProgressBar {
    bar(bytes)
}

fn bar(bytes: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{bar:30} {percent:>3} %  {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left  {msg}",
    )
    .expect("the template is well formed")
    .progress_chars("━╸ ");
    ProgressBar::new(bytes).with_style(style)
}

fn named(path: &Path) -> String {
    one_line(&path.display().to_string())
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Added => "added",
        Outcome::Updated => "updated",
        Outcome::Unchanged => "unchanged",
        Outcome::Renamed => "renamed",
        Outcome::Removed => "removed",
    }
}
