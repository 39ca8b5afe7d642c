//! Many who ask the same at the same time.

use std::sync::Barrier;
use std::thread;

use super::*;

#[test]
fn a_hundred_who_ask_the_same_are_answered_by_one_run() {
    let (_folder, library) = shelf();
    let echo = Arc::new(Echo::default());
    let engines = cached(echo.engines());
    let all_here = Barrier::new(100);
    let answers: Vec<Answer> = thread::scope(|scope| {
        let ask = |_| {
            scope.spawn(|| {
                all_here.wait();
                asked(&library, &engines, &Question::new(EYES)).0
            })
        };
        let asking: Vec<_> = (0..100).map(ask).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(echo.calls.load(SeqCst), 1);
    assert!(answers.iter().all(|answer| content(answer) == content(&answers[0]) && answer.complete));
}

/// Opens the gate for a model that waits before every piece.
fn held(echo: &Echo) -> crossbeam_channel::Sender<()> {
    let (sender, receiver) = crossbeam_channel::unbounded();
    *echo.gate.lock().unwrap() = Some(receiver);
    sender
}

#[test]
fn a_leader_who_hangs_up_does_not_take_the_followers_down() {
    let (_folder, library) = shelf();
    let echo = Arc::new(Echo::default());
    let engines = cached(echo.engines());
    let gate = held(&echo);
    let (followed, follows) = crossbeam_channel::bounded(1);
    thread::scope(|scope| {
        let leader = scope.spawn(|| {
            ask(&library.snapshot(), &engines, &Question::new(EYES), &SystemClock, &mut |event| match event {
                // Only when somebody follows.
                Event::Text(_) => {
                    let _ = follows.recv();
                    ControlFlow::Break(())
                }
                _ => ControlFlow::Continue(()),
            })
            .unwrap()
        });
        gate.send(()).unwrap();
        gate.send(()).unwrap();
        while echo.calls.load(SeqCst) == 0 {
            thread::yield_now();
        }
        let follower = scope.spawn(|| {
            let mut is_here = false;
            ask(&library.snapshot(), &engines, &Question::new(EYES), &SystemClock, &mut |event| {
                if matches!(event, Event::Text(_)) && !std::mem::replace(&mut is_here, true) {
                    followed.send(()).unwrap();
                }
                ControlFlow::Continue(())
            })
            .unwrap()
        });
        (0..100).for_each(|_| gate.send(()).unwrap());
        let (led, followed) = (leader.join().unwrap(), follower.join().unwrap());
        assert!(!led.complete && followed.complete && followed.is_found(), "{led:?} {followed:?}");
        assert!(followed.text.starts_with(&led.text) && led.text.len() < followed.text.len());
    });
    assert_eq!(echo.calls.load(SeqCst), 1);
}

#[test]
fn a_follower_keeps_its_own_deadline_and_a_failed_leader_lets_another_try() {
    let (_folder, library) = shelf();
    let echo = Arc::new(Echo::default());
    let engines = cached(echo.engines());
    let gate = held(&echo);
    let hasty = Question { timeout: Duration::from_millis(300), ..Question::new(EYES) };
    thread::scope(|scope| {
        let leader = scope.spawn(|| asked(&library, &engines, &hasty).0);
        while echo.calls.load(SeqCst) == 0 {
            thread::yield_now();
        }
        let (late, _) = asked(&library, &engines, &hasty);
        assert_eq!(late.origin, Origin::Extracted(Because::Late), "{}", late.text);
        assert!(late.is_found() && late.timings.total < Duration::from_secs(10));
        assert_eq!(leader.join().unwrap().origin, Origin::Extracted(Because::Late));
        drop(gate);
        *echo.gate.lock().unwrap() = None;
    });
    assert_eq!(asked(&library, &engines, &hasty).0.origin, Origin::Generated, "nothing of it was remembered");
}
