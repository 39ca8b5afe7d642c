//! A file becomes a generator: its words for the callers, its weights for the engine's thread.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use std::thread;

use rayon::ThreadPoolBuilder;

use super::GeneratorSource;
use super::candle::{CandleModel, candle_knows};
use super::config::Config;
use super::decoder::{Decoder, Setup};
use super::engine::{Engine, Request};
use super::file::Opened;
use super::pen::Pen;
use super::shape::{Guide, Shapes};
use super::words::Words;
use crate::clock::Clock;
use crate::inference::contain::hush_this_thread;
use crate::inference::error::InferenceError;
use crate::inference::{Finish, Generator, Limits, Prompt, Pulse, Reason, Shape, Urgency};
use crate::simd::Level;

/// Loads the model, which takes as long as reading its weights once, and starts the thread that runs it.
pub fn open_generator(
    source: GeneratorSource,
    threads: NonZeroUsize,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Generator>, InferenceError> {
    let opened = Opened::open(&source)?;
    let (id, ids) = (source.id.clone(), source.clone());
    let contents = opened.contents.clone();
    let words = thread::Builder::new().name("words".into()).spawn(move || Words::load(&contents, &ids));
    let engine = engine(source, opened, threads, &clock)?;
    let words = words.ok().and_then(|words| words.join().ok());
    let why = "its words could not be read".to_owned();
    let words = words.unwrap_or_else(|| Err(InferenceError::Failed { model: id.clone(), why }))?;
    Ok(Arc::new(Writing { id, words: Arc::new(words), shapes: OnceLock::new(), engine, clock }))
}

/// With the fast model if it knows this one, else with candle's.
fn engine(
    source: GeneratorSource,
    opened: Opened,
    threads: NonZeroUsize,
    clock: &Arc<dyn Clock>,
) -> Result<Engine, InferenceError> {
    let (id, clock) = (source.id.clone(), Arc::clone(clock));
    let is_candles = opened.contents.text("general.architecture").is_some_and(candle_knows);
    // It is read once more only if the model has to be made anew.
    let mut opened = Some(opened);
    let context = source.context;
    let memory = source.memory;
    let mut open = move || opened.take().map_or_else(|| Opened::open(&source), Ok);
    if is_candles {
        let mut pool = None;
        return Engine::start(&id, clock, move || {
            // What candle runs on this thread then runs on its pool.
            let builder = || ThreadPoolBuilder::new().num_threads(threads.get()).use_current_thread();
            let _ = pool.get_or_insert_with(|| builder().start_handler(|_| hush_this_thread()).build());
            CandleModel::open(&open()?, context)
        });
    }
    Engine::start(&id, clock, move || {
        let opened = open()?;
        let config = Config::read(&opened.contents, &opened.file)?.limited(context);
        Decoder::load(opened, config, Setup { threads, memory, level: Level::best() })
    })
}

struct Writing {
    id: String,
    words: Arc<Words>,
    /// Made when it is needed first.
    shapes: OnceLock<Option<Shapes>>,
    engine: Engine,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writing").field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Writing {
    fn guide(&self, shape: &Shape) -> Result<Guide, InferenceError> {
        let shapes = self.shapes.get_or_init(|| Shapes::new(&self.words)).as_ref();
        let shapes = shapes.ok_or_else(|| InferenceError::Unsupported {
            model: self.id.clone(),
            why: "its vocabulary cannot be kept to a schema".to_owned(),
        })?;
        shapes.guide(shape).map_err(|unfit| InferenceError::Shape { model: self.id.clone(), why: unfit.to_string() })
    }
}

impl Generator for Writing {
    fn id(&self) -> &str {
        &self.id
    }

    fn context(&self) -> usize {
        self.engine.context()
    }

    fn count_tokens(&self, text: &str) -> usize {
        self.words.count(text)
    }

    fn generate(
        &self,
        prompt: &Prompt,
        limits: &Limits,
        urgency: Urgency,
        listener: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Finish, InferenceError> {
        let called = self.clock.instant();
        let prompt = self.words.prompt(prompt)?;
        let guide = limits.shape.as_ref().map(|shape| self.guide(shape)).transpose()?;
        if limits.max_tokens == 0 {
            let (reason, prompt_tokens) = (Reason::Length, prompt.len());
            return Ok(Finish { reason, prompt_tokens, reused_tokens: 0, generated_tokens: 0, first_token: None });
        }
        let writer = Some(Box::new(Pen::new(&self.words, &prompt, limits, guide)) as _);
        let (max_tokens, deadline) = (limits.max_tokens, limits.deadline);
        self.engine.queue(Request { prompt, max_tokens, deadline, urgency, called, writer })?.wait(listener)
    }

    fn warm(&self, prompt: &Prompt, urgency: Urgency) -> Result<(), InferenceError> {
        let called = self.clock.instant();
        let prompt = self.words.prompt(prompt)?;
        let request = Request { prompt, max_tokens: 0, deadline: None, urgency, called, writer: None };
        self.engine.queue(request)?.wait(&mut |_| ControlFlow::Continue(())).map(drop)
    }

    fn pulse(&self) -> Option<Pulse> {
        Some(self.engine.pulse())
    }
}
