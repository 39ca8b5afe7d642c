//! From a question to a cited answer.

use std::ops::{ControlFlow, Range};

use crate::assistant::across::sentences_by_meaning;
use crate::assistant::engines::Engines;
use crate::assistant::phrases::nothing_found;
use crate::assistant::query::{Mode, Query};
use crate::assistant::retrieve::{Found, Retrieved, read, retrieve};
use crate::clock::Clock;
use crate::domain::{
    Answer, Because, BlockKind, Citation, CollectionName, Event, Language, Origin, Part, Passage, Timings,
};
use crate::fault::Result;
use crate::library::Snapshot;
use crate::rank::{Asked, Evidence, Excerpt, Reading, extract, likelihood_by_meaning};
use crate::text::Analysers;

#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub text: String,
    pub collection: Option<CollectionName>,
    /// How many passages to answer from.
    pub k: usize,
    /// How they are found.
    pub mode: Mode,
    /// What was asked before in the same conversation, oldest first.
    pub history: Vec<String>,
    /// From 0 to 1: how likely it must be that the documents answer; below it, nothing answers.
    pub certainty: f32,
    /// Why no model is to write the answer.
    pub because: Because,
}

/// Sentences are taken from the best passages only: what the fourth holds was rarely asked for.
const READ_CLOSELY: usize = 5;

/// Answers from the documents. Tells the listener the sources, then the text, then the whole answer; a listener that
/// breaks gets no more, and the answer returned is marked incomplete.
pub fn ask(
    snapshot: &Snapshot,
    engines: &Engines,
    question: &Question,
    clock: &dyn Clock,
    listener: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Answer> {
    let began = clock.instant();
    let mut analysers = Analysers::default();
    let (found, excerpts) = find(snapshot, engines, question, &mut analysers)?;
    let retrieved = clock.instant().duration_since(began);

    let language = found.parsed.language;
    let passages: Vec<Passage> = found.found.into_iter().map(|found| found.passage).collect();
    let mut timings = Timings { retrieve: retrieved, ..Timings::default() };
    let (text, citations) = match excerpts {
        Some(excerpts) if !excerpts.is_empty() => compose(&passages, &excerpts),
        _ => (nothing_found(language).to_owned(), Vec::new()),
    };
    let origin = Origin::Extracted(if citations.is_empty() { Because::NothingFound } else { question.because });

    let mut heard = listener(Event::Sources(passages)).is_continue();
    if heard {
        timings.first_token = Some(clock.instant().duration_since(began));
        heard = listener(Event::Text(text.clone())).is_continue();
    }
    timings.total = clock.instant().duration_since(began);
    let answer = Answer { text, origin, complete: heard, language, citations, timings, model: None };
    if heard {
        let _ = listener(Event::Done(Box::new(answer.clone())));
    }
    Ok(answer)
}

/// Passages, and the sentences that answer; no sentences where nothing does. A question that finds no answer alone may
/// be one that leans on the question before it ("and in children?"), so the two are tried together.
fn find(
    snapshot: &Snapshot,
    engines: &Engines,
    question: &Question,
    analysers: &mut Analysers,
) -> Result<(Retrieved, Option<Vec<Excerpt>>)> {
    let mut query = Query {
        text: question.text.clone(),
        collection: question.collection.clone(),
        k: question.k,
        mode: question.mode,
    };
    query.check(snapshot)?;
    let alone = retrieve(snapshot, engines, &query, analysers)?;
    let excerpts = choose(&alone, engines, question.certainty, &query.text, analysers);
    let Some(before) = question.history.last().filter(|_| excerpts.is_none()) else {
        return Ok((alone, excerpts));
    };
    query.text = format!("{before} {}", question.text);
    let together = retrieve(snapshot, engines, &query, analysers)?;
    match choose(&together, engines, question.certainty, &query.text, analysers) {
        Some(excerpts) => Ok((together, Some(excerpts))),
        None => Ok((alone, None)),
    }
}

fn choose(
    found: &Retrieved,
    engines: &Engines,
    certainty: f32,
    question: &str,
    analysers: &mut Analysers,
) -> Option<Vec<Excerpt>> {
    let probes = &found.parsed.probes;
    let readings: Vec<(Reading<'_>, Language, f32)> = found
        .found
        .iter()
        .take(READ_CLOSELY)
        .map(|Found { passage, weight, .. }| {
            (read(passage, probes, analysers.of(passage.language)), passage.language, *weight)
        })
        .collect();
    let ((best, ..), first) = readings.first().zip(found.found.first())?;
    let evidence = Evidence { rise: first.rise, ..Evidence::of(best, probes, first.rate) };
    if evidence.likelihood() < certainty {
        let is_abroad = first.passage.language != found.parsed.language;
        let rise = first.rise.filter(|rise| is_abroad && likelihood_by_meaning(*rise) >= certainty);
        return rise.and_then(|_| sentences_by_meaning(engines, question, best));
    }
    let asked = Asked::new(question, found.parsed.asking.wanted, probes);
    Some(extract(&asked, &readings))
}

/// `•`, `-`, `4.` and `b)` say nothing in a running answer.
fn is_item_mark(word: &str) -> bool {
    let mark = word.trim_end_matches(['.', ')']);
    matches!(word, "•" | "◦" | "▪" | "‣" | "–" | "-" | "*")
        || mark.len() < word.len() && mark.len() <= 2 && mark.chars().all(char::is_alphanumeric)
}

/// Sentences that follow each other in one part are quoted as one.
fn compose(passages: &[Passage], excerpts: &[Excerpt]) -> (String, Vec<Citation>) {
    let mut quotes: Vec<(&Passage, &Part, Range<usize>, f32)> = Vec::new();
    for excerpt in excerpts {
        let passage = &passages[excerpt.passage];
        let holds = |part: &&Part| part.range.start <= excerpt.range.start && excerpt.range.end <= part.range.end;
        let part = passage.parts.iter().find(holds).expect("a sentence is found inside a part");
        match quotes.last_mut() {
            Some((_, same, range, likelihood))
                if std::ptr::eq(*same, part) && passage.text[range.end..excerpt.range.start].trim().is_empty() =>
            {
                range.end = excerpt.range.end;
                *likelihood += excerpt.likelihood;
            }
            _ => quotes.push((passage, part, excerpt.range.clone(), excerpt.likelihood)),
        }
    }
    let mut answer = String::new();
    let mut citations = Vec::new();
    for (n, (passage, part, range, likelihood)) in (1u32..).zip(quotes) {
        let is_item = part.kind == BlockKind::ListItem && range.start == part.range.start;
        let words = passage.text[range.clone()].split_whitespace().enumerate();
        let words = words.filter(|(at, word)| !(is_item && *at == 0 && is_item_mark(word))).map(|(_, word)| word);
        answer.extend(words.flat_map(|word| [word, " "]));
        answer.push_str(&format!("[{n}] "));
        citations.push(cite(n, passage, part, range, likelihood));
    }
    answer.pop();
    (answer, citations)
}

fn cite(n: u32, passage: &Passage, part: &Part, range: Range<usize>, likelihood: f32) -> Citation {
    let mut place = part.place.clone();
    if let Some(line) = &mut place.line {
        let above = passage.text[part.range.start..range.start].bytes().filter(|byte| *byte == b'\n').count();
        *line = line.saturating_add(u32::try_from(above).unwrap_or(u32::MAX));
    }
    Citation {
        n,
        document: passage.document.clone(),
        source: passage.source.clone(),
        title: passage.title.clone(),
        place,
        quote: passage.text[range].to_owned(),
        score: likelihood,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::fixture::{CALCULO, LAB, PULMON, library};
    use crate::clock::SystemClock;
    use crate::library::Library;
    use crate::rank::CERTAINTY;

    fn question(text: &str) -> Question {
        Question {
            text: text.to_owned(),
            collection: None,
            k: 5,
            mode: Mode::Hybrid,
            history: Vec::new(),
            certainty: CERTAINTY,
            because: Because::NoGenerator,
        }
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
        follow_up.history = vec!["What do I do when a chemical gets into the eyes?".to_owned()];
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
        let fault =
            ask(&library.snapshot(), &Engines::none(), &asked, &SystemClock, &mut |_| ControlFlow::Continue(()))
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
}
