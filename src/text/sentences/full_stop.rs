//! Does this full stop end the sentence, or does it belong to a number, a name, an abbreviation?

use super::abbreviations::{Abbreviation, abbreviation};
use crate::domain::Language;
use crate::text::language::is_common_word;

/// Ordinary words are longer than any abbreviation; nothing beyond is looked at.
const LONGEST_WORD: usize = 12;

/// What documents number: `Capítulo 4. Derivadas` is one heading.
const NUMBERED: &str = "capítulo tema unidad sección lección parte tabla figura cuadro anexo paso capitulo unidade seção \
    aula tabela quadro passo chapter section unit lesson part table figure appendix step chapitre partie tableau étape \
    capitolo sezione tabella kapitel abschnitt teil tabelle abbildung schritt hoofdstuk deel tabel capitolul partea";

/// In bytes, with the marks before it.
const LONGEST_ENUMERATOR: usize = 24;

/// `before`: the sentence up to the stop. `after`: the text from the first letter or digit behind it.
pub(super) fn ends_sentence(before: &str, after: &str, language: Language) -> bool {
    if is_enumerator(before) {
        return false;
    }
    let Some(word) = last_word(before) else { return true };
    let follower = Follower::of(after, language);
    if word.bytes().all(|b| b.is_ascii_digit()) {
        return number_ends(word, &follower, language);
    }
    let mut letters = word.chars().filter(|&c| c != '.');
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return letter_ends(letter, word, &follower, language);
    }
    let kind = abbreviation(word, language).or_else(|| is_dotted(word).then_some(Abbreviation::Name));
    match kind {
        None | Some(Abbreviation::Closing) => true,
        Some(Abbreviation::Open) => false,
        Some(Abbreviation::BeforeNumber) => !follower.is_number,
        Some(Abbreviation::Name) => follower.is_common || !follower.is_letter,
    }
}

/// What stands behind the stop.
struct Follower<'a> {
    word: &'a str,
    is_letter: bool,
    is_digit: bool,
    /// In digits or Roman.
    is_number: bool,
    /// A small word of the language: sentences begin with them, names do not.
    is_common: bool,
    is_abbreviation: bool,
}

impl<'a> Follower<'a> {
    fn of(after: &'a str, language: Language) -> Follower<'a> {
        let window = &after[..after.floor_char_boundary(40)];
        let end = window.find(|c: char| !c.is_alphanumeric()).unwrap_or(window.len());
        let word = &window[..end];
        let is_digit = word.starts_with(|c: char| c.is_ascii_digit());
        let is_stopped = window[end..].starts_with('.');
        Follower {
            word,
            is_letter: word.starts_with(char::is_alphabetic),
            is_digit,
            is_number: is_digit || is_roman(word),
            is_common: !is_stopped && is_common_word(&word.to_lowercase(), language),
            is_abbreviation: is_stopped && (word.chars().count() == 1 || abbreviation(word, language).is_some()),
        }
    }
}

/// `1`, `2.3`, `IV`, `b`, `Capítulo 4`: alone at the head of a sentence it is the number of an item.
fn is_enumerator(before: &str) -> bool {
    if before.len() > LONGEST_ENUMERATOR {
        return false;
    }
    let bare = before.trim_start_matches(|c: char| !c.is_alphanumeric());
    let bare = match bare.split_once(' ') {
        Some((name, number)) if NUMBERED.split(' ').any(|numbered| numbered == name.to_lowercase()) => number,
        _ => bare,
    };
    is_item_number(bare)
}

fn is_item_number(bare: &str) -> bool {
    if bare.is_empty() || bare.len() > 8 {
        return false;
    }
    let mut letters = bare.chars();
    bare.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        || is_roman(bare)
        || (letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none())
}

fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b"IVXLC".contains(&b))
}

/// The word at the end of `before`, or `None` when it is too long to be anything special, or there is none.
fn last_word(before: &str) -> Option<&str> {
    let mut start = before.len();
    for (at, c) in before.char_indices().rev() {
        if c.is_whitespace() || "([{\"'«“„‘¿¡—/".contains(c) {
            break;
        }
        if before.len() - at > LONGEST_WORD {
            return None;
        }
        start = at;
    }
    Some(&before[start..]).filter(|word| !word.is_empty())
}

/// `e.g`, `U.S`, `Ph.D`: short groups of letters with stops between them.
fn is_dotted(word: &str) -> bool {
    word.contains('.')
        && word.split('.').all(|group| group.chars().count() <= 3 && group.chars().all(char::is_alphabetic))
}

fn number_ends(number: &str, follower: &Follower, language: Language) -> bool {
    use Language::*;
    // There the stop makes an ordinal: `3. Oktober`, `2. Weltkrieg`.
    let has_ordinals = matches!(language, German | Danish | Norwegian | Finnish | Hungarian | Czech | Polish);
    if !has_ordinals || number.len() > 3 {
        return true;
    }
    // Only German writes a capital inside a sentence for every noun.
    let goes_on = follower.is_digit || (language == German && follower.is_letter && !follower.is_common);
    !goes_on
}

fn letter_ends(letter: char, word: &str, follower: &Follower, language: Language) -> bool {
    if !follower.is_letter {
        // `c. 1455`, `p. 3`; but `Plan B. 2 of them`.
        return !follower.is_digit || letter.is_uppercase();
    }
    if !letter.is_uppercase() {
        // `z. B.`, `a. C.`, `s. XIX`, `Brown v. Board`; but `respecto a x. Entonces`.
        let goes_on = follower.is_abbreviation || is_roman(follower.word);
        return !goes_on && abbreviation(word, language) != Some(Abbreviation::Open);
    }
    // An initial goes on with a name, `J. R. R. Tolkien`; `vitamin C.` with a new sentence.
    follower.is_common
}
