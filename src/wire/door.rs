//! What a running server leaves in the data folder for the command line on the same machine.

use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct DoorJson {
    /// On this machine, without TLS.
    pub addr: String,
    /// To be shown like a token.
    pub key: String,
    pub process: u32,
}

impl DoorJson {
    /// In the data folder.
    pub const FILE: &str = "server.json";
}

/// The key is nobody's business.
impl std::fmt::Debug for DoorJson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DoorJson").field("addr", &self.addr).field("process", &self.process).finish_non_exhaustive()
    }
}
