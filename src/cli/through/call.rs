//! One call to the server on this machine: a line, headers and JSON there, and JSON or events back.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fault::{Fault, Result, Whose};
use crate::wire::DoorJson;

#[derive(Debug)]
pub(in crate::cli) struct Server {
    addr: SocketAddr,
    door: DoorJson,
}

const CONNECTING: Duration = Duration::from_secs(2);
/// A question may wait for a place, and be answered slowly.
const SILENCE: Duration = Duration::from_secs(660);
const LONGEST_LINE: u64 = 64 << 10;

impl Server {
    /// The one that has this data folder open, if there is one and it answers.
    pub(in crate::cli) fn find(folder: &Path) -> Option<Server> {
        let door: DoorJson = serde_json::from_slice(&std::fs::read(folder.join(DoorJson::FILE)).ok()?).ok()?;
        let addr: SocketAddr = door.addr.parse().ok()?;
        // The key is for this machine only.
        let is_sound = addr.ip().is_loopback() && door.key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_sound && TcpStream::connect_timeout(&addr, CONNECTING).is_ok()).then_some(Server { addr, door })
    }

    pub(super) fn call<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T> {
        let text = self.text(method, path, body)?;
        serde_json::from_str(&text).map_err(|error| strange().because_of(error))
    }

    pub(super) fn text(&self, method: &str, path: &str, body: Option<&impl Serialize>) -> Result<String> {
        let mut answer = self.send(method, path, body)?;
        let mut text = String::new();
        answer.read_to_string(&mut text).map_err(|error| broken().because_of(error))?;
        Ok(text)
    }

    /// Every event with its name. One that is called `error` ends it.
    pub(super) fn events(
        &self,
        path: &str,
        body: &impl Serialize,
        mut told: impl FnMut(&str, Value) -> Result<bool>,
    ) -> Result<()> {
        let mut lines = BufReader::new(self.send("POST", path, Some(body))?);
        let (mut name, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            if lines.read_line(&mut line).map_err(|error| broken().because_of(error))? == 0 {
                return Ok(());
            }
            if let Some(said) = line.strip_prefix("event: ") {
                name = said.trim().to_owned();
            } else if let Some(data) = line.strip_prefix("data: ") {
                let value: Value = serde_json::from_str(data).map_err(|error| strange().because_of(error))?;
                if name == "error" {
                    return Err(fault_of(&value, 500));
                }
                if !told(&name, value)? {
                    return Ok(());
                }
            }
        }
    }

    fn send(&self, method: &str, path: &str, body: Option<&impl Serialize>) -> Result<Box<dyn Read>> {
        let body = body.map(serde_json::to_string).transpose().map_err(|error| strange().because_of(error))?;
        let (status, mut answer) =
            self.exchange(method, path, &body.unwrap_or_default()).map_err(|error| broken().because_of(error))?;
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let mut text = String::new();
        answer.read_to_string(&mut text).map_err(|error| broken().because_of(error))?;
        Err(fault_of(&serde_json::from_str(&text).unwrap_or_default(), status))
    }

    fn exchange(&self, method: &str, path: &str, body: &str) -> io::Result<(u16, Box<dyn Read>)> {
        let mut stream = TcpStream::connect_timeout(&self.addr, CONNECTING)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SILENCE))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.addr,
            self.door.key,
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let status = line(&mut reader)?.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(odd)?;
        let mut is_chunked = false;
        loop {
            let header = line(&mut reader)?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            is_chunked |= header.starts_with("transfer-encoding:") && header.ends_with("chunked");
        }
        // The connection ends with the answer: what is not in chunks goes on until then.
        Ok((status, if is_chunked { Box::new(Chunks { reader, left: 0, ended: false }) } else { Box::new(reader) }))
    }
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.take(LONGEST_LINE).read_line(&mut line)?;
    let whole = line.strip_suffix("\r\n").ok_or_else(odd)?;
    Ok(whole.to_owned())
}

fn odd() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// A body whose length nobody knew beforehand.
struct Chunks<R> {
    reader: R,
    left: u64,
    ended: bool,
}

impl<R: BufRead> Read for Chunks<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.ended {
            let size = line(&mut self.reader)?;
            self.left =
                u64::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).map_err(|_| odd())?;
            self.ended = self.left == 0;
        }
        if self.ended || out.is_empty() {
            return Ok(0);
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        let read = self.reader.read(&mut out[..most])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        if self.left == 0 && !line(&mut self.reader)?.is_empty() {
            return Err(odd());
        }
        Ok(read)
    }
}

/// Codes that decide how a command ends.
const KNOWN: [&str; 6] =
    ["empty_question", "question_too_long", "bad_k", "no_such_collection", "unknown_collection", "no_such_document"];

/// What the server says, as if it had been found here.
fn fault_of(value: &Value, status: u16) -> Fault {
    let error = &value["error"];
    let said = |name: &str| error[name].as_str();
    let code = KNOWN.into_iter().find(|known| said("code") == Some(known)).unwrap_or("server");
    let whose = match status {
        400..500 => Whose::Caller,
        503 => Whose::Busy,
        _ => Whose::Machine,
    };
    let Some(what) = said("message") else { return strange() };
    let fault = Fault::new(whose, code, what);
    match said("hint") {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

fn broken() -> Fault {
    Fault::machine("server_gone", "the server that has the library open broke off").hint("run it again")
}

fn strange() -> Fault {
    Fault::machine("server_strange", "the server that has the library open answers in an unknown way")
        .hint("it may be of another version: end it, and start it with this one")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(body: &str) -> io::Result<String> {
        let mut text = String::new();
        Chunks { reader: body.as_bytes(), left: 0, ended: false }.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn chunks_become_one_text() {
        assert_eq!(chunks("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n").unwrap(), "hello world");
        for broken in ["", "5\r\nhel", "zz\r\nx\r\n0\r\n\r\n", "2\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n"] {
            assert!(chunks(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn only_a_sound_door_is_tried() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Server::find(folder.path()).is_none());
        for door in [
            "not json",
            r#"{"addr":"192.0.2.1:80","key":"k","process":1}"#,
            r#"{"addr":"127.0.0.1:1","key":"k\r\nx: y","process":1}"#,
        ] {
            std::fs::write(folder.path().join(DoorJson::FILE), door).unwrap();
            assert!(Server::find(folder.path()).is_none(), "{door}");
        }
    }
}
