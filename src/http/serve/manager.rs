//! Where a service manager starts the server: the socket it has opened already, and what it wants to be told.

use std::ffi::OsString;
use std::net::TcpListener;

use crate::fault::{Fault, Result};

/// What systemd says in the environment.
#[derive(Clone, Debug, Default)]
pub struct Manager {
    /// `NOTIFY_SOCKET`.
    pub notify: Option<OsString>,
}

impl Manager {
    /// Whoever does not listen is not told.
    pub(super) fn tell(&self, state: &str) {
        #[cfg(target_os = "linux")]
        if let Some(socket) = &self.notify
            && let Err(error) = told(socket, state)
        {
            tracing::debug!(%error, "the service manager was not told");
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (state, &self.notify);
    }
}

/// The socket that stands in place of standard input (`StandardInput=socket`): it is open for certain, which a number in the
/// environment only says of itself.
#[cfg(unix)]
pub fn listener_on_stdin() -> Result<TcpListener> {
    use std::os::fd::AsFd;

    let listener = std::io::stdin().as_fd().try_clone_to_owned().map(TcpListener::from);
    // What is no socket has no address.
    let checked = listener.and_then(|listener| listener.local_addr().map(|_| listener));
    checked.map_err(|error| {
        Fault::caller("cannot_listen", "standard input is not a socket that can be listened on")
            .hint("in the service file say `StandardInput=socket`, or give an address")
            .because_of(error)
    })
}

#[cfg(not(unix))]
pub fn listener_on_stdin() -> Result<TcpListener> {
    Err(Fault::caller("cannot_listen", "sockets are not handed over on this system").hint("give an address"))
}

#[cfg(target_os = "linux")]
fn told(socket: &std::ffi::OsStr, state: &str) -> std::io::Result<()> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    let addr = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &addr).map(|_| ())
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn whoever_listens_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let listens = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
        super::Manager { notify: Some(path.into()) }.tell("READY=1");
        let mut heard = [0; 32];
        let length = listens.recv(&mut heard).unwrap();
        assert_eq!(&heard[..length], b"READY=1");
    }
}
