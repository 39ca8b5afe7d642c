//! `docent serve`: the server, until somebody ends it.

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;

use clap::Args;

use super::desk::Desk;
use super::ending::{Ending, Outcome, wrong_usage};
use crate::clock::SystemClock;
use crate::fault::{Fault, Result};
use crate::http::{Manager, Serving, Started, listener_on_stdin, serve};
use crate::settings::{Environment, Origin, Secret, Setting, Settings, Text, parse};

/// Serves the library to other programs over HTTP
#[derive(Debug, Args)]
#[command(
    after_help = "Speaks docent's own dialect (/rag/v1), OpenAI's (/v1) and Ollama's (/api); /docs shows the first.\n\
                        Ctrl-C ends it: answers that are being given are finished first.\n\n\
                        Examples:\n  docent serve\n  docent serve --addr 127.0.0.1:8080\n  \
                        docent serve --addr 0.0.0.0:7700 --token \"$TOKEN\""
)]
pub(super) struct ServeArgs {
    /// Where it listens [default: 127.0.0.1:7700]; `stdin` is a socket that a service manager has opened
    #[arg(long, value_name = "ADDR:PORT")]
    addr: Option<String>,
    /// What clients have to show; others on this machine can see it here, and not in DOCENT_SERVER_TOKEN
    #[arg(long, value_name = "TOKEN", value_parser = parse::<Secret>)]
    token: Option<Secret>,
    /// What administrators have to show
    #[arg(long, value_name = "TOKEN", value_parser = parse::<Secret>)]
    admin_token: Option<Secret>,
    /// Lets whoever reaches the address come in without a token
    #[arg(long)]
    insecure: bool,
    /// Certificates (PEM): speaks TLS
    #[arg(long, value_name = "FILE", requires = "tls_key", value_parser = parse::<Text>)]
    tls_cert: Option<Text>,
    /// Their private key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert", value_parser = parse::<Text>)]
    tls_key: Option<Text>,
    /// Logs a line for every call
    #[arg(long)]
    access_log: bool,
}

impl ServeArgs {
    fn settings(&self, settings: &Settings) -> Settings {
        fn set<T: Clone>(setting: &mut Setting<T>, given: Option<&T>, flag: &'static str) {
            if let Some(given) = given {
                *setting = Setting { value: given.clone(), origin: Origin::Flag(flag) };
            }
        }
        let mut settings = settings.clone();
        set(&mut settings.server_token, self.token.as_ref(), "--token");
        set(&mut settings.server_admin_token, self.admin_token.as_ref(), "--admin-token");
        set(&mut settings.server_tls_cert, self.tls_cert.as_ref(), "--tls-cert");
        set(&mut settings.server_tls_key, self.tls_key.as_ref(), "--tls-key");
        set(&mut settings.server_access_log, self.access_log.then_some(&true), "--access-log");
        settings
    }
}

/// Whether every call is to be logged.
pub(super) fn logs_access(args: &ServeArgs, settings: &Settings) -> bool {
    args.access_log || settings.server_access_log.value
}

pub(super) fn run(args: ServeArgs, environment: &Environment, desk: &mut Desk<'_>) -> Outcome {
    let settings = args.settings(&desk.settings);
    let addr = args.addr.as_deref().or(settings.server_addr.value.get()).unwrap_or_default().to_owned();
    let manager = Manager { notify: environment.word("NOTIFY_SOCKET").map(ToOwned::to_owned) };
    let listener = if addr == "stdin" { listener_on_stdin()? } else { listen(&addr)? };
    let (library, engines) = (desk.library()?, desk.engines());
    let documents = library.snapshot().document_count()?;
    let mut missing = Vec::new();
    if documents == 0 {
        missing.push("no documents yet: `docent add` works beside the server, and so does POST /rag/v1/documents");
    }
    if engines.embedder_choice().is_none() {
        missing.push("no embedder: passages are found by their words; `docent models list` shows which there are");
    }
    if engines.generator_choice().is_none() {
        missing
            .push("no generator: answers are the documents' own sentences; `docent models list` shows which there are");
    }
    let is_open = args.insecure;
    let screen = &mut *desk.screen;
    serve(
        Serving { settings, library, engines, listener, manager, is_open },
        Arc::new(SystemClock),
        &mut |Started { url, wants_token }| {
            let token = if *wants_token { ", with a token" } else { "" };
            let version = env!("CARGO_PKG_VERSION");
            screen.note(&format_args!("docent {version} listens on {url}{token}; Ctrl-C ends it"));
            for missing in &missing {
                screen.note(missing);
            }
        },
    )?;
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
