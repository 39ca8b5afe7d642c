//! A client that sends what it is told, byte by byte, however wrong.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

pub(super) struct Call {
    addr: SocketAddr,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// A test that waits longer has failed.
const LONGEST: Duration = Duration::from_secs(60);

impl Call {
    pub(super) fn new(addr: SocketAddr, method: &str, path: &str) -> Call {
        Call { addr, method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// In place of the one that would be sent.
    pub(super) fn header(mut self, name: &str, value: &str) -> Call {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn body(mut self, body: impl Into<Vec<u8>>) -> Call {
        self.body = body.into();
        self
    }

    pub(super) fn file(self, name: &str, content: &[u8], fields: &[(&str, &str)]) -> Call {
        let mut body = Vec::new();
        for (field, value) in fields {
            let head = format!("--border\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        let head = format!("--border\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--border--\r\n");
        self.header("content-type", "multipart/form-data; boundary=border").body(body)
    }

    /// The connection, after the request was sent on it.
    pub(super) fn open(self) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(LONGEST)).unwrap();
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        let has = |name: &str| self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if !has("host") {
            head.push_str(&format!("host: {}\r\n", self.addr));
        }
        if !has("content-length") && !has("transfer-encoding") {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("connection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        // Whoever is refused early may find the door closed.
        let _ = stream.write_all(&self.body);
        BufReader::new(stream)
    }

    pub(super) fn send(self) -> Answer {
        read(&mut self.open())
    }

    /// With this status; the JSON of the body.
    #[track_caller]
    pub(super) fn is(self, status: u16) -> Value {
        let told = format!("{} {}", self.method, self.path);
        let answer = self.send();
        assert_eq!(answer.status, status, "{told}: {answer:?}");
        serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{told}: {error}: {answer:?}"))
    }

    /// Refused with this status and code, and every word that an error owes.
    #[track_caller]
    pub(super) fn refused(self, status: u16, code: &str) -> Value {
        let told = format!("{} {}", self.method, self.path);
        let value = self.is(status);
        assert_eq!(value["error"]["code"], code, "{told}: {value}");
        for word in ["message", "hint"] {
            assert!(value["error"][word].as_str().is_some_and(|text| text.len() > 5), "{told}: {value}");
        }
        value
    }
}

pub(super) fn read(stream: &mut BufReader<TcpStream>) -> Answer {
    let (status, headers) = head(stream);
    let mut raw = Vec::new();
    // A connection may be reset behind an early refusal; what came is what counts.
    let _ = stream.read_to_end(&mut raw);
    let is_chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if is_chunked { unchunked(&raw) } else { raw };
    Answer { status, headers, body: String::from_utf8(body).unwrap() }
}

pub(super) fn head(stream: &mut BufReader<TcpStream>) -> (u16, Vec<(String, String)>) {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no status in {line:?}"));
    let mut headers = Vec::new();
    loop {
        line.clear();
        stream.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { return (status, headers) };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn unchunked(mut raw: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = raw.windows(2).position(|pair| pair == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&raw[..end]).unwrap(), 16).unwrap();
        let chunk = &raw[end + 2..];
        if size == 0 || chunk.len() < size {
            break;
        }
        body.extend_from_slice(&chunk[..size]);
        raw = &chunk[size + 2..];
    }
    body
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The names and values of its events.
    pub(super) fn events(&self) -> Vec<(String, Value)> {
        let mut events = Vec::new();
        for block in self.body.split("\n\n") {
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name).map(str::trim));
            if let (Some(name), Some(data)) = (field("event:"), field("data:")) {
                events.push((name.to_owned(), serde_json::from_str(data).unwrap()));
            }
        }
        events
    }
}
