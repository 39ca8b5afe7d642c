//! Which lines belong to the paper and not to the text? Those that stand at the edge of page after page.

use std::collections::HashMap;

use super::lines::Line;

/// Lines looked at from each edge.
const EDGE: usize = 3;
const PAGES: usize = 3;

/// Takes out running heads, running feet and page numbers. The first of each head or foot stays: it may be all that
/// names the document.
pub(super) fn remove(pages: &mut [Vec<Line>]) {
    if pages.len() < PAGES {
        return;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for page in pages.iter() {
        let mut here: Vec<String> = edges(page).into_iter().map(|at| pattern(&page[at].text)).collect();
        here.sort();
        here.dedup();
        here.into_iter().for_each(|pattern| *seen.entry(pattern).or_default() += 1);
    }
    // Left and right pages differ, and so do chapters.
    let needed = PAGES.max(pages.len() / 6);
    let mut kept: HashMap<String, ()> = HashMap::new();
    for page in pages.iter_mut() {
        let mut drop: Vec<usize> = Vec::new();
        for at in edges(page) {
            let pattern = pattern(&page[at].text);
            if seen.get(&pattern).is_some_and(|count| *count >= needed) {
                let letters = pattern.chars().filter(|c| c.is_alphabetic()).count();
                if letters < 8 || kept.insert(pattern, ()).is_some() {
                    drop.push(at);
                }
            }
        }
        let mut at = 0;
        page.retain(|_| {
            at += 1;
            !drop.contains(&(at - 1))
        });
    }
}

/// The lines nearest to the top and the bottom of the page, wherever reading order has put them.
fn edges(page: &[Line]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..page.len()).filter(|at| !page[*at].turned).collect();
    order.sort_by(|a, b| page[*a].y.total_cmp(&page[*b].y));
    let mut edges: Vec<usize> = order.iter().take(EDGE).chain(order.iter().rev().take(EDGE)).copied().collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// The text with its numbers hidden, because they count the pages.
fn pattern(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        match c {
            c if c.is_numeric() && out.ends_with('#') => {}
            c if c.is_numeric() => out.push('#'),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, y: f32) -> Line {
        Line {
            text: text.into(),
            cells: vec![text.into()],
            x0: 0.0,
            x1: 100.0,
            y,
            size: 10.0,
            bold: false,
            column: 0,
            right: 100.0,
            left: 0.0,
            turned: false,
        }
    }

    #[test]
    fn heads_and_page_numbers_go_but_the_first_head_stays() {
        let mut pages: Vec<Vec<Line>> = (1..5)
            .map(|page| {
                let mut lines = vec![line("A guide to hand washing", 0.0)];
                lines.extend(
                    (0..8).map(|row| line(&format!("Text {}{row}", ["a", "b", "c", "d"][page - 1]), 20.0 + row as f32)),
                );
                lines.push(line(&format!("Page {page} of 4"), 90.0));
                lines
            })
            .collect();
        remove(&mut pages);
        let texts: Vec<usize> = pages.iter().map(Vec::len).collect();
        assert_eq!(texts, [9, 8, 8, 8]);
        assert_eq!(pages[0][0].text, "A guide to hand washing");
    }
}
