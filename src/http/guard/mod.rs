//! Who may come in, by which name, how often; and what every answer carries.
//!
//! A request goes through [`pass()`]: the name it was sent to ([`names`]), the page it comes from, who sends it
//! ([`caller`]) and what they show ([`access`]). Only then a handler sees it.

mod access;
mod caller;
mod fuzzed;
mod headers;
mod names;
mod pass;
mod peers;
mod rate;
mod request_id;

use crate::fault::Result;
use crate::settings::Settings;

pub(crate) use self::caller::{Administrator, Caller, Owner};
pub(super) use self::fuzzed::fuzzed;
pub(super) use self::pass::pass;

use self::access::Access;
use self::headers::Headers;
use self::names::Names;
use self::peers::Peers;
use self::rate::Rate;
use self::request_id::Ids;

/// What is decided by, for all requests.
#[derive(Debug)]
pub(super) struct Guard {
    access: Access,
    names: Names,
    peers: Peers,
    pub rate: Rate,
    ids: Ids,
    headers: Headers,
}

impl Guard {
    /// `own_key` is what the owner of the data folder shows.
    pub(super) fn new(settings: &Settings, own_key: &str) -> Result<Guard> {
        let text = |setting: &crate::settings::Setting<crate::settings::Text>| {
            setting.value.get().unwrap_or_default().to_owned()
        };
        Ok(Guard {
            access: Access::new(settings.server_token.value.get(), settings.server_admin_token.value.get(), own_key)?,
            names: Names::new(&text(&settings.server_hosts), &text(&settings.server_origins))?,
            peers: Peers::new(&text(&settings.server_proxies))?,
            rate: Rate::new(settings.server_rate.value.get()),
            ids: Ids::new(own_key),
            headers: Headers::new(settings.server_tls_cert.value.get().is_some()),
        })
    }

    /// Whether anything has to be shown to come in.
    pub(super) fn has_tokens(&self) -> bool {
        self.access.has_tokens()
    }
}
