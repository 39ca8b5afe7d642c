//! Usage, errors, exit codes and colours: what every command has in common.

use std::io::Read;
use std::process::Stdio;

use crate::bench::Bench;

#[test]
fn alone_it_shows_what_it_can_do() {
    let ended = Bench::new().docent(&[]).succeeds().says("Usage: docent").says("doctor");
    assert_eq!(ended.stderr(), "");
}

#[test]
fn version_is_one_line_on_stdout() {
    let ended = Bench::new().docent(&["--version"]).succeeds();
    assert_eq!(ended.stdout(), format!("docent {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_command_has_help_with_an_example() {
    let bench = Bench::new();
    let help = bench.docent(&["--help"]).succeeds().stdout();
    let listed = help.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    let commands: Vec<&str> =
        listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).map(str::trim).collect();
    assert!(commands.len() >= 7, "{help}");
    for command in commands {
        let name = command.split_whitespace().next().unwrap();
        bench.docent(&[name, "--help"]).succeeds().says("Example").says(&format!("docent {name}"));
    }
}

#[test]
fn typing_errors_are_wrong_usage_and_name_the_nearest_word() {
    let bench = Bench::new();
    bench.docent(&["lst"]).exits(2).complains("'lst'", "'list'");
    bench.docent(&["list", "--colection", "x"]).exits(2).complains("--colection", "--collection");
    bench.docent(&["list", "--collection", "a/b"]).exits(2).complains("a/b", "--help");
    bench.docent(&["remove"]).exits(2).complains("DOC", "usage: docent remove");
    bench.docent(&["list", "-v", "-q"]).exits(2).complains("--verbose", "usage: docent list");
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let bench = Bench::new();
    assert!(!bench.docent(&["config", "show"]).succeeds().stdout().contains('\x1b'));
    assert!(bench.docent(&["config", "show", "--color", "always"]).succeeds().stdout().contains('\x1b'));
    let asked = bench.docent(&["--color", "auto", "config", "show"]).env("NO_COLOR", "1").env("CLICOLOR_FORCE", "0");
    assert!(!asked.succeeds().stdout().contains('\x1b'));
    assert!(!bench.docent(&["--color", "never", "nonsense"]).exits(2).stderr().contains('\x1b'));
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let bench = Bench::new();
    let mut run = bench.docent(&["completions", "bash"]);
    let mut child = run.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let status = child.wait().unwrap();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((status.code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn completions_are_there_for_the_usual_shells() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        bench.docent(&["completions", shell]).succeeds().says("docent");
    }
    assert!(!bench.data().exists(), "completions touch nothing");
}
