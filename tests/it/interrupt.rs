//! Watching a folder until Ctrl-C: what was reported stays, and the library closes as after any other command.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::bench::Bench;

#[test]
fn a_watched_folder_is_followed_until_ctrl_c() {
    let bench = Bench::new().file("notes/kite.txt", "The red kite nests in old oak trees.");
    let mut run = bench.docent(&["-v", "add", "--watch", "notes"]).command;
    let mut child = run.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut until = |wanted: &str| {
        let line = lines.by_ref().map(Result::unwrap).find(|line| line.contains(wanted));
        assert!(line.is_some(), "docent ended without saying {wanted:?}");
    };
    until("watching 1 file");
    bench.write("notes/whale.txt", "A blue whale weighs 150 tonnes.");
    until("watching 2 files");

    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert!(child.wait().unwrap().success());
    bench.docent(&["ask", "How much does a blue whale weigh?"]).succeeds().says("150 tonnes");
    bench.docent(&["doctor"]).succeeds();
}
