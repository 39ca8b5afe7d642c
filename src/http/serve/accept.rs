//! Connections: how many, how long their headers may take, and how they end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::ending::Ending;
use crate::http::app::App;

/// From the first byte a connection may send, and from the end of the last answer, to the end of the next headers.
const HEADERS: Duration = Duration::from_secs(20);
/// Of all headers together.
const HEADER_BYTES: usize = 32 << 10;

pub(super) async fn accept(app: &App, listener: TcpListener, routes: Router, mut ending: Ending, grace: Duration) {
    let free = Arc::new(Semaphore::new(app.settings.server_connections.value.get()));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = next(&listener, &free) => accepted,
            () = ending.asked() => break,
        };
        let (stream, place) = accepted;
        let Ok(peer) = stream.peer_addr() else { continue };
        let _ = stream.set_nodelay(true);
        let routes = routes.clone();
        let service = tower::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
            tower::ServiceExt::oneshot(routes.clone(), request.map(Body::new))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        _ = timeout(grace, graceful.shutdown()) => {}
        () = ending.asked() => {}
    }
}

async fn next(listener: &TcpListener, free: &Arc<Semaphore>) -> (TcpStream, tokio::sync::OwnedSemaphorePermit) {
    let place = Arc::clone(free).acquire_owned().await.expect("the places are never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            // Out of file handles, or a client that was gone at once: a moment later it may go on.
            Err(error) => {
                tracing::debug!(%error, "a connection was not accepted");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
}
