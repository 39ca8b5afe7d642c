//! `docent eval`: how good retrieval and answers are on questions with known answers.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::json::ScoresJson;
use super::screen::BOLD;
use crate::assistant::{self, Evaluation, Mode, RECALL_AT, Scores};
use crate::domain::CollectionName;
use crate::fault::Fault;
use crate::settings::{Count, Value, parse};

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
    let (name, text) = read(&args.file)?;
    let questions = args.questions.as_deref().map(read).transpose()?;
    let evaluation = Evaluation {
        file: (&name, &text),
        questions: questions.as_ref().map(|(name, text)| (name.as_str(), text.as_str())),
        collection: args.collection.clone(),
        k: args.k.unwrap_or(desk.settings.search_k.value).get(),
        mode: args.mode.unwrap_or(desk.settings.search_mode.value),
        engines: desk.engines(),
        certainty: desk.settings.certainty(),
        limit: args.limit,
        without_answers: args.unanswerable,
        cut: desk.settings.cut(),
    };
    let bar = desk.screen.shows_progress().then(bar);
    let mut progress = |done: usize, all: usize| {
        if let Some(bar) = &bar {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
    };
    let library = || desk.library_to_read().map_err(Fault::from);
    let scores = assistant::evaluate(&evaluation, library, desk.clock, &mut progress);
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    desk.tell_troubles();
    let scores = scores?;
    if args.json {
        desk.screen.json(&ScoresJson::from(&scores))?;
    } else {
        table(&scores, desk)?;
    }
    Ok(Ending::Fine)
}

fn read(path: &Path) -> Result<(String, String), Fault> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        Fault::caller("file_unreadable", format!("cannot read {name}: {}", error.kind()))
            .hint("give a file with questions and answers, in UTF-8")
            .because_of(error)
    })?;
    Ok((name, text))
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} questions  {eta} left")
        .expect("the template is well formed")
        .progress_chars("━╸ ");
    ProgressBar::new(0).with_style(style)
}

fn table(scores: &Scores, desk: &mut Desk<'_>) -> Result<(), Failure> {
    let mut row = |name: &str, value: String| desk.screen.line(&format_args!("{name:24} {BOLD}{value:>9}{BOLD:#}"));
    let share = |value: f64| format!("{:.1} %", value * 100.0);
    row("questions", scores.questions.to_string())?;
    for (at, value) in RECALL_AT.iter().zip(scores.ranks.recall_at) {
        row(&format!("right document in top {at}"), share(value))?;
    }
    for (mode, ranks) in &scores.others {
        row(&format!("first, {} only", mode.plain()), share(ranks.recall_at[0]))?;
    }
    row("mrr", format!("{:.4}", scores.ranks.mrr))?;
    row("ndcg at 10", format!("{:.4}", scores.ranks.ndcg_at_10))?;
    row("answer is exact", share(scores.exact))?;
    row("answer has the gold one", share(scores.contains))?;
    row("answer's f1", share(scores.f1))?;
    row("sentences per answer", format!("{:.2}", scores.quotes))?;
    row("answered", share(scores.answered))?;
    if let Some(refused) = scores.refused {
        row("refused, unanswerable", share(refused))?;
    }
    for (name, time) in [("p50", scores.latency.p50), ("p95", scores.latency.p95), ("p99", scores.latency.p99)] {
        row(&format!("latency {name}"), format!("{:.2} ms", time.as_secs_f64() * 1e3))?;
    }
    Ok(())
}
