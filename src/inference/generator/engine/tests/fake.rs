//! A model that is stricter than real ones, shows every step before it takes it, and waits to be told how.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::super::mail::Ticket;
use super::super::{Engine, Request, Unchosen, Writer};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::inference::error::InferenceError;
use crate::inference::generator::blocks::{Blocks, Seat};
use crate::inference::generator::model::{Begun, Model, Piece, Slot, Wants};
use crate::inference::{Finish, Urgency};

pub(super) const VOCABULARY: usize = 40;
pub(super) const CONTEXT: usize = 500;
pub(super) const SLICE: usize = 100;

/// Ends an answer; the model below chooses it only behind a hundred tokens.
pub(super) const END: u32 = 0;

/// What happens to the step that was shown.
pub(super) enum Order {
    Run,
    /// It takes so long.
    Take(Duration),
    Panic,
    Fail,
    /// One row of numbers is not there.
    Forget,
    /// The first row holds no numbers.
    NoNumbers,
}

/// The first token of a sequence, by which a test knows it, and how many of its tokens are in the step.
pub(super) type Shown = Vec<(u32, usize)>;

pub(super) struct Fake {
    shows: Sender<Shown>,
    orders: Arc<Mutex<Receiver<Order>>>,
    clock: Arc<SetClock>,
    blocks: Blocks,
    /// What was computed in each place, which is a sum of all tokens up to it.
    places: Vec<u64>,
    sitting: HashMap<usize, Sitting>,
    next: usize,
    /// Panics where nobody contains it.
    dies: Arc<AtomicBool>,
}

struct Sitting {
    seat: Seat,
    prompt: Vec<u32>,
    tokens: Vec<u32>,
    most: usize,
}

const SIZE: usize = 4;

/// The token that follows: the same for the same tokens before, whoever is beside.
fn next(sum: u64, after: usize) -> u32 {
    if after > 100 && sum.is_multiple_of(7) { END } else { 1 + (sum % (VOCABULARY as u64 - 1)) as u32 }
}

fn sum(before: u64, token: u32) -> u64 {
    (before ^ u64::from(token)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// What the model says to a prompt, by itself.
pub(super) fn alone(prompt: &[u32], most: usize) -> String {
    let mut total = prompt.iter().fold(0, |total, token| sum(total, *token));
    let mut text = String::new();
    for count in 0..most {
        let token = next(total, prompt.len() + count);
        text.push_str(&word(token));
        if token == END {
            break;
        }
        total = sum(total, token);
    }
    text + "."
}

fn word(token: u32) -> String {
    format!("{token} ")
}

impl Fake {
    fn place(&self, sitting: &Sitting, at: usize) -> usize {
        sitting.seat.blocks[at / SIZE] as usize * SIZE + at % SIZE
    }
}

impl Model for Fake {
    fn vocabulary(&self) -> usize {
        VOCABULARY
    }

    fn context(&self) -> usize {
        CONTEXT
    }

    fn slice(&self) -> usize {
        assert!(!self.dies.load(Ordering::SeqCst), "the model was told to end its thread");
        SLICE
    }

    fn begin(&mut self, tokens: &[u32], most: usize) -> Option<Begun> {
        assert!(tokens.len() <= most && most <= CONTEXT, "{} tokens, {most} at most", tokens.len());
        let seat = self.blocks.begin(tokens, most)?;
        if let Some(copy) = seat.copy {
            let (from, to) = (copy.from as usize * SIZE, copy.to as usize * SIZE);
            self.places.copy_within(from..from + copy.tokens, to);
        }
        let (slot, reused) = (self.next, seat.reused);
        self.next += 1;
        let sitting = Sitting { seat, prompt: tokens.to_vec(), tokens: tokens[..reused].to_vec(), most };
        self.sitting.insert(slot, sitting);
        Some(Begun { slot: Slot(slot), reused })
    }

    fn step(&mut self, pieces: &[Piece<'_>], logits: &mut Vec<f32>) -> Result<(), InferenceError> {
        assert!(!pieces.is_empty() && logits.is_empty());
        assert_eq!(pieces.iter().map(|piece| piece.slot).collect::<HashSet<_>>().len(), pieces.len());
        let name = |piece: &Piece<'_>| self.sitting[&piece.slot.0].prompt[0];
        self.shows.send(pieces.iter().map(|piece| (name(piece), piece.tokens.len())).collect()).unwrap();
        let order = self.orders.lock().unwrap().recv().unwrap_or(Order::Run);
        match order {
            Order::Panic => panic!("the model was told to"),
            Order::Fail => return Err(failed("told to")),
            Order::Take(time) => self.clock.pass(time),
            _ => {}
        }
        for piece in pieces {
            assert!(!piece.tokens.is_empty());
            let mut sitting = self.sitting.remove(&piece.slot.0).expect("the slot was given up");
            for &token in piece.tokens {
                let at = sitting.tokens.len();
                assert!(at < sitting.most, "it was to have {} tokens", sitting.most);
                assert!(sitting.prompt.get(at).is_none_or(|expected| *expected == token), "it began otherwise");
                let before = if at == 0 { 0 } else { self.places[self.place(&sitting, at - 1)] };
                let place = self.place(&sitting, at);
                self.places[place] = sum(before, token);
                sitting.tokens.push(token);
            }
            self.blocks.read(&sitting.seat, &sitting.tokens);
            if piece.wants == Wants::Last {
                assert!(sitting.tokens.len() >= sitting.prompt.len(), "in the middle of a prompt");
                let mut row = [-1.0; VOCABULARY];
                let count = sitting.tokens.len();
                row[next(self.places[self.place(&sitting, count - 1)], count) as usize] = 1.0;
                logits.extend_from_slice(&row);
            }
            self.sitting.insert(piece.slot.0, sitting);
        }
        match order {
            Order::Forget => logits.truncate(logits.len() - VOCABULARY),
            Order::NoNumbers => logits[0] = f32::NAN,
            _ => {}
        }
        Ok(())
    }

    fn roll_back(&mut self, _slot: Slot, _tokens: usize) -> bool {
        unreachable!("nobody does");
    }

    fn end(&mut self, slot: Slot) {
        let sitting = self.sitting.remove(&slot.0).expect("the slot was given up");
        self.blocks.end(sitting.seat, &sitting.tokens);
    }
}

/// The likeliest token as a number in words.
pub(super) struct Numbers;

impl Writer for Numbers {
    fn choose(&mut self, logits: &mut [f32], before: &[u32]) -> Result<u32, Unchosen> {
        assert!(logits.len() == VOCABULARY && !before.is_empty());
        if logits.iter().any(|logit| logit.is_nan()) {
            return Err(Unchosen::NoNumbers);
        }
        logits.iter().position(|logit| *logit > 0.0).map(|token| token as u32).ok_or(Unchosen::NoNumbers)
    }

    fn write(&mut self, token: u32, text: &mut String) -> ControlFlow<()> {
        text.push_str(&word(token));
        if token == END { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn finish(&mut self, text: &mut String) {
        text.push('.');
    }
}

pub(super) fn failed(why: &str) -> InferenceError {
    InferenceError::Failed { model: "fake".to_owned(), why: why.to_owned() }
}

pub(super) struct SetClock {
    began: Instant,
    passed: Mutex<Duration>,
}

impl SetClock {
    pub(super) fn pass(&self, time: Duration) {
        *self.passed.lock().unwrap() += time;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn instant(&self) -> Instant {
        self.began + *self.passed.lock().unwrap()
    }
}

pub(super) struct Bench {
    /// Goes before the engine, which waits for its thread: without orders the model runs.
    pub(super) orders: Sender<Order>,
    pub(super) engine: Engine,
    pub(super) steps: Receiver<Shown>,
    pub(super) loads: Arc<AtomicUsize>,
    pub(super) clock: Arc<SetClock>,
    /// The next turn ends the thread.
    pub(super) dies: Arc<AtomicBool>,
}

impl Bench {
    /// Has room for so many tokens. Loads that are in `failing`, counted from 1, fail.
    pub(super) fn new(room: usize, failing: &'static [usize]) -> Bench {
        let (shows, steps) = channel();
        let (orders, received) = channel();
        let received = Arc::new(Mutex::new(received));
        let loads = Arc::new(AtomicUsize::new(0));
        let clock = Arc::new(SetClock { began: SystemClock.instant(), passed: Mutex::default() });
        let dies = Arc::<AtomicBool>::default();
        let (counted, its_clock, its_end) = (Arc::clone(&loads), Arc::clone(&clock), Arc::clone(&dies));
        let load = move || {
            if failing.contains(&(counted.fetch_add(1, Ordering::SeqCst) + 1)) {
                return Err(failed("not now"));
            }
            Ok(Fake {
                shows: shows.clone(),
                orders: Arc::clone(&received),
                clock: Arc::clone(&its_clock),
                blocks: Blocks::new(room / SIZE, SIZE),
                places: vec![0; room],
                sitting: HashMap::new(),
                next: 0,
                dies: Arc::clone(&its_end),
            })
        };
        let engine = Engine::start("fake", Arc::clone(&clock) as Arc<dyn Clock>, load).unwrap();
        Bench { engine, steps, orders, loads, clock, dies }
    }

    pub(super) fn try_queue(
        &self,
        prompt: &[u32],
        most: usize,
        change: impl FnOnce(&mut Request),
    ) -> Result<Ticket, InferenceError> {
        let mut request = Request {
            prompt: prompt.to_vec(),
            max_tokens: most,
            deadline: None,
            urgency: Urgency::Ask,
            called: self.clock.instant(),
            writer: Some(Box::new(Numbers)),
        };
        change(&mut request);
        self.engine.queue(request)
    }

    pub(super) fn ask(&self, prompt: &[u32], most: usize) -> Ticket {
        self.try_queue(prompt, most, |_| {}).unwrap()
    }

    pub(super) fn queue(&self, prompt: &[u32], most: usize, urgency: Urgency) -> Ticket {
        self.try_queue(prompt, most, |request| request.urgency = urgency).unwrap()
    }

    /// An ask that has so many milliseconds.
    pub(super) fn hurry(&self, prompt: &[u32], most: usize, milliseconds: u64) -> Ticket {
        let deadline = self.clock.instant() + Duration::from_millis(milliseconds);
        self.try_queue(prompt, most, |request| request.deadline = Some(deadline)).unwrap()
    }

    /// The step that is taken now.
    pub(super) fn shown(&self) -> Shown {
        self.steps.recv_timeout(Duration::from_secs(20)).expect("there is no further step")
    }

    pub(super) fn order(&self, order: Order) {
        self.orders.send(order).unwrap();
    }

    /// Takes it, and shows the next.
    pub(super) fn next(&self) -> Shown {
        self.order(Order::Run);
        self.shown()
    }

    pub(super) fn after(&self, milliseconds: u64) -> Shown {
        self.order(Order::Take(Duration::from_millis(milliseconds)));
        self.shown()
    }
}

/// A prompt that begins like no other: `name`, and then as many tokens as it needs.
pub(super) fn prompt(name: u32, tokens: usize) -> Vec<u32> {
    (0..tokens as u32).map(|at| if at == 0 { name } else { 1 + (name + at) % 30 }).collect()
}

pub(super) fn heard(ticket: Ticket) -> (String, Finish) {
    let mut text = String::new();
    let finish = ticket.wait(&mut |piece| {
        text.push_str(piece);
        ControlFlow::Continue(())
    });
    (text, finish.unwrap())
}

pub(super) fn error(ticket: Ticket) -> InferenceError {
    ticket.wait(&mut |_| ControlFlow::Continue(())).unwrap_err()
}
