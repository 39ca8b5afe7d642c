//! How the hub is reached: given in, because only the settings know what the environment says.

use std::fmt;
use std::time::Duration;

#[derive(Clone)]
pub struct Network {
    pub offline: bool,
    /// `https://huggingface.co`, or a mirror of it.
    pub endpoint: String,
    /// For models whose licence has to be accepted first. Only the endpoint itself ever sees it.
    pub token: Option<String>,
    pub http_proxy: Option<String>,
    pub https_proxy: Option<String>,
    /// Hosts that are reached without a proxy, with commas between.
    pub no_proxy: Option<String>,
    /// How long a connection may say nothing. A slow one may take as long as it needs.
    pub timeout: Duration,
    /// How often a failure is tried again before it is one.
    pub retries: u32,
}

impl Network {
    /// The proxy for this address, if it has one.
    pub(super) fn proxy(&self, scheme: &str, host: &str) -> Option<&str> {
        let proxy = if scheme == "https" { &self.https_proxy } else { &self.http_proxy };
        let direct = self.no_proxy.as_deref().unwrap_or_default().split(',').any(|rule| covers(rule.trim(), host));
        proxy.as_deref().filter(|_| !direct)
    }
}

/// `example.org` and `.example.org` cover every host in it, `*` all.
fn covers(rule: &str, host: &str) -> bool {
    let rule = rule.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    match rule.as_str() {
        "" => false,
        "*" => true,
        rule => host.strip_suffix(rule).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
    }
}

/// Tokens and the passwords in proxies are nobody's business.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("offline", &self.offline)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_hosts_are_reached_without_a_proxy() {
        let network = Network {
            offline: false,
            endpoint: String::new(),
            token: Some("secret".into()),
            http_proxy: None,
            https_proxy: Some("http://proxy:3128".into()),
            no_proxy: Some("localhost, .example.org,10.0.0.1".into()),
            timeout: Duration::from_secs(1),
            retries: 0,
        };
        assert_eq!(network.proxy("https", "huggingface.co"), Some("http://proxy:3128"));
        assert_eq!(network.proxy("http", "huggingface.co"), None);
        for direct in ["localhost", "hub.example.org", "EXAMPLE.org", "10.0.0.1"] {
            assert_eq!(network.proxy("https", direct), None, "{direct}");
        }
        assert!(network.proxy("https", "notexample.org").is_some());
        assert!(!format!("{network:?}").contains("secret"));
    }
}
