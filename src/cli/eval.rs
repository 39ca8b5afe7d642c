//! `docent eval`: how good retrieval and answers are on questions with known answers.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::screen::BOLD;
use crate::assistant::Mode;
use crate::domain::CollectionName;
use crate::fault::Fault;
use crate::local::{Evaluate, ScoresJson, Sheet, Task};
use crate::settings::{Count, parse};

/// Measures retrieval and answers on questions with known answers
#[derive(Debug, Args)]
#[command(
    after_help = "SQuAD-style JSON brings its own paragraphs: they become a temporary library, one document each. \
                        With an embedder it also says how each mode ranks by itself. JSON lines {\"question\", \"answers\", \"source\"} ask the library that is there.\n\n\
                        Examples:\n  docent eval squad.json --limit 200\n  \
                        docent eval english.json --questions spanish.json --json\n  \
                        docent eval questions.jsonl --collection biology --mode lexical"
)]
pub(super) struct EvalArgs {
    /// SQuAD-style JSON, or JSON lines
    file: PathBuf,
    /// Asks the questions of this parallel file instead
    #[arg(long, value_name = "FILE")]
    questions: Option<PathBuf>,
    /// Only from this collection
    #[arg(short, long, value_name = "NAME", value_parser = parse::<CollectionName>)]
    collection: Option<CollectionName>,
    /// From how many passages answers are made
    #[arg(short, value_name = "N", value_parser = parse::<Count<1, 100>>)]
    k: Option<Count<1, 100>>,
    /// How passages are found: hybrid, vector or lexical
    #[arg(long, value_name = "MODE", value_parser = parse::<Mode>)]
    mode: Option<Mode>,
    /// The first N questions only
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Asks every question once more with its paragraph taken out: nothing answers it then
    #[arg(long)]
    unanswerable: bool,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: EvalArgs, desk: &mut Desk<'_>) -> Outcome {
    let task = Evaluate {
        file: read(&args.file)?,
        questions: args.questions.as_deref().map(read).transpose()?,
        collection: args.collection.map(|name| name.to_string()),
        k: args.k.unwrap_or(desk.settings.search_k.value).get(),
        mode: args.mode.unwrap_or(desk.settings.search_mode.value).into(),
        certainty: desk.settings.certainty(),
        limit: args.limit,
        unanswerable: args.unanswerable,
    };
    let reach = desk.reach(task.needs())?;
    let bar = desk.screen.shows_progress().then(bar);
    let scores = reach.hear(task, &AtomicBool::new(false), &mut |(done, all)| {
        if let Some(bar) = &bar {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
        ControlFlow::Continue(())
    });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    desk.tell_troubles();
    let Some(scores) = scores? else { return Ok(Ending::Interrupted) };
    if args.json {
        desk.screen.json(&scores)?;
    } else {
        table(&scores, desk)?;
    }
    Ok(Ending::Fine)
}

fn read(path: &Path) -> Result<Sheet, Fault> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        Fault::caller("file_unreadable", format!("cannot read {name}: {}", error.kind()))
            .hint("give a file with questions and answers, in UTF-8")
            .because_of(error)
    })?;
    Ok(Sheet { name, text })
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} questions  {eta} left")
        .expect("the template is well formed")
        .progress_chars("━╸ ");
    ProgressBar::new(0).with_style(style)
}

fn table(scores: &ScoresJson, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let mut row = |name: &str, value: String| desk.screen.line(&format_args!("{name:24} {BOLD}{value:>9}{BOLD:#}"));
    let share = |value: f64| format!("{:.1} %", value * 100.0);
    row("questions", scores.questions.to_string())?;
    for (at, value) in &scores.recall_at {
        row(&format!("right document in top {at}"), share(*value))?;
    }
    for (mode, ranks) in &scores.modes {
        row(&format!("first, {mode} only"), share(ranks.recall_at.values().next().copied().unwrap_or_default()))?;
    }
    row("mrr", format!("{:.4}", scores.mrr))?;
    row("ndcg at 10", format!("{:.4}", scores.ndcg_at_10))?;
    let answer = &scores.answer;
    row("answer is exact", share(answer.exact))?;
    row("answer has the gold one", share(answer.contains))?;
    row("answer's f1", share(answer.f1))?;
    row("sentences per answer", format!("{:.2}", answer.sentences))?;
    row("answered", share(answer.answered))?;
    if let Some(refused) = answer.refused {
        row("refused, unanswerable", share(refused))?;
    }
    let latency = &scores.latency_ms;
    for (name, time) in [("p50", latency.p50), ("p95", latency.p95), ("p99", latency.p99)] {
        row(&format!("latency {name}"), format!("{time:.2} ms"))?;
    }
    Ok(())
}
