//! Is the thread busy, idle, stuck or dead?

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::fake::{Bench, Order, error, heard, prompt};
use crate::clock::{Clock, SystemClock};

#[test]
fn a_model_that_hangs_is_known_from_one_that_is_busy() {
    let bench = Bench::new(400, &[]);
    let ticket = bench.ask(&prompt(1, 8), 3);
    bench.shown();
    assert!(bench.engine.pulse().is_wanted);
    // It was shown a step, and does not take it.
    bench.clock.pass(Duration::from_secs(30));
    let stuck = bench.engine.pulse();
    assert_eq!((stuck.since, stuck.is_wanted, stuck.is_gone), (Duration::from_secs(30), true, false));
    bench.next();
    assert!(bench.engine.pulse().since < Duration::from_secs(30), "it got on");
    drop(bench.orders);
    heard(ticket);
}

#[test]
fn who_comes_to_an_idle_model_does_not_make_it_look_stuck() {
    let bench = Bench::new(400, &[]);
    let first = bench.ask(&prompt(1, 8), 1);
    bench.shown();
    bench.order(Order::Run);
    heard(first);
    bench.clock.pass(Duration::from_secs(3600));
    let second = bench.ask(&prompt(2, 8), 1);
    bench.shown();
    assert!(bench.engine.pulse().since < Duration::from_secs(1), "{:?}", bench.engine.pulse());
    drop(bench.orders);
    heard(second);
}

#[test]
fn a_panic_that_is_contained_is_no_end_and_one_that_is_not_is() {
    let bench = Bench::new(400, &[]);
    let ticket = bench.ask(&prompt(1, 8), 3);
    bench.shown();
    bench.order(Order::Panic);
    error(ticket);
    assert!(!bench.engine.pulse().is_gone);
    bench.dies.store(true, Ordering::SeqCst);
    error(bench.ask(&prompt(2, 8), 3));
    // Whoever waited is told before the last of the thread is gone.
    let until = SystemClock.instant() + Duration::from_secs(20);
    while !bench.engine.pulse().is_gone {
        assert!(SystemClock.instant() < until, "the thread is still there");
        thread::yield_now();
    }
}
