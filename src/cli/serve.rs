//! `docent serve`: the server, until somebody ends it.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Outcome, wrong_usage};
use crate::clock::SystemClock;
use crate::fault::{Fault, Result};
use crate::http::{Serving, serve};

/// Serves the library to other programs over HTTP
#[derive(Debug, Args)]
#[command(after_help = "Ctrl-C ends it: answers that are being given are finished first.\n\n\
                        Examples:\n  docent serve\n  docent serve --addr 127.0.0.1:8080\n  \
                        docent serve --addr 0.0.0.0:7700 --token \"$TOKEN\"")]
pub(super) struct ServeArgs {
    /// Where it listens
    #[arg(long, value_name = "ADDR:PORT")]
    addr: Option<String>,
}

pub(super) fn run(args: ServeArgs, desk: &mut Desk<'_>) -> Outcome {
    let addr = args.addr.or_else(|| desk.settings.server_addr.value.get().map(str::to_owned)).unwrap_or_default();
    let listener = listen(&addr)?;
    let library = desk.library()?;
    let serving = Serving { settings: desk.settings.clone(), library, engines: desk.engines(), listener };
    let screen = &mut *desk.screen;
    serve(serving, Arc::new(SystemClock), &mut |started| {
        screen.note(&format_args!("docent {} listens on http://{}", env!("CARGO_PKG_VERSION"), started.addr));
    })?;
    Ok(Ending::Fine)
}

fn listen(addr: &str) -> Result<TcpListener> {
    let bad =
        || wrong_usage(format!("{addr:?} is not an address to listen on")).hint("give one such as 127.0.0.1:7700");
    let found: Vec<SocketAddr> = addr.to_socket_addrs().map_err(|_| bad())?.collect();
    let first = found.first().ok_or_else(bad)?;
    TcpListener::bind(first).map_err(|error| {
        let what = match error.kind() {
            std::io::ErrorKind::AddrInUse => format!("{first} is used by another program"),
            std::io::ErrorKind::PermissionDenied => format!("this user may not listen on {first}"),
            _ => format!("cannot listen on {first}"),
        };
        Fault::caller("cannot_listen", what).hint("choose another with `--addr`").because_of(error)
    })
}
