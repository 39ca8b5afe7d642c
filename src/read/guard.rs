//! How does a parser that panics, or needs a deep stack, leave the rest of the program alone?

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::thread;

/// Only the pages that are touched are ever real.
const STACK: usize = 64 << 20;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Why a contained parser gave no result.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// It gave up on purpose, through [`give_up`].
    GaveUp,
    Panicked(String),
    /// The system had no thread to give.
    NoThread(String),
}

/// Runs a parser on a thread of its own with a deep stack; a panic becomes a value and prints nothing.
pub(super) fn contained<T: Send>(parser: impl FnOnce() -> T + Send) -> Result<T, Escape> {
    hush_parsers();
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("reader".into()).stack_size(STACK).spawn_scoped(scope, || {
            INSIDE.set(true);
            panic::catch_unwind(AssertUnwindSafe(parser)).map_err(read_payload)
        });
        let thread = thread.map_err(|error| Escape::NoThread(error.to_string()))?;
        thread.join().unwrap_or_else(|payload| Err(read_payload(payload)))
    })
}

/// Within a contained parser: a part that panics costs that part alone. Giving up still leaves the whole parser.
pub(super) fn attempt<T>(part: impl FnOnce() -> T) -> Option<T> {
    match panic::catch_unwind(AssertUnwindSafe(part)) {
        Ok(result) => Some(result),
        Err(payload) if payload.is::<Escape>() => panic::resume_unwind(payload),
        Err(_) => None,
    }
}

/// Leaves a foreign parser from within one of its callbacks: its work has gone over the limit.
pub(super) fn give_up() -> ! {
    panic::resume_unwind(Box::new(Escape::GaveUp))
}

fn read_payload(payload: Box<dyn Any + Send>) -> Escape {
    match payload.downcast::<Escape>() {
        Ok(escape) => *escape,
        Err(payload) => Escape::Panicked(
            payload
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string))
                .unwrap_or_else(|| "a panic without a message".into()),
        ),
    }
}

/// The program's panic hook stays as it is for every thread that is not inside a parser.
fn hush_parsers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let shown = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                shown(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_value() {
        assert_eq!(contained(|| 7), Ok(7));
        let index = std::hint::black_box(9);
        assert!(
            matches!(contained(|| [1, 2, 3][index]), Err(Escape::Panicked(text)) if text.contains("out of bounds"))
        );
        assert_eq!(contained(|| -> () { give_up() }), Err(Escape::GaveUp));
    }

    #[test]
    fn a_part_that_panics_costs_itself() {
        let index = std::hint::black_box(9);
        assert_eq!(contained(|| attempt(|| [1, 2, 3][index])), Ok(None));
        assert_eq!(contained(|| attempt(|| -> u8 { give_up() })), Err(Escape::GaveUp));
    }

    #[test]
    fn deep_recursion_fits() {
        fn down(levels: u64) -> u64 {
            let pad = std::hint::black_box([levels; 32]);
            if levels == 0 { 0 } else { down(levels - 1) + u64::from(pad[0] > 0) }
        }
        assert_eq!(contained(|| down(50_000)), Ok(50_000));
    }
}
