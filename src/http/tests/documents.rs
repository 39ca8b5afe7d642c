//! What comes in over HTTP, and what becomes of it.

use std::time::Duration;

use serde_json::json;

use super::client::{head, read};
use super::{plain, serve};
use crate::assistant::Engines;

#[test]
fn a_file_becomes_a_document_and_goes_again() {
    let served = plain();
    let added =
        served.post("/rag/v1/documents", "").file("notes/moon.md", b"# The moon\n\nIt has no air.", &[]).is(201);
    assert_eq!(
        (&added["source"], &added["title"], &added["format"]),
        (&json!("moon.md"), &json!("The moon"), &json!("markdown"))
    );
    let path = format!("/rag/v1/documents/{}", added["id"].as_str().unwrap());
    assert_eq!(served.get(&path).is(200), added);
    let text = served.get(&format!("{path}/text")).send();
    assert_eq!((text.status, text.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    assert!(text.body.contains("It has no air."), "{}", text.body);
    let answer = served.post("/rag/v1/ask", r#"{"question": "Has the moon any air?"}"#).is(200);
    assert!(answer["answer"].as_str().unwrap().contains("no air"), "{answer}");
    assert_eq!(served.get("/rag/v1/documents").is(200)["documents"].as_array().unwrap().len(), 3);

    // The same again is the same document.
    assert_eq!(
        served.post("/rag/v1/documents", "").file("moon.md", b"# The moon\n\nIt has no air.", &[]).is(200),
        added
    );
    let updated = served
        .post("/rag/v1/documents", "")
        .file("moon.md", b"# The moon\n\nIt has ice.", &[("title", "Luna")])
        .is(200);
    assert_eq!(updated["title"], "Luna");
    served.delete(&format!("/rag/v1/documents/{}", updated["id"].as_str().unwrap())).is(200);
    served.get(&path).refused(404, "no_such_document");
    served.delete(&path).refused(404, "no_such_document");
}

#[test]
fn text_becomes_a_document_in_a_collection() {
    let served = plain();
    let body = json!({"source": "https://lab.example/jupiter", "text": "Jupiter has 95 moons.", "title": "Jupiter", "collection": "sky"});
    let added = served.post("/rag/v1/documents", body.to_string()).is(201);
    assert_eq!((&added["collection"], &added["title"]), (&json!("sky"), &json!("Jupiter")));
    let listed = served.get("/rag/v1/documents?collection=sky").is(200);
    assert_eq!(listed["documents"], json!([added]));
    assert_eq!(served.get("/rag/v1/documents?limit=1&offset=1").is(200)["documents"][0]["source"], "whale.txt");
    for (body, status, code) in [
        (json!({"source": "", "text": "x"}), 400, "bad_source"),
        (json!({"source": "a\nb", "text": "x"}), 400, "bad_source"),
        (json!({"source": "a", "text": ""}), 422, "file_empty"),
        (json!({"source": "a", "text": "x", "collection": "a/b"}), 400, "bad_collection"),
        (json!({"source": "a"}), 400, "bad_json"),
        (json!({"source": 1, "text": "x"}), 400, "bad_json"),
    ] {
        served.post("/rag/v1/documents", body.to_string()).refused(status, code);
    }
}

#[test]
fn names_of_files_lead_nowhere() {
    let served = plain();
    for name in ["../../escape.txt", "/etc/escape.txt", "..\\..\\escape.txt", "C:\\escape.txt"] {
        let added = served.post("/rag/v1/documents", "").file(name, b"Nothing to see.", &[]).send();
        assert!(matches!(added.status, 200 | 201), "{added:?}");
        assert!(added.body.contains("\"source\":\"escape.txt\""), "{added:?}");
    }
    let parent = served.folder.path().parent().unwrap();
    assert!(!parent.join("escape.txt").exists() && !parent.parent().unwrap().join("escape.txt").exists());
    // Nothing of what came in is left lying about.
    let left = std::fs::read_dir(served.folder.path()).unwrap();
    assert!(left.flatten().all(|entry| !entry.file_name().to_string_lossy().starts_with(".upload-")));
}

#[test]
fn several_files_are_answered_with_what_became_of_each() {
    let served = plain();
    let mut body = Vec::new();
    for (name, content) in [("a.txt", &b"Mars has two moons."[..]), ("b.png", b"\x89PNG\r\n\x1a\n....")] {
        let head = format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend(b"--b--\r\n");
    let call = served.post("/rag/v1/documents", body).header("content-type", "multipart/form-data; boundary=b");
    let answer = call.is(201);
    assert_eq!(
        (&answer["documents"][0]["source"], &answer["failed"][0]["code"]),
        (&json!("a.txt"), &json!("format_unsupported"))
    );
    served
        .post("/rag/v1/documents", "")
        .file("c.png", b"\x89PNG\r\n\x1a\n....", &[])
        .refused(422, "format_unsupported");
}

#[test]
fn large_uploads_become_a_job_that_tells_how_it_goes() {
    let served = plain();
    let line = "The tide comes twice a day, and the moon pulls it along.\n";
    let content = line.repeat((5 << 20) / line.len());
    let accepted = served.post("/rag/v1/documents", "").file("tides.txt", content.as_bytes(), &[]).send();
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let place = accepted.header("location").unwrap().to_owned();
    let events = served.get(&format!("{place}?stream=true")).send().events();
    let (name, last) = events.last().unwrap();
    assert_eq!(
        (name.as_str(), &last["state"], &last["done"], &last["total"]),
        ("progress", &json!("done"), &json!(1), &json!(1))
    );
    assert_eq!(&served.get(&place).is(200), last);
    let id = last["documents"][0].as_str().unwrap();
    assert_eq!(served.get(&format!("/rag/v1/documents/{id}")).is(200)["source"], "tides.txt");
    served.get("/rag/v1/jobs/j99").refused(404, "no_such_job");
}

#[test]
fn too_much_is_refused_while_it_comes() {
    let served = serve("server.upload = \"1 MiB\"\n", Engines::none());
    served.post("/rag/v1/documents", "").file("big.txt", &vec![b'x'; 2 << 20], &[]).refused(413, "body_too_large");
    // Said beforehand, nothing of it has to come.
    let call = served.post("/rag/v1/documents", "").header("content-length", "999999999999");
    assert_eq!(read(&mut call.open()).status, 413);
    let chunked = served.post("/rag/v1/ask", "").header("transfer-encoding", "chunked");
    let mut stream = chunked.open();
    let piece = format!("40000\r\n{}\r\n", "x".repeat(0x40000));
    let mut sent = Ok(());
    for _ in 0..8 {
        use std::io::Write;
        sent = sent.and_then(|()| stream.get_mut().write_all(piece.as_bytes()));
    }
    assert_eq!(head(&mut stream).0, 413);
}

#[test]
fn forms_that_are_none_are_refused() {
    let served = plain();
    let call = |kind: &str, body: &str| served.post("/rag/v1/documents", body).header("content-type", kind);
    call("multipart/form-data", "--x--").refused(400, "bad_json");
    call("multipart/form-data; charset=x", "--x--").refused(400, "bad_form");
    call("multipart/form-data; boundary=x", "--x--\r\n").refused(400, "no_file");
    call(
        "multipart/form-data; boundary=x",
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhal",
    )
    .refused(400, "body_broken");
    served.post("/rag/v1/documents", "").file("a.txt", b"x", &[("collection", "a b")]).refused(400, "bad_collection");
    served
        .post("/rag/v1/documents", "")
        .file("a.txt", b"x", &[("title", &"x".repeat(2000))])
        .refused(400, "field_too_long");
    served.post("/rag/v1/documents", "").file("a.txt", b"", &[]).refused(422, "file_empty");
}

#[test]
fn collections_are_made_and_go_with_everything_in_them() {
    let served = plain();
    let path = "/rag/v1/collections/sky";
    let call = |method: &str| super::Call::new(served.addr, method, path);
    call("GET").refused(404, "no_such_collection");
    assert_eq!(call("PUT").is(201), json!({"name": "sky", "documents": 0, "chunks": 0, "bytes": 0}));
    call("PUT").is(200);
    served.post("/rag/v1/documents", r#"{"source": "mars", "text": "Mars is red.", "collection": "sky"}"#).is(201);
    assert_eq!(call("GET").is(200)["documents"], 1);
    let all = served.get("/rag/v1/collections").is(200);
    assert_eq!(all["collections"].as_array().unwrap().len(), 2);
    assert_eq!(call("DELETE").is(200)["documents"], 1);
    call("DELETE").refused(404, "no_such_collection");
    served.get("/rag/v1/collections/a%2Fb").refused(400, "bad_collection");
    assert!(served.app.uptime() < Duration::from_secs(60));
}
