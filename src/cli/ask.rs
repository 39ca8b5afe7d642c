//! `docent ask`: one question, one cited answer.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Failure, Outcome};
use super::reach::Reach;
use super::show_answer;
use crate::assistant::{Question, Writing};
use crate::domain::{Answer, CollectionName, Language, Origin, Timings};
use crate::local::{Ask, Needs};
use crate::settings::{Count, Settings, Temperature, Within, parse};

/// Answers a question from the documents, with citations
#[derive(Debug, Args)]
#[command(
    after_help = "A model writes the answer where a generator is installed (`docent models list`); otherwise, and when it \
                        takes too long, the answer is put together from the documents' own sentences.\nExit code 4 when \
                        the documents hold no answer.\n\n\
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

/// What is not given is as the settings have it.
#[derive(Debug, Args)]
#[command(next_help_heading = "For answers that a model writes")]
struct Written {
    /// No model: the documents' own sentences
    #[arg(long)]
    no_llm: bool,
    /// When the answer has to be there, such as 15s; then the documents' own sentences are
    #[arg(long, value_name = "TIME", value_parser = parse::<Within<1, 600>>)]
    timeout: Option<Within<1, 600>>,
    /// How long it may be
    #[arg(long, value_name = "N", value_parser = parse::<Count<1, 8192>>)]
    max_tokens: Option<Count<1, 8192>>,
    /// From 0 to 2: how freely words are chosen
    #[arg(long, value_name = "T", value_parser = parse::<Temperature>)]
    temperature: Option<Temperature>,
    /// The same seed chooses the same words
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl AskArgs {
    fn question(self, settings: &Settings) -> Question {
        let question = settings.question(self.question.join(" "));
        let given = self.written;
        let writing = question.writing.filter(|_| !given.no_llm).map(|writing| Writing {
            max_tokens: given.max_tokens.map_or(writing.max_tokens, Count::get),
            temperature: given.temperature.map_or(writing.temperature, Temperature::get),
            seed: given.seed.unwrap_or(writing.seed),
            ..writing
        });
        Question {
            collection: self.collection,
            k: self.k.map_or(question.k, Count::get),
            timeout: given.timeout.map_or(question.timeout, Within::get),
            writing,
            ..question
        }
    }
}

pub(super) fn run(args: AskArgs, desk: &mut Desk<'_>) -> Outcome {
    let json = args.json;
    let question = args.question(&desk.settings);
    let reach = desk.reach(Needs::ToRead)?;
    let answer = if json {
        let answer = reach.run(Ask::from(&question))?;
        desk.screen.json(&answer)?;
        answer.into()
    } else {
        let answer = aloud(&reach, &question, desk, &AtomicBool::new(false))?;
        if !answer.is_found() && reach.is_empty()? {
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

/// Prints the answer while it comes, then its sources. Ends when `stop` is set.
pub(super) fn aloud(
    reach: &Reach,
    question: &Question,
    desk: &mut Desk<'_>,
    stop: &AtomicBool,
) -> Result<Answer, Failure> {
    let width = desk.screen.width;
    let (mut written, mut said) = (Ok(()), String::new());
    let mut flow = super::flow::Flow::new(desk.screen.stdout(), width, "");
    let answer = reach.hear(Ask::from(question), stop, &mut |text| {
        written = flow.push(&super::show_text::harmless(&text)).and_then(|()| flow.show());
        said.push_str(&text);
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    let answer = answer.map_or_else(|| cut(said), Answer::from);
    written.and_then(|()| flow.finish()).map_err(Failure::Stdout)?;
    desk.screen.line(&"")?;
    if !answer.citations.is_empty() {
        desk.screen.line(&"")?;
        show_answer::citations(desk.screen.stdout(), width, &answer.citations).map_err(Failure::Stdout)?;
    }
    desk.screen.flush()?;
    doubts(&answer, desk);
    Ok(answer)
}

/// What was heard of an answer that was not waited for.
fn cut(text: String) -> Answer {
    Answer {
        text,
        origin: Origin::Generated,
        complete: false,
        language: Language::default(),
        citations: Vec::new(),
        unsupported: Vec::new(),
        timings: Timings::default(),
        model: None,
        remembered: None,
    }
}

/// What a reader should know of an answer before believing it.
fn doubts(answer: &Answer, desk: &mut Desk<'_>) {
    for range in &answer.unsupported {
        let text: String = answer.text.chars().skip(range.start).take(range.len()).collect();
        desk.screen.note(&format_args!("no source says: “{}”", super::show_text::one_line(&text)));
    }
    if !answer.complete {
        desk.screen.note(&"the answer was cut short");
    }
}
