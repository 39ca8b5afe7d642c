//! What comes in pieces of unknown length, as lines, by a thread that waits for them so that nobody else has to.

use std::io::{self, BufRead, BufReader, Read};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

/// The lines of an answer. The connection ends when this is dropped.
pub(super) struct Lines {
    lines: Receiver<io::Result<String>>,
    stream: Option<TcpStream>,
}

/// What came of waiting for a line.
pub(super) enum Came {
    Line(String),
    /// Nothing for so long that somebody may have thought again.
    Nothing,
    /// It was all.
    End,
}

/// How often whoever waits for a line may think again.
const BEAT: Duration = Duration::from_millis(100);

impl Lines {
    pub(super) fn of(answer: impl Read + Send + 'static, stream: Option<TcpStream>) -> Lines {
        let (sender, lines) = bounded(64);
        thread::spawn(move || {
            for line in BufReader::new(answer).lines() {
                let is_broken = line.is_err();
                if sender.send(line).is_err() || is_broken {
                    return;
                }
            }
        });
        Lines { lines, stream }
    }

    pub(super) fn next(&self) -> io::Result<Came> {
        match self.lines.recv_timeout(BEAT) {
            Ok(line) => line.map(Came::Line),
            Err(RecvTimeoutError::Timeout) => Ok(Came::Nothing),
            Err(RecvTimeoutError::Disconnected) => Ok(Came::End),
        }
    }
}

impl Drop for Lines {
    /// The thread that reads has nothing to wait for any more, and the server is told.
    fn drop(&mut self) {
        if let Some(stream) = &self.stream {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// A line of a head, without its end.
pub(super) fn head_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.take(LONGEST_LINE).read_line(&mut line)?;
    let whole = line.strip_suffix("\r\n").ok_or_else(odd)?;
    Ok(whole.to_owned())
}

const LONGEST_LINE: u64 = 64 << 10;

pub(super) fn odd() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// A body whose length nobody knew beforehand.
pub(super) struct Chunks<R> {
    reader: R,
    left: u64,
    ended: bool,
}

impl<R: BufRead> Chunks<R> {
    pub(super) fn of(reader: R) -> Chunks<R> {
        Chunks { reader, left: 0, ended: false }
    }
}

impl<R: BufRead> Read for Chunks<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.ended {
            let size = head_line(&mut self.reader)?;
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
        if self.left == 0 && !head_line(&mut self.reader)?.is_empty() {
            return Err(odd());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(body: &str) -> io::Result<String> {
        let mut text = String::new();
        Chunks::of(body.as_bytes()).read_to_string(&mut text)?;
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
    fn lines_come_to_an_end_or_to_an_error() {
        let all = |bytes: &'static [u8]| {
            let lines = Lines::of(bytes, None);
            let mut came = Vec::new();
            loop {
                match lines.next() {
                    Ok(Came::Line(line)) => came.push(line),
                    Ok(Came::Nothing) => {}
                    Ok(Came::End) => return Ok(came),
                    Err(error) => return Err(error),
                }
            }
        };
        assert_eq!(all("a\n\nñ\r\nlast".as_bytes()).unwrap(), ["a", "", "ñ", "last"]);
        assert!(all(b"a\n\xff\n").is_err());
    }
}
