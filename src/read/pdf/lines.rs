//! How do letters become lines? Neighbours on one base line join; a gap as wide as a letter ends a segment.

use super::columns;
use super::glyphs::{Glyph, Page};
use super::letters::{Letters, in_reading_order};

/// Letters that touch each other, or nearly.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) letters: Vec<Letters>,
    pub(super) x0: f32,
    pub(super) x1: f32,
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) bold: bool,
}

/// What is read in one go from left to right.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) text: String,
    /// The same text, cut where wide gaps stand between parts.
    pub(super) cells: Vec<String>,
    pub(super) x0: f32,
    pub(super) x1: f32,
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) bold: bool,
    /// Lines of one column follow each other.
    pub(super) column: u32,
    /// The right edge of that column.
    pub(super) right: f32,
    pub(super) left: f32,
    /// Text that runs another way than the page's own.
    pub(super) turned: bool,
}

/// Parts of an em: from here on a gap is a space between words.
const WORD_GAP: f32 = 0.17;
/// From here on it may be a gap between columns.
const SEGMENT_GAP: f32 = 0.9;
/// And from here on between the cells of a table.
const CELL_GAP: f32 = 1.5;

pub(super) fn of_page(page: Page) -> Vec<Line> {
    let mut lines = Vec::new();
    for (turned, glyphs) in page.directions.into_iter().enumerate() {
        let segments = segments(glyphs);
        let next_column = lines.last().map_or(0, |line: &Line| line.column + 1);
        for (column, rows) in columns::in_order(segments) {
            let left = rows.iter().flatten().map(|segment| segment.x0).fold(f32::MAX, f32::min);
            let right = rows.iter().flatten().map(|segment| segment.x1).fold(f32::MIN, f32::max);
            for row in rows {
                lines.extend(line(row, next_column + column, left, right, turned > 0));
            }
        }
    }
    lines
}

fn segments(glyphs: Vec<Glyph>) -> Vec<Segment> {
    let mut runs: Vec<Segment> = Vec::new();
    let mut last: Option<Glyph> = None;
    for glyph in glyphs {
        if let (Some(run), Some(before)) = (runs.last_mut(), &last) {
            let size = before.size.max(glyph.size);
            let gap = glyph.x - (before.x + before.width);
            let near = (glyph.y - run.y).abs() < 0.5 * size && gap > -0.6 * size;
            if near && glyph.x >= before.x - 0.2 * size && accent(run, before, &glyph) {
                run.x1 = run.x1.max(glyph.x + glyph.width);
                last = Some(Glyph { letters: Letters::One('x'), ..glyph });
                continue;
            }
            if near && gap > -0.5 * size && gap < SEGMENT_GAP * size {
                if gap > WORD_GAP * size {
                    run.letters.push(Letters::SPACE);
                }
                if glyph.size > run.size * 1.2 {
                    (run.y, run.size) = (glyph.y, glyph.size);
                }
                run.bold &= glyph.bold || glyph.letters.is_space();
                if !glyph.letters.is_space() {
                    run.x1 = run.x1.max(glyph.x + glyph.width);
                }
                run.letters.push(glyph.letters.clone());
                last = Some(glyph);
                continue;
            }
        }
        if glyph.letters.is_space() {
            last = None;
            continue;
        }
        runs.push(Segment {
            letters: vec![glyph.letters.clone()],
            x0: glyph.x,
            x1: glyph.x + glyph.width,
            y: glyph.y,
            size: glyph.size,
            bold: glyph.bold,
        });
        last = Some(glyph);
    }
    runs.iter_mut().for_each(close_up);
    joined(runs)
}

/// Puts an accent and its letter together where one was drawn over the other.
fn accent(run: &mut Segment, before: &Glyph, glyph: &Glyph) -> bool {
    let center = glyph.x + glyph.width / 2.0;
    let over = center > before.x - 0.1 * glyph.size && center < before.x + before.width + 0.1 * glyph.size;
    let overlap = (before.x + before.width).min(glyph.x + glyph.width) - before.x.max(glyph.x);
    if !over || overlap < 0.5 * before.width.min(glyph.width) {
        return false;
    }
    let composed = if before.letters.is_accent() {
        glyph.letters.accented(&before.letters)
    } else if glyph.letters.is_accent() {
        before.letters.accented(&glyph.letters)
    } else {
        None
    };
    match (composed, run.letters.last_mut()) {
        (Some(letter), Some(last)) => {
            *last = letter;
            true
        }
        _ => false,
    }
}

/// `C H A P T E R`: letters set apart for their looks are one word.
fn close_up(run: &mut Segment) {
    let spaces = run.letters.iter().filter(|letter| letter.is_space()).count();
    let letters = run.letters.len() - spaces;
    let single = run.letters.split(Letters::is_space).filter(|word| word.len() == 1).count();
    if letters >= 5 && single * 10 >= letters * 9 {
        run.letters.retain(|letter| !letter.is_space());
    }
}

/// Joins what stands close together on one base line, in whatever order it was drawn.
fn joined(mut runs: Vec<Segment>) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::new();
    for row in rows(&mut runs) {
        let mut open: Option<Segment> = None;
        for run in row {
            match &mut open {
                Some(last) if run.x0 - last.x1 < SEGMENT_GAP * last.size.max(run.size) => {
                    if run.x0 - last.x1 > WORD_GAP * last.size.min(run.size)
                        || last.letters.last().is_some_and(Letters::is_space)
                    {
                        last.letters.push(Letters::SPACE);
                    }
                    if run.size > last.size {
                        (last.y, last.size) = (run.y, run.size);
                    }
                    last.bold &= run.bold;
                    last.x1 = last.x1.max(run.x1);
                    last.letters.extend(run.letters);
                }
                _ => out.extend(open.replace(run)),
            }
        }
        out.extend(open);
    }
    out
}

/// Segments by base line from top to bottom, each line from left to right.
pub(super) fn rows(segments: &mut Vec<Segment>) -> Vec<Vec<Segment>> {
    segments.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut rows: Vec<Vec<Segment>> = Vec::new();
    let mut base = (f32::MIN, 0.0f32);
    for segment in segments.drain(..) {
        let tolerance = 0.35 * base.1.max(segment.size).min(base.1.min(segment.size) * 2.0);
        match rows.last_mut() {
            Some(row) if segment.y - base.0 <= tolerance => {
                // The largest letters say where the line lies; small ones are raised or lowered.
                if segment.size > base.1 * 1.1 {
                    base = (segment.y, segment.size);
                }
                row.push(segment);
            }
            _ => {
                base = (segment.y, segment.size);
                rows.push(vec![segment]);
            }
        }
    }
    rows.iter_mut().for_each(|row| row.sort_by(|a, b| a.x0.total_cmp(&b.x0)));
    rows
}

fn line(row: Vec<Segment>, column: u32, left: f32, right: f32, turned: bool) -> Option<Line> {
    let (first, last) = (row.first()?, row.last()?);
    let (x0, x1) = (first.x0, last.x1);
    let widest = row.iter().max_by_key(|segment| segment.letters.len())?;
    let (y, size) = (widest.y, widest.size);
    let bold = row.iter().all(|segment| segment.bold);
    let mut cells: Vec<Vec<Letters>> = Vec::new();
    let mut end = f32::MIN;
    for segment in row {
        match cells.last_mut() {
            Some(cell) if segment.x0 - end < CELL_GAP * segment.size => {
                cell.push(Letters::SPACE);
                cell.extend(segment.letters);
            }
            _ => cells.push(segment.letters),
        }
        end = segment.x1;
    }
    bullet(&mut cells);
    let spell = |letters: &mut [Letters]| {
        in_reading_order(letters);
        let mut text = String::with_capacity(letters.len());
        letters.iter().for_each(|letter| letter.push_to(&mut text));
        short_leaders(&text)
    };
    let mut whole = cells.join(&Letters::SPACE);
    let text = spell(&mut whole);
    let cells: Vec<String> = cells.iter_mut().map(|cell| spell(cell)).filter(|cell| !cell.is_empty()).collect();
    (!text.is_empty()).then_some(Line { text, cells, x0, x1, y, size, bold, column, right, left, turned })
}

/// An unknown sign that opens a line, apart from what follows, is a bullet; elsewhere it says nothing.
fn bullet(cells: &mut [Vec<Letters>]) {
    let alone = cells.len() > 1 && cells[0].len() == 1;
    if let Some(first) = cells.first_mut()
        && first.first() == Some(&Letters::UNKNOWN)
        && (alone || first.get(1).is_some_and(Letters::is_space))
    {
        first[0] = Letters::One('•');
    }
    cells.iter_mut().for_each(|cell| cell.retain(|letter| *letter != Letters::UNKNOWN));
}

/// Three of the many dots that lead to a page number.
fn short_leaders(text: &str) -> String {
    let is_leader = |c: char| matches!(c, '.' | '·' | '_' | '…');
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    while let Some(at) = rest.find(is_leader) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(|c: char| !is_leader(c) && c != ' ').unwrap_or(rest.len());
        let leaders = &rest[..end];
        if leaders.chars().filter(|c| is_leader(*c)).count() > 3 {
            out.truncate(out.trim_end().len());
            out.push_str(" ... ");
        } else {
            out.push_str(leaders);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyphs(text: &str, x: f32, y: f32) -> Vec<Glyph> {
        let glyph = |(at, c): (usize, char)| Glyph {
            letters: Letters::One(c),
            x: x + at as f32 * 5.0,
            y,
            width: 5.0,
            size: 10.0,
            bold: false,
        };
        text.chars().enumerate().filter(|(_, c)| *c != '_').map(glyph).collect()
    }

    fn read(parts: &[(&str, f32, f32)]) -> Vec<String> {
        let all = parts.iter().flat_map(|(text, x, y)| glyphs(text, *x, *y)).collect();
        let page = Page { directions: vec![all], ..Page::default() };
        of_page(page).into_iter().map(|line| line.cells.join(" | ")).collect()
    }

    #[test]
    fn letters_join_into_words_and_lines() {
        assert_eq!(read(&[("two_words", 0.0, 20.0), ("above", 0.0, 0.0)]), ["above", "two words"]);
        assert_eq!(read(&[("right", 40.0, 0.0), ("left", 0.0, 0.5)]), ["left | right"]);
        assert_eq!(read(&[("C_H_A_P_T_E_R", 0.0, 0.0)]), ["CHAPTER"]);
    }

    #[test]
    fn accents_drawn_over_their_letters_join_them() {
        let mut page = glyphs("funci´on", 0.0, 0.0);
        // The accent is drawn first, and the letter under it.
        for glyph in &mut page[6..] {
            glyph.x -= 5.0;
        }
        let read = of_page(Page { directions: vec![page], ..Page::default() });
        assert_eq!(read[0].text, "función");
    }

    #[test]
    fn an_unknown_sign_before_a_line_is_a_bullet() {
        assert_eq!(read(&[("\u{fffd}_item\u{fffd}s", 0.0, 0.0)]), ["• items"]);
    }

    #[test]
    fn leaders_are_short() {
        assert_eq!(short_leaders("Intro . . . . . . . 5"), "Intro ... 5");
        assert_eq!(short_leaders("Intro..........5"), "Intro ... 5");
        assert_eq!(short_leaders("wait... what?"), "wait... what?");
    }
}
