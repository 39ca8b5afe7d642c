//! Are an installed model's files still what they were? Every byte is read again.

use std::fs::File;
use std::io;

use super::error::{ModelsError, Result, reason};
use super::files::inside;
use super::{Held, Installed, Sum};

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Sound,
    Gone,
    /// It is this long now.
    Length(u64),
    /// Its sum is this now.
    Altered(Sum),
    Unreadable(String),
}

#[derive(Clone, Debug)]
pub struct Checked {
    pub file: Held,
    pub state: State,
}

impl Installed {
    /// Every file, sound or not.
    pub fn verify(&self) -> Result<Vec<Checked>> {
        self.files.iter().map(|file| Ok(Checked { file: file.clone(), state: self.state(file)? })).collect()
    }

    /// The first that is not sound, as an error.
    pub fn is_sound(&self) -> Result<()> {
        let checked = self.verify()?;
        let Some(bad) = checked.into_iter().find(|checked| checked.state != State::Sound) else { return Ok(()) };
        let why = match bad.state {
            State::Gone => "is gone",
            State::Length(_) => "has another length than it had",
            _ => "is not what was installed",
        };
        Err(ModelsError::Damaged { name: self.name.clone(), path: self.folder.join(&bad.file.name), why })
    }

    fn state(&self, file: &Held) -> Result<State> {
        let path = inside(&self.folder, &file.name)?;
        let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (length, opened) = match opened {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Gone),
            Err(error) => return Ok(State::Unreadable(reason(&error))),
        };
        if length != file.bytes {
            return Ok(State::Length(length));
        }
        Ok(match Sum::of(opened) {
            Ok((sum, _)) if sum == file.sha256 => State::Sound,
            Ok((sum, _)) => State::Altered(sum),
            Err(error) => State::Unreadable(reason(&error)),
        })
    }
}
