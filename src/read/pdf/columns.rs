//! In which order are the parts of a page read? Columns one after the other, tables row by row.

use super::lines::{Segment, rows};

/// A page with more parts than this is a drawing: it is read row by row.
const MANY: usize = 1500;
/// Rows that must stand side by side before their gap counts as a gutter.
const ROWS: usize = 3;
/// How wide, in ems, the lines of a text column are at least. Cells of tables are narrower.
const WIDE: f32 = 11.0;

/// Rows of segments under the number of their column, in reading order.
pub(super) fn in_order(segments: Vec<Segment>) -> Vec<(u32, Vec<Vec<Segment>>)> {
    let mut regions = Vec::new();
    split(segments, 0, &mut regions);
    regions.into_iter().zip(0..).map(|(mut region, number)| (number, rows(&mut region))).collect()
}

/// Three or four columns are two columns, one of which has columns.
fn split(segments: Vec<Segment>, depth: u8, out: &mut Vec<Vec<Segment>>) {
    let gutter = if segments.len() > MANY || depth > 3 { None } else { gutter(&segments) };
    let Some(gutter) = gutter else {
        if !segments.is_empty() {
            out.push(segments);
        }
        return;
    };
    let mut across: Vec<Segment> = Vec::new();
    for band in bands(segments, gutter) {
        if band.is_columns() {
            split(std::mem::take(&mut across), depth + 1, out);
            split(band.left, depth + 1, out);
            split(band.right, depth + 1, out);
        } else {
            across.extend(band.left.into_iter().chain(band.right));
        }
        across.extend(band.below);
    }
    split(across, depth + 1, out);
}

/// What lies between two segments that cross the gutter.
#[derive(Default)]
struct Band {
    left: Vec<Segment>,
    right: Vec<Segment>,
    /// The crossing segment that ends it.
    below: Option<Segment>,
}

impl Band {
    fn is_columns(&self) -> bool {
        is_column(&self.left) && is_column(&self.right)
    }
}

fn bands(mut segments: Vec<Segment>, gutter: f32) -> Vec<Band> {
    segments.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut bands = vec![Band::default()];
    for segment in segments {
        let Some(band) = bands.last_mut() else { break };
        if segment.x1 <= gutter {
            band.left.push(segment);
        } else if segment.x0 >= gutter {
            band.right.push(segment);
        } else {
            band.below = Some(segment);
            bands.push(Band::default());
        }
    }
    bands
}

/// The place with the most text in columns on both sides.
fn gutter(segments: &[Segment]) -> Option<f32> {
    let mut places: Vec<f32> = segments.iter().flat_map(|s| [s.x1 + 0.4 * s.size, s.x0 - 0.4 * s.size]).collect();
    places.sort_by(f32::total_cmp);
    let left = segments.iter().map(|s| s.x0).fold(f32::MAX, f32::min);
    let right = segments.iter().map(|s| s.x1).fold(f32::MIN, f32::max);
    let apart = 2.0f32.max((right - left) / 400.0);
    places.dedup_by(|a, b| (*a - *b).abs() < apart);
    let mut order: Vec<&Segment> = segments.iter().collect();
    order.sort_by(|a, b| a.y.total_cmp(&b.y));
    let scored = places.into_iter().filter(|x| *x > left && *x < right).map(|x| (columned(&order, x), x));
    // Between equals, the one nearest to the middle.
    let middle = (left + right) / 2.0;
    let best = scored.max_by(|a, b| a.0.cmp(&b.0).then((b.1 - middle).abs().total_cmp(&(a.1 - middle).abs())))?;
    (best.0 > 0).then_some(best.1)
}

/// How many segments would stand in columns, were the gutter at `x`.
fn columned(order: &[&Segment], x: f32) -> usize {
    let mut total = 0;
    let (mut left, mut right): (Vec<&Segment>, Vec<&Segment>) = (Vec::new(), Vec::new());
    let mut close = |left: &mut Vec<&Segment>, right: &mut Vec<&Segment>| {
        if is_column_of(left) && is_column_of(right) && side_by_side(left, right) {
            total += left.len() + right.len();
        }
        left.clear();
        right.clear();
    };
    for segment in order {
        if segment.x1 <= x {
            left.push(segment);
        } else if segment.x0 >= x {
            right.push(segment);
        } else {
            close(&mut left, &mut right);
        }
    }
    close(&mut left, &mut right);
    total
}

fn side_by_side(left: &[&Segment], right: &[&Segment]) -> bool {
    let span = |side: &[&Segment]| (side.first().map_or(0.0, |s| s.y), side.last().map_or(0.0, |s| s.y));
    let (a, b) = (span(left), span(right));
    let shared = a.1.min(b.1) - a.0.max(b.0);
    shared > 0.0 && shared >= 0.3 * (a.1 - a.0).min(b.1 - b.0)
}

fn is_column(side: &[Segment]) -> bool {
    is_column_of(&side.iter().collect::<Vec<_>>())
}

/// Enough lines, and most of their length in long pieces: cells of a table are short.
fn is_column_of(side: &[&Segment]) -> bool {
    let (mut lines, mut last) = (0, f32::MIN);
    let (mut long, mut all) = (0.0, 0.0);
    for segment in side {
        if segment.y - last > 0.4 * segment.size {
            (lines, last) = (lines + 1, segment.y);
        }
        let width = (segment.x1 - segment.x0) / segment.size;
        all += width;
        long += if width >= WIDE { width } else { 0.0 };
    }
    lines >= ROWS && long >= 0.6 * all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::pdf::letters::Letters;

    fn segment(name: char, x0: f32, x1: f32, y: f32) -> Segment {
        Segment { letters: vec![Letters::One(name)], x0, x1, y, size: 10.0, bold: false }
    }

    fn order(segments: Vec<Segment>) -> String {
        let mut out = String::new();
        for (_, rows) in in_order(segments) {
            rows.iter().flatten().flat_map(|segment| &segment.letters).for_each(|letter| letter.push_to(&mut out));
        }
        out
    }

    #[test]
    fn columns_are_read_one_after_the_other() {
        let mut page = vec![segment('T', 50.0, 450.0, 0.0)];
        for (row, (left, right)) in "abcdef".chars().zip("uvwxyz".chars()).enumerate() {
            page.push(segment(left, 0.0, 240.0, 30.0 + row as f32 * 12.0));
            page.push(segment(right, 260.0, 500.0, 33.0 + row as f32 * 12.0));
        }
        page.push(segment('F', 240.0, 262.0, 200.0));
        assert_eq!(order(page), "TabcdefuvwxyzF");
    }

    #[test]
    fn tables_are_read_row_by_row() {
        let mut page = Vec::new();
        for (row, (left, right)) in "abcdef".chars().zip("uvwxyz".chars()).enumerate() {
            page.push(segment(left, 0.0, 60.0, row as f32 * 12.0));
            page.push(segment(right, 260.0, 500.0, row as f32 * 12.0));
        }
        assert_eq!(order(page), "aubvcwdxeyfz");
    }

    #[test]
    fn three_columns() {
        let mut page = Vec::new();
        for row in 0..5u8 {
            for column in 0..3u8 {
                let x = f32::from(column) * 170.0;
                page.push(segment(char::from(b'a' + column * 5 + row), x, x + 150.0, f32::from(row) * 12.0));
            }
        }
        assert_eq!(order(page), "abcdefghijklmno");
    }
}
