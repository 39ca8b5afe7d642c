//! What a model writes, on its way to a person: checked, cited, and told as soon as it is settled.

use std::ops::{ControlFlow, Range};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use crate::assistant::apart::{BEAT, Came, wait};
use crate::assistant::ask::Time;
use crate::assistant::cite::{Bench, Citer, Over, Thoughts, does_not_know};
use crate::assistant::query::weight;
use crate::assistant::quote::cite;
use crate::assistant::remember;
use crate::assistant::write::{Job, Listener, Piece, Unwritten};
use crate::cache::Key;
use crate::domain::{Answer, Citation, Event, Language, Origin, Part, Passage, Timings};
use crate::fault::Fault;
use crate::inference::{Finish, Generator, InferenceError, Reason};
use crate::prompt::Composed;

/// What was set going.
pub(super) struct Began {
    pub name: String,
    /// No longer is waited.
    pub until: Instant,
    /// The sentence that says that the sources do not answer.
    pub unknown: &'static str,
    pub composed: Composed,
    /// What it writes is to be remembered under this.
    pub key: Option<Key>,
}

/// How it ended.
enum End {
    Finished(Finish),
    Over(Over),
    /// The first statement, of a model that has to prove itself, is in no source.
    Unproven,
    Failed(InferenceError),
    Lost,
    Late,
    Gone,
}

pub(super) fn tell(
    job: &Job<'_>,
    began: Began,
    generator: &dyn Generator,
    pieces: &Receiver<Piece>,
    listener: Listener<'_>,
) -> Result<Answer, Unwritten> {
    let weigh = |terms: &[(Language, String)]| weight(terms, job.snapshot).unwrap_or(1.0);
    let mut bench = Bench::new(job.passages, &began.composed.shown, job.question, job.language, &weigh);
    let mut judge = |statement: &str, own: &[u32]| bench.judge(statement, own);
    let mut citer = Citer::new(began.composed.shown.len(), job.language, began.unknown, &mut judge);
    let asked = job.time.clock.instant();
    let mut teller = Teller { told: 0, first: None, asked, time: job.time, listener };
    let (mut thoughts, mut written) = (Thoughts::default(), String::new());
    let is_proven = |citer: &Citer<'_>| job.is_sure || citer.has_cited();
    let wrote = job.time.clock.instant();
    let end = loop {
        match wait(pieces, began.until, job.time.clock, teller.listener) {
            Came::Here(Piece::Text(text)) => {
                written.push_str(&text);
                citer.push(thoughts.push(&text));
                if is_proven(&citer) {
                    if teller.tell(citer.text()).is_break() {
                        break End::Gone;
                    }
                } else if !citer.unsupported().is_empty() {
                    break End::Unproven;
                }
                if let Some(over) = citer.over() {
                    break End::Over(over);
                }
                if teller.is_left() {
                    break End::Gone;
                }
            }
            Came::Here(Piece::End(Ok(finish))) => break End::Finished(finish),
            Came::Here(Piece::End(Err(error))) => break End::Failed(error),
            Came::Lost => break End::Lost,
            Came::Late => break End::Late,
            Came::Gone => break End::Gone,
        }
    };
    if let (End::Finished(finish), Some(key)) = (&end, began.key) {
        let cost = job.time.clock.instant().saturating_duration_since(wrote);
        remember::keep(job.engines, key, job.question, &written, finish, cost);
    }
    let is_cut = !matches!(end, End::Finished(Finish { reason: Reason::End, .. }));
    citer.finish(is_cut);
    let heard = !matches!(end, End::Gone);
    let verdict = match end {
        End::Over(Over::Unknown) | End::Unproven => Word::Nothing,
        _ if citer.over() == Some(Over::Unknown) => Word::Nothing,
        _ if is_proven(&citer) => Word::Answer,
        // All that was said states nothing, or is in no source.
        End::Finished(_) | End::Over(_) if !citer.text().is_empty() => Word::Nothing,
        _ => Word::None,
    };
    let text = match verdict {
        Word::Nothing if teller.told == 0 => began.unknown.to_owned(),
        Word::None => String::new(),
        Word::Answer | Word::Nothing => citer.text().to_owned(),
    };
    let heard = heard && teller.tell(&text).is_continue();
    if teller.told == 0 {
        return Err(job.unwritten(end));
    }
    job.note(&end);
    // Whoever went away has heard so much.
    let text = text[..teller.told].to_owned();
    let length = text.chars().count();
    let mut unsupported = citer.unsupported().to_vec();
    unsupported.retain(|range| range.end <= length);
    let mut cited = citer.cited().to_vec();
    cited.retain(|n| text.contains(&format!("[{n}]")));
    let citations = citations(job.passages, &bench.quotes, &cited);
    if citations.is_empty() && does_not_know(&text, job.language) {
        unsupported.clear();
    }
    let is_whole = !is_cut || matches!(end, End::Over(Over::Repeats | Over::Unknown) | End::Unproven);
    let (prompt_tokens, generated_tokens) = match end {
        End::Finished(finish) => (finish.prompt_tokens, finish.generated_tokens),
        _ => (began.composed.tokens, generator.count_tokens(&written)),
    };
    let small = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
    let timings = Timings {
        first_token: teller.first,
        prompt_tokens: small(prompt_tokens),
        generated_tokens: small(generated_tokens),
        ..Timings::default()
    };
    Ok(Answer {
        text,
        origin: Origin::Generated,
        complete: heard && is_whole,
        language: job.language,
        citations,
        unsupported,
        timings,
        model: Some(began.name),
        remembered: None,
    })
}

/// What it comes to.
enum Word {
    Answer,
    /// That nothing answers.
    Nothing,
    /// Not a word.
    None,
}

impl Job<'_> {
    /// Nothing was told.
    fn unwritten(&self, end: End) -> Unwritten {
        Unwritten::Because(match end {
            End::Gone => return Unwritten::Gone,
            End::Late | End::Finished(Finish { reason: Reason::Deadline, .. }) => self.late("had written nothing"),
            End::Failed(error) => self.failed(error.into()),
            End::Lost => self.failed(lost()),
            End::Finished(_) | End::Over(_) | End::Unproven => self.failed(
                Fault::machine("generator_silent", "the generator wrote nothing that could be used")
                    .hint("choose another with `docent models use NAME`"),
            ),
        })
    }

    /// What cut an answer short that was begun.
    fn note(&self, end: &End) {
        match end {
            End::Failed(error) => self.engines.trouble(Fault::machine("generator_failed", error.to_string())),
            End::Lost => self.engines.trouble(lost()),
            _ => {}
        }
    }
}

fn lost() -> Fault {
    Fault::bug("generator_lost", "the generator ended without a word").hint("run it again")
}

struct Teller<'a> {
    /// In bytes.
    told: usize,
    /// From the beginning of the journey.
    first: Option<Duration>,
    /// When the listener was last asked whether it still wants to hear.
    asked: Instant,
    time: &'a Time<'a>,
    listener: Listener<'a>,
}

impl Teller<'_> {
    /// What of the text was not told yet.
    fn tell(&mut self, text: &str) -> ControlFlow<()> {
        if text.len() <= self.told {
            return ControlFlow::Continue(());
        }
        let fresh = text[self.told..].to_owned();
        self.told = text.len();
        self.first.get_or_insert_with(|| self.time.passed());
        self.asked = self.time.clock.instant();
        (self.listener)(Event::Text(fresh))
    }

    /// Whether the listener has gone. A model may write much that is not told, or not told yet.
    fn is_left(&mut self) -> bool {
        let now = self.time.clock.instant();
        if now.saturating_duration_since(self.asked) < BEAT {
            return false;
        }
        self.asked = now;
        (self.listener)(Event::Waiting).is_break()
    }
}

/// One for each source that is pointed at, with the sentence that supports best what was said.
fn citations(passages: &[Passage], quotes: &[Option<(f32, Range<usize>)>], cited: &[u32]) -> Vec<Citation> {
    let mut citations = Vec::new();
    for (n, (passage, quote)) in (1u32..).zip(passages.iter().zip(quotes)) {
        let Some((share, range)) = quote.as_ref().filter(|_| cited.contains(&n)) else { continue };
        let inside = |part: &&Part| part.range.start <= range.start && range.end <= part.range.end;
        let Some(part) = passage.parts.iter().find(inside) else { continue };
        citations.push(cite(n, passage, part, range.clone(), share.min(1.0)));
    }
    citations
}
