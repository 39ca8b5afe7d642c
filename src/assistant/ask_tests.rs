//! Answers in the documents' own sentences.

use std::ops::ControlFlow;

use super::{Engines, Question, ask};
use crate::assistant::fixture::{CALCULO, LAB, PULMON, library};
use crate::clock::SystemClock;
use crate::domain::{Answer, Because, CollectionName, Event, Language, Origin, Turn};
use crate::library::Library;

fn question(text: &str) -> Question {
    Question::new(text)
}

fn answer(library: &Library, question: &Question) -> Answer {
    ask(&library.snapshot(), &Engines::none(), question, &SystemClock, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn shelf() -> (tempfile::TempDir, Library) {
    library(&[("lab", "/d/lab.txt", LAB), ("clinic", "/d/pulmón.txt", PULMON), ("math", "/d/cálculo.txt", CALCULO)])
}

#[test]
fn answers_quote_the_document_to_the_letter() {
    let (_folder, library) = shelf();
    for (asked, language, source, expected, line) in [
        ("How long do I rinse my eyes at the eyewash?", Language::English, "/d/lab.txt", "fifteen minutes", 2),
        ("¿Cuál es la segunda causa del cáncer de pulmón?", Language::Spanish, "/d/pulmón.txt", "El radón", 3),
        ("que confirma el diagnostico", Language::Spanish, "/d/pulmón.txt", "La biopsia confirma", 2),
        ("Quem criou a notação dy/dx?", Language::Portuguese, "/d/cálculo.txt", "Leibniz", 2),
    ] {
        let answer = answer(&library, &question(asked));
        assert_eq!(answer.language, language, "{asked}");
        assert_eq!(answer.origin, Origin::Extracted(Because::NoGenerator), "{asked}: {}", answer.text);
        assert!(answer.text.contains(expected) && answer.text.contains("[1]"), "{asked}: {}", answer.text);
        let citation = answer.citations.iter().find(|citation| citation.quote.contains(expected)).unwrap();
        assert_eq!(citation.source, source);
        assert_eq!(citation.place.line, Some(line), "{asked}");
        let text = library.snapshot().text(&citation.document).unwrap().unwrap();
        assert!(text.contains(&citation.quote));
    }
}

#[test]
fn what_the_documents_do_not_say_is_not_answered() {
    let (_folder, library) = shelf();
    for (asked, expected) in [
        ("Who is the mayor of Toledo?", "Nothing in your documents"),
        ("¿Cuántos satélites tiene Júpiter?", "Nada en sus documentos"),
        ("Quantos gols o time marcou no campeonato?", "Nada nos seus documentos"),
    ] {
        let answer = answer(&library, &question(asked));
        assert!(answer.text.starts_with(expected), "{asked}: {}", answer.text);
        assert_eq!(answer.origin, Origin::Extracted(Because::NothingFound));
        assert!(answer.citations.is_empty() && answer.complete);
    }
}

#[test]
fn a_question_can_lean_on_the_one_before() {
    let (_folder, library) = shelf();
    let mut follow_up = question("Where exactly?");
    assert!(!answer(&library, &follow_up).is_found());
    follow_up.history = vec![Turn {
        question: "What do I do when a chemical gets into the eyes?".to_owned(),
        answer: "Rinse them.".to_owned(),
    }];
    let answer = answer(&library, &follow_up);
    assert!(answer.text.contains("eyewash"), "{}", answer.text);
}

#[test]
fn events_come_in_order_and_end_when_nobody_listens() {
    let (_folder, library) = shelf();
    let mut events = Vec::new();
    let asked = question("When does the laboratory open?");
    let answer = ask(&library.snapshot(), &Engines::none(), &asked, &SystemClock, &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    })
    .unwrap();
    let [Event::Sources(passages), Event::Text(text), Event::Done(done)] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert!(!passages.is_empty());
    assert_eq!(text, &done.text);
    assert_eq!(**done, answer);

    let mut heard = 0;
    let answer = ask(&library.snapshot(), &Engines::none(), &asked, &SystemClock, &mut |_| {
        heard += 1;
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(heard, 1);
    assert!(!answer.complete);
}

#[test]
fn a_collection_is_asked_by_itself() {
    let (_folder, library) = shelf();
    let mut asked = question("How long do I rinse my eyes at the eyewash?");
    asked.collection = Some(CollectionName::new("math").unwrap());
    assert!(!answer(&library, &asked).is_found());
    asked.collection = Some(CollectionName::new("labs").unwrap());
    let fault = ask(&library.snapshot(), &Engines::none(), &asked, &SystemClock, &mut |_| ControlFlow::Continue(()))
        .unwrap_err();
    assert_eq!(fault.code, "unknown_collection");
    assert_eq!(fault.hint.unwrap(), "there is: clinic, lab, math");
}

#[test]
fn questions_that_are_none() {
    let (_folder, library) = shelf();
    let snapshot = library.snapshot();
    let refused = |asked: Question| {
        ask(&snapshot, &Engines::none(), &asked, &SystemClock, &mut |_| ControlFlow::Continue(())).unwrap_err().code
    };
    assert_eq!(refused(question(" \n")), "empty_question");
    assert_eq!(refused(question(&"why ".repeat(1001))), "question_too_long");
    assert_eq!(refused(Question { k: 0, ..question("why?") }), "bad_k");
    for odd in ["?", "the", "¿¡", "\u{202e}\u{0}", "-- OR 1=1 \"(*", "的", &"x".repeat(3_000)] {
        assert!(!answer(&library, &question(odd)).is_found(), "{odd:?}");
    }
}
