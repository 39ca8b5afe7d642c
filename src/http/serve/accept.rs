//! Connections: how many, how long their headers may take, and how they end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::ending::Ending;

const HANDSHAKE: Duration = Duration::from_secs(10);
/// Of all headers together.
const HEADER_BYTES: usize = 32 << 10;

/// How much connections may ask for.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Patience {
    /// At once.
    pub connections: usize,
    /// From the first moment of a connection, and from the end of the last answer, to the end of the next headers.
    pub headers: Duration,
    /// What answers have to be finished when the server is told to end.
    pub grace: Duration,
}

/// What is listened on.
pub(in crate::http) struct Doors {
    pub main: TcpListener,
    pub tls: Option<TlsAcceptor>,
    /// For the command line on this machine, where the main one is not for it.
    pub local: Option<TcpListener>,
}

/// Until it is told to end; then answers are finished.
pub(in crate::http) async fn accept(doors: Doors, patience: Patience, routes: Router, mut ending: Ending) {
    let free = Arc::new(Semaphore::new(patience.connections));
    let graceful = GracefulShutdown::new();
    loop {
        let place = tokio::select! {
            place = Arc::clone(&free).acquire_owned() => place.expect("the places are never closed"),
            () = ending.asked() => break,
        };
        let (stream, peer, tls) = tokio::select! {
            (stream, peer) = next(&doors.main) => (stream, peer, doors.tls.clone()),
            (stream, peer) = next_local(doors.local.as_ref()) => (stream, peer, None),
            () = ending.asked() => break,
        };
        let _ = stream.set_nodelay(true);
        let (routes, watcher) = (routes.clone(), graceful.watcher());
        match tls {
            None => drop(tokio::spawn(talk(stream, peer, patience, routes, watcher, place))),
            Some(tls) => drop(tokio::spawn(async move {
                if let Ok(Ok(stream)) = timeout(HANDSHAKE, tls.accept(stream)).await {
                    talk(stream, peer, patience, routes, watcher, place).await;
                }
            })),
        }
    }
    drop(doors);
    tokio::select! {
        _ = timeout(patience.grace, graceful.shutdown()) => {}
        // Asked twice: nobody wants to wait.
        () = ending.asked() => {}
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    patience: Patience,
    routes: Router,
    watcher: Watcher,
    _place: OwnedSemaphorePermit,
) {
    let service = tower::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        tower::ServiceExt::oneshot(routes.clone(), request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.headers)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // A client that breaks off is no event.
    let _ = watcher.watch(connection).await;
}

async fn next_local(listener: Option<&TcpListener>) -> (TcpStream, SocketAddr) {
    match listener {
        Some(listener) => next(listener).await,
        None => std::future::pending().await,
    }
}

async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // Out of file handles, or a client that was gone at once: a moment later it may go on.
            Err(error) => {
                tracing::debug!(%error, "a connection was not accepted");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}
