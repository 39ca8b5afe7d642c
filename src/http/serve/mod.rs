//! From a listening socket to a server that ends in good order.

mod accept;
mod door;
mod ending;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Builder;

use super::app::App;
use super::{native, router};
use crate::assistant::Engines;
use crate::clock::Clock;
use crate::fault::{Fault, Result};
use crate::library::Library;
use crate::settings::Settings;

/// What is served, and where.
#[derive(Debug)]
pub struct Serving {
    pub settings: Settings,
    pub library: Library,
    pub engines: Engines,
    pub listener: TcpListener,
}

/// What there is to say when it listens.
#[derive(Clone, Debug)]
pub struct Started {
    pub addr: SocketAddr,
}

/// Until it is told to end by a signal.
pub fn serve(serving: Serving, clock: Arc<dyn Clock>, started: &mut dyn FnMut(&Started)) -> Result<()> {
    let Serving { settings, library, engines, listener } = serving;
    let refused = |error: std::io::Error| Fault::machine("cannot_serve", "the server cannot start").because_of(error);
    let addr = listener.local_addr().map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(App::most_threads(&settings))
        .thread_name("docent-http")
        .build()
        .map_err(refused)?;
    let grace = settings.server_shutdown.value;
    let key = door::key()?;
    let folder = settings.data_dir.value.clone();
    let app = App::new(settings, library, engines, clock, &key)?;
    let _door = door::Door::open(&folder, addr, &key)?;
    clear(&folder);
    warm(&app);
    let routes = router(&app);
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(refused)?;
        let ending = ending::Ending::listen().map_err(refused)?;
        started(&Started { addr });
        accept::accept(&app, listener, routes, ending, grace).await;
        Ok::<_, Fault>(())
    })?;
    app.is_ending.store(true, Ordering::Relaxed);
    runtime.shutdown_timeout(LAST_WORDS);
    Ok(())
}

/// For threads that were told to stop.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What a server that was killed left of uploads.
fn clear(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(native::UPLOAD_PREFIX) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Models are opened while the server answers already.
fn warm(app: &App) {
    let app = app.clone();
    std::thread::spawn(move || {
        app.models.open(&app.engines);
        app.log_troubles();
    });
}
