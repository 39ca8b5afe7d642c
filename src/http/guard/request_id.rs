//! A name for every request, so that an answer and the log's lines about it can be put together.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderValue};

#[derive(Clone, Debug)]
pub(super) struct RequestId(pub HeaderValue);

impl RequestId {
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

#[derive(Debug)]
pub(super) struct Ids {
    /// Another for every run of the server.
    run: String,
    next: AtomicU64,
}

const NAME: &str = "x-request-id";
const LONGEST: usize = 64;

impl Ids {
    pub(super) fn new(own_key: &str) -> Ids {
        let run = blake3::hash(format!("request ids of {own_key}").as_bytes()).to_hex();
        Ids { run: run[..8].to_owned(), next: AtomicU64::new(1) }
    }

    /// The client's own, if it is one that can stand in a log.
    pub(super) fn of(&self, headers: &HeaderMap) -> RequestId {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let own =
            headers.get(NAME).filter(|id| (1..=LONGEST).contains(&id.len()) && id.as_bytes().iter().all(is_plain));
        let id = own.cloned().unwrap_or_else(|| {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            HeaderValue::try_from(format!("{}-{number:x}", self.run)).expect("hexadecimal digits are a header's value")
        });
        RequestId(id)
    }

    pub(super) fn put(id: RequestId, headers: &mut HeaderMap) {
        headers.insert(NAME, id.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_name_is_kept_if_it_is_harmless() {
        let ids = Ids::new("key");
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(NAME, HeaderValue::from_static(value));
            ids.of(&headers).as_str().to_owned()
        };
        assert_eq!(of("trace-1.a_b"), "trace-1.a_b");
        for bad in
            ["", "a b", "a\tb", "x;drop", "0123456789012345678901234567890123456789012345678901234567890123456789"]
        {
            assert_ne!(of(bad), bad);
        }
        assert_ne!(of(""), of(""));
    }
}
