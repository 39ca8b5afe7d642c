//! What does a web page say to a reader? Its text, without scripts, hidden parts and the frame around the content.

mod page;
mod tags;

use std::cell::RefCell;

use encoding_rs::Encoding;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::Problem;
use super::draft::Draft;
use super::formats::Source;
use crate::domain::{Format, Manuscript};
use page::{Frame, Page};

pub(super) fn read(source: &Source<'_>) -> Result<Manuscript, Problem> {
    let text = source.text_declared(declared(source.bytes))?;
    let read = |frame: Frame| {
        let mut draft = Draft::new(source.limits);
        tokenize(&mut draft, &text, 1, frame)?;
        Ok::<_, Problem>(draft)
    };
    let has_main = ["<main", "<article", "role=\"main\""].iter().any(|mark| text.contains(mark));
    let content = read(if has_main { Frame::AroundMain } else { Frame::Navigation })?;
    // A page that seems to be nothing but frame has put its content there.
    let whole = if content.text_len() < 200 { Some(read(Frame::Kept)?) } else { None };
    match whole {
        Some(whole) if whole.text_len() > content.text_len() * 4 => whole.finish(Format::Html),
        _ => content.finish(Format::Html),
    }
}

/// Markup inside another document; `line` is where it begins.
pub(super) fn read_into(draft: &mut Draft<'_>, markup: &str, line: u32) -> Result<(), Problem> {
    tokenize(draft, markup, line, Frame::Kept)
}

// Only the tokenizer is used: without a tree there is no depth to run out of, and broken nesting cannot hurt.
fn tokenize(draft: &mut Draft<'_>, text: &str, line: u32, frame: Frame) -> Result<(), Problem> {
    let title = draft.title.take();
    let sink = Sink { page: RefCell::new(Page::new(draft, frame)), failed: RefCell::new(None), first_line: line };
    let queue = BufferQueue::default();
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    // Fed in pieces so that a failure stops the work.
    let mut rest = text;
    while !rest.is_empty() && tokenizer.sink.failed.borrow().is_none() {
        let mut cut = rest.len().min(1 << 20);
        while !rest.is_char_boundary(cut) {
            cut += 1;
        }
        queue.push_back(StrTendril::from(&rest[..cut]));
        rest = &rest[cut..];
        // The sink never asks it to stop in the middle, so one call takes everything in.
        let _ = tokenizer.feed(&queue);
    }
    tokenizer.end();
    let found = tokenizer.sink.page.into_inner().finish();
    if let Some(problem) = tokenizer.sink.failed.into_inner() {
        return Err(problem);
    }
    draft.title = title.or(found?);
    Ok(())
}

struct Sink<'d, 'l> {
    page: RefCell<Page<'d, 'l>>,
    failed: RefCell<Option<Problem>>,
    first_line: u32,
}

impl TokenSink for Sink<'_, '_> {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        if self.failed.borrow().is_some() {
            return TokenSinkResult::Continue;
        }
        let mut page = self.page.borrow_mut();
        page.line = u32::try_from(line).unwrap_or(u32::MAX).saturating_add(self.first_line - 1);
        let result = match token {
            Token::CharacterTokens(text) => {
                page.text(&text);
                Ok(())
            }
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let raw = raw_kind(&tag.name);
                match (page.open(&tag), raw) {
                    (Ok(()), Some(kind)) if !tag.self_closing => return TokenSinkResult::RawData(kind),
                    (result, _) => result,
                }
            }
            Token::TagToken(tag) => page.close(&tag.name),
            _ => Ok(()),
        };
        if let Err(problem) = result {
            *self.failed.borrow_mut() = Some(problem);
        }
        TokenSinkResult::Continue
    }
}

fn raw_kind(name: &str) -> Option<RawKind> {
    match name {
        "title" | "textarea" => Some(RawKind::Rcdata),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(RawKind::Rawtext),
        "script" => Some(RawKind::ScriptData),
        _ => None,
    }
}

/// What the page says about its encoding, in its first kilobytes.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    let after = head.find("charset=").map(|at| &head[at + 8..]).or_else(|| {
        let declaration = head.starts_with("<?xml").then(|| head.split("?>").next()).flatten()?;
        declaration.find("encoding=").map(|at| &declaration[at + 9..])
    })?;
    let label = after.trim_start_matches(['"', '\'', ' ']).split(['"', '\'', ' ', '>', ';', '/']).next()?;
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BlockKind::{self, Code, Heading, ListItem, Paragraph, TableRow};
    use crate::read::{Limits, parse};

    fn check(html: &str, expected: &[(BlockKind, &str)]) -> Manuscript {
        let manuscript = parse("a.html", html.as_bytes(), &Limits::default()).unwrap();
        let found: Vec<(BlockKind, &str)> =
            manuscript.blocks.iter().map(|block| (block.kind, &manuscript.text[block.range.clone()])).collect();
        assert_eq!(found, expected);
        manuscript
    }

    #[test]
    fn a_page_reads_as_blocks() {
        let page = "<!doctype html><html><head><title>A &amp; B</title><style>p{}</style></head><body>\n<h1>One</h1>\
            <p>Some <b>bold</b>\n text&nbsp;here<br>next<p>Two &ntilde;<ul><li>a<ul><li>b</ul><li>c</ul><script>x()</script>\
            <pre>\n  x\n  y</pre><dl><dt>Term<dd>Meaning</dl><!-- no -->tail";
        let manuscript = check(
            page,
            &[
                (Heading(1), "One"),
                (Paragraph, "Some bold text here\nnext"),
                (Paragraph, "Two ñ"),
                (ListItem, "a"),
                (ListItem, "b"),
                (ListItem, "c"),
                (Code, "  x\n  y"),
                (ListItem, "Term: Meaning"),
                (Paragraph, "tail"),
            ],
        );
        assert_eq!(manuscript.title.as_deref(), Some("A & B"));
        assert_eq!(manuscript.blocks[0].place.line, Some(2));
    }

    #[test]
    fn tables_read_with_their_headers() {
        check(
            "<table><caption>Doses</caption><tr><th>Drug<th>Dose</tr><tr><td>A<td>1</tr><tr><td rowspan=2>B<td>2<tr><td>3</table>\
             <table><tr><th>Name<td>Ana</tr><tr><th>City<td>Lima</table>",
            &[
                (Paragraph, "Doses"),
                (TableRow, "Drug: A; Dose: 1"),
                (TableRow, "Drug: B; Dose: 2"),
                (TableRow, "Drug: B; Dose: 3"),
                (TableRow, "Name: Ana"),
                (TableRow, "City: Lima"),
            ],
        );
    }

    #[test]
    fn tables_used_for_layout_are_paragraphs() {
        check(
            "<table><tr><td><h2>Left</h2><p>words</p></td><td><table><tr><td>1</td><td>2</td></tr></table></td></tr></table>",
            &[(Heading(2), "Left"), (Paragraph, "words"), (TableRow, "1; 2")],
        );
    }

    #[test]
    fn the_frame_around_the_content_is_left_out() {
        let filler = "<p>".to_owned() + &"real content ".repeat(30);
        let page = format!(
            "<nav>Home Blog</nav><div hidden>secret</div><p style='display: none'>secret</p><main>{filler}<footer>note</footer></main><footer>(c)</footer>"
        );
        let manuscript = parse("a.html", page.as_bytes(), &Limits::default()).unwrap();
        assert!(manuscript.text.ends_with("note"));
        assert!(!manuscript.text.contains("Home") && !manuscript.text.contains("secret"));
        check("<nav><p>Only this</p></nav>", &[(Paragraph, "Only this")]);
    }

    #[test]
    fn the_declared_encoding_is_used() {
        let (page, _, _) = encoding_rs::ISO_8859_2.encode("<meta charset=iso-8859-2><p>Příliš žluťoučký kůň");
        let manuscript = parse("a.html", &page, &Limits::default()).unwrap();
        assert_eq!(manuscript.text, "Příliš žluťoučký kůň");
    }

    #[test]
    fn depth_and_noise_end_quickly() {
        for part in ["<div>", "<table><tr><td>", "<ul><li>", "<b>", "</p>", "<a href='", "&amp", "<!--", "<![CDATA["] {
            let page = part.repeat(60_000) + "end";
            let _ = parse("a.html", page.as_bytes(), &Limits::default());
        }
    }

    #[test]
    fn a_page_cut_anywhere_is_read_or_refused() {
        let page = "<!doctype html><title>T</title><table><tr><th>a</th></tr><tr><td>b &eacute;</td></tr></table><script>1</script><p hidden>x</p>";
        for end in 0..page.len() {
            let _ = parse("a.html", &page.as_bytes()[..end], &Limits::default());
        }
    }
}
