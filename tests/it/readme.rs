//! Does the README tell the truth? Its commands are run, and what it says they print is looked for.

use std::path::Path;

use crate::bench::Bench;

const README: &str = include_str!("../../README.md");

#[test]
fn the_first_two_commands_are_demo_and_test() {
    let commands: Vec<&str> = README.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert_eq!(commands, ["cargo run --release -- demo", "cargo test"]);
}

#[test]
fn what_the_readme_shows_is_what_happens() {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    for name in ["calculo-derivadas.html", "cancer-de-pulmon.md", "farmacos.csv", "lab-safety.pdf"] {
        bench.write(&format!("notes/{name}"), std::fs::read(demo.join(name)).unwrap());
    }
    let steps = steps();
    assert!(steps.len() > 10, "the blocks were found");
    for (command, shown) in steps {
        let words = words(command);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(words[0], "docent", "{command}");
        let mut ended = bench.docent(&words[1..]).succeeds();
        for text in shown {
            ended = ended.says(text);
        }
    }
}

/// Every `$ command` of the console blocks, with the lines under it.
fn steps() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut steps: Vec<(&str, Vec<&str>)> = Vec::new();
    for block in README.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            match line.strip_prefix("$ ") {
                Some(command) => steps.push((command, Vec::new())),
                None => steps.last_mut().unwrap().1.push(line),
            }
        }
    }
    steps
}

/// As a shell parts them, for plain words and double quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn every_command_and_exit_code_is_in_the_readme() {
    let help = Bench::new().docent(&["--help"]).succeeds().stdout();
    let listed = help.split("Commands:").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    for line in listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        assert!(README.contains(&format!("docent {name}")) || README.contains(&format!("-- {name}")), "{name}");
    }
    for code in [0, 1, 2, 3, 4, 130] {
        assert!(README.contains(&format!("| {code} | ")), "{code}");
    }
}
