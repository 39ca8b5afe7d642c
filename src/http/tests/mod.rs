//! The server on a real socket, with a generator that writes when it is told to.

mod client;
mod documents;
mod door;
mod generator;
mod health;
mod hostile;
mod limits;
mod questions;
mod remembered;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::Sender;

use self::client::Call;
use self::generator::Writes;
use super::app::App;
use super::router;
use super::serve::accept::{Doors, Patience, accept};
use super::serve::ending::Ending;
use crate::assistant::{self, Engines, Sending, Sent};
use crate::clock::SystemClock;
use crate::library::Library;
use crate::settings::{Environment, Flags, Settings};

const KEY: &str = "the owner's own key";
const KITE: &str = "The red kite nests in old oak trees. It lays three eggs.";
const WHALE: &str = "A blue whale weighs 150 tonnes. It eats krill.";

/// A server with two documents.
struct Served {
    addr: SocketAddr,
    app: App,
    ended: Option<tokio::task::JoinHandle<()>>,
    end: Sender<()>,
    runtime: Runtime,
    folder: TempDir,
}

/// With these lines in its settings.
fn serve(toml: &str, engines: Engines) -> Served {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("docent.toml"), toml).unwrap();
    let flags = Flags { data_dir: Some(folder.path().to_owned()), ..Flags::default() };
    let settings = Settings::load(&flags, &Environment::default()).unwrap();
    let library = Library::open(folder.path()).unwrap();
    let sent = [("kite.txt", KITE), ("whale.txt", WHALE)].map(|(source, text)| Sent {
        source: source.to_owned(),
        title: None,
        content: Sending::Text(text.to_owned()),
    });
    let options = settings.adding(None, Engines::none());
    let stop = std::sync::atomic::AtomicBool::new(false);
    assistant::put(&library, sent.into(), &options, &SystemClock, &mut |_| {}, &stop).unwrap();

    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let app = App::new(settings, library, engines, Arc::new(SystemClock), KEY).unwrap();
    app.models.open(&app.engines);
    let (end, ending) = Ending::by();
    let patience = Patience { connections: 64, headers: Duration::from_millis(300), grace: Duration::from_secs(20) };
    let (addr, ended) = runtime.block_on(async {
        let main = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = main.local_addr().unwrap();
        let doors = Doors { main, tls: None, local: None };
        (addr, tokio::spawn(accept(doors, patience, router(&app), ending)))
    });
    Served { addr, app, ended: Some(ended), end, runtime, folder }
}

fn plain() -> Served {
    serve("", Engines::none())
}

impl Served {
    fn get(&self, path: &str) -> Call {
        Call::new(self.addr, "GET", path)
    }

    fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Call {
        Call::new(self.addr, "POST", path).body(body)
    }

    fn delete(&self, path: &str) -> Call {
        Call::new(self.addr, "DELETE", path)
    }

    /// Asks it to end, and waits until it has.
    fn end(&mut self) {
        self.end.try_send(()).unwrap();
        let ended = self.ended.take().unwrap();
        self.runtime.block_on(ended).unwrap();
    }
}
