//! How the command line on the same machine finds a running server: a file in the data folder that only its owner can read,
//! with an address and a key.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Result};
use crate::wire::DoorJson;

/// The file is there as long as this is.
#[derive(Debug)]
pub(super) struct Door {
    path: PathBuf,
}

impl Door {
    pub(super) fn open(folder: &Path, addr: SocketAddr, key: &str) -> Result<Door> {
        let path = folder.join(DoorJson::FILE);
        let refused = |error: std::io::Error| {
            Fault::machine("door", format!("cannot write {}", path.display())).because_of(error)
        };
        let told = DoorJson { addr: addr.to_string(), key: key.to_owned(), process: std::process::id() };
        // Temporary files are their owner's only, and stay so under their new name.
        let mut file = tempfile::Builder::new().prefix(".server-").tempfile_in(folder).map_err(refused)?;
        let text = serde_json::to_string(&told).map_err(|error| refused(error.into()))?;
        file.write_all(text.as_bytes()).map_err(refused)?;
        file.persist(&path).map_err(|error| refused(error.error))?;
        Ok(Door { path })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the server's file was gone already");
        }
    }
}

/// Nobody can guess it: it comes from the system's own randomness.
pub(super) fn key() -> Result<String> {
    let mut bytes = [0; 32];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| Fault::machine("no_randomness", "this system gives no random numbers"))?;
    Ok(blake3::Hash::from(bytes).to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_its_owners_and_goes_with_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let key = key().unwrap();
        assert_ne!(key, super::key().unwrap());
        let door = Door::open(folder.path(), "127.0.0.1:7700".parse().unwrap(), &key).unwrap();
        let path = folder.path().join(DoorJson::FILE);
        let told: DoorJson = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!((told.addr.as_str(), told.key.as_str()), ("127.0.0.1:7700", key.as_str()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        drop(door);
        assert!(!path.exists());
    }
}
