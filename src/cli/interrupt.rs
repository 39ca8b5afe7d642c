//! Ctrl-C: the first one asks to finish soundly, the second ends the process where it stands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use crate::fault::Fault;

#[derive(Debug)]
pub(super) struct Interrupt {
    pressed: Arc<AtomicBool>,
    presses: Receiver<()>,
}

impl Interrupt {
    /// Once per process.
    pub(super) fn listen() -> Result<Interrupt, Fault> {
        let pressed = Arc::new(AtomicBool::new(false));
        let (press, presses) = bounded(1);
        let flag = Arc::clone(&pressed);
        #[expect(clippy::disallowed_methods, reason = "asked twice; the library survives any end of the process")]
        let handler = move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
            let _ = press.try_send(());
        };
        ctrlc::set_handler(handler)
            .map_err(|error| Fault::machine("interrupt", "cannot listen for Ctrl-C").because_of(error))?;
        Ok(Interrupt { pressed, presses })
    }

    /// For work that looks at it between two steps.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.pressed
    }

    pub(super) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::SeqCst)
    }

    /// Whether it came since this was last asked; it is forgotten then.
    pub(super) fn take(&self) -> bool {
        let _ = self.presses.try_recv();
        self.pressed.swap(false, Ordering::SeqCst)
    }

    pub(super) fn presses(&self) -> &Receiver<()> {
        &self.presses
    }

    /// Waits for Ctrl-C, at most this long. True when it came.
    pub(super) fn wait(&self, longest: Duration) -> bool {
        self.is_pressed() || self.presses.recv_timeout(longest).is_ok()
    }
}
