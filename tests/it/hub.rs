//! A hub on this machine that misbehaves on demand: it cuts, lies, stalls, refuses and sends elsewhere.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Between two bytes of a slow answer.
pub const GAP: Duration = Duration::from_millis(100);

/// What the hub does instead of answering well, once each, in order.
#[derive(Clone, Debug)]
pub enum Misdeed {
    /// So many bytes of the body, and the line is dead.
    Cut(usize),
    /// A length that is not the body's.
    Length(usize),
    /// A status, with these headers.
    Status(u16, &'static [(&'static str, &'static str)]),
    /// The whole file where a stretch was asked for.
    NoRanges,
    /// One byte at a time, with [`GAP`] between.
    Trickle,
    /// The body is changed in one byte.
    Alter,
    /// Sent on to this address, with the path after it.
    Elsewhere(String),
    /// Says nothing at all.
    Silence,
}

#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub headers: HashMap<String, String>,
}

#[derive(Default)]
struct State {
    /// Path to content.
    files: HashMap<String, Vec<u8>>,
    misdeeds: HashMap<String, VecDeque<Misdeed>>,
    asked: Vec<Asked>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Something was asked, or the hub closes.
    news: Condvar,
}

pub struct Hub {
    address: SocketAddr,
    shared: Arc<Shared>,
    listens: Option<JoinHandle<()>>,
}

impl Hub {
    pub fn new() -> Hub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let talking = Arc::clone(&shared);
        let listens = thread::spawn(move || {
            let mut talks = Vec::new();
            for stream in listener.incoming().map_while(Result::ok) {
                if talking.state.lock().unwrap().closed {
                    break;
                }
                let shared = Arc::clone(&talking);
                talks.push(thread::spawn(move || talk(stream, &shared)));
            }
            for talk in talks {
                talk.join().unwrap();
            }
        });
        Hub { address, shared, listens: Some(listens) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A repository with these files. Large ones are announced with their sums, as hubs do.
    pub fn repo(self, repo: &str, files: &[(&str, Vec<u8>)]) -> Hub {
        self.put(repo, files);
        self
    }

    pub fn put(&self, repo: &str, files: &[(&str, Vec<u8>)]) {
        let siblings =
            files.iter().map(|(name, bytes)| match name.ends_with(".safetensors") || name.ends_with(".gguf") {
                true => serde_json::json!({"rfilename": name, "size": bytes.len(),
                "lfs": {"sha256": sha256(bytes), "size": bytes.len()}}),
                false => serde_json::json!({"rfilename": name, "size": bytes.len()}),
            });
        let info = serde_json::json!({"sha": COMMIT, "siblings": siblings.collect::<Vec<_>>()}).to_string();
        let mut state = self.shared.state.lock().unwrap();
        for revision in ["main", COMMIT] {
            state.files.insert(format!("/api/models/{repo}/revision/{revision}"), info.clone().into_bytes());
        }
        for (name, bytes) in files {
            state.files.insert(format!("/{repo}/resolve/{COMMIT}/{name}"), bytes.clone());
        }
    }

    /// Content without an announcement.
    pub fn serve(&self, path: &str, bytes: &[u8]) {
        self.shared.state.lock().unwrap().files.insert(path.to_owned(), bytes.to_vec());
    }

    /// The next answers for paths that end like this.
    pub fn misbehaves(self, ending: &str, misdeeds: &[Misdeed]) -> Hub {
        self.shared.state.lock().unwrap().misdeeds.insert(ending.to_owned(), misdeeds.iter().cloned().collect());
        self
    }

    /// Everything that was asked for, by the end of its path.
    pub fn asked(&self, ending: &str) -> Vec<Asked> {
        let state = self.shared.state.lock().unwrap();
        state.asked.iter().filter(|asked| asked.path.ends_with(ending)).cloned().collect()
    }

    /// Waits until paths that end like this were asked for so often.
    pub fn wait_for(&self, ending: &str, times: usize) {
        let few = |state: &mut State| state.asked.iter().filter(|asked| asked.path.ends_with(ending)).count() < times;
        let state = self.shared.state.lock().unwrap();
        let (state, waited) = self.shared.news.wait_timeout_while(state, Duration::from_secs(60), few).unwrap();
        drop(state);
        assert!(!waited.timed_out(), "{ending} was not asked for {times} times");
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // A test that failed while it held the lock says so itself.
        if let Ok(mut state) = self.shared.state.lock() {
            state.closed = true;
        }
        self.shared.news.notify_all();
        // Wakes the one that listens.
        let _ = TcpStream::connect(self.address);
        if let Some(listens) = self.listens.take() {
            let _ = listens.join();
        }
    }
}

/// In hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One request for each connection.
fn talk(mut stream: TcpStream, shared: &Shared) {
    let longest = Some(Duration::from_secs(20));
    stream.set_read_timeout(longest).unwrap();
    stream.set_write_timeout(longest).unwrap();
    // The first byte of a protected connection, which this hub does not speak.
    let mut first = [0];
    if stream.peek(&mut first).is_ok() && first[0] == 0x16 {
        let _ = write!(stream, "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        // Hanging up on what was not read would take the answer back.
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
        return;
    }
    let Some(asked) = read_request(&stream) else { return };
    let path = asked.path.clone();
    let (content, misdeed) = {
        let mut state = shared.state.lock().unwrap();
        state.asked.push(asked.clone());
        shared.news.notify_all();
        let misdeeds = state.misdeeds.iter_mut().find(|(ending, _)| path.ends_with(ending.as_str()));
        let misdeed = misdeeds.and_then(|(_, misdeeds)| misdeeds.pop_front());
        (state.files.get(&path).cloned(), misdeed)
    };
    // Whoever hung up has what it wanted.
    let _ = answer(&mut stream, &asked, content, misdeed, shared);
}

fn read_request(stream: &TcpStream) -> Option<Asked> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next()?;
    let path = first.split(' ').nth(1)?.split('?').next()?.to_owned();
    let headers = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    Some(Asked { path, headers: headers.collect() })
}

fn answer(
    stream: &mut TcpStream,
    asked: &Asked,
    content: Option<Vec<u8>>,
    misdeed: Option<Misdeed>,
    shared: &Shared,
) -> std::io::Result<()> {
    match &misdeed {
        Some(Misdeed::Status(status, headers)) => {
            let extra: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            return write!(stream, "HTTP/1.1 {status} No\r\n{extra}content-length: 0\r\nconnection: close\r\n\r\n");
        }
        Some(Misdeed::Elsewhere(base)) => {
            let path = &asked.path;
            return write!(
                stream,
                "HTTP/1.1 302 Found\r\nlocation: {base}{path}?signed=1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
        }
        Some(Misdeed::Silence) => {
            // Until the other side hangs up.
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let mut byte = [0];
            let _ = std::io::Read::read(stream, &mut byte);
            return Ok(());
        }
        _ => {}
    }
    let Some(mut body) = content else {
        return write!(stream, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    };
    let tag = format!("\"{}\"", &sha256(&body)[..16]);
    if matches!(misdeed, Some(Misdeed::Alter)) {
        let middle = body.len() / 2;
        body[middle] ^= 1;
    }
    let total = body.len();
    let from =
        asked.headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let same = asked.headers.get("if-range").is_none_or(|known| *known == tag);
    let from = from.filter(|&from: &usize| same && from < total && !matches!(misdeed, Some(Misdeed::NoRanges)));
    let body = &body[from.unwrap_or(0)..];
    let length = if let Some(Misdeed::Length(length)) = misdeed { length } else { body.len() };
    match from {
        None => write!(stream, "HTTP/1.1 200 OK\r\n")?,
        Some(from) => {
            let last = total - 1;
            write!(stream, "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes {from}-{last}/{total}\r\n")?;
        }
    }
    write!(stream, "etag: {tag}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")?;
    match misdeed {
        Some(Misdeed::Cut(at)) => stream.write_all(&body[..at.min(body.len())]),
        Some(Misdeed::Trickle) => body.iter().try_for_each(|byte| {
            let state = shared.state.lock().unwrap();
            let (state, _) = shared.news.wait_timeout_while(state, GAP, |state| !state.closed).unwrap();
            drop(state);
            stream.write_all(&[*byte])
        }),
        _ => stream.write_all(body),
    }
}
