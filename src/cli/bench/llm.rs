//! How fast does a generator read and write, alone and for many at once?

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::samples::Measured;
use crate::assistant::generator_source;
use crate::cli::desk::Desk;
use crate::cli::ending::Failure;
use crate::cli::machine;
use crate::clock::{Clock, SystemClock};
use crate::fault::{Fault, Result};
use crate::inference::{Finish, Generator, GeneratorSource, Limits, Prompt, Sampling, Urgency, open_generator};
use crate::models::{Catalogue, Kind, Shelf};

const SUITE: &str = "llm";
/// How often each thing is measured: more often only as long as that is quick.
const LEAST_ROUNDS: usize = 3;
const MOST_ROUNDS: usize = 10;
const LONG: Duration = Duration::from_secs(8);
/// How often the model is loaded.
const LOADS: usize = 3;
/// Tokens of a prompt that is only there to begin with.
const SHORT: usize = 16;
/// Tokens that every vocabulary has, and that are not the first few, which have meanings of their own.
const TOKENS: std::ops::Range<u32> = 3..256;

/// What is measured, of what.
pub(super) struct Job<'a> {
    /// By its name on the shelf, or a GGUF file.
    pub model: Option<&'a str>,
    pub prefill: &'a [NonZeroUsize],
    pub decode: &'a [NonZeroUsize],
    pub depth: &'a [NonZeroUsize],
    pub parallel: &'a [NonZeroUsize],
    pub threads: NonZeroUsize,
}

pub(super) fn run(job: &Job<'_>, desk: &Desk<'_>) -> Result<Vec<Measured>, Failure> {
    let source = source(job, desk)?;
    let mut measured = Vec::new();
    let (generator, memory) = load(&source, job.threads, desk.clock, &mut measured)?;
    let mut bench = Bench { generator: generator.as_ref(), clock: desk.clock, seed: 1 };
    for &tokens in job.prefill {
        let rates = rounds(desk.clock, || bench.prefill(tokens.get()))?;
        measured.push(Measured::of(SUITE, &format!("prefill_{tokens}"), "tokens/s", &rates));
        let times = rounds(desk.clock, || bench.another(tokens.get()))?;
        measured.push(Measured::of(SUITE, &format!("another_after_{tokens}_ms"), "ms", &times));
    }
    for &tokens in job.decode {
        let rates = rounds(desk.clock, || bench.decode(SHORT, tokens.get()))?;
        measured.push(Measured::of(SUITE, &format!("decode_{tokens}"), "tokens/s", &rates));
        for &depth in job.depth {
            let rates = rounds(desk.clock, || bench.decode(depth.get(), tokens.get()))?;
            measured.push(Measured::of(SUITE, &format!("decode_{tokens}_at_{depth}"), "tokens/s", &rates));
        }
        for &many in job.parallel.iter().filter(|many| many.get() > 1) {
            let rates = rounds(desk.clock, || bench.together(many.get(), tokens.get()))?;
            measured.push(Measured::of(SUITE, &format!("decode_{tokens}_x{many}"), "tokens/s", &rates));
        }
    }
    if let Some(bytes) = memory {
        measured.push(Measured::of(SUITE, "llm_memory", "MiB", &[bytes as f64 / f64::from(1 << 20)]));
    }
    Ok(measured)
}

/// Loads the model and lets it read a short prompt, a few times. Also what it had in memory after the first time.
fn load(
    source: &GeneratorSource,
    threads: NonZeroUsize,
    clock: &dyn Clock,
    measured: &mut Vec<Measured>,
) -> Result<(Arc<dyn Generator>, Option<u64>)> {
    let before = machine::resident();
    let (mut loads, mut firsts) = (Vec::new(), Vec::new());
    let mut memory = None;
    let mut last: Option<Arc<dyn Generator>> = None;
    for seed in 0..LOADS as u64 {
        // Two at once would not fit everywhere.
        drop(last.take());
        let began = clock.instant();
        let generator = open_generator(source.clone(), threads, Arc::new(SystemClock))?;
        let loaded = clock.instant();
        let mut bench = Bench { generator: generator.as_ref(), clock, seed };
        let finish = bench.generate(SHORT, 1)?.0;
        firsts.push(millis((loaded - began) + first_token(&finish)?));
        loads.push(millis(loaded - began));
        memory = memory.or_else(|| Some(machine::resident()?.saturating_sub(before?)));
        last = Some(generator);
    }
    measured.push(Measured::of(SUITE, "load_ms", "ms", &loads));
    measured.push(Measured::of(SUITE, "first_token_ms", "ms", &firsts));
    Ok((last.expect("it was loaded at least once"), memory))
}

fn rounds(clock: &dyn Clock, mut round: impl FnMut() -> Result<f64>) -> Result<Vec<f64>> {
    let began = clock.instant();
    let mut rates = Vec::new();
    while rates.len() < LEAST_ROUNDS || rates.len() < MOST_ROUNDS && clock.instant() - began < LONG {
        rates.push(round()?);
    }
    Ok(rates)
}

struct Bench<'a> {
    generator: &'a dyn Generator,
    clock: &'a dyn Clock,
    seed: u64,
}

impl Bench<'_> {
    /// Tokens of a prompt for each second until the first of the answer is chosen.
    fn prefill(&mut self, tokens: usize) -> Result<f64> {
        let (finish, _) = self.generate(tokens, 1)?;
        Ok(tokens as f64 / seconds(first_token(&finish)?))
    }

    /// Milliseconds to the first token of another question about a context that was read before.
    fn another(&mut self, context: usize) -> Result<f64> {
        let context = self.tokens(context);
        let mut firsts = Vec::new();
        for _ in 0..2 {
            let question = self.tokens(SHORT);
            let prompt = Prompt::Tokens([context.as_slice(), &question].concat());
            firsts.push(first_token(&generate(self.generator, self.clock, &prompt, 1)?.0)?);
        }
        Ok(millis(firsts[1]))
    }

    /// Tokens for each second after the first, behind a prompt of so many.
    fn decode(&mut self, depth: usize, tokens: usize) -> Result<f64> {
        let (finish, took) = self.generate(depth, tokens + 1)?;
        rate(&finish, took)
    }

    /// The same for several at once, added up.
    fn together(&mut self, many: usize, tokens: usize) -> Result<f64> {
        let prompts: Vec<Prompt> = (0..many).map(|_| self.prompt(SHORT)).collect();
        let (generator, clock) = (self.generator, self.clock);
        let rates: Vec<Result<f64>> = thread::scope(|scope| {
            let work = |prompt| move || generate(generator, clock, prompt, tokens + 1);
            let running: Vec<_> = prompts.iter().map(|prompt| scope.spawn(work(prompt))).collect();
            let join = |one: thread::ScopedJoinHandle<'_, Result<(Finish, Duration)>>| {
                let (finish, took) = one.join().unwrap_or_else(|_| Err(broke()))?;
                rate(&finish, took)
            };
            running.into_iter().map(join).collect()
        });
        rates.into_iter().sum()
    }

    fn generate(&mut self, depth: usize, tokens: usize) -> Result<(Finish, Duration)> {
        let prompt = self.prompt(depth);
        generate(self.generator, self.clock, &prompt, tokens)
    }

    fn prompt(&mut self, tokens: usize) -> Prompt {
        Prompt::Tokens(self.tokens(tokens))
    }

    /// Never the same twice: what was read before is not read again.
    fn tokens(&mut self, many: usize) -> Vec<u32> {
        let mut next = || {
            self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            TOKENS.start + ((self.seed >> 33) % u64::from(TOKENS.end - TOKENS.start)) as u32
        };
        (0..many).map(|_| next()).collect()
    }
}

fn generate(
    generator: &dyn Generator,
    clock: &dyn Clock,
    prompt: &Prompt,
    tokens: usize,
) -> Result<(Finish, Duration)> {
    let limits = Limits {
        max_tokens: tokens,
        ignore_end: true,
        deadline: None,
        stop: Vec::new(),
        sampling: Sampling::greedy(),
        shape: None,
    };
    let began: Instant = clock.instant();
    let finish = generator.generate(prompt, &limits, Urgency::Ask, &mut |_| ControlFlow::Continue(()))?;
    let took = clock.instant() - began;
    if finish.generated_tokens < tokens {
        let what = format!("{} wrote {} of {tokens} tokens", generator.id(), finish.generated_tokens);
        return Err(Fault::machine("bench_cut", what).hint("measure with fewer tokens, or a larger generator.context"));
    }
    Ok((finish, took))
}

fn rate(finish: &Finish, took: Duration) -> Result<f64> {
    let writing = took.saturating_sub(first_token(finish)?);
    Ok((finish.generated_tokens - 1) as f64 / seconds(writing))
}

fn first_token(finish: &Finish) -> Result<Duration> {
    finish.first_token.ok_or_else(broke)
}

fn broke() -> Fault {
    Fault::bug("bench_silent", "the generator wrote nothing").hint("run it again with `-v`")
}

/// Never nothing, to be divided by.
fn seconds(time: Duration) -> f64 {
    time.as_secs_f64().max(1e-9)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// With room for the longest that is measured.
fn source(job: &Job<'_>, desk: &Desk<'_>) -> Result<GeneratorSource> {
    let most = |counts: &[NonZeroUsize]| counts.iter().map(|count| count.get()).max().unwrap_or(0);
    let longest = (most(job.prefill) + SHORT).max(most(job.depth).max(SHORT) + most(job.decode)) + 1;
    let settings = &desk.settings;
    let (context, memory) = (settings.generator_context.value.get().max(longest), settings.generator_memory.value.0);
    let shelf = Shelf::open(&settings.data_dir.value);
    let Some(model) = job.model else {
        let chosen = shelf.chosen(Kind::Generator)?;
        let installed = chosen.ok_or_else(|| {
            Fault::caller("no_generator", "no generator is installed, so there is nothing to measure")
                .hint("`docent models pull` brings one; `--model FILE.gguf` measures one that lies elsewhere")
        })?;
        return generator_source(&installed, context, memory);
    };
    let file = Path::new(model);
    if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gguf")) {
        return Ok(GeneratorSource {
            id: file.file_stem().map_or_else(|| model.to_owned(), |name| name.to_string_lossy().into_owned()),
            weights: file.to_owned(),
            tokenizer: None,
            chat_template: None,
            stop: Vec::new(),
            context,
            memory,
        });
    }
    let installed = shelf.named(model, &Catalogue::load(&settings.data_dir.value)?)?;
    if installed.kind != Kind::Generator {
        let what = format!("{} is a {}, and generators are measured here", installed.name, installed.kind.name());
        return Err(Fault::caller("not_a_generator", what).hint("`docent models list` tells which are generators"));
    }
    generator_source(&installed, context, memory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::{InferenceError, Reason};

    /// Reads a token that it has not just read in a millisecond and writes one in ten, by a clock of its own.
    #[derive(Debug)]
    struct Steady(Instant, std::sync::Mutex<Duration>, std::sync::Mutex<Vec<Vec<u32>>>);

    impl Clock for Steady {
        fn now(&self) -> crate::clock::Timestamp {
            crate::clock::Timestamp(0)
        }

        fn instant(&self) -> Instant {
            self.0 + *self.1.lock().unwrap()
        }
    }

    impl Generator for Steady {
        fn id(&self) -> &str {
            "steady"
        }

        fn context(&self) -> usize {
            4096
        }

        fn count_tokens(&self, text: &str) -> usize {
            text.len()
        }

        fn generate(
            &self,
            prompt: &Prompt,
            limits: &Limits,
            _: Urgency,
            _: &mut dyn FnMut(&str) -> ControlFlow<()>,
        ) -> Result<Finish, InferenceError> {
            let Prompt::Tokens(tokens) = prompt else { panic!("{prompt:?}") };
            assert!(limits.ignore_end && tokens.iter().all(|token| TOKENS.contains(token)));
            self.2.lock().unwrap().push(tokens.clone());
            let prompts = self.2.lock().unwrap();
            let before = prompts.iter().rev().nth(1).map_or(&[][..], Vec::as_slice);
            let known = tokens.iter().zip(before).take_while(|(now, then)| now == then).count();
            let read = Duration::from_millis((tokens.len() - known) as u64);
            *self.1.lock().unwrap() += read + Duration::from_millis(10) * (limits.max_tokens as u32 - 1);
            Ok(Finish {
                reason: Reason::Length,
                prompt_tokens: tokens.len(),
                reused_tokens: 0,
                generated_tokens: limits.max_tokens,
                first_token: Some(read),
            })
        }

        fn warm(&self, _: &Prompt, _: Urgency) -> Result<(), InferenceError> {
            unreachable!("nothing is read in advance")
        }
    }

    #[test]
    fn reading_and_writing_are_told_apart_and_no_prompt_comes_twice() {
        let steady = Steady(SystemClock.instant(), std::sync::Mutex::default(), std::sync::Mutex::default());
        let mut bench = Bench { generator: &steady, clock: &steady, seed: 7 };
        let is = |rate: f64, expected: f64| assert!((rate / expected - 1.0).abs() < 1e-6, "{rate} is not {expected}");
        for _ in 0..3 {
            is(bench.prefill(64).unwrap(), 1000.0);
            is(bench.decode(SHORT, 64).unwrap(), 100.0);
            is(bench.decode(1500, 64).unwrap(), 100.0);
        }
        is(bench.another(512).unwrap(), SHORT as f64);
        let mut prompts = steady.2.lock().unwrap().clone();
        let all = prompts.len();
        prompts.sort();
        prompts.dedup();
        assert_eq!(prompts.len(), all);
        assert!(prompts.iter().any(|prompt| prompt.len() == 1500));
    }
}
