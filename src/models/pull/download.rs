//! One file: as often as it takes, from where it broke off, until it is the one that was promised.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::http::{Answer, Trouble};
use super::hub::{Hub, Tries};
use super::{Event, Pause};
use crate::models::error::{ModelsError, Result};
use crate::models::files::read_small;
use crate::models::staging::Staging;
use crate::models::sum::{BLOCK, Summing};
use crate::models::{Held, Sum, Trust};

/// After so much has come, earlier failures are forgotten.
const GOES_ON: u64 = 1 << 20;
/// Where nobody knows a file's length: no note of an encoder is longer.
const MOST_UNKNOWN: u64 = 1 << 30;

/// What is known about a file before it comes.
#[derive(Debug)]
pub(super) struct Wanted {
    pub name: String,
    pub bytes: Option<u64>,
    pub sum: Option<(Sum, Trust)>,
}

pub(super) struct Download<'a> {
    pub hub: &'a Hub,
    pub staging: &'a Staging,
    pub file: &'a Wanted,
    pub url: String,
    pub pause: Pause<'a>,
    pub retries: u32,
}

/// What has come of a file.
struct Part {
    path: PathBuf,
    file: File,
    summing: Summing,
    /// Some of it came in an earlier attempt.
    was_resumed: bool,
}

impl Download<'_> {
    pub(super) fn run(&self, listener: &mut dyn FnMut(Event)) -> Result<Held> {
        let whole = self.staging.path(&self.file.name)?;
        if let Some(held) = self.already(&whole) {
            listener(Event::Bytes(signed(held.bytes)));
            return Ok(held);
        }
        let mut part = self.open()?;
        listener(Event::Bytes(signed(part.summing.bytes)));
        let mut tries = Tries::new(&self.url, self.retries, self.pause);
        loop {
            let before = part.summing.bytes;
            let got = if self.is_whole(&part) { Ok(None) } else { self.more(&mut part, listener) };
            if part.summing.bytes >= before + GOES_ON {
                tries.went_on();
            }
            match got {
                Err(trouble) => tries.again(trouble, listener)?,
                Ok(linked) => match self.finish(&mut part, linked, listener)? {
                    Some(held) => {
                        self.put(&part, &whole)?;
                        return Ok(held);
                    }
                    None => part.was_resumed = false,
                },
            }
        }
    }

    /// It came in an earlier attempt, and somebody vouches for it.
    fn already(&self, whole: &Path) -> Option<Held> {
        let (expected, trust) = self.file.sum?;
        let (sha256, bytes) = Sum::of(File::open(whole).ok()?).ok()?;
        (sha256 == expected).then(|| Held { name: self.file.name.clone(), bytes, sha256, trust })
    }

    fn open(&self) -> Result<Part> {
        let path = self.staging.path(&format!("{}.part", self.file.name))?;
        let refused = |error| ModelsError::refused(&path, "write", error);
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path).map_err(refused)?;
        let length = file.metadata().map_err(refused)?.len();
        let mut summing = Summing::default();
        // What nobody vouches for is not put together from pieces.
        let fits = self.file.bytes.is_some_and(|bytes| length <= bytes) && self.file.sum.is_some();
        if fits && length > 0 {
            let mut block = vec![0; BLOCK];
            loop {
                let read = file.read(&mut block).map_err(refused)?;
                if read == 0 {
                    break;
                }
                summing.add(&block[..read]);
            }
        } else {
            file.set_len(0).map_err(refused)?;
        }
        let was_resumed = summing.bytes > 0;
        Ok(Part { path, file, summing, was_resumed })
    }

    fn is_whole(&self, part: &Part) -> bool {
        self.file.bytes == Some(part.summing.bytes) && part.was_resumed
    }

    /// Asks for what is missing. Where it came to its end: the sum that the hub named beside it.
    fn more(&self, part: &mut Part, listener: &mut dyn FnMut(Event)) -> Result<Option<Sum>, Trouble> {
        let have = part.summing.bytes;
        let (range, tag) = (format!("bytes={have}-"), self.tag());
        let mut headers = Vec::new();
        if have > 0 {
            headers.push(("range", range.as_str()));
            if let Some(tag) = &tag {
                headers.push(("if-range", tag.as_str()));
            }
        }
        let answer = self.hub.http.get(&self.url, &headers)?;
        match answer.status {
            206 if starts_at(&answer) == Some(have) => {}
            // The whole file again: it changed, or whoever sends it knows no ranges.
            200 => self.restart(part, listener)?,
            _ => {
                self.restart(part, listener)?;
                return Err(passing("the hub sent another stretch than was asked for"));
            }
        }
        let have = part.summing.bytes;
        let announced = answer.headers.number("content-length").map(|length| have.saturating_add(length));
        if let (Some(announced), Some(bytes)) = (announced, self.file.bytes)
            && announced != bytes
        {
            return Err(passing(&format!("the hub sends {announced} bytes where it has {bytes}")));
        }
        self.keep_tag(answer.headers.get("etag"))?;
        let linked = answer.first.get("x-linked-etag").and_then(|tag| Sum::parse(tag.trim_matches('"')));
        let most = self.file.bytes.unwrap_or(MOST_UNKNOWN);
        let mut from = answer.body.take(most.saturating_sub(have).saturating_add(1));
        let came = copy(&mut from, part, self.pause, listener)?;
        if part.summing.bytes > most {
            self.restart(part, listener)?;
            return Err(passing("the hub sent more than the file has"));
        }
        let is_short = announced.or(self.file.bytes).is_some_and(|whole| part.summing.bytes < whole);
        if !came || is_short {
            return Err(passing("the connection broke off"));
        }
        Ok(linked)
    }

    fn restart(&self, part: &mut Part, listener: &mut dyn FnMut(Event)) -> Result<()> {
        let refused = |error| ModelsError::refused(&part.path, "write", error);
        part.file.set_len(0).and_then(|()| part.file.seek(SeekFrom::Start(0))).map_err(refused)?;
        listener(Event::Bytes(-signed(part.summing.bytes)));
        part.summing = Summing::default();
        Ok(())
    }

    /// None where it has to be brought again from the beginning.
    fn finish(&self, part: &mut Part, linked: Option<Sum>, listener: &mut dyn FnMut(Event)) -> Result<Option<Held>> {
        let (sha256, bytes) = (part.summing.sum(), part.summing.bytes);
        let expected = self.file.sum.or(linked.map(|sum| (sum, Trust::Hub)));
        match expected {
            Some((expected, who)) if expected != sha256 => {
                self.restart(part, listener)?;
                // The beginning may be of a file that was replaced at the hub since.
                if part.was_resumed {
                    return Ok(None);
                }
                Err(ModelsError::SumDiffers { path: self.url.clone().into(), expected, found: sha256, who })
            }
            _ => {
                let trust = expected.map_or(Trust::FirstUse, |(_, who)| who);
                Ok(Some(Held { name: self.file.name.clone(), bytes, sha256, trust }))
            }
        }
    }

    fn put(&self, part: &Part, whole: &Path) -> Result<()> {
        let refused = |error| ModelsError::refused(whole, "write", error);
        part.file.sync_all().map_err(refused)?;
        fs::rename(&part.path, whole).map_err(refused)
    }

    fn tag_path(&self) -> Result<PathBuf> {
        self.staging.path(&format!("{}.tag", self.file.name))
    }

    fn tag(&self) -> Option<String> {
        let tag = read_small(&self.tag_path().ok()?, 1 << 10).ok()?;
        String::from_utf8(tag).ok().filter(|tag| tag.bytes().all(|byte| byte.is_ascii_graphic()))
    }

    /// Weak tags do not promise the same bytes.
    fn keep_tag(&self, tag: Option<&str>) -> Result<()> {
        let path = self.tag_path()?;
        let kept = match tag.filter(|tag| tag.starts_with('"')) {
            Some(tag) => fs::write(&path, tag),
            None => match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        };
        kept.map_err(|error| ModelsError::refused(&path, "write", error))
    }
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn passing(why: &str) -> Trouble {
    Trouble::Passing { why: why.to_owned(), wait: None }
}

/// `bytes 100-199/200`.
fn starts_at(answer: &Answer) -> Option<u64> {
    answer.headers.get("content-range")?.trim().strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

/// Says whether it came to its end; what came before it broke off is kept.
fn copy(from: &mut dyn Read, part: &mut Part, pause: Pause<'_>, listener: &mut dyn FnMut(Event)) -> Result<bool> {
    let Part { path, file, summing, .. } = part;
    transfer(from, file, summing, pause, listener).map_err(|stop| match stop {
        Stop::Asked => ModelsError::Stopped,
        Stop::Refused(error) => ModelsError::refused(path, "write", error),
    })
}

enum Stop {
    Asked,
    Refused(io::Error),
}

fn transfer(
    from: &mut dyn Read,
    to: &mut dyn Write,
    summing: &mut Summing,
    pause: Pause<'_>,
    listener: &mut dyn FnMut(Event),
) -> Result<bool, Stop> {
    let mut block = vec![0; BLOCK];
    loop {
        let read = match from.read(&mut block) {
            Ok(0) => return Ok(true),
            Ok(read) => &block[..read],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                tracing::debug!(%error, "a connection broke off");
                return Ok(false);
            }
        };
        to.write_all(read).map_err(Stop::Refused)?;
        summing.add(read);
        listener(Event::Bytes(signed(read.len() as u64)));
        if pause(Duration::ZERO) {
            return Err(Stop::Asked);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes, and then is full.
    struct Disk(usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_an_error_that_says_so() {
        let mut summing = Summing::default();
        let stopped = transfer(&mut &[1; 1000][..], &mut Disk(600), &mut summing, &|_| false, &mut |_| ());
        let Err(Stop::Refused(error)) = stopped else { panic!("it was not full") };
        let error = ModelsError::refused(Path::new("weights.part"), "write", error).to_string();
        assert_eq!(error, "cannot write weights.part: the disk is full");
        assert_eq!(summing.bytes, 0, "what was not written whole does not count");
    }

    #[test]
    fn it_ends_when_it_is_asked_to() {
        let mut summing = Summing::default();
        let stopped = transfer(&mut io::repeat(1), &mut Disk(usize::MAX), &mut summing, &|_| true, &mut |_| ());
        assert!(matches!(stopped, Err(Stop::Asked)) && summing.bytes > 0);
    }
}
