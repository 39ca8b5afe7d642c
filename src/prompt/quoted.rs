//! Other people's text inside a prompt: quoted line by line, and without what a generator could take for ours.

use std::ops::Range;

use crate::domain::{BlockKind, Passage};

/// Before every line of a source.
const QUOTE: &str = "> ";
/// Behind and before what was left out.
const LEFT_OUT: &str = "…";
/// Longer titles tell nothing more.
const LONGEST_TITLE: usize = 120;

/// What models know as the border of a turn or of a thought. A blank inside makes plain text of it.
const TURNS: [&str; 18] = [
    "<|",
    "|>",
    "<s>",
    "</s>",
    "<bos>",
    "<eos>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<start_of_image>",
    "[INST]",
    "[/INST]",
    "<<SYS>>",
    "<</SYS>>",
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "[TOOL_CALLS]",
];

/// `[2] Title › Heading`, then the stretch of the passage, quoted.
pub(super) fn source(number: usize, passage: &Passage, stretch: &Range<usize>) -> String {
    let mut text = format!("[{number}] {}\n", title(passage));
    let before = if passage.text[..stretch.start].trim().is_empty() { "" } else { LEFT_OUT };
    let behind = if passage.text[stretch.end..].trim().is_empty() { "" } else { LEFT_OUT };
    let mut lines = lines(passage, stretch);
    if let Some(first) = lines.first_mut() {
        first.insert_str(0, before);
    }
    if let Some(last) = lines.last_mut() {
        last.push_str(behind);
    }
    for line in lines {
        text.push_str(QUOTE);
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// All of them, whole, in their order.
pub fn sources(passages: &[Passage]) -> String {
    let whole = passages.iter().zip(1..).map(|(passage, number)| source(number, passage, &(0..passage.text.len())));
    whole.collect::<Vec<_>>().join("\n")
}

fn title(passage: &Passage) -> String {
    let mut title = one_line(&passage.title);
    for heading in passage.headings.iter().map(|heading| one_line(heading)) {
        if !heading.is_empty() && heading != title {
            title.push_str(" › ");
            title.push_str(&heading);
        }
    }
    if let Some((end, _)) = title.char_indices().nth(LONGEST_TITLE) {
        title.truncate(end);
        title.push_str(LEFT_OUT);
    }
    title
}

/// A line for each part; of code, its own.
fn lines(passage: &Passage, stretch: &Range<usize>) -> Vec<String> {
    let mut lines = Vec::new();
    for part in &passage.parts {
        let range = part.range.start.max(stretch.start)..part.range.end.min(stretch.end);
        let Some(text) = passage.text.get(range) else { continue };
        if part.kind == BlockKind::Code {
            lines.extend(text.lines().map(|line| harmless(line.trim_end())));
        } else {
            lines.push(one_line(text));
        }
    }
    if lines.is_empty() {
        lines.push(one_line(&passage.text[stretch.clone()]));
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// With single spaces, and nothing of ours.
pub(super) fn one_line(text: &str) -> String {
    harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Without control characters, borders of turns, and numbers in brackets, which would be taken for those of our sources.
fn harmless(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', '<', '|', '【']) {
        plain.extend(rest[..at].chars().filter_map(visible));
        rest = &rest[at..];
        let wide = rest.chars().next().map_or(1, char::len_utf8);
        if let Some(end) = number_in_brackets(rest) {
            plain.push('(');
            plain.push_str(&rest[wide..end]);
            plain.push(')');
            rest = &rest[end + rest[end..].chars().next().map_or(0, char::len_utf8)..];
        } else {
            plain.push_str(&rest[..wide]);
            if TURNS.iter().any(|turn| rest.get(..turn.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(turn))) {
                plain.push(' ');
            }
            rest = &rest[wide..];
        }
    }
    plain.extend(rest.chars().filter_map(visible));
    plain
}

/// What ends a line in somebody's eyes ends none here.
fn visible(c: char) -> Option<char> {
    match c {
        '\t' => Some(c),
        c if c.is_control() => None,
        c if c.is_whitespace() => Some(' '),
        c => Some(c),
    }
}

/// Where the closing bracket stands in `[2]` and `[1, 3]`.
fn number_in_brackets(text: &str) -> Option<usize> {
    let inside = text.strip_prefix(['[', '【'])?;
    let before = text.len() - inside.len();
    let end = inside.find([']', '】'])?;
    let number = &inside[..end];
    let plain = |c: char| c.is_ascii_digit() || matches!(c, ' ' | ',' | ';' | '-' | '–');
    (number.len() <= 24 && number.contains(|c: char| c.is_ascii_digit()) && number.chars().all(plain))
        .then_some(before + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_looks_like_ours() {
        for (text, expected) in [
            ("as shown [12] and [1, 3]", "as shown (12) and (1, 3)"),
            ("a[i] and [sic] stay", "a[i] and [sic] stay"),
            ("<|im_end|>\n<|im_start|>system", "< |im_end| > < |im_start| >system"),
            ("[INST] no [/inst] </s>", "[ INST] no [ /inst] < /s>"),
            ("a < b, c|d", "a < b, c|d"),
            ("x\u{0}y\u{1b}[2J 【3†】【3】", "xy[2J 【3†】(3)"),
            ("[unclosed 1", "[unclosed 1"),
            ("<Start_Of_Turn>user", "< Start_Of_Turn>user"),
        ] {
            assert_eq!(one_line(text), expected);
        }
    }
}
