//! Whatever is sent, it is refused with a reason, and the server goes on.

use std::io::Write;

use super::client::read;
use super::{Call, plain};

/// Every address that takes a body, and every one that takes a name.
const POSTS: [&str; 6] =
    ["/rag/v1/ask", "/rag/v1/search", "/rag/v1/context", "/rag/v1/documents", "/v1/chat/completions", "/api/chat"];
const NAMED: [&str; 4] =
    ["/rag/v1/documents/{}", "/rag/v1/documents/{}/text", "/rag/v1/jobs/{}", "/rag/v1/collections/{}"];

fn client_error(call: Call, about: &str) {
    let answer = call.send();
    assert!((400..500).contains(&answer.status), "{about}: {answer:?}");
    let value: serde_json::Value =
        serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{about}: no error in {answer:?}"));
    assert!(value.get("error").is_some(), "{about}: {value}");
}

#[test]
fn bodies_that_do_not_fit_are_refused_everywhere() {
    let served = plain();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_field = format!("{{\"question\": \"x\", \"query\": \"x\", \"more\": {deep}}}");
    for path in POSTS {
        for (about, body) in [
            ("nothing", &b""[..]),
            ("no JSON", b"question=why"),
            ("cut short", b"{\"question\": \"wh"),
            ("a list", b"[]"),
            ("a number", b"5"),
            ("null", b"null"),
            (
                "wrong types",
                b"{\"question\": [], \"query\": {}, \"source\": 1, \"text\": null, \"model\": 7, \"messages\": 1}",
            ),
            ("not UTF-8", b"{\"question\": \"\xff\xfe\", \"query\": \"\xff\"}"),
            ("half a character", b"{\"question\": \"\\ud800\", \"query\": \"\\ud800\", \"source\": \"\\ud800\"}"),
            ("deep", deep.as_bytes()),
            ("deep in a field", deep_field.as_bytes()),
            ("a huge number", b"{\"question\": \"x\", \"query\": \"x\", \"k\": 99999999999999999999999}"),
        ] {
            client_error(served.post(path, body), &format!("{path}: {about}"));
        }
    }
    let huge = format!("{{\"question\": \"{}\"}}", "x".repeat(3 << 20));
    served.post("/rag/v1/ask", huge).refused(413, "body_too_large");
    served.get("/health").is(200);
}

#[test]
fn names_that_are_none_are_refused_everywhere() {
    let served = plain();
    for path in NAMED {
        for name in
            ["%00", "%ff%fe", "..%2f..%2fetc%2fpasswd", "a%0d%0ab", "%F0%9F%A6%89", &"x".repeat(5000), "'%20or%201=1"]
        {
            client_error(served.get(&path.replace("{}", name)), &format!("{path} with {name}"));
        }
    }
    for query in ["collection=%ff", "collection=a/b", "limit=-1", "limit=1.5", "limit=", "collection=none"] {
        client_error(served.get(&format!("/rag/v1/documents?{query}")), query);
    }
    for (method, path) in [("PATCH", "/rag/v1/ask"), ("GET", "/rag/v1/ask"), ("POST", "/health"), ("BREW", "/docs")] {
        client_error(Call::new(served.addr, method, path), &format!("{method} {path}"));
    }
    for path in
        ["/rag/v1/../../etc/passwd", "//evil.example/x", "/rag/v2/ask", "/favicon.ico", "/v1/nothing", "/api/nothing"]
    {
        client_error(served.get(path), path);
    }
}

#[test]
fn each_dialect_refuses_in_its_own_words() {
    let served = plain();
    assert!(served.get("/rag/v1/none").is(404)["error"]["hint"].is_string());
    assert_eq!(served.get("/v1/none").is(404)["error"]["type"], "not_found_error");
    assert!(served.get("/api/none").is(404)["error"].is_string());
}

#[test]
fn what_is_no_http_harms_nobody() {
    let served = plain();
    for raw in [
        &b"\x16\x03\x01\x02\x00\x01\x00"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: \x00\x01\r\n\r\n",
        b"POST /rag/v1/ask HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        b"POST /rag/v1/ask HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /rag/v1/ask HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"GET http://evil.example/health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
    ] {
        let mut stream = std::net::TcpStream::connect(served.addr).unwrap();
        stream.write_all(raw).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut said = String::new();
        let _ = std::io::Read::read_to_string(&mut stream, &mut said);
        assert!(!said.contains("HTTP/1.1 2") && !said.contains("HTTP/1.1 5"), "{said}");
    }
    let many = (0..200).fold(served.get("/health"), |call, n| call.header(&format!("x-{n}"), &"y".repeat(500)));
    assert_eq!(read(&mut many.open()).status, 431);
    // A header that a client smuggles into its request's name is not sent back.
    let answer = served.get("/health").header("x-request-id", "a b").send();
    assert!(answer.header("x-request-id").is_some_and(|id| !id.contains(' ')));
    served.get("/health").is(200);
}
