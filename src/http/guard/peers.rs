//! Whose call is it? The peer's, unless the peer is a proxy that may speak for others.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

use crate::fault::{Fault, Result};

#[derive(Debug)]
pub(super) struct Peers {
    proxies: Vec<IpAddr>,
}

impl Peers {
    /// With commas between.
    pub(super) fn new(proxies: &str) -> Result<Peers> {
        let read = |word: &str| {
            word.parse().map(plain).map_err(|error: std::net::AddrParseError| {
                Fault::caller("settings", format!("server.proxies has {word:?}, which is no address"))
                    .hint("write addresses such as 10.0.0.2, with commas between")
                    .because_of(error)
            })
        };
        let words = proxies.split(',').map(str::trim).filter(|word| !word.is_empty());
        Ok(Peers { proxies: words.map(read).collect::<Result<_>>()? })
    }

    /// Every proxy adds the one it heard at the end: the last that is none of ours is the client.
    pub(super) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = plain(peer.ip());
        if !self.proxies.contains(&client) {
            return client;
        }
        let named = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let named: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
        for word in named.into_iter().rev() {
            // What cannot be read was not written by a proxy of ours.
            let Some(address) = address(word) else { return client };
            client = address;
            if !self.proxies.contains(&client) {
                break;
            }
        }
        client
    }

    /// Whether it is a program on this machine, and no proxy in front of others.
    pub(super) fn is_here(&self, peer: SocketAddr, client: IpAddr, headers: &HeaderMap) -> bool {
        let is_forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
        plain(peer.ip()).is_loopback() && client.is_loopback() && !is_forwarded
    }
}

/// With or without a port.
fn address(word: &str) -> Option<IpAddr> {
    let bare = word.strip_prefix('[').and_then(|word| word.split(']').next()).unwrap_or(word);
    bare.parse().ok().or_else(|| word.parse::<SocketAddr>().ok().map(|socket| socket.ip())).map(plain)
}

/// An IPv4 address inside of IPv6 is that address.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Those who count as one: of IPv6, a whole network belongs to one customer.
pub(super) fn household(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &str, peer: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        if !forwarded.is_empty() {
            headers.append("x-forwarded-for", forwarded.parse().unwrap());
        }
        let peer: SocketAddr = peer.parse().unwrap();
        Peers::new(proxies).unwrap().client(peer, &headers).to_string()
    }

    #[test]
    fn only_proxies_of_ours_speak_for_others() {
        assert_eq!(client("", "10.0.0.2:1", "1.2.3.4"), "10.0.0.2");
        assert_eq!(client("10.0.0.2", "10.0.0.2:1", "1.2.3.4"), "1.2.3.4");
        assert_eq!(client("10.0.0.2", "[::ffff:10.0.0.2]:1", "1.2.3.4:5"), "1.2.3.4");
        // What the client wrote itself stands further left.
        assert_eq!(client("10.0.0.2", "10.0.0.2:1", "6.6.6.6, 1.2.3.4"), "1.2.3.4");
        assert_eq!(client("10.0.0.2,10.0.0.3", "10.0.0.2:1", "1.2.3.4, 10.0.0.3"), "1.2.3.4");
        assert_eq!(client("10.0.0.2", "10.0.0.2:1", "6.6.6.6, nonsense"), "10.0.0.2");
        assert_eq!(client("10.0.0.2", "10.0.0.2:1", "[2001:db8::1]:80"), "2001:db8::1");
        assert!(Peers::new("proxy.example").is_err());
    }

    #[test]
    fn whoever_comes_through_a_proxy_is_not_here() {
        let peers = Peers::new("").unwrap();
        let peer: SocketAddr = "127.0.0.1:9".parse().unwrap();
        let mut headers = HeaderMap::new();
        assert!(peers.is_here(peer, peer.ip(), &headers));
        headers.append("x-forwarded-for", "1.2.3.4".parse().unwrap());
        assert!(!peers.is_here(peer, peer.ip(), &headers));
    }

    #[test]
    fn a_network_counts_as_one() {
        let [a, b]: [IpAddr; 2] = ["2001:db8:0:1::5", "2001:db8:0:1:ffff::6"].map(|text| text.parse().unwrap());
        assert_eq!(household(a), household(b));
    }
}
