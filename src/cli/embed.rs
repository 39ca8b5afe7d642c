//! `docent embed`: lets documents be found by meaning that were added without the embedder that is in use now.

use std::ops::ControlFlow;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::interrupt::Interrupt;
use super::show_text::count;
use crate::local::{Embed, EmbedTold, Needs};

/// Lets documents be found by meaning that were added without the embedder in use
#[derive(Debug, Args)]
#[command(
    after_help = "`add` and `sync` embed what they add. This does the same for what was added before there was an \
                        embedder, or under another one. Ctrl-C stops it; the next time it goes on from there. Vectors of \
                        other embedders are removed when all is done.\n\n\
                        Examples:\n  docent embed\n  docent embed --prune --json"
)]
pub(super) struct EmbedArgs {
    /// Removes the vectors of other embedders at once, which makes room
    #[arg(long)]
    prune: bool,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: EmbedArgs, desk: &mut Desk<'_>) -> Outcome {
    let interrupt = Interrupt::listen()?;
    let reach = desk.reach(Needs::ToWrite)?;
    let shown = desk.screen.shows_progress();
    let mut bar = None;
    let report = reach.hear(Embed { prune: args.prune }, interrupt.flag(), &mut |told| {
        match (told, &bar) {
            (EmbedTold::Started { documents }, _) => bar = shown.then(|| self::bar(documents)),
            (EmbedTold::Done { documents }, Some(bar)) => bar.set_position(documents),
            (EmbedTold::Embedded { passages }, Some(bar)) => bar.set_message(count(passages, "passage")),
            (EmbedTold::Publishing, Some(bar)) => bar.set_message("writing"),
            (_, None) => {}
        }
        ControlFlow::Continue(())
    });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let report = report?;
    reach.close()?;
    let Some(report) = report else {
        desk.screen.hint(&"what was embedded stays; `docent embed` goes on from there");
        return Ok(Ending::Interrupted);
    };
    if args.json {
        desk.screen.json(&report)?;
    } else {
        let (documents, chunks) = (count(report.documents, "document"), count(report.chunks, "passage"));
        let (seconds, stopped) = (report.seconds, if report.stopped { ", stopped before the end" } else { "" });
        desk.screen.line(&format_args!(
            "embedded {documents}, {chunks} with {} in {seconds:.1} s{stopped}",
            report.embedder
        ))?;
        if !report.forgotten.is_empty() {
            desk.screen.line(&format_args!("removed the vectors of {}", report.forgotten.join(", ")))?;
        }
        if report.remaining > 0 {
            let left = count(report.remaining, "document");
            desk.screen.hint(&format_args!("{left} are left; `docent embed` goes on from there"));
        }
    }
    Ok(if report.stopped { Ending::Interrupted } else { Ending::Fine })
}

fn bar(documents: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} documents  {eta} left  {msg}")
        .expect("the template is well formed")
        .progress_chars("━╸ ");
    ProgressBar::new(documents).with_style(style)
}
