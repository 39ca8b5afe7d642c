//! Models that are being brought. Whoever asks for one that is on its way already hears of the same one; it is given up when nobody
//! listens any more.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender, WeakSender, channel};

use super::shapes::Progress;
use crate::fault::{Fault, Result};

type Said = Result<Progress, Arc<Fault>>;

#[derive(Debug, Default)]
pub(in crate::http) struct Pulls(Mutex<HashMap<String, WeakSender<Said>>>);

/// Of one that is brought.
pub(super) struct Hears(Receiver<Said>);

/// Tells all who hear of it.
pub(super) struct Tells(Sender<Said>);

/// More at once are a mistake of a program.
const MOST: usize = 8;
/// Whoever reads slowly hears of the last ones.
const KEPT: usize = 64;

impl Pulls {
    /// With [`Tells`] for whoever is the first, and has to bring it.
    pub(super) fn join(&self, name: &str) -> Result<(Hears, Option<Tells>)> {
        let mut known = self.known();
        known.retain(|_, sender| sender.strong_count() > 0);
        if let Some(sender) = known.get(name).and_then(WeakSender::upgrade) {
            return Ok((Hears(sender.subscribe()), None));
        }
        if known.len() >= MOST {
            let fault = Fault::busy("server_busy", format!("{MOST} models are being brought already"));
            return Err(fault.hint("wait until one of them is here"));
        }
        let (sender, receiver) = channel(KEPT);
        known.insert(name.to_owned(), sender.downgrade());
        Ok((Hears(receiver), Some(Tells(sender))))
    }

    /// Nothing that is done under the lock can stop half way.
    fn known(&self) -> MutexGuard<'_, HashMap<String, WeakSender<Said>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tells {
    /// Breaks when nobody listens.
    pub(super) fn tell(&self, progress: Progress) -> ControlFlow<()> {
        if self.0.send(Ok(progress)).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    pub(super) fn fail(&self, fault: Fault) {
        // Whoever went away does not want to know.
        let _ = self.0.send(Err(Arc::new(fault)));
    }

    pub(super) fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }
}

impl Hears {
    /// `None` when nothing more comes.
    pub(super) async fn next(&mut self) -> Option<Result<Progress>> {
        loop {
            match self.0.recv().await {
                Ok(said) => return Some(said.map_err(|fault| fault.again())),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(status: &str) -> Progress {
        Progress { status: status.to_owned(), ..Progress::default() }
    }

    #[tokio::test]
    async fn whoever_comes_later_hears_of_the_same_one() {
        let pulls = Pulls::default();
        let (mut first, tells) = pulls.join("m").unwrap();
        let (mut second, none) = pulls.join("m").unwrap();
        let tells = tells.unwrap();
        assert!(none.is_none());
        assert!(tells.tell(progress("one")).is_continue());
        drop(first.next().await.unwrap().unwrap());
        drop(first);
        assert!(tells.is_heard(), "the second still wants it");
        tells.fail(Fault::machine("disk_full", "no room"));
        drop(tells);
        assert_eq!(second.next().await.unwrap().unwrap().status, "one");
        assert_eq!(second.next().await.unwrap().unwrap_err().code, "disk_full");
        assert!(second.next().await.is_none());
        assert!(pulls.join("m").unwrap().1.is_some(), "it is over: whoever comes now begins anew");
    }

    #[test]
    fn it_is_known_when_nobody_listens_and_too_many_are_refused() {
        let pulls = Pulls::default();
        let (hears, tells) = pulls.join("m").unwrap();
        drop(hears);
        assert!(tells.unwrap().tell(progress("one")).is_break());
        let held: Vec<_> = (0..MOST).map(|n| pulls.join(&format!("m{n}")).unwrap()).collect();
        assert_eq!(pulls.join("one more").err().unwrap().code, "server_busy");
        assert!(pulls.join("m0").is_ok());
        drop(held);
        assert!(pulls.join("one more").is_ok());
    }
}
