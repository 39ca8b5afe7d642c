//! Which number does the program show before an item? Lists count by themselves; the text does not hold the numbers.

use std::collections::HashMap;

use crate::domain::Format;
use crate::read::xml::{Step, Xml};

const LEVELS: usize = 9;
const PATTERNS: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// The pattern each list follows.
    lists: HashMap<String, String>,
    patterns: HashMap<String, Vec<Level>>,
    /// Lists that share a pattern count on together, as programs do for a continued list.
    counts: HashMap<String, [u32; LEVELS]>,
}

#[derive(Clone, Debug)]
struct Level {
    start: u32,
    format: String,
    /// `%1.%2)`
    text: String,
}

impl Default for Level {
    fn default() -> Level {
        Level { start: 1, format: "bullet".into(), text: String::new() }
    }
}

impl Numbering {
    pub(super) fn read(text: &str) -> Numbering {
        let mut xml = Xml::new(text, Format::Docx);
        let mut numbering = Numbering::default();
        let (mut pattern, mut list, mut level) = (None, None, 0);
        while let Ok(Some(step)) = xml.step() {
            let Step::Open(element) = step else { continue };
            let value = element.get("val");
            match element.name.as_str() {
                "abstractNum" => (pattern, list) = (element.get("abstractNumId"), None),
                "num" => (pattern, list) = (None, element.get("numId")),
                "abstractNumId" => {
                    if let (Some(list), Some(pattern)) = (&list, value) {
                        numbering.lists.insert(list.clone(), pattern);
                    }
                }
                "lvl" => level = element.get("ilvl").and_then(|level| level.parse().ok()).unwrap_or(0).min(LEVELS - 1),
                name => {
                    let (Some(pattern), Some(value)) = (&pattern, value) else { continue };
                    if numbering.patterns.len() >= PATTERNS && !numbering.patterns.contains_key(pattern) {
                        continue;
                    }
                    let levels =
                        numbering.patterns.entry(pattern.clone()).or_insert_with(|| vec![Level::default(); LEVELS]);
                    match name {
                        "start" => levels[level].start = value.parse().unwrap_or(1),
                        "numFmt" => levels[level].format = value,
                        "lvlText" => levels[level].text = value,
                        _ => {}
                    }
                }
            }
        }
        numbering
    }

    /// Counts one item and gives what stands before it: `2.`, `IV)`, or nothing for bullets.
    pub(super) fn next(&mut self, list: &str, level: u8) -> String {
        let level = usize::from(level).min(LEVELS - 1);
        let Some(pattern) = self.lists.get(list) else { return String::new() };
        let Some(levels) = self.patterns.get(pattern) else { return String::new() };
        let counts = self.counts.entry(pattern.clone()).or_insert([0; LEVELS]);
        for (at, count) in counts.iter_mut().enumerate().take(level + 1) {
            if *count == 0 {
                *count = levels[at].start.max(1);
            } else if at == level {
                *count = count.saturating_add(1);
            }
        }
        counts[level + 1..].fill(0);
        if matches!(levels[level].format.as_str(), "bullet" | "none") {
            return String::new();
        }
        let mut text = levels[level].text.clone();
        for (at, count) in counts.iter().enumerate().take(level + 1) {
            let mark = format!("%{}", at + 1);
            if text.contains(&mark) {
                text = text.replace(&mark, &shown(*count, &levels[at].format));
            }
        }
        if text.len() > 40 { String::new() } else { text }
    }
}

fn shown(number: u32, format: &str) -> String {
    let letter = |first: u8| {
        let repeats = ((number.max(1) - 1) / 26 + 1).min(8) as usize;
        char::from(first + ((number.max(1) - 1) % 26) as u8).to_string().repeat(repeats)
    };
    match format {
        "lowerLetter" => letter(b'a'),
        "upperLetter" => letter(b'A'),
        "lowerRoman" => roman(number).to_lowercase(),
        "upperRoman" => roman(number),
        "decimalZero" => format!("{number:02}"),
        _ => number.to_string(),
    }
}

fn roman(number: u32) -> String {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut left = number.min(3999);
    let mut out = String::new();
    for (value, sign) in SIGNS {
        while left >= value {
            out.push_str(sign);
            left -= value;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_in_their_format() {
        for (number, format, text) in
            [(3, "decimal", "3"), (28, "lowerLetter", "bb"), (14, "upperRoman", "XIV"), (4, "decimalZero", "04")]
        {
            assert_eq!(shown(number, format), text);
        }
    }
}
