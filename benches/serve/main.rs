//! What does the server itself cost, and does it hold under a class's load? Prints JSON. The generator is a stub that writes
//! 30 words a second for everybody who asks; the server is a process of its own, and all that is measured is seen by its clients.
//!
//! - `serve streams [CLIENTS] [SECONDS]`: how late a word comes, and what it costs the processor; 30 streams for 20 s when not given
//! - `serve mixed [CLIENTS] [SECONDS]`: 70 % repeated questions, 20 % new ones, 5 % uploads, 5 % administration; 30 clients for
//!   300 s when not given

#![expect(clippy::unwrap_used, reason = "a measurement may stop where it stands")]
#![expect(clippy::print_stdout, reason = "a measurement is there to be read")]
#![expect(clippy::disallowed_methods, reason = "a measurement looks at the clock, and its clients pause")]

mod client;
mod mixed;
mod streams;
mod stub;

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use docent::clock::{Clock, SystemClock};
use docent::http::{Manager, Serving, serve};
use docent::library::Library;
use docent::settings::{Environment, Flags, Settings};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let number = |at: usize, otherwise: u64| words.get(at).map_or(otherwise, |word| word.parse().unwrap());
    match words.first().map(String::as_str) {
        Some("behind") => behind(Path::new(&words[1])),
        Some("mixed") => println!("{}", mixed::run(number(1, 30), number(2, 300))),
        Some("streams") | None => println!("{}", streams::run(number(1, 30), number(2, 20))),
        Some(_) => panic!("streams [CLIENTS] [SECONDS], or mixed [CLIENTS] [SECONDS]"),
    }
}

/// The server's own process: tells its address in one line, and serves until it is ended.
fn behind(folder: &Path) {
    std::fs::write(folder.join("docent.toml"), "[server]\nrate = 0\n").unwrap();
    let flags = Flags { data_dir: Some(folder.to_owned()), ..Flags::default() };
    let settings = Settings::load(&flags, &Environment::default()).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let engines = stub::beside(settings.engines(&clock));
    let library = Library::open(folder).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let manager = Manager { notify: None };
    let serving = Serving { settings, library, engines, listener, manager, is_open: false };
    serve(serving, clock, &mut |started| println!("{}", started.url)).unwrap();
}

/// A server with an empty library, ended when this is let go.
pub(crate) struct Server {
    child: Child,
    pub(crate) addr: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Server {
    pub(crate) fn start() -> Server {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("behind")
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let addr = url.trim().trim_start_matches("http://").parse().unwrap();
        Server { child, addr, _folder: folder }
    }

    /// Resident memory, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
    }

    /// What it has had of the processor, in seconds.
    pub(crate) fn processor(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let behind_the_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks: f64 =
            behind_the_name.split_whitespace().skip(11).take(2).map(|word| word.parse().unwrap_or(0.0)).sum();
        ticks / TICKS
    }
}

/// Of `/proc` in a second, on Linux.
const TICKS: f64 = 100.0;

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The middle, what all but one in a hundred stay below, and the largest.
pub(crate) fn spread(mut values: Vec<f64>) -> serde_json::Value {
    if values.is_empty() {
        return serde_json::Value::Null;
    }
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
    serde_json::json!({ "n": values.len(), "p50": at(0.5), "p99": at(0.99), "max": at(1.0) })
}
