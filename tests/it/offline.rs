//! Does docent keep to this machine? The whole product runs under a filter that kills it at the first attempt to connect
//! or to send a datagram; and the filter itself is shown to bite.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

mod filter;

use std::os::unix::process::ExitStatusExt;

use crate::bench::{Bench, Ended, Run};
use crate::hub::Hub;

/// The signal of a forbidden call.
const SIGSYS: i32 = 31;

fn filtered(mut run: Run) -> Run {
    filter::forbid_connections(&mut run.command);
    run
}

fn was_killed(ended: &Ended) -> bool {
    ended.output.status.signal() == Some(SIGSYS)
}

#[test]
fn the_filter_bites() {
    let bench = Bench::new();
    for endpoint in ["http://192.0.2.1", "http://127.0.0.1:9", "https://hub.invalid"] {
        let run = bench.docent(&["models", "pull", "all-MiniLM-L6-v2"]).env("HF_ENDPOINT", endpoint);
        let ended = filtered(run.env("DOCENT_MODELS_RETRIES", "0")).end();
        assert!(was_killed(&ended), "{endpoint}: {}\n{}", ended.output.status, ended.stderr());
    }
}

#[test]
fn no_command_opens_a_connection() {
    let bench = Bench::new().file("notes/heart.md", "# The heart\n\nThe heart beats 100,000 times a day.\n");
    let hub = Hub::new();
    let mine = crate::models::encoder_folder(&bench, "mine");
    for words in [
        &["demo"][..],
        &["add", "notes"],
        &["sync", "notes"],
        &["list"],
        &["search", "heart"],
        &["ask", "How often does the heart beat?"],
        &["chat"],
        &["models", "list"],
        &["models", "import", mine],
        &["models", "verify"],
        &["models", "export", "mine", "-o", "mine.models"],
        &["models", "use", "mine"],
        &["models", "remove", "mine"],
        &["config", "show"],
        &["doctor"],
        &["backup", "copy.docent"],
        &["restore", "copy.docent"],
        &["show", "notes/heart.md"],
        &["remove", "notes/heart.md"],
    ] {
        // With the flag and without it: only a pull may ever connect.
        for offline in [true, false] {
            let flag: &[&str] = if offline { &["--offline"] } else { &[] };
            let ended = filtered(bench.docent(&[flag, words].concat()).env("HF_ENDPOINT", hub.url())).end();
            assert!(!was_killed(&ended), "{words:?} opens a connection");
            assert!(ended.output.status.code().is_some_and(|code| code <= 4), "{words:?}: {}", ended.stderr());
        }
    }
    let pull =
        filtered(bench.docent(&["--offline", "models", "pull", "all-MiniLM-L6-v2"]).env("HF_ENDPOINT", hub.url()));
    pull.exits(1).complains("offline", "models import");
    assert!(hub.asked("").is_empty());
}
