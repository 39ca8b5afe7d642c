//! Answers as they stream: marks that point nowhere, statements with and without sources, loops, and pieces of any size.

use std::ops::Range;

use super::stream::Verdict;
use super::{Bench, Citer, Over};
use crate::domain::{BlockKind, ChunkNumber, DocumentId, Language, Part, Passage, Place};

const UNKNOWN: &str = "Nothing in your documents answers this question.";

struct Told {
    text: String,
    unsupported: Vec<String>,
    over: Option<Over>,
}

fn characters(text: &str, range: &Range<usize>) -> String {
    text.chars().skip(range.start).take(range.end - range.start).collect()
}

/// Told in pieces of every size, which must make no difference.
fn told(written: &str, judge: &dyn Fn(&str, &[u32]) -> Verdict) -> Told {
    let letters: Vec<char> = written.chars().collect();
    let mut before: Option<String> = None;
    for size in [letters.len().max(1), 1, 2, 3, 7] {
        let mut judge = |statement: &str, own: &[u32]| judge(statement, own);
        let mut citer = Citer::new(3, Language::English, UNKNOWN, &mut judge);
        let mut grown = String::new();
        for piece in letters.chunks(size) {
            citer.push(&piece.iter().collect::<String>());
            assert!(citer.text().starts_with(&grown), "taken back: {grown:?} {:?}", citer.text());
            grown = citer.text().to_owned();
        }
        citer.finish(false);
        assert!(citer.text().starts_with(&grown), "taken back: {grown:?} {:?}", citer.text());
        let text = citer.text().to_owned();
        assert_eq!(before.get_or_insert_with(|| text.clone()), &text, "in pieces of {size}");
        let unsupported = citer.unsupported().iter().map(|range| characters(&text, range)).collect();
        if size == 7 {
            return Told { unsupported, over: citer.over(), text };
        }
    }
    unreachable!("7 is among the sizes")
}

fn trusting(_: &str, own: &[u32]) -> Verdict {
    if own.is_empty() { Verdict::Nothing } else { Verdict::Sources(own.to_vec()) }
}

#[test]
fn marks_that_point_nowhere_are_left_out() {
    for (written, expected) in [
        ("It opens at eight [1]. It closes at six [2].", "It opens at eight [1]. It closes at six [2]."),
        ("It opens [7] at eight [9].", "It opens at eight."),
        ("It opens at eight.[4] It closes [1][5][2].", "It opens at eight. It closes [1][2]."),
        ("It opens at eight [1, 8, 3].", "It opens at eight [1][3]."),
        ("It opens at eight. [2]\nIt closes.", "It opens at eight. [2]\nIt closes."),
        ("It opens\n[2] and closes.", "It opens [2] and closes."),
        ("[3] says that it opens at eight.", "says that it opens at eight. [3]"),
        ("On [0, 1] the function [Source 2] grows [sic].", "On [0, 1] the function [2] grows [sic]."),
        ("It opens at eight [1", "It opens at eight"),
        ("[9]", ""),
        ("", ""),
        ("\n\n  Eight. ", "Eight."),
    ] {
        assert_eq!(told(written, &trusting).text, expected, "{written}");
    }
}

#[test]
fn statements_without_a_mark_get_one_or_are_marked() {
    let judge = |statement: &str, own: &[u32]| match own {
        [] if statement.contains("eight") => Verdict::Sources(vec![2]),
        [] => Verdict::Unsupported,
        own if statement.contains("wrong") => Verdict::Sources(vec![own[0] + 1]),
        _ if statement.contains("made up") => Verdict::Unsupported,
        own => Verdict::Sources(own.to_vec()),
    };
    let said = told("It opens at eight. The sky is green! It closes [1]. And Dr. Who has 3.5 keys", &judge);
    assert_eq!(said.text, "It opens at eight. [2] The sky is green! It closes [1]. And Dr. Who has 3.5 keys");
    assert_eq!(said.unsupported, ["The sky is green!", "And Dr. Who has 3.5 keys"]);
    let said = told("This is wrong [1]. This is made up [2]. That too:\n- at eight\n- the moon [3]\n", &judge);
    assert_eq!(said.text, "This is wrong [2]. This is made up. That too:\n- at eight [2]\n- the moon [3]");
    assert_eq!(said.unsupported, ["This is made up.", "That too:"]);
    let said = told("It closes [1], and all the people are green by then. Eight [3], it is.", &judge);
    assert_eq!(said.unsupported, ["and all the people are green by then."]);
    let said = told("年に一度です。東京は大きい。", &judge);
    assert_eq!((said.text.as_str(), said.unsupported.len()), ("年に一度です。東京は大きい。", 2));
}

#[test]
fn a_loop_ends_and_is_not_told() {
    let said = told(&"The laboratory opens at eight [1]. ".repeat(30), &trusting);
    assert_eq!((said.text.as_str(), said.over), ("The laboratory opens at eight [1].", Some(Over::Repeats)));
    let said =
        told("The laboratory opens at eight. It closes. The laboratory opens at nine. It closes. Fine.", &trusting);
    assert!(said.over.is_none() && said.text.ends_with("Fine."), "{}", said.text);
    let said = told(&format!("It is {}", "very very ".repeat(50)), &trusting);
    assert_eq!(said.over, Some(Over::RunsOn));
    assert!(said.text.len() < 80, "{}", said.text);
    let said = told(&format!("He said: {}", "the old man and his dog, ".repeat(50)), &trusting);
    assert!(said.over == Some(Over::RunsOn) && said.text.len() < 120, "{}", said.text);
    let counted: Vec<String> = (1..200).map(|n| n.to_string()).collect();
    assert_eq!(told(&counted.join(" "), &trusting).over, None);
}

#[test]
fn a_repetition_that_was_cut_off_is_not_told_either() {
    let mut judge = trusting;
    let mut citer = Citer::new(1, Language::English, UNKNOWN, &mut judge);
    citer.push("The laboratory opens at eight. The laboratory ope");
    citer.finish(true);
    assert_eq!(citer.text(), "The laboratory opens at eight.");
}

#[test]
fn the_sentence_that_was_agreed_upon_is_never_told() {
    for written in [UNKNOWN.to_owned(), format!("{UNKNOWN} However, the moon is green."), UNKNOWN.to_uppercase()] {
        let said = told(&written, &trusting);
        let is_over = said.over == Some(Over::Unknown) || said.text.is_empty() && said.over.is_none();
        assert!(is_over && said.text.is_empty(), "{written}: {}", said.text);
    }
    let said = told(&format!("It opens at eight [1]. {UNKNOWN}"), &trusting);
    assert_eq!(said.text, "It opens at eight [1].");
    let said = told("Nothing in your documents answers this question better than the manual.", &trusting);
    assert!(said.text.ends_with("the manual.") && said.over.is_none(), "{}", said.text);
}

fn passage(language: Language, title: &str, text: &str) -> Passage {
    Passage {
        chunk: ChunkNumber(0),
        score: 1.0,
        document: DocumentId::new("d"),
        source: "/d".to_owned(),
        title: title.to_owned(),
        language,
        place: Place::default(),
        headings: Vec::new(),
        text: text.to_owned(),
        parts: vec![Part { range: 0..text.len(), kind: BlockKind::Paragraph, place: Place::default() }],
        range: 0..0,
    }
}

fn judged(statement: &str, own: &[u32]) -> (Verdict, Vec<String>) {
    let passages = [
        passage(
            Language::English,
            "Laboratory rules",
            "The laboratory opens at eight in the morning. If a chemical gets into the eyes, rinse them at the eyewash for \
             fifteen minutes. Then tell the supervisor.",
        ),
        passage(Language::English, "Waste", "Acids are neutralised with bicarbonate. Pads go into the yellow bin."),
        passage(Language::German, "Regeln", "Der Notausgang liegt im 2. Stock neben dem Aufzug."),
        passage(Language::English, "Never shown", "Coats are washed once a week in the cellar of the house."),
    ];
    let shown: Vec<Range<usize>> = passages[..3].iter().map(|passage| 0..passage.text.len()).collect();
    let mut bench = Bench::new(&passages, &shown, "What is to be done with chemicals?", Language::English, &|_| 1.0);
    let verdict = bench.judge(statement, own);
    let quotes = bench.quotes.iter().zip(&passages);
    let quotes = quotes.filter_map(|(quote, passage)| Some(passage.text[quote.as_ref()?.1.clone()].to_owned()));
    (verdict, quotes.collect())
}

#[test]
fn statements_are_held_against_what_was_shown() {
    let eyes = "If a chemical gets into the eyes, rinse them at the eyewash for fifteen minutes.";
    let sources = |numbers: &[u32]| Verdict::Sources(numbers.to_vec());
    for (statement, own, expected) in [
        ("Rinse the eyes at the eyewash for fifteen minutes.", &[1][..], sources(&[1])),
        ("Rinse the eyes at the eyewash for 15 minutes.", &[], sources(&[1])),
        ("Rinse the eyes at the eyewash for 20 minutes.", &[1], Verdict::Unsupported),
        ("Rinse the eyes at the eyewash for fifteen minutes.", &[2], sources(&[1])),
        ("Jupiter has many satellites around it.", &[1], Verdict::Unsupported),
        ("Jupiter has many satellites around it.", &[], Verdict::Unsupported),
        ("Chemicals in eyes should be washed out with the eyewash.", &[1], sources(&[1])),
        ("Bicarbonate.", &[], sources(&[2])),
        ("Bleach.", &[], Verdict::Unsupported),
        ("Coats are washed once a week in the cellar.", &[], Verdict::Unsupported),
        ("The emergency exit is on the 2nd floor.", &[3], sources(&[3])),
        ("Here is what to do:", &[], Verdict::Nothing),
        ("Yes.", &[], Verdict::Nothing),
        ("2. Pads go into the yellow bin.", &[2], sources(&[2])),
    ] {
        assert_eq!(judged(statement, own).0, expected, "{statement} {own:?}");
    }
    assert_eq!(judged("Eyes are rinsed for fifteen minutes at the eyewash.", &[]).1, [eyes]);
}
