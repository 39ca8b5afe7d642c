//! `docent ask`: one question, one cited answer.

use std::ops::ControlFlow;
use std::time::Duration;

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::json::AnswerJson;
use super::show_answer;
use crate::assistant::{self, Engines, Question};
use crate::domain::{Answer, Because, CollectionName, Event};
use crate::library::Snapshot;
use crate::settings::{Count, Settings, parse};

/// Answers a question from the documents, with citations
#[derive(Debug, Args)]
#[command(
    after_help = "The answer is put together from the documents' own sentences.\nExit code 4 when the documents hold no answer.\n\n\
                        Examples:\n  docent ask \"¿Qué es una derivada?\"\n  \
                        docent ask --collection lab \"what do I do after an acid spill?\" --json"
)]
pub(super) struct AskArgs {
    /// In any language
    #[arg(required = true)]
    question: Vec<String>,
    /// From how many passages
    #[arg(short, value_name = "N", value_parser = parse::<Count<1, 100>>)]
    k: Option<Count<1, 100>>,
    /// Only from this collection
    #[arg(short, long, value_name = "NAME", value_parser = parse::<CollectionName>)]
    collection: Option<CollectionName>,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    written: Written,
}

/// Sentences taken from the documents are there in milliseconds and are always the same: none of this changes them.
#[derive(Debug, Args)]
#[command(next_help_heading = "For answers that a model writes")]
struct Written {
    /// No model: the documents' own sentences
    #[arg(long)]
    no_llm: bool,
    /// When the answer has to be there, such as 15s
    #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
    timeout: Option<Duration>,
    /// How long it may be
    #[arg(long, value_name = "N")]
    max_tokens: Option<u32>,
    /// From 0 to 2: how freely words are chosen
    #[arg(long, value_name = "T", value_parser = temperature)]
    temperature: Option<f32>,
    /// The same seed chooses the same words
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

fn temperature(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| (0.0..=2.0).contains(number));
    number.ok_or_else(|| "expected a number from 0 to 2".to_owned())
}

impl AskArgs {
    fn question(self, settings: &Settings) -> Question {
        Question {
            text: self.question.join(" "),
            collection: self.collection,
            k: self.k.unwrap_or(settings.search_k.value).get(),
            mode: settings.search_mode.value,
            history: Vec::new(),
            certainty: certainty(settings),
            because: if self.written.no_llm { Because::Asked } else { Because::NoGenerator },
        }
    }
}

/// A share where the setting is in percent.
pub(super) fn certainty(settings: &Settings) -> f32 {
    settings.ask_certainty.value.get() as f32 / 100.0
}

pub(super) fn run(args: AskArgs, desk: &mut Desk<'_>) -> Outcome {
    let json = args.json;
    let question = args.question(&desk.settings);
    let snapshot = desk.snapshot()?;
    let answer = if json {
        let answer =
            assistant::ask(&snapshot, &desk.engines(), &question, desk.clock, &mut |_| ControlFlow::Continue(()))?;
        desk.screen.json(&AnswerJson::from(&answer))?;
        answer
    } else {
        let answer = aloud(&snapshot, &desk.engines(), &question, desk)?;
        if !answer.is_found() && snapshot.document_count()? == 0 {
            desk.screen.hint(&"there are no documents yet; `docent add PATH` adds files and folders");
        }
        answer
    };
    desk.tell_troubles();
    tracing::info!(
        citations = answer.citations.len(),
        retrieve = ?answer.timings.retrieve,
        total = ?answer.timings.total,
        "answered"
    );
    Ok(if answer.is_found() { Ending::Fine } else { Ending::NothingFound })
}

/// Prints the answer while it comes, then its sources.
pub(super) fn aloud(
    snapshot: &Snapshot,
    engines: &Engines,
    question: &Question,
    desk: &mut Desk<'_>,
) -> Result<Answer, Failure> {
    let width = desk.screen.width;
    let mut written = Ok(());
    let mut flow = super::flow::Flow::new(desk.screen.stdout(), width, "");
    let answer = assistant::ask(snapshot, engines, question, desk.clock, &mut |event| {
        if let Event::Text(text) = event {
            written = flow.push(&super::show_text::harmless(&text)).and_then(|()| flow.show());
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written.and_then(|()| flow.finish()).map_err(Failure::Stdout)?;
    desk.screen.line(&"")?;
    if !answer.citations.is_empty() {
        desk.screen.line(&"")?;
        show_answer::citations(desk.screen.stdout(), width, &answer.citations).map_err(Failure::Stdout)?;
    }
    desk.screen.flush()?;
    Ok(answer)
}
