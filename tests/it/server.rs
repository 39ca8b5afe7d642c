//! `docent serve` as a process: how it starts, who finds it, how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::bench::Bench;

/// A server that ends with the test.
pub struct Server {
    child: Child,
    pub addr: String,
    /// What it says after its address.
    stderr: BufReader<std::process::ChildStderr>,
}

impl Server {
    pub fn start(bench: &Bench, words: &[&str]) -> Server {
        let words = [&["serve", "--addr", "127.0.0.1:0"], words].concat();
        Server::of(bench.docent(&words).command)
    }

    pub fn of(mut command: Command) -> Server {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let addr = line.split("://").nth(1).and_then(|rest| rest.split([';', ',']).next());
        let addr = addr.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
        Server { child, addr, stderr }
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        self.call("GET", path, "")
    }

    pub fn call(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let (status, body) = self.text(method, path, body);
        (status, serde_json::from_str(&body).unwrap())
    }

    /// The body as it came.
    pub fn text(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut answer = String::new();
        self.open(method, path, body).read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// The connection, after the request was sent on it.
    pub fn open(&self, method: &str, path: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.addr).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}",
            self.addr
        )
        .unwrap();
        stream
    }

    /// Asked in good order; whether it ended in good order, and what it said.
    #[cfg(unix)]
    fn end(mut self, signal: &str) -> (bool, String) {
        let told = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        let ended = self.child.wait().unwrap();
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        (ended.success(), said)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bench() -> Bench {
    let bench = Bench::new()
        .file("notes/kite.txt", "The red kite nests in old oak trees. It lays three eggs.")
        .file("notes/whale.txt", "A blue whale weighs 150 tonnes. It eats krill.");
    bench.docent(&["add", "notes"]).succeeds();
    bench
}

#[test]
fn commands_go_through_a_running_server_by_themselves() {
    let bench = bench();
    let server = Server::start(&bench, &[]);
    bench.docent(&["ask", "How much does a blue whale weigh?"]).succeeds().says("150 tonnes").says("[1] whale");
    bench.docent(&["ask", "Who won the cup in 1950?"]).exits(4);
    let answer = bench.docent(&["ask", "--json", "How many eggs does the kite lay?"]).succeeds().json();
    assert_eq!((&answer["origin"], &answer["because"]), (&"extracted".into(), &"no_generator".into()));
    assert_eq!(answer["citations"][0]["title"], "kite");
    bench.docent(&["search", "krill"]).succeeds().says("whale");
    bench.docent(&["search", "xyzzy"]).exits(4).notes("no passage");
    bench.docent(&["search", "-k", "0", "krill"]).exits(2);

    bench.write("more/moon.md", "# The moon\n\nIt has no air.");
    bench.write("more/picture.png", b"\x89PNG\r\n\x1a\n");
    let report = bench.docent(&["add", "--json", "more", "more/picture.png"]).exits(3).json();
    assert_eq!((&report["added"], &report["failed"][0]["code"]), (&1.into(), &"format_unsupported".into()));
    let listed = bench.docent(&["list", "--json"]).succeeds().json();
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(server.get("/rag/v1/documents").1["documents"], listed, "both say the same");
    bench.docent(&["list", "--collection", "none"]).exits(1);
    bench.docent(&["show", "more/moon.md"]).succeeds().says("It has no air.");
    let shown = bench.docent(&["show", "more/moon.md", "--json"]).succeeds().json();
    assert!(shown[0]["text"].as_str().unwrap().contains("no air"));

    // A folder that is mirrored loses what is gone.
    std::fs::remove_file(bench.path("more/moon.md")).unwrap();
    bench.docent(&["sync", "more"]).exits(0).says("1 removed");
    bench.docent(&["remove", "notes/kite.txt", "nothing"]).exits(1).complains("\"nothing\"", "docent list");
    bench.docent(&["remove", "notes/kite.txt"]).succeeds().says("removed");
    bench.docent(&["remove", "--collection", "default", "--yes"]).succeeds().says("with 1 document");
    assert_eq!(server.get("/rag/v1/documents").1["documents"], serde_json::json!([]));
}

#[test]
fn a_server_that_was_killed_is_not_asked() {
    let bench = bench();
    let mut server = Server::start(&bench, &[]);
    let door = bench.data().join("server.json");
    let told: Value = serde_json::from_slice(&std::fs::read(&door).unwrap()).unwrap();
    assert_eq!(told["addr"], server.addr.as_str());
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    assert!(door.exists(), "it had no time to clear up");
    bench.docent(&["ask", "How much does a blue whale weigh?"]).succeeds().says("150 tonnes");
    bench.docent(&["list"]).succeeds().says("whale");
}

#[cfg(unix)]
#[test]
fn it_ends_in_good_order() {
    for signal in ["-TERM", "-INT"] {
        let bench = bench();
        let server = Server::start(&bench, &[]);
        let added = server.call("POST", "/rag/v1/documents", r#"{"source": "moon", "text": "The moon has no air."}"#);
        assert_eq!(added.0, 201, "{added:?}");
        let (fine, said) = server.end(signal);
        assert!(fine, "{said}");
        assert!(!bench.data().join("server.json").exists());
        bench.docent(&["show", "moon"]).succeeds().says("no air");
        bench.docent(&["doctor"]).succeeds();
    }
}

#[test]
fn strangers_are_not_let_in_by_accident() {
    let bench = bench();
    let run = bench.docent(&["serve", "--addr", "0.0.0.0:0"]);
    run.exits(2).complains("can be reached from other machines", "--token");
    bench.docent(&["serve", "--addr", "0.0.0.0:0", "--token", "short"]).exits(2).complains("fewer than 8", "openssl");
    bench.docent(&["serve", "--addr", "nonsense"]).exits(2).complains("not an address", "127.0.0.1:7700");
    bench.docent(&["serve", "--tls-cert", "c.pem"]).exits(2);
    let server = Server::start(&bench, &["--token", "the users own"]);
    assert_eq!(server.get("/rag/v1/documents").0, 401);
    assert_eq!(server.get("/health").0, 200);
    // The owner of the data folder needs no token.
    bench.docent(&["list"]).succeeds().says("whale");
    bench.docent(&["doctor"]).succeeds().says("used by another docent");
    let taken = bench.docent(&["serve", "--addr", &server.addr]);
    taken.exits(1).complains("is used by another program", "--addr");
    let second = bench.docent(&["serve", "--addr", "127.0.0.1:0"]);
    second.exits(1).complains("open in another process", "docent serve");
}

#[test]
fn what_is_said_names_no_question_and_no_document() {
    let bench = bench();
    let mut server = Server::start(&bench, &["-v", "-v", "--access-log"]);
    let body = r#"{"question": "How much does a blue whale weigh?"}"#;
    assert_eq!(server.call("POST", "/rag/v1/ask", body).0, 200);
    assert_eq!(server.call("POST", "/rag/v1/search?secret=krill", r#"{"query": "krill"}"#).0, 200);
    server.child.kill().unwrap();
    let mut said = String::new();
    server.stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("/rag/v1/ask") && said.contains("status=200"), "{said}");
    for private in ["whale", "tonnes", "krill", "secret"] {
        assert!(!said.contains(private), "{private} in {said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_service_manager_hands_a_socket_over_and_is_told() {
    use std::os::unix::net::UnixDatagram;

    let bench = bench();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let notify = bench.path("notify");
    let told = UnixDatagram::bind(&notify).unwrap();
    let mut command = bench.docent(&["serve", "--addr", "stdin"]).env("NOTIFY_SOCKET", Path::new(&notify)).command;
    command.stdin(std::os::fd::OwnedFd::from(listener));
    let server = Server::of(command);
    assert_eq!(server.addr, addr);
    let mut heard = [0; 64];
    let length = told.recv(&mut heard).unwrap();
    assert_eq!(&heard[..length], b"READY=1");
    assert_eq!(server.get("/health").0, 200);
    server.end("-TERM");
    let length = told.recv(&mut heard).unwrap();
    assert_eq!(&heard[..length], b"STOPPING=1");
    bench.docent(&["serve", "--addr", "stdin"]).exits(1).complains("not a socket", "StandardInput=socket");
}
