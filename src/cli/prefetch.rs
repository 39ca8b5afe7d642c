//! `docent prefetch`: makes topics ready before anybody opens them.

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::show_text::{count, one_line};
use crate::assistant::Ready;
use crate::local::Prefetch;
use crate::settings::{Count, parse};
use crate::wire::PrefetchedJson;

/// Makes topics ready before anybody opens them
#[derive(Debug, Args)]
#[command(
    after_help = "context: their passages are found; kv: the model has read them too; answer: they are answered.\nWhat is \
                        ready already is left as it is. Exit code 3 when some could not be made ready.\n\n\
                        Examples:\n  docent prefetch limits derivatives\n  docent prefetch --depth answer limits\n  \
                        docent prefetch --learner ana"
)]
pub(super) struct PrefetchArgs {
    /// Names of topics; none: those that the learner will probably open next
    #[arg(value_name = "TOPIC", required_unless_present = "learner")]
    topics: Vec<String>,
    /// Who opens them
    #[arg(long, value_name = "NAME")]
    learner: Option<String>,
    /// How many topics at most
    #[arg(long, value_name = "N", default_value = "3", value_parser = parse::<Count<1, 100>>)]
    limit: Count<1, 100>,
    /// How many passages of each
    #[arg(short, value_name = "N", default_value = "3", value_parser = parse::<Count<1, 100>>)]
    k: Count<1, 100>,
    /// context, kv or answer
    #[arg(long, value_name = "DEPTH", default_value = "context", value_parser = parse::<Ready>)]
    depth: Ready,
    /// One JSON value on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: PrefetchArgs, desk: &mut Desk<'_>) -> Outcome {
    let task = Prefetch {
        topics: args.topics,
        learner: args.learner,
        limit: args.limit.get(),
        k: args.k.get(),
        depth: args.depth.into(),
    };
    let done = desk.run(task)?;
    let outcome = show(&done, args.json, desk)?;
    let is_unknown = done.skipped.iter().any(|skipped| skipped.why == "unknown");
    Ok(if is_unknown { Ending::Partly } else { outcome })
}

/// What became ready, and what did not.
pub(super) fn show(done: &PrefetchedJson, json: bool, desk: &mut Desk<'_>) -> Outcome {
    desk.tell_troubles();
    if json {
        desk.screen.json(done)?;
    } else {
        for name in &done.ready {
            desk.screen.line(&format_args!("ready    {}", one_line(name)))?;
        }
        for skipped in &done.skipped {
            let why = match skipped.why.as_str() {
                "fresh" => "ready already",
                "limit" => "more than were asked for",
                _ => "there is no such topic",
            };
            desk.screen.line(&format_args!("skipped  {}: {why}", one_line(&skipped.topic)))?;
        }
        desk.screen.note(&format_args!("{} in {:.1} s", count(done.ready.len() as u64, "topic"), done.seconds));
    }
    for failed in &done.failed {
        desk.screen.error(&format_args!("{}: {}", one_line(&failed.topic), failed.error), failed.hint.as_deref());
    }
    Ok(if done.failed.is_empty() { Ending::Fine } else { Ending::Partly })
}
