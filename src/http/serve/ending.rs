//! Who tells the server to end?

use std::io;

use tokio::sync::mpsc;

/// A signal: the first one asks to finish, the second not to wait for that.
pub(in crate::http) struct Ending {
    signals: mpsc::Receiver<()>,
}

impl Ending {
    pub(super) fn listen() -> io::Result<Ending> {
        let (sender, signals) = mpsc::channel(2);
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
                let mut asked = signal(kind)?;
                let sender = sender.clone();
                tokio::spawn(async move {
                    while asked.recv().await.is_some() {
                        let _ = sender.try_send(());
                    }
                });
            }
        }
        #[cfg(not(unix))]
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                let _ = sender.try_send(());
            }
        });
        Ok(Ending { signals })
    }

    /// Ended by whoever has the sender.
    #[cfg(test)]
    pub(in crate::http) fn by() -> (mpsc::Sender<()>, Ending) {
        let (sender, signals) = mpsc::channel(2);
        (sender, Ending { signals })
    }

    pub(super) async fn asked(&mut self) {
        if self.signals.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}
