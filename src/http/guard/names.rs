//! By which name was it called, and from which page?
//!
//! A page can let its own name point at this machine and then call it (DNS rebinding): so a name has to be one of ours. An
//! address cannot be made to point elsewhere. And a page of another origin may post without being asked: browsers say where
//! it comes from, and it stays outside.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method, Uri};

use crate::fault::{Fault, Result};

#[derive(Debug)]
pub(super) struct Names {
    /// Lower case, without ports.
    hosts: Vec<String>,
    /// As browsers write them.
    origins: Vec<String>,
}

impl Names {
    /// Both with commas between.
    pub(super) fn new(hosts: &str, origins: &str) -> Result<Names> {
        let words = |text: &str| -> Vec<String> {
            text.split(',').map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty()).collect()
        };
        let origins = words(origins);
        for origin in &origins {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            if host.is_none_or(|host| host.is_empty() || host.contains(['/', '*'])) {
                return Err(Fault::caller("settings", format!("server.origins has {origin:?}, which is no origin"))
                    .hint("write one such as https://lab.example:8443"));
            }
        }
        Ok(Names { hosts: words(hosts), origins })
    }

    pub(super) fn check_host(&self, headers: &HeaderMap, uri: &Uri) -> Result<()> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(wrong_host("the request names no host, or several"));
        };
        let is_ours = |host: &str| self.is_ours(host);
        if !host.to_str().is_ok_and(is_ours) || !uri.authority().is_none_or(|authority| is_ours(authority.as_str())) {
            return Err(wrong_host("this server is not called by that name"));
        }
        Ok(())
    }

    fn is_ours(&self, host: &str) -> bool {
        let name = without_port(host);
        let name = name.strip_suffix('.').unwrap_or(name);
        let is_address = name.parse::<IpAddr>().is_ok()
            || name
                .strip_prefix('[')
                .and_then(|name| name.strip_suffix(']'))
                .is_some_and(|v6| v6.parse::<Ipv6Addr>().is_ok());
        is_address
            || name.eq_ignore_ascii_case("localhost")
            || self.hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The origin that may read the answer, if it is another than ours.
    pub(super) fn check_origin(&self, method: &Method, headers: &HeaderMap) -> Result<Option<HeaderValue>> {
        let mut origins = headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else { return self.check_fetch(method, headers).map(|()| None) };
        let text = origin.to_str().unwrap_or_default().to_ascii_lowercase();
        if origins.next().is_some() {
            return Err(wrong_origin());
        }
        let own = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let page = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        if page.is_some_and(|page| page.eq_ignore_ascii_case(own)) {
            return Ok(None);
        }
        if self.origins.contains(&text) { Ok(Some(origin.clone())) } else { Err(wrong_origin()) }
    }

    /// Pictures, scripts and forms of other pages come without an origin; browsers say so in another way. Following a link
    /// is fine.
    fn check_fetch(&self, method: &Method, headers: &HeaderMap) -> Result<()> {
        let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_foreign = said("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
        let is_link = method == Method::GET && said("sec-fetch-mode") == Some("navigate");
        if is_foreign && !is_link { Err(wrong_origin()) } else { Ok(()) }
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !is_bare_v6(host) => name,
        _ => host,
    }
}

fn is_bare_v6(host: &str) -> bool {
    !host.starts_with('[') && host.matches(':').count() > 1
}

fn wrong_host(what: &str) -> Fault {
    Fault::caller("wrong_host", what).hint("call it by its address, or name it in the setting server.hosts")
}

fn wrong_origin() -> Fault {
    Fault::caller("wrong_origin", "a page of another origin may not call this server")
        .hint("name the page's origin in the setting server.origins, if it is yours")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn names_are_ours_or_addresses() {
        let names = Names::new("docent.lab, Other.Example", "").unwrap();
        let check = |host: &'static str| names.check_host(&headers(&[("host", host)]), &Uri::from_static("/"));
        for ours in [
            "localhost",
            "LOCALHOST:7700",
            "127.0.0.1:7700",
            "[::1]:7700",
            "[::1]",
            "192.168.1.20",
            "docent.lab:80",
            "other.example",
            "localhost.:7700",
        ] {
            assert!(check(ours).is_ok(), "{ours}");
        }
        for other in
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:7700", "", "docent.lab@evil", "a b"]
        {
            assert_eq!(check(other).unwrap_err().code, "wrong_host", "{other}");
        }
        let uri = Uri::from_static("http://evil.example/health");
        assert!(names.check_host(&headers(&[("host", "localhost")]), &uri).is_err());
        let none = Uri::from_static("/");
        assert!(names.check_host(&headers(&[]), &none).is_err());
        assert!(names.check_host(&headers(&[("host", "localhost"), ("host", "evil.example")]), &none).is_err());
    }

    #[test]
    fn other_pages_stay_outside() {
        let names = Names::new("", "https://lab.example:8443").unwrap();
        let check = |method: Method, pairs: &[(&'static str, &'static str)]| {
            names.check_origin(&method, &headers(&[&[("host", "localhost:7700")], pairs].concat()))
        };
        assert_eq!(check(Method::POST, &[]).unwrap(), None);
        assert_eq!(check(Method::POST, &[("origin", "http://localhost:7700")]).unwrap(), None);
        let allowed = check(Method::POST, &[("origin", "https://lab.example:8443")]).unwrap();
        assert_eq!(allowed.unwrap(), "https://lab.example:8443");
        for foreign in ["https://evil.example", "http://localhost:3000", "null", "http://localhost:7700.evil", ""] {
            assert!(check(Method::GET, &[("origin", foreign)]).is_err(), "{foreign}");
        }
        for site in ["cross-site", "same-site"] {
            assert!(check(Method::GET, &[("sec-fetch-site", site), ("sec-fetch-mode", "no-cors")]).is_err());
            assert!(check(Method::POST, &[("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]).is_err());
            assert!(check(Method::GET, &[("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]).is_ok());
        }
    }

    #[test]
    fn what_is_no_origin_is_a_wrong_setting() {
        for bad in ["*", "lab.example", "https://", "https://lab.example/page", "https://*.example"] {
            assert_eq!(Names::new("", bad).unwrap_err().code, "settings", "{bad}");
        }
    }
}
