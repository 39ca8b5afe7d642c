//! How does code of others that panics leave the rest of the program alone?

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// There was a panic; its message is in the log.
#[derive(Debug)]
pub(super) struct Panicked;

/// A panic becomes a value, and nothing is printed. What `work` was changing must not be used after it.
pub(super) fn contained<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    hush();
    let outside = INSIDE.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(outside);
    result.map_err(|payload| {
        tracing::error!(message = message(payload.as_ref()), "a panic was contained");
        Panicked
    })
}

/// For threads that only ever work for somebody who contains what they throw.
pub(super) fn hush_this_thread() {
    hush();
    INSIDE.set(true);
}

/// The program's panic hook stays as it is for everybody else.
fn hush() {
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

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}
