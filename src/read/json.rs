//! How does data read? Objects become `key: value` lines, lists of objects become rows, long texts stay prose.

mod value;

use super::draft::Draft;
use super::formats::Source;
use super::{Limits, Problem};
use crate::domain::{BlockKind, Format, Manuscript, Place};
use value::{Failure, Parser, Value, What};

/// Keys whose text is meant to be read, not looked up.
const PROSE: [&str; 11] = [
    "text",
    "content",
    "body",
    "description",
    "summary",
    "abstract",
    "context",
    "answer",
    "message",
    "paragraph",
    "note",
];
const TITLES: [&str; 4] = ["title", "name", "heading", "headline"];
/// A text longer than this is prose whatever its key.
const LONG: usize = 200;

pub(super) fn read(source: &Source<'_>) -> Result<Manuscript, Problem> {
    let text = source.text()?;
    let mut parser = Parser::new(&text, source.limits);
    let mut teller = Teller { draft: Draft::new(source.limits) };
    match parser.document() {
        Ok(value) => teller.top(&value)?,
        Err(Failure::TooMany) => return Err(Problem::TooManyBlocks { limit: source.limits.blocks }),
        Err(Failure::TooDeep) => return Err(Problem::TooDeep { limit: source.limits.depth }),
        Err(Failure::Malformed) => match lines(&text, source.limits, &mut teller)? {
            Lines::Data => {}
            // Not data after all, or data cut short: its words can still be found.
            Lines::Words => return super::plain::manuscript(text.into_owned(), source.limits).map(as_json),
        },
    }
    teller.draft.finish(Format::Json)
}

pub(super) fn is_one_value(text: &str) -> bool {
    Parser::new(text, &Limits::default()).document().is_ok()
}

fn as_json(manuscript: Manuscript) -> Manuscript {
    Manuscript { format: Format::Json, ..manuscript }
}

enum Lines {
    Data,
    Words,
}

/// One value a line. A line that is none is kept as it stands, as long as most are.
fn lines(text: &str, limits: &Limits, teller: &mut Teller<'_>) -> Result<Lines, Problem> {
    let read = |line: &str| Parser::new(line, limits).document();
    let some = || text.lines().filter(|line| !line.trim().is_empty()).take(100);
    let good = some().filter(|line| read(line).is_ok()).count();
    if good == 0 || good * 2 < some().count() {
        return Ok(Lines::Words);
    }
    for (line, number) in text.lines().zip(1..) {
        match read(line) {
            Ok(mut value) => {
                value.line = number;
                teller.record("", &value)?;
            }
            Err(_) => teller.draft.push(BlockKind::Paragraph, Place::line(number), line)?,
        }
    }
    Ok(Lines::Data)
}

struct Teller<'l> {
    draft: Draft<'l>,
}

impl Teller<'_> {
    fn top(&mut self, value: &Value) -> Result<(), Problem> {
        if let What::Object(members) = &value.what
            && let Some(title) = members.iter().find(|(key, _)| TITLES.contains(&key.to_lowercase().as_str()))
        {
            self.draft.title = title.1.scalar().map(ToString::to_string);
        }
        self.tell("", value)
    }

    fn tell(&mut self, path: &str, value: &Value) -> Result<(), Problem> {
        match &value.what {
            What::Object(members) => self.object(path, members, value.line),
            What::List(items) if items.iter().all(|item| item.scalar().is_some()) => {
                let joined: Vec<&str> = items.iter().filter_map(Value::scalar).collect();
                if joined.iter().any(|item| item.len() > LONG) {
                    return items.iter().try_for_each(|item| self.tell(path, item));
                }
                self.line(BlockKind::Paragraph, path, &joined.join(", "), value.line)
            }
            What::List(items) => items.iter().try_for_each(|item| self.record(path, item)),
            What::Scalar(text) => self.line(BlockKind::Paragraph, path, text, value.line),
        }
    }

    fn line(&mut self, kind: BlockKind, path: &str, text: &str, line: u32) -> Result<(), Problem> {
        let label = if path.is_empty() || text.is_empty() { String::new() } else { format!("{path}: ") };
        self.draft.push(kind, Place::line(line), &format!("{label}{text}"))
    }

    /// Short values together, then prose and what is nested, in the order they stand in.
    fn object(&mut self, path: &str, members: &[(String, Value)], line: u32) -> Result<(), Problem> {
        let mut facts = String::new();
        let mut facts_line = line;
        for (key, value) in members {
            let under = under(path, key);
            match value.scalar() {
                Some("") => {}
                Some(text) if is_prose(key, text) => {
                    self.facts(&mut facts, facts_line)?;
                    self.prose(text, value.line)?;
                }
                Some(text) => {
                    if facts.is_empty() {
                        facts_line = value.line;
                    }
                    facts.push_str(&format!("{under}: {text}\n"));
                    if facts.len() > LONG * 10 {
                        self.facts(&mut facts, facts_line)?;
                    }
                }
                None => {
                    self.facts(&mut facts, facts_line)?;
                    self.tell(&under, value)?;
                }
            }
        }
        self.facts(&mut facts, facts_line)
    }

    fn facts(&mut self, facts: &mut String, line: u32) -> Result<(), Problem> {
        let pushed = self.draft.push(BlockKind::Paragraph, Place::line(line), facts);
        facts.clear();
        pushed
    }

    fn prose(&mut self, text: &str, line: u32) -> Result<(), Problem> {
        text.split("\n\n").try_for_each(|part| self.draft.push(BlockKind::Paragraph, Place::line(line), part))
    }

    /// One of many alike: a row, if it is short enough to be read as one.
    fn record(&mut self, path: &str, value: &Value) -> Result<(), Problem> {
        let What::Object(members) = &value.what else { return self.tell(path, value) };
        let mut row = String::new();
        if as_row("", members, &mut row) {
            self.draft.push(BlockKind::TableRow, Place::line(value.line), &row)
        } else {
            self.object(path, members, value.line)
        }
    }
}

/// False where something in it is too long, or too deep, for a row.
fn as_row(path: &str, members: &[(String, Value)], row: &mut String) -> bool {
    for (key, value) in members {
        let under = under(path, key);
        let text = match &value.what {
            What::Scalar(text) if text.len() > LONG || text.contains('\n') => return false,
            What::Scalar(text) => text.clone(),
            What::List(items) if items.iter().all(|item| item.scalar().is_some()) => {
                items.iter().filter_map(Value::scalar).collect::<Vec<_>>().join(", ")
            }
            What::List(_) => return false,
            What::Object(inner) => {
                if !as_row(&under, inner, row) {
                    return false;
                }
                continue;
            }
        };
        if text.is_empty() {
            continue;
        }
        if !row.is_empty() {
            row.push_str("; ");
        }
        row.push_str(&format!("{under}: {text}"));
        if row.len() > LONG * 5 {
            return false;
        }
    }
    true
}

/// Keys stand before every value under them, so neither they nor their path may grow long.
fn under(path: &str, key: &str) -> String {
    let key = match key.char_indices().nth(80) {
        Some((end, _)) => &key[..end],
        None => key,
    };
    if path.is_empty() || path.len() + key.len() > LONG { key.to_owned() } else { format!("{path}.{key}") }
}

fn is_prose(key: &str, text: &str) -> bool {
    let words = || text.split_whitespace().nth(3).is_some();
    text.len() > LONG || text.contains('\n') || (words() && PROSE.contains(&key.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::parse;

    fn check(name: &str, text: &str, expected: &[(BlockKind, u32, &str)]) -> Manuscript {
        let manuscript = parse(name, text.as_bytes(), &Limits::default()).unwrap();
        let found: Vec<(BlockKind, u32, &str)> = manuscript
            .blocks
            .iter()
            .map(|block| (block.kind, block.place.line.unwrap(), &manuscript.text[block.range.clone()]))
            .collect();
        assert_eq!(found, expected);
        manuscript
    }

    #[test]
    fn objects_rows_and_prose() {
        let text = r#"{
  "title": "Drugs", "year": 2024, "open": true, "gone": null,
  "summary": "What each drug of the list does.",
  "tags": ["a", "b"],
  "maker": {"city": "Lima", "code": -1.5e3},
  "drugs": [
    {"name": "aspirin", "dose": {"mg": 100}},
    {"name": "ibuprof\u00e9n", "uses": ["pain", "fever"]}
  ]
}"#;
        let manuscript = check(
            "a.json",
            text,
            &[
                (BlockKind::Paragraph, 2, "title: Drugs\nyear: 2024\nopen: true"),
                (BlockKind::Paragraph, 3, "What each drug of the list does."),
                (BlockKind::Paragraph, 4, "tags: a, b"),
                (BlockKind::Paragraph, 5, "maker.city: Lima\nmaker.code: -1.5e3"),
                (BlockKind::TableRow, 7, "name: aspirin; dose.mg: 100"),
                (BlockKind::TableRow, 8, "name: ibuprofén; uses: pain, fever"),
            ],
        );
        assert_eq!(manuscript.title.as_deref(), Some("Drugs"));
    }

    #[test]
    fn one_value_a_line() {
        check(
            "a.jsonl",
            "{\"q\": \"one\", \"a\": 1}\n\n{\"q\": \"two\", \"a\": 2}\nbroken {\n",
            &[
                (BlockKind::TableRow, 1, "q: one; a: 1"),
                (BlockKind::TableRow, 3, "q: two; a: 2"),
                (BlockKind::Paragraph, 4, "broken {"),
            ],
        );
    }

    #[test]
    fn data_cut_short_is_still_words() {
        let manuscript = parse("a.json", b"{\n \"name\": \"Ana", &Limits::default()).unwrap();
        assert!(manuscript.text.contains("Ana"));
        assert_eq!(manuscript.format, Format::Json);
    }

    #[test]
    fn depth_is_an_error_not_a_crash() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let text = open.repeat(100_000) + "1" + &close.repeat(100_000);
            let error = parse("a.json", text.as_bytes(), &Limits::default()).unwrap_err();
            assert_eq!(error.to_string(), "cannot read a.json: nested deeper than 200 levels");
        }
    }

    #[test]
    fn long_keys_do_not_multiply() {
        let text = format!("{{\"{}\": {{{}\"b\": 1}}}}", "k".repeat(1 << 20), "\"a\": 1,".repeat(10_000));
        let manuscript = parse("a.json", text.as_bytes(), &Limits::default()).unwrap();
        assert!(manuscript.text.len() < 2 << 20);
        let limits = Limits { blocks: 100, ..Limits::default() };
        let error = parse("a.json", format!("[{}]", "1,".repeat(1000)).as_bytes(), &limits).unwrap_err();
        assert!(matches!(error.problem, Problem::TooManyBlocks { .. }));
    }

    #[test]
    fn a_text_cut_anywhere_is_read_or_refused() {
        let text = r#"{"a": [1, {"b": "é\n\ud83d\ude00"}], "c": null} "#;
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let _ = parse("a.json", &text.as_bytes()[..end], &Limits::default());
        }
    }
}
