//! From a listening socket to a server that ends in good order.

pub(super) mod accept;
mod door;
pub(super) mod ending;
mod keep;
mod manager;
mod tls;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Builder;

use self::accept::{Doors, Patience};
use self::door::Door;
use self::ending::Ending;
use super::app::App;
use super::{native, router};
use crate::assistant::Engines;
use crate::clock::Clock;
use crate::fault::{Fault, Result};
use crate::library::Library;
use crate::machine;
use crate::settings::Settings;

pub use self::manager::{Manager, listener_on_stdin};

/// What is served, and where.
#[derive(Debug)]
pub struct Serving {
    pub settings: Settings,
    pub library: Library,
    pub engines: Engines,
    pub listener: TcpListener,
    pub manager: Manager,
    /// Whether strangers may come in without a token.
    pub is_open: bool,
}

/// What there is to say when it listens.
#[derive(Clone, Debug)]
pub struct Started {
    pub url: String,
    /// Whether something has to be shown to come in.
    pub wants_token: bool,
}

/// A client that has nothing to ask for so long may connect again.
const HEADERS: Duration = Duration::from_secs(20);
/// For threads that were told to stop.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Until it is told to end by a signal.
pub fn serve(serving: Serving, clock: Arc<dyn Clock>, started: &mut dyn FnMut(&Started)) -> Result<()> {
    machine::few_heaps();
    let Serving { settings, library, engines, listener, manager, is_open } = serving;
    let tls = tls::acceptor(&settings)?;
    let addr = listener.local_addr().map_err(refused)?;
    let local = local_door(addr, tls.is_some())?;
    let door_addr = match &local {
        Some(local) => local.local_addr().map_err(refused)?,
        None => reachable(addr),
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let patience = Patience {
        connections: settings.server_connections.value.get(),
        headers: HEADERS,
        grace: settings.server_shutdown.value,
    };
    let folder = settings.data_dir.value.clone();

    let key = door::key()?;
    let app = App::new(settings, library, engines, clock, &key)?;
    let wants_token = app.guard.has_tokens();
    if !wants_token && !is_open && !addr.ip().is_loopback() {
        let what = format!("{addr} can be reached from other machines, and no token is set");
        return Err(Fault::caller("usage", what)
            .hint("set `--token`, listen on 127.0.0.1, or let everybody in with `--insecure`"));
    }
    clear(&folder);
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(app.most_threads())
        .thread_name("docent-http")
        .build()
        .map_err(refused)?;
    let routes = router(&app);
    let served = runtime.block_on(async {
        let ending = Ending::listen().map_err(refused)?;
        let doors = Doors { main: taken(listener)?, tls, local: local.map(taken).transpose()? };
        let _door = Door::open(&folder, door_addr, &key)?;
        started(&Started { url: format!("{scheme}://{addr}"), wants_token });
        manager.tell("READY=1");
        open_models(&app);
        tokio::spawn(keep::keep(app.clone()));
        accept::accept(doors, patience, routes, ending).await;
        manager.tell("STOPPING=1");
        Ok(())
    });
    app.is_ending.store(true, Ordering::Relaxed);
    runtime.shutdown_timeout(LAST_WORDS);
    app.engines.settle();
    served
}

fn taken(listener: TcpListener) -> Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true).and_then(|()| tokio::net::TcpListener::from_std(listener)).map_err(refused)
}

fn refused(error: std::io::Error) -> Fault {
    Fault::machine("cannot_serve", "the server cannot start").hint("see the log with `-v`").because_of(error)
}

/// The command line on this machine speaks no TLS, and may not reach an address that is another's.
fn local_door(addr: SocketAddr, has_tls: bool) -> Result<Option<TcpListener>> {
    let is_reached = !has_tls && (addr.ip().is_loopback() || addr.ip().is_unspecified());
    if is_reached { Ok(None) } else { TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map(Some).map_err(refused) }
}

/// From this machine.
fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

/// What a server that was killed left of uploads.
fn clear(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(native::UPLOAD_PREFIX) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// While the server answers already.
fn open_models(app: &App) {
    let app = app.clone();
    std::thread::spawn(move || {
        app.models.open(&app.engines);
        app.log_troubles();
    });
}
