//! A generator that writes 30 words a second for everybody, however many ask: what is measured beside it is the server.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use docent::assistant::{Choice, Engines};
use docent::inference::{Finish, Generator, InferenceError, Limits, Prompt, Reason, Urgency};

pub(crate) const NAME: &str = "stub";
/// Asked this, it writes when each word was written, in nanoseconds.
pub(crate) const STAMPS: &str = "What time is it?";
const PACE: Duration = Duration::from_nanos(1_000_000_000 / 30);

#[derive(Debug)]
struct Stub;

pub(crate) fn beside(engines: Engines) -> Engines {
    let choice = Choice { name: NAME.to_owned(), id: "stub@1".to_owned(), languages: Vec::new() };
    engines.with_generator(choice, || Ok(Arc::new(Stub) as _))
}

pub(crate) fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos()).unwrap()
}

impl Generator for Stub {
    fn id(&self) -> &str {
        "stub@1"
    }

    fn context(&self) -> usize {
        4096
    }

    fn count_tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }

    /// The first line of the first source, and where it is from.
    fn generate(
        &self,
        prompt: &Prompt,
        limits: &Limits,
        _: Urgency,
        listener: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Finish, InferenceError> {
        let Prompt::Chat(messages) = prompt else { panic!("no conversation") };
        let asked = messages.last().map_or("", |message| message.text.as_str());
        let line = messages.iter().flat_map(|message| message.text.lines()).find_map(|line| line.strip_prefix("> "));
        let text = format!("{} [1].", line.unwrap_or("Nothing was shown").trim_end_matches('.'));
        let mut words = text.split_inclusive(' ').map(str::to_owned);
        let mut next = Instant::now();
        let mut finish =
            Finish { reason: Reason::End, prompt_tokens: 9, reused_tokens: 0, generated_tokens: 0, first_token: None };
        while finish.generated_tokens < limits.max_tokens {
            next += PACE;
            sleep(next.saturating_duration_since(Instant::now()));
            let word = if asked == STAMPS { Some(format!("{} ", now())) } else { words.next() };
            let Some(word) = word else { break };
            finish.generated_tokens += 1;
            if listener(&word).is_break() {
                finish.reason = Reason::Stopped;
                break;
            }
        }
        Ok(finish)
    }

    fn warm(&self, _: &Prompt, _: Urgency) -> Result<(), InferenceError> {
        Ok(())
    }
}
