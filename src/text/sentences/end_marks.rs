//! The marks that end a sentence, and what closes behind them.

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    FullStop,
    Ellipsis,
    /// `!` `?`
    Mark,
    /// Ends a sentence whatever follows: 。 । ؟
    Sure,
}

fn kind_of(c: char) -> Option<Kind> {
    Some(match c {
        '.' => Kind::FullStop,
        '…' => Kind::Ellipsis,
        '!' | '?' | '‼' | '⁇' | '⁈' | '⁉' => Kind::Mark,
        '。' | '！' | '？' | '．' | '｡' | '।' | '॥' | '؟' | '۔' | '։' | '។' | '။' | '።' => {
            Kind::Sure
        }
        _ => return None,
    })
}

/// One or more end marks in a row, and the quotes and brackets that close behind them.
pub(super) struct Stop {
    pub(super) kind: Kind,
    /// Where in the text the sentence is over.
    pub(super) closed: usize,
}

impl Stop {
    pub(super) fn at(text: &str, at: usize) -> Option<Stop> {
        let rest = &text[at..];
        let first = rest.chars().next()?;
        let mut kind = kind_of(first)?;
        let mut closed = first.len_utf8();
        while let Some((length, more)) = next_mark(&rest[closed..]) {
            kind = kind.max(more).max(Kind::Ellipsis);
            closed += length;
        }
        while let Some(length) = closer(&rest[closed..], kind) {
            closed += length;
        }
        Some(Stop { kind, closed: at + closed })
    }
}

/// One more end mark, or a further point of `. . .`
fn next_mark(rest: &str) -> Option<(usize, Kind)> {
    if let Some(behind) = rest.strip_prefix(" .") {
        let is_apart = !behind.starts_with(char::is_alphanumeric);
        return is_apart.then_some((2, Kind::FullStop));
    }
    let c = rest.chars().next()?;
    Some((c.len_utf8(), kind_of(c)?))
}

const CLOSERS: &str = ")]}\"'»”’›」』】》〉）］*_";

/// Open a quotation elsewhere: right behind an unspaced script's stop they do, behind others a space would stand.
const GERMAN_CLOSERS: &str = "«“‘";

/// The length of a closing mark, or of a note's number in brackets.
fn closer(rest: &str, kind: Kind) -> Option<usize> {
    let c = rest.chars().next()?;
    if CLOSERS.contains(c) || (GERMAN_CLOSERS.contains(c) && kind != Kind::Sure) {
        return Some(c.len_utf8());
    }
    if c.is_whitespace() {
        // « Oui ! »
        let behind = rest[c.len_utf8()..].strip_prefix('»')?;
        return (!behind.starts_with(char::is_alphanumeric)).then_some(c.len_utf8() + '»'.len_utf8());
    }
    let note = rest.strip_prefix('[')?;
    let digits = note.bytes().take(4).take_while(u8::is_ascii_digit).count();
    (digits > 0 && note[digits..].starts_with(']')).then_some(digits + 2)
}
