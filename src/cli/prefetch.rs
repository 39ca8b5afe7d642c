//! `docent prefetch`: makes topics ready before anybody opens them.

use std::sync::atomic::AtomicBool;

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Outcome};
use super::show_text::{count, one_line};
use crate::assistant::{self, Errand, Question, Ready, Skipped, Topics, Why, Wish};
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
    let wish = Wish {
        topics: args.topics,
        learner: args.learner,
        limit: args.limit.get(),
        k: args.k.get(),
        depth: args.depth,
    };
    let topics = Topics::of(&desk.settings.data_dir.value);
    let like = desk.settings.question(String::new());
    let snapshot = desk.snapshot()?;
    let plan = assistant::plan(&snapshot, &desk.engines(), &topics, &wish, &like)?;
    let outcome = carry_out(&plan.accepted, &plan.skipped, &like, args.json, desk)?;
    let is_unknown = plan.skipped.iter().any(|skipped| skipped.why == Why::Unknown);
    Ok(if is_unknown { Ending::Partly } else { outcome })
}

/// To its end, one after another.
pub(super) fn carry_out(
    errands: &[Errand],
    skipped: &[Skipped],
    like: &Question,
    json: bool,
    desk: &mut Desk<'_>,
) -> Outcome {
    let snapshot = desk.snapshot()?;
    let (engines, clock) = (desk.engines(), desk.clock);
    let stop = AtomicBool::new(false);
    let done = assistant::prefetch(&snapshot, &engines, errands, like, clock, &mut |_| (), &stop);
    desk.tell_troubles();
    if json {
        desk.screen.json(&PrefetchedJson::new(skipped, &done))?;
    } else {
        for name in &done.ready {
            desk.screen.line(&format_args!("ready    {}", one_line(name)))?;
        }
        for skipped in skipped {
            let why = match skipped.why {
                Why::Fresh => "ready already",
                Why::Limit => "more than were asked for",
                Why::Unknown => "there is no such topic",
            };
            desk.screen.line(&format_args!("skipped  {}: {why}", one_line(&skipped.name)))?;
        }
        desk.screen.note(&format_args!(
            "{} in {:.1} s",
            count(done.ready.len() as u64, "topic"),
            done.took.as_secs_f64()
        ));
    }
    for (name, fault) in &done.failed {
        desk.screen.error(&format_args!("{}: {fault}", one_line(name)), fault.hint.as_deref());
    }
    Ok(if done.failed.is_empty() { Ending::Fine } else { Ending::Partly })
}
