//! A task sent to the server on this machine, and what comes back: what is told, then what came of it.

use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::lines::{Came, Chunks, Lines, head_line, odd};
use crate::fault::{Fault, Result, Whose};
use crate::local::{FaultJson, Task, Tell};
use crate::wire::DoorJson;

#[derive(Debug)]
pub(in crate::cli) struct Server {
    addr: SocketAddr,
    door: DoorJson,
}

const CONNECTING: Duration = Duration::from_secs(2);
/// A server that is there says so every few seconds.
const SILENCE: Duration = Duration::from_secs(60);
/// Of a refusal.
const LONGEST_REFUSAL: u64 = 1 << 20;

impl Server {
    /// The one that has this data folder open, if there is one and it answers.
    pub(in crate::cli) fn find(folder: &Path) -> Option<Server> {
        let door: DoorJson = serde_json::from_slice(&std::fs::read(folder.join(DoorJson::FILE)).ok()?).ok()?;
        let addr: SocketAddr = door.addr.parse().ok()?;
        // The key is for this machine only.
        let is_sound = addr.ip().is_loopback() && door.key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_sound && TcpStream::connect_timeout(&addr, CONNECTING).is_ok()).then_some(Server { addr, door })
    }

    /// Where it is reached, and which process it is.
    pub(in crate::cli) fn whereabouts(&self) -> (SocketAddr, u32) {
        (self.addr, self.door.process)
    }

    /// `None` when the listener broke: the server is left to notice that, and what came of it is not waited for.
    pub(in crate::cli) fn run<T: Task>(&self, task: &T, tell: Tell<'_, T::Told>) -> Result<Option<T::Done>> {
        let body = serde_json::to_string(task).map_err(|error| strange().because_of(error))?;
        let lines = self.send(T::NAME, &body)?;
        let mut name = String::new();
        loop {
            let line = match lines.next().map_err(|error| broken().because_of(error))? {
                Came::End => return Err(broken()),
                Came::Nothing if tell(None).is_break() => return Ok(None),
                Came::Nothing => continue,
                Came::Line(line) => line,
            };
            if let Some(said) = line.strip_prefix("event: ") {
                said.trim().clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                match name.as_str() {
                    "told" if tell(Some(read(data)?)).is_break() => return Ok(None),
                    "done" => return read(data).map(Some),
                    "failed" => return Err(read::<FaultJson>(data)?.into()),
                    "error" => return Err(refusal(&read(data)?, 500)),
                    _ => {}
                }
            }
        }
    }

    /// Nobody can think again before the answer begins: that takes as long as a place is waited for.
    fn send(&self, task: &str, body: &str) -> Result<Lines> {
        let (status, stream, answer) = self.exchange(task, body).map_err(|error| broken().because_of(error))?;
        if (200..300).contains(&status) {
            return Ok(Lines::of(answer, Some(stream)));
        }
        let mut text = String::new();
        answer.take(LONGEST_REFUSAL).read_to_string(&mut text).map_err(|error| broken().because_of(error))?;
        Err(refusal(&serde_json::from_str(&text).unwrap_or_default(), status))
    }

    fn exchange(&self, task: &str, body: &str) -> io::Result<(u16, TcpStream, Box<dyn Read + Send>)> {
        let mut stream = TcpStream::connect_timeout(&self.addr, CONNECTING)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SILENCE))?;
        write!(
            stream,
            "POST /local/{task} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.addr,
            self.door.key,
            body.len()
        )?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let status = head_line(&mut reader)?.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut is_chunked = false;
        loop {
            let header = head_line(&mut reader)?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            is_chunked |= header.starts_with("transfer-encoding:") && header.ends_with("chunked");
        }
        // The connection ends with the answer: what is not in chunks goes on until then.
        let answer: Box<dyn Read + Send> = if is_chunked { Box::new(Chunks::of(reader)) } else { Box::new(reader) };
        Ok((status.ok_or_else(odd)?, stream, answer))
    }
}

fn read<T: serde::de::DeserializeOwned>(data: &str) -> Result<T> {
    serde_json::from_str(data).map_err(|error| strange().because_of(error))
}

/// What the server says before it begins.
fn refusal(value: &Value, status: u16) -> Fault {
    let error = &value["error"];
    let said = |name: &str| error[name].as_str();
    let (Some(code), Some(what)) = (said("code"), said("message")) else { return strange() };
    if code == "unknown_address" {
        return strange();
    }
    let whose = match status {
        400..500 => Whose::Caller,
        503 => Whose::Busy,
        _ => Whose::Machine,
    };
    let fault = Fault::new(whose, "server", what);
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
