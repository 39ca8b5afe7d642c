//! Is everybody served, in the right order and in time, and does everybody get what they would get alone?

mod fake;
mod pulse;
mod random;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::Engine;
use super::callers::{KEPT, MOST_CALLERS};
use crate::clock::SystemClock;
use crate::fault::{Fault, Whose};
use crate::inference::Reason;
use crate::inference::Urgency::{Add, Ask, Prefetch};
use crate::inference::error::InferenceError;
use fake::{Bench, CONTEXT, Fake, Order, alone, error, failed, heard, prompt};

/// Room for everything a test thinks of.
const PLENTY: usize = 4000;

#[test]
fn answers_flow_while_a_prompt_is_read() {
    let bench = Bench::new(PLENTY, &[]);
    let (a, b) = (bench.ask(&prompt(1, 10), 6), bench.ask(&prompt(2, 80), 2));
    assert!(matches!(bench.shown()[..], [(1, 10)]));
    assert_eq!(bench.next(), [(1, 1), (2, 32)]);
    assert_eq!(bench.next(), [(1, 1), (2, 32)]);
    assert_eq!(bench.next(), [(1, 1), (2, 16)]);
    assert_eq!(bench.next(), [(1, 1), (2, 1)]);
    assert_eq!(bench.next(), [(1, 1)]);
    bench.order(Order::Run);
    for (ticket, name, tokens, most) in [(a, 1, 10, 6), (b, 2, 80, 2)] {
        let (text, finish) = heard(ticket);
        assert_eq!(text, alone(&prompt(name, tokens), most));
        assert_eq!((finish.reason, finish.generated_tokens), (Reason::Length, most));
        assert_eq!((finish.prompt_tokens, finish.reused_tokens), (tokens, 0));
    }
}

#[test]
fn whoever_is_alone_is_read_as_fast_as_can_be() {
    let bench = Bench::new(PLENTY, &[]);
    let ticket = bench.ask(&prompt(1, 300), 1);
    assert_eq!(bench.shown(), [(1, 32)], "the pace is not known yet");
    assert_eq!(bench.after(32), [(1, 100)]);
    assert_eq!(bench.after(100), [(1, 100)]);
    let later = bench.queue(&prompt(2, 300), 1, Add);
    assert_eq!(bench.after(100), [(1, 68)]);
    assert_eq!(bench.after(68), [(2, 32)], "somebody may come for whom a person waits");
    assert_eq!(heard(ticket).1.first_token, Some(Duration::from_millis(300)));
    drop(later);
    bench.order(Order::Run);
}

#[test]
fn who_is_urgent_stops_the_others_between_two_steps() {
    let bench = Bench::new(PLENTY, &[]);
    let prefetch = bench.queue(&prompt(1, 70), 4, Prefetch);
    assert_eq!(bench.shown(), [(1, 32)]);
    let ask = bench.ask(&prompt(2, 10), 3);
    assert_eq!(bench.next(), [(2, 10)], "a person waits");
    let add = bench.queue(&prompt(3, 5), 2, Add);
    assert_eq!(bench.next(), [(2, 1)]);
    assert_eq!(bench.next(), [(2, 1)]);
    assert_eq!(bench.next(), [(3, 5)]);
    assert_eq!(bench.next(), [(3, 1)]);
    assert_eq!(bench.next(), [(1, 38)], "goes on where it was, and a small rest goes along");
    assert_eq!(bench.next(), [(1, 1)]);
    let other = bench.ask(&prompt(4, 1), 1);
    assert_eq!(bench.next(), [(4, 1)], "who writes is stopped too");
    assert_eq!(bench.next(), [(1, 1)]);
    drop(bench.orders);
    for (ticket, name, tokens, most) in [(prefetch, 1, 70, 4), (ask, 2, 10, 3), (add, 3, 5, 2), (other, 4, 1, 1)] {
        assert_eq!(heard(ticket).0, alone(&prompt(name, tokens), most));
    }
}

#[test]
fn what_another_has_read_is_not_read_again() {
    let bench = Bench::new(PLENTY, &[]);
    let (first, same) = (bench.ask(&prompt(1, 60), 5), bench.ask(&prompt(1, 60), 5));
    let longer = bench.ask(&prompt(1, 90), 5);
    bench.shown();
    assert_eq!(bench.next(), [(1, 28)], "one after the other");
    assert_eq!(bench.next(), [(1, 1), (1, 1)]);
    assert_eq!(bench.next(), [(1, 1), (1, 1), (1, 30)]);
    drop(bench.orders);
    let reused = [first, same, longer].map(|ticket| heard(ticket).1.reused_tokens);
    assert_eq!(reused, [0, 59, 60]);
}

#[test]
fn a_prompt_is_read_for_those_who_will_come() {
    let bench = Bench::new(PLENTY, &[]);
    let warm = bench.try_queue(&prompt(1, 50), 0, |request| request.writer = None).unwrap();
    assert_eq!(bench.shown(), [(1, 32)]);
    assert_eq!(bench.next(), [(1, 18)]);
    bench.order(Order::Run);
    let (text, finish) = heard(warm);
    assert_eq!((text.as_str(), finish.reason, finish.generated_tokens), ("", Reason::End, 0));
    let ask = bench.ask(&[prompt(1, 50), vec![30; 10]].concat(), 1);
    assert_eq!(bench.shown(), [(1, 10)]);
    bench.order(Order::Run);
    assert_eq!(heard(ask).1.reused_tokens, 50);
}

#[test]
fn without_room_one_waits_until_another_ends() {
    let bench = Bench::new(100, &[]);
    let (first, second) = (bench.ask(&prompt(1, 30), 30), bench.ask(&prompt(2, 30), 30));
    assert_eq!(bench.shown(), [(1, 30)]);
    for _ in 0..10 {
        assert_eq!(bench.next(), [(1, 1)]);
    }
    drop(first);
    assert_eq!(bench.next(), [(2, 30)]);
    let huge = bench.ask(&prompt(3, 90), 20);
    drop(bench.orders);
    assert_eq!(heard(second).0, alone(&prompt(2, 30), 30));
    let error = error(huge);
    assert!(error.to_string().contains("memory"), "it would never fit: {error}");
}

#[test]
fn who_is_less_urgent_gives_its_room_up_and_loses_nothing() {
    let bench = Bench::new(100, &[]);
    let prefetch = bench.queue(&prompt(1, 45), 15, Prefetch);
    assert_eq!(bench.shown(), [(1, 32)]);
    assert_eq!(bench.next(), [(1, 13)]);
    assert_eq!(bench.next(), [(1, 1)]);
    let ask = bench.ask(&prompt(2, 50), 2);
    assert_eq!(bench.next(), [(2, 32)]);
    assert_eq!(bench.next(), [(2, 18)]);
    assert_eq!(bench.next(), [(2, 1)]);
    assert_eq!(bench.next(), [(1, 1)], "what it had read and written was kept");
    drop(bench.orders);
    let (text, finish) = heard(prefetch);
    assert_eq!((text, finish.reused_tokens), (alone(&prompt(1, 45), 15), 0));
    assert_eq!(heard(ask).0, alone(&prompt(2, 50), 2));
}

#[test]
fn the_place_of_a_caller_who_has_gone_is_free() {
    let bench = Bench::new(PLENTY, &[]);
    let reading = bench.ask(&prompt(1, 80), 9);
    let waiting = bench.ask(&prompt(2, 80), 9);
    let stays = bench.ask(&prompt(3, 5), 3);
    assert_eq!(bench.shown(), [(1, 32)]);
    drop((reading, waiting));
    assert_eq!(bench.next(), [(3, 5)]);
    assert_eq!(bench.next(), [(3, 1)]);
    bench.order(Order::Run);
    let listener = thread::spawn(move || {
        let mut count = 0;
        stays.wait(&mut |_| {
            count += 1;
            ControlFlow::Break(())
        })
    });
    let finish = listener.join().unwrap().unwrap();
    assert_eq!(finish.reason, Reason::Stopped);
    drop(bench.orders);
    let last = bench.engine;
    drop(last);
}

#[test]
fn a_slow_listener_holds_nobody_up() {
    let bench = Bench::new(PLENTY, &[]);
    let slow = bench.ask(&prompt(1, 5), 20);
    let fast = bench.ask(&prompt(2, 5), 30);
    drop(bench.orders);
    assert_eq!(heard(fast).0, alone(&prompt(2, 5), 30));
    let mut pieces = Vec::new();
    let finish = slow.wait(&mut |piece| {
        pieces.push(piece.to_owned());
        ControlFlow::Continue(())
    });
    assert_eq!((pieces.len(), finish.unwrap().generated_tokens), (1, 20), "all at once");
    assert_eq!(pieces[0], alone(&prompt(1, 5), 20));
}

#[test]
fn an_answer_ends_where_the_model_ends_it() {
    let bench = Bench::new(PLENTY, &[]);
    let (ended, full) = (bench.ask(&prompt(1, 40), 400), bench.ask(&prompt(5, CONTEXT - 3), 400));
    drop(bench.orders);
    let (text, finish) = heard(ended);
    assert_eq!((text, finish.reason), (alone(&prompt(1, 40), 400), Reason::End));
    assert!(finish.generated_tokens < 400);
    let (text, finish) = heard(full);
    assert_eq!((text, finish.reason), (alone(&prompt(5, CONTEXT - 3), 3), Reason::Length), "as many as fit");
}

#[test]
fn a_prompt_that_cannot_be_answered_is_refused_with_a_reason() {
    let bench = Bench::new(PLENTY, &[]);
    let error = bench.try_queue(&prompt(1, CONTEXT), 5, |_| {}).err().unwrap();
    assert!(matches!(error, InferenceError::TooLong { tokens: CONTEXT, context: CONTEXT, .. }), "{error}");
    let fault = Fault::from(error);
    assert_eq!((fault.whose, fault.code), (Whose::Caller, "prompt_too_long"));
    assert!(fault.what.contains("500") && fault.hint.is_some());
    let warm = bench.try_queue(&prompt(1, CONTEXT), 0, |request| request.writer = None);
    assert!(bench.try_queue(&[], 5, |_| {}).is_err());
    assert!(bench.try_queue(&[1, 2, 1 << 20], 5, |_| {}).err().unwrap().to_string().contains("1048576"));
    drop(bench.orders);
    assert_eq!(heard(warm.unwrap()).1.reason, Reason::End, "it can be read");
}

#[test]
fn a_deadline_is_kept_in_line_and_while_reading_and_writing() {
    let bench = Bench::new(PLENTY, &[]);
    let writes = bench.hurry(&prompt(1, 20), 50, 1000);
    assert_eq!(bench.shown(), [(1, 20)]);
    let (reads, waits) = (bench.hurry(&prompt(2, 90), 50, 1300), bench.hurry(&prompt(3, 20), 50, 900));
    assert_eq!(bench.after(200), [(1, 1), (2, 32)]);
    assert_eq!(bench.after(330), [(1, 1), (2, 32)]);
    assert_eq!(bench.after(330), [(1, 1), (2, 14)], "no longer than what is left, at ten milliseconds a token");
    bench.order(Order::Take(Duration::from_millis(140)));
    let (text, finish) = heard(writes);
    assert_eq!((finish.reason, finish.generated_tokens), (Reason::Deadline, 4));
    assert_eq!(text, alone(&prompt(1, 20), 4));
    assert_eq!(heard(waits).1.reason, Reason::Deadline);
    assert_eq!(bench.shown(), [(2, 12)]);
    bench.order(Order::Take(Duration::from_millis(300)));
    let (text, finish) = heard(reads);
    assert_eq!((finish.reason, finish.generated_tokens), (Reason::Deadline, 1));
    assert_eq!(text, alone(&prompt(2, 90), 1));
}

#[test]
fn a_deadline_is_kept_even_if_the_model_does_not_come_back() {
    let bench = Bench::new(PLENTY, &[]);
    let ticket = bench.hurry(&prompt(1, 20), 50, 1000);
    bench.shown();
    bench.next();
    bench.clock.pass(Duration::from_millis(1050));
    let (text, finish) = heard(ticket);
    assert_eq!((finish.reason, finish.generated_tokens), (Reason::Deadline, 1));
    assert_eq!(text + ".", alone(&prompt(1, 20), 1));
    bench.order(Order::Run);
}

#[test]
fn who_cannot_be_in_time_does_not_burn_the_time_of_others() {
    let bench = Bench::new(PLENTY, &[]);
    let first = bench.ask(&prompt(1, 32), 1);
    bench.shown();
    let (hopeless, good) = (bench.hurry(&prompt(2, 100), 5, 900), bench.hurry(&prompt(3, 40), 1, 3000));
    assert_eq!(bench.after(320), [(3, 40)], "a hundred tokens take a second");
    assert_eq!(heard(hopeless).1.reason, Reason::Deadline);
    let last = bench.ask(&prompt(5, 60), 1);
    let behind = bench.hurry(&prompt(4, 1), 1, 900);
    assert_eq!(bench.after(400), [(5, 60)]);
    assert_eq!(heard(behind).1.reason, Reason::Deadline, "before it there is more to read than it has time");
    bench.order(Order::Take(Duration::from_millis(600)));
    assert!([first, good, last].into_iter().all(|ticket| heard(ticket).1.reason == Reason::Length));
    let alone = bench.hurry(&prompt(6, 100), 5, 500);
    assert_eq!(bench.shown(), [(6, 50)], "nobody else is there");
    assert_eq!(bench.after(100), [(6, 40)], "and it goes faster than was thought");
    drop(bench.orders);
    assert_eq!(heard(alone).1.reason, Reason::Length);
}

#[test]
fn after_a_panic_the_model_is_loaded_again_and_nobody_is_left_waiting() {
    let bench = Bench::new(PLENTY, &[2]);
    let paused = bench.queue(&prompt(1, 70), 4, Prefetch);
    bench.shown();
    let (writes, reads) = (bench.ask(&prompt(2, 5), 9), bench.ask(&prompt(3, 90), 9));
    assert_eq!(bench.next(), [(2, 5)]);
    assert_eq!(bench.next(), [(2, 1), (3, 32)]);
    let waits = bench.ask(&prompt(4, 9), 9);
    bench.order(Order::Panic);
    for struck in [paused, writes, reads] {
        let error = error(struck);
        assert!(matches!(error, InferenceError::Failed { .. }), "{error}");
    }
    let error = error(waits);
    assert!(error.to_string().ends_with("not now"), "the second load was told to fail: {error}");
    let lucky = bench.ask(&prompt(2, 5), 2);
    assert_eq!(bench.shown(), [(2, 5)], "nothing is reused");
    drop(bench.orders);
    assert_eq!(heard(lucky).0, alone(&prompt(2, 5), 2));
    assert_eq!(bench.loads.load(Ordering::SeqCst), 3);
}

#[test]
fn a_failure_strikes_those_in_the_step_only() {
    for order in [Order::Fail, Order::Forget] {
        let bench = Bench::new(PLENTY, &[]);
        let paused = bench.queue(&prompt(1, 45), 4, Prefetch);
        bench.shown();
        let (writes, reads) = (bench.ask(&prompt(2, 5), 9), bench.ask(&prompt(3, 90), 9));
        assert_eq!(bench.next(), [(2, 5)]);
        assert_eq!(bench.next(), [(2, 1), (3, 32)]);
        bench.order(order);
        assert!([writes, reads].into_iter().all(|ticket| matches!(error(ticket), InferenceError::Failed { .. })));
        assert_eq!(bench.shown(), [(1, 13)]);
        drop(bench.orders);
        assert_eq!(heard(paused).0, alone(&prompt(1, 45), 4));
        assert_eq!(bench.loads.load(Ordering::SeqCst), 1, "an error is no reason to load again");
    }
}

#[test]
fn whoever_gets_no_numbers_is_alone_with_it() {
    let bench = Bench::new(PLENTY, &[]);
    let (struck, spared) = (bench.ask(&prompt(1, 5), 9), bench.ask(&prompt(2, 5), 9));
    bench.shown();
    assert_eq!(bench.next(), [(1, 1), (2, 5)]);
    bench.order(Order::NoNumbers);
    assert_eq!(bench.shown(), [(2, 1)]);
    drop(bench.orders);
    assert!(matches!(error(struck), InferenceError::Failed { .. }));
    assert_eq!(heard(spared).0, alone(&prompt(2, 5), 9));
}

#[test]
fn the_line_is_bounded_and_keeps_places_for_people() {
    let bench = Bench::new(PLENTY, &[]);
    let mut waiting: Vec<_> = (0..MOST_CALLERS - KEPT).map(|_| bench.queue(&prompt(1, 2), 1, Add)).collect();
    let busy = |urgency| bench.try_queue(&prompt(1, 2), 1, |request| request.urgency = urgency);
    assert!(matches!(busy(Add), Err(InferenceError::Busy { .. })));
    waiting.extend((0..KEPT).map(|_| busy(Ask).unwrap()));
    assert!(matches!(busy(Ask), Err(InferenceError::Busy { .. })));
    waiting.pop();
    assert!(busy(Ask).is_ok());
    drop(bench.orders);
    assert!(waiting.into_iter().all(|ticket| heard(ticket).0 == alone(&prompt(1, 2), 1)));
}

#[test]
fn nobody_waits_for_a_model_that_is_closed() {
    let bench = Bench::new(PLENTY, &[]);
    let (running, waiting) = (bench.ask(&prompt(1, 5), 9), bench.ask(&prompt(2, 5), 9));
    assert_eq!(bench.shown(), [(1, 5)]);
    let engine = bench.engine;
    let closing = thread::spawn(move || drop(engine));
    bench.orders.send(Order::Run).unwrap();
    drop(bench.orders);
    for ticket in [running, waiting] {
        let end = ticket.wait(&mut |_| ControlFlow::Continue(()));
        assert!(!matches!(end, Err(error) if !matches!(error, InferenceError::Stopped { .. })));
    }
    closing.join().unwrap();
}

#[test]
fn a_model_that_cannot_be_loaded_is_said_at_once() {
    let load = || -> Result<Fake, InferenceError> { Err(failed("torn")) };
    let error = Engine::start("fake", Arc::new(SystemClock), load).err().unwrap();
    assert!(error.to_string().contains("torn"), "{error}");
    let load = || -> Result<Fake, InferenceError> { panic!("the loader was told to") };
    let error = Engine::start("fake", Arc::new(SystemClock), load).err().unwrap();
    assert!(matches!(error, InferenceError::Failed { .. }), "{error}");
}
