//! Is everybody served, in the right order, whatever happens to the model?

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::callers::{MOST_CALLERS, Ticket};
use super::{Engine, Runner};
use crate::clock::SystemClock;
use crate::inference::Urgency::{self, Add, Ask, Prefetch};
use crate::inference::error::InferenceError;
use crate::inference::tokens::Tokens;

/// What the model does with the slice it has been shown.
enum Order {
    Run,
    Panic,
    Fail,
    Forget,
}

/// Shows every slice, by the texts' lengths, and waits to be told what to do with it. Its vectors are those lengths.
struct Fake {
    shows: Sender<Vec<usize>>,
    orders: Arc<Mutex<Receiver<Order>>>,
}

impl Runner for Fake {
    fn slice(&self, _threads: usize) -> usize {
        100
    }

    fn run(&self, batch: &[&Tokens]) -> Result<Vec<Vec<f32>>, InferenceError> {
        let lengths: Vec<usize> = batch.iter().map(|tokens| tokens.ids.len()).collect();
        let mut vectors: Vec<Vec<f32>> = lengths.iter().map(|&length| vec![length as f32]).collect();
        self.shows.send(lengths).unwrap();
        let order = self.orders.lock().unwrap().recv().unwrap_or(Order::Run);
        match order {
            Order::Run => {}
            Order::Panic => panic!("the model was told to"),
            Order::Fail => return Err(failed("told to")),
            Order::Forget => drop(vectors.pop()),
        }
        Ok(vectors)
    }
}

fn failed(why: &str) -> InferenceError {
    InferenceError::Failed { model: "fake".to_owned(), why: why.to_owned() }
}

struct Bench {
    engine: Engine,
    slices: Receiver<Vec<usize>>,
    orders: Sender<Order>,
    loads: Arc<AtomicUsize>,
}

impl Bench {
    /// Loads that are in `failing`, counted from 1, fail.
    fn new(failing: &'static [usize]) -> Bench {
        let (shows, slices) = channel();
        let (orders, received) = channel();
        let received = Arc::new(Mutex::new(received));
        let loads = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&loads);
        let load = move || {
            if failing.contains(&(counted.fetch_add(1, Ordering::SeqCst) + 1)) {
                return Err(failed("not now"));
            }
            Ok(Fake { shows: shows.clone(), orders: Arc::clone(&received) })
        };
        let engine = Engine::start("fake", NonZeroUsize::MIN, Arc::new(SystemClock), load).unwrap();
        Bench { engine, slices, orders, loads }
    }

    fn queue(&self, lengths: &[usize], urgency: Urgency) -> Ticket {
        let texts = lengths.iter().map(|&length| Tokens { ids: vec![0; length], second: length });
        self.engine.queue(texts.collect(), urgency).unwrap()
    }

    /// The slice that is run now.
    fn shown(&self) -> Vec<usize> {
        self.slices.recv().unwrap()
    }

    fn order(&self, order: Order) {
        self.orders.send(order).unwrap();
    }

    fn next(&self) -> Vec<usize> {
        self.order(Order::Run);
        self.shown()
    }
}

fn lengths(ticket: Ticket) -> Vec<f32> {
    ticket.wait().unwrap().into_iter().flatten().collect()
}

#[test]
fn who_is_urgent_steps_in_between_two_slices() {
    let bench = Bench::new(&[]);
    let add = bench.queue(&[60, 90, 70], Add);
    assert_eq!(bench.shown(), [90]);
    let prefetch = bench.queue(&[5], Prefetch);
    let ask = bench.queue(&[10], Ask);
    assert_eq!(bench.next(), [10], "a person waits");
    assert_eq!(bench.next(), [70]);
    let other = bench.queue(&[7], Ask);
    assert_eq!(bench.next(), [7]);
    assert_eq!(bench.next(), [60]);
    assert_eq!(bench.next(), [5], "nobody waits for it");
    bench.order(Order::Run);
    assert_eq!(lengths(ask), [10.0]);
    assert_eq!(lengths(other), [7.0]);
    assert_eq!(lengths(add), [60.0, 90.0, 70.0], "in the caller's order");
    assert_eq!(lengths(prefetch), [5.0]);
}

#[test]
fn what_waits_together_runs_together() {
    let bench = Bench::new(&[]);
    let first = bench.queue(&[100], Add);
    assert_eq!(bench.shown(), [100]);
    let others = [bench.queue(&[10, 30], Add), bench.queue(&[20], Add), bench.queue(&[], Add), bench.queue(&[45], Add)];
    assert_eq!(bench.next(), [45, 30, 20], "the longest first, and no more than a slice");
    assert_eq!(bench.next(), [10]);
    bench.order(Order::Run);
    assert_eq!(lengths(first), [100.0]);
    let found: Vec<Vec<f32>> = others.into_iter().map(lengths).collect();
    assert_eq!(found, [vec![10.0, 30.0], vec![20.0], vec![], vec![45.0]]);
}

#[test]
fn a_stream_of_small_jobs_does_not_hold_up_an_early_one() {
    let bench = Bench::new(&[]);
    let blocks = bench.queue(&[100], Add);
    bench.shown();
    // The shortest text goes last in its round, and rounds are bounded: it is not behind everybody who comes later.
    let early = bench.queue(&[1], Add);
    let many: Vec<Ticket> = (0..400).map(|_| bench.queue(&[100], Add)).collect();
    let before = (0..).take_while(|_| bench.next() != [1]).count();
    assert!(before <= 165, "{before} slices went before");
    drop(bench.orders);
    assert_eq!(lengths(early), [1.0]);
    assert_eq!(lengths(blocks), [100.0]);
    assert!(many.into_iter().all(|ticket| lengths(ticket) == [100.0]));
}

#[test]
fn a_text_longer_than_a_slice_runs_by_itself() {
    let bench = Bench::new(&[]);
    let ticket = bench.queue(&[250, 1], Ask);
    assert_eq!(bench.shown(), [250]);
    assert_eq!(bench.next(), [1]);
    bench.order(Order::Run);
    assert_eq!(lengths(ticket), [250.0, 1.0]);
}

#[test]
fn work_of_a_caller_who_has_gone_is_not_done() {
    let bench = Bench::new(&[]);
    let first = bench.queue(&[80, 81], Add);
    assert_eq!(bench.shown(), [81]);
    let gone = bench.queue(&[50, 51], Ask);
    let stays = bench.queue(&[9], Ask);
    drop(gone);
    drop(first);
    assert_eq!(bench.next(), [9]);
    let last = bench.queue(&[3], Prefetch);
    assert_eq!(bench.next(), [3], "not 80: nobody waits for it any more");
    bench.order(Order::Run);
    assert_eq!((lengths(stays), lengths(last)), (vec![9.0], vec![3.0]));
}

#[test]
fn after_a_panic_the_model_is_loaded_again() {
    let bench = Bench::new(&[2]);
    let struck = bench.queue(&[90, 20], Add);
    assert_eq!(bench.shown(), [90]);
    let unlucky = bench.queue(&[70], Add);
    bench.order(Order::Panic);
    let error = struck.wait().unwrap_err();
    assert!(matches!(error, InferenceError::Failed { .. }), "{error}");
    let error = unlucky.wait().unwrap_err();
    assert!(error.to_string().ends_with("not now"), "the second load was told to fail: {error}");
    let lucky = bench.queue(&[30], Ask);
    assert_eq!(bench.shown(), [30]);
    bench.order(Order::Run);
    assert_eq!(lengths(lucky), [30.0]);
    assert_eq!(bench.loads.load(Ordering::SeqCst), 3);
}

#[test]
fn a_failure_strikes_those_in_the_slice_only() {
    let bench = Bench::new(&[]);
    let struck = [bench.queue(&[60], Add)];
    assert_eq!(bench.shown(), [60]);
    let spared = bench.queue(&[80], Add);
    bench.order(Order::Fail);
    assert_eq!(bench.shown(), [80]);
    let short = bench.queue(&[40, 41], Add);
    bench.order(Order::Run);
    assert_eq!(bench.shown(), [41, 40]);
    bench.order(Order::Forget);
    assert!(struck.into_iter().all(|ticket| ticket.wait().is_err()));
    assert_eq!(lengths(spared), [80.0]);
    assert!(short.wait().unwrap_err().to_string().contains("fewer vectors"));
    assert_eq!(bench.loads.load(Ordering::SeqCst), 1, "an error is no reason to load again");
}

#[test]
fn the_line_is_bounded() {
    let bench = Bench::new(&[]);
    let mut waiting: Vec<Ticket> = (0..MOST_CALLERS).map(|_| bench.queue(&[1], Add)).collect();
    let error = bench.engine.queue(Vec::new(), Ask).unwrap_err();
    assert!(matches!(error, InferenceError::Busy { .. }), "{error}");
    waiting.pop();
    drop(bench.orders);
    assert!(bench.engine.queue(Vec::new(), Ask).unwrap().wait().unwrap().is_empty());
    assert!(waiting.into_iter().all(|ticket| lengths(ticket) == [1.0]));
}

#[test]
fn nobody_waits_for_a_model_that_is_closed() {
    let Bench { engine, slices, orders, .. } = Bench::new(&[]);
    let texts = |length| vec![Tokens { ids: vec![0; length], second: length }];
    let running = engine.queue(texts(5), Add).unwrap();
    assert_eq!(slices.recv().unwrap(), [5]);
    let waiting = engine.queue(texts(6), Ask).unwrap();
    let closing = thread::spawn(move || drop(engine));
    assert!(matches!(waiting.wait().unwrap_err(), InferenceError::Stopped { .. }));
    orders.send(Order::Run).unwrap();
    assert_eq!(lengths(running), [5.0], "what ran was finished");
    closing.join().unwrap();
}

#[test]
fn a_model_that_cannot_be_loaded_is_said_at_once() {
    let load = || -> Result<Fake, InferenceError> { Err(failed("torn")) };
    let error = Engine::start("fake", NonZeroUsize::MIN, Arc::new(SystemClock), load).unwrap_err();
    assert!(error.to_string().contains("torn"), "{error}");
    let load = || -> Result<Fake, InferenceError> { panic!("the loader was told to") };
    let error = Engine::start("fake", NonZeroUsize::MIN, Arc::new(SystemClock), load).unwrap_err();
    assert!(matches!(error, InferenceError::Failed { .. }), "{error}");
}

#[test]
fn a_model_that_hangs_is_known_from_one_that_waits_and_from_one_that_is_gone() {
    let bench = Bench::new(&[]);
    lengths_of_one(&bench);
    let pulse = bench.engine.pulse();
    assert!(!pulse.is_gone);
    let hangs = bench.queue(&[3], Ask);
    assert_eq!(bench.shown(), [3]);
    let (before, after) = (bench.engine.pulse(), bench.engine.pulse());
    assert!(before.is_wanted && after.is_wanted && after.since >= before.since, "{before:?} {after:?}");
    bench.order(Order::Panic);
    assert!(hangs.wait().is_err());
    assert!(!bench.engine.pulse().is_gone, "a panic is not the end of the thread");
    lengths_of_one(&bench);
}

fn lengths_of_one(bench: &Bench) {
    let one = bench.queue(&[2], Ask);
    assert_eq!(bench.shown(), [2]);
    bench.order(Order::Run);
    assert_eq!(lengths(one), [2.0]);
}
