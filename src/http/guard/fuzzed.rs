//! Reads a head that nobody wrote in good faith, and looks who would come in.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use super::access::{Access, Role};
use super::names::Names;
use super::pass::{HERE, bearer};
use super::peers::Peers;
use super::request_id::Ids;

const TOKEN: &str = "a token that nobody guesses";

/// Lines of `name: value`; whatever follows the first word of the first is an address.
pub(in crate::http) fn fuzzed(head: &[u8]) {
    let mut headers = HeaderMap::new();
    let mut lines = head.split(|byte| *byte == b'\n');
    let uri: Uri = lines.next().and_then(|line| Uri::try_from(line).ok()).unwrap_or_default();
    for line in lines {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    }
    let Ok(names) = Names::new("docent.lab", "https://lab.example") else { return };
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    if names.check_host(&headers, &uri).is_ok() {
        // Nobody can let a name of theirs point here: it is an address, this machine, or one of ours.
        let is_ours = ["localhost", "docent.lab"].iter().any(|ours| host.starts_with(ours));
        assert!(is_ours || host.starts_with(|c: char| c.is_ascii_hexdigit() || c == '[' || c == ':'), "{host}");
    }
    for method in [Method::GET, Method::POST] {
        if let Ok(Some(origin)) = names.check_origin(&method, &headers) {
            assert!(origin.as_bytes().eq_ignore_ascii_case(b"https://lab.example"));
        }
    }
    let Ok(access) = Access::new(Some(TOKEN), None, "the owner's key") else { return };
    let shown = bearer(&headers);
    if let Ok(role) = access.role(shown, true) {
        assert!(role == Role::Nobody || shown == Some(TOKEN) || shown == Some("the owner's key"), "{role:?}");
    }
    let Ok(peers) = Peers::new("127.0.0.1") else { return };
    let client = peers.client(HERE, &headers);
    if !headers.contains_key("x-forwarded-for") {
        assert_eq!(client, IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Ids::new("key").of(&headers);
}
