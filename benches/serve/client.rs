//! As much of HTTP as a measurement needs: a connection that is kept, bodies by length and in chunks.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub(crate) struct Client {
    addr: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

const PATIENCE: Duration = Duration::from_secs(30);

impl Client {
    pub(crate) fn new(addr: SocketAddr) -> Client {
        Client { addr, stream: None }
    }

    /// The status and the whole body.
    pub(crate) fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> io::Result<(u16, Vec<u8>)> {
        let mut all = Vec::new();
        let status = self.stream(method, path, body, &mut |piece| all.extend_from_slice(piece))?;
        Ok((status, all))
    }

    /// Tells each piece as it comes.
    pub(crate) fn stream(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&serde_json::Value>,
        told: &mut dyn FnMut(&[u8]),
    ) -> io::Result<u16> {
        let answered = self.exchange(method, path, body, told);
        if answered.is_err() {
            self.stream = None;
        }
        answered
    }

    fn exchange(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&serde_json::Value>,
        told: &mut dyn FnMut(&[u8]),
    ) -> io::Result<u16> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.addr)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            self.stream = Some(BufReader::new(stream));
        }
        let Some(stream) = &mut self.stream else { return Err(io::ErrorKind::NotConnected.into()) };
        let body = body.map(serde_json::Value::to_string).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.addr,
            body.len()
        );
        stream.get_mut().write_all(format!("{head}{body}").as_bytes())?;
        let status = line(stream)?.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let header = line(stream)?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            is_chunked |= header == "transfer-encoding: chunked";
        }
        if !is_chunked {
            told(&exactly(stream, length)?);
            return Ok(status);
        }
        loop {
            let size = usize::from_str_radix(&line(stream)?, 16).map_err(io::Error::other)?;
            let piece = exactly(stream, size)?;
            line(stream)?;
            if size == 0 {
                return Ok(status);
            }
            told(&piece);
        }
    }
}

fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn exactly(stream: &mut BufReader<TcpStream>, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}
