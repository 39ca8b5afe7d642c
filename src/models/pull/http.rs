//! One request and its answer: through the right proxy, along redirects, with the token only where it belongs.

use std::io::Read;
use std::time::Duration;

use ureq::http::{HeaderMap, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Proxy};

use super::network::Network;
use super::problem::{Hubs, Problem};
use crate::models::error::ModelsError;

const MOST_REDIRECTS: usize = 10;
/// A hub that wants to be left alone for longer is not waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

pub(super) struct Http {
    network: Network,
    direct: Agent,
    proxied: Vec<(String, Agent)>,
}

pub(super) struct Answer {
    pub status: u16,
    pub headers: Headers,
    /// Of the hub's own answer, before it sent us elsewhere.
    pub first: Headers,
    pub body: Box<dyn Read + Send>,
}

pub(super) struct Headers(HeaderMap);

impl Headers {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.trim().parse().ok()
    }
}

/// Why there is no answer that can be used.
pub(super) enum Trouble {
    /// It may go better next time, not before this long.
    Passing {
        why: String,
        wait: Option<Duration>,
    },
    Lasting(ModelsError),
}

impl From<ModelsError> for Trouble {
    fn from(error: ModelsError) -> Trouble {
        Trouble::Lasting(error)
    }
}

impl Http {
    pub(super) fn new(network: &Network) -> Result<Http, ModelsError> {
        if network.token.as_deref().is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(problem(&without_secrets(&network.endpoint), Problem::BadToken));
        }
        if parse(&network.endpoint).is_none() {
            return Err(problem(&without_secrets(&network.endpoint), Problem::BadEndpoint));
        }
        let mut proxied = Vec::new();
        for address in [&network.http_proxy, &network.https_proxy].into_iter().flatten() {
            let proxy = Proxy::new(address).map_err(|_| problem(&without_secrets(address), Problem::BadProxy))?;
            proxied.push((address.clone(), agent(network, Some(proxy))));
        }
        Ok(Http { network: network.clone(), direct: agent(network, None), proxied })
    }

    pub(super) fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Answer, Trouble> {
        let mut first = None;
        let mut uri = parse(url).ok_or_else(|| problem(url, Problem::BadEndpoint))?;
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.once(&uri, headers)?;
            let (status, found) = (answer.status, answer.headers.get("location").map(str::to_owned));
            match (status, found) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => {
                    let next = follow(&uri, &location).ok_or_else(|| {
                        problem(&without_secrets(&uri.to_string()), Problem::Nonsense("it leads nowhere".to_owned()))
                    })?;
                    if uri.scheme_str() == Some("https") && next.scheme_str() != Some("https") {
                        return Err(problem(&without_secrets(&uri.to_string()), Problem::Downgrade).into());
                    }
                    first.get_or_insert(answer.headers);
                    uri = next;
                }
                _ => {
                    let first = first.unwrap_or_else(|| Headers(answer.headers.0.clone()));
                    return self.checked(Answer { first, ..answer }, &uri);
                }
            }
        }
        Err(problem(url, Problem::Nonsense("it leads round in circles".to_owned())).into())
    }

    fn once(&self, uri: &Uri, headers: &[(&str, &str)]) -> Result<Answer, Trouble> {
        let host = uri.host().unwrap_or_default();
        let proxy = self.network.proxy(uri.scheme_str().unwrap_or_default(), host);
        let agent = self.proxied.iter().find(|(address, _)| Some(address.as_str()) == proxy);
        let mut request = agent.map_or(&self.direct, |(_, agent)| agent).get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.network.token
            && self.is_endpoint(uri)
        {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = request.call().map_err(|error| trouble(&error, uri))?;
        let (parts, body) = response.into_parts();
        let (headers, first) = (Headers(parts.headers), Headers(HeaderMap::new()));
        Ok(Answer { status: parts.status.as_u16(), headers, first, body: Box::new(body.into_reader()) })
    }

    fn is_endpoint(&self, uri: &Uri) -> bool {
        let whole =
            |uri: &Uri| (uri.scheme_str().map(str::to_owned), uri.authority().map(|a| a.as_str().to_ascii_lowercase()));
        parse(&self.network.endpoint).is_some_and(|endpoint| whole(&endpoint) == whole(uri))
    }

    /// Fine, or in words why not.
    fn checked(&self, answer: Answer, uri: &Uri) -> Result<Answer, Trouble> {
        let token = self.network.token.is_some();
        let said = answer.headers.get("x-error-code").or(answer.first.get("x-error-code")).unwrap_or_default();
        let problem_of = match (answer.status, said) {
            (200 | 206 | 416, _) => return Ok(answer),
            (408 | 429 | 500 | 502 | 503 | 504, _) => {
                let wait = answer.headers.number("retry-after").map(Duration::from_secs);
                let why = format!("the hub answered with status {}", answer.status);
                if wait.is_none_or(|wait| wait <= LONGEST_WAIT) {
                    return Err(Trouble::Passing { why, wait });
                }
                let wait = wait.unwrap_or_default().as_secs();
                Problem::Unreachable { why: format!("{why} and asks to wait {wait} seconds"), tries: 1 }
            }
            (_, "GatedRepo") => Problem::Gated { token },
            (404, _) | (_, "RepoNotFound" | "RevisionNotFound" | "EntryNotFound") => Problem::NotThere,
            (401, _) => Problem::Denied { token },
            (403, _) => Problem::Gated { token },
            (status, _) => Problem::Said(status),
        };
        Err(problem(&without_secrets(&uri.to_string()), problem_of).into())
    }
}

fn agent(network: &Network, proxy: Option<Proxy>) -> Agent {
    let timeout = Some(network.timeout);
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(proxy)
        .user_agent(concat!("docent/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("identity")
        .timeout_resolve(timeout)
        .timeout_connect(timeout)
        .timeout_recv_response(timeout)
        .timeout_per_read(timeout)
        .timeout_per_write(timeout)
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .build()
        .into()
}

pub(super) fn problem(url: &str, problem: Problem) -> ModelsError {
    ModelsError::Hub(Hubs { url: url.to_owned(), problem })
}

fn trouble(error: &ureq::Error, uri: &Uri) -> Trouble {
    tracing::debug!(%error, "a request failed");
    let secured = match error {
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => false,
        // What the protocol finds wrong comes as bad data.
        ureq::Error::Io(error) => error.kind() != std::io::ErrorKind::InvalidData,
        _ => true,
    };
    if !secured {
        // Trying again makes no certificate right.
        let why = "the protected connection could not be made: is its certificate known to this system?".to_owned();
        return problem(&without_secrets(&uri.to_string()), Problem::Unreachable { why, tries: 1 }).into();
    }
    let why = match error {
        ureq::Error::Timeout(_) => "the hub said nothing for too long".to_owned(),
        ureq::Error::HostNotFound => "its name is not known here; is there a network?".to_owned(),
        ureq::Error::Io(error) => crate::models::error::reason(error),
        ureq::Error::ConnectProxyFailed(_) => "the proxy refused".to_owned(),
        _ => "the connection failed".to_owned(),
    };
    Trouble::Passing { why, wait: None }
}

fn parse(url: &str) -> Option<Uri> {
    let uri: Uri = url.parse().ok()?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    (known && uri.host().is_some_and(|host| !host.is_empty())).then_some(uri)
}

/// Where a redirect leads, whole or from the root of the same host.
fn follow(from: &Uri, location: &str) -> Option<Uri> {
    let scheme = from.scheme_str()?;
    if location.starts_with("//") {
        return parse(&format!("{scheme}:{location}"));
    }
    if location.starts_with('/') {
        return parse(&format!("{scheme}://{}{location}", from.authority()?));
    }
    parse(location)
}

/// Signed addresses carry their key after the question mark, and passwords stand before the @.
pub(super) fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}{}", &url[..scheme + 3], &url[at + 1..]),
        (None, Some(at)) => url[at + 1..].to_owned(),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_to_whole_addresses_and_to_the_same_host() {
        let from = parse("https://hub.example/a/b").unwrap();
        for (location, to) in [
            ("https://cdn.example/x?k=1", "https://cdn.example/x?k=1"),
            ("/api/x", "https://hub.example/api/x"),
            ("//cdn.example/x", "https://cdn.example/x"),
        ] {
            assert_eq!(follow(&from, location).unwrap().to_string(), to);
        }
        for nowhere in ["", "ftp://x/y", "file:///etc/passwd", "x y"] {
            assert!(follow(&from, nowhere).is_none(), "{nowhere}");
        }
    }

    #[test]
    fn what_is_shown_holds_no_secrets() {
        assert_eq!(without_secrets("https://cdn.example/x?key=1#y"), "https://cdn.example/x");
        assert_eq!(without_secrets("http://me:pass@proxy:80"), "http://proxy:80");
        assert_eq!(without_secrets("me:pass@proxy"), "proxy");
    }
}
