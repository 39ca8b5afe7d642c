//! Which letters are drawn on a page, and where? The interpreter draws; this listens and keeps only letters.

use std::collections::{HashMap, HashSet};

use hayro_interpret::font::{Glyph as Drawn, GlyphRun};
use hayro_interpret::hayro_cmap::WritingMode;
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::page::Page as PdfPage;
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, interpret_page,
};

use super::letters::Letters;
use crate::read::Limits;
use crate::read::guard::give_up;

/// A letter where it is read: along x from left to right, lines along y from top to bottom.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    pub(super) letters: Letters,
    pub(super) x: f32,
    /// Of the base line.
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) size: f32,
    pub(super) bold: bool,
}

/// The letters of one page, one list for each direction of writing, the most used first.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) directions: Vec<Vec<Glyph>>,
    pub(super) tally: Tally,
}

/// How many signs could be told and how many could not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) known: u64,
    pub(super) unknown: u64,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Tally) {
        self.known += other.known;
        self.unknown += other.unknown;
    }
}

/// What drawing may still cost, over all pages.
#[derive(Debug)]
pub(super) struct Budget {
    steps: u64,
    unpacked: u64,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Budget {
        Budget { steps: limits.drawing_steps, unpacked: limits.unpacked_bytes }
    }

    fn spend(&mut self, steps: u64) {
        match self.steps.checked_sub(steps) {
            Some(left) => self.steps = left,
            None => give_up(),
        }
    }
}

impl Page {
    pub(super) fn read<'a>(
        page: &PdfPage<'a>,
        pdf: &'a Pdf,
        cache: &InterpreterCache<'a>,
        settings: &InterpreterSettings,
        budget: &mut Budget,
    ) -> Page {
        let unpacked = page.page_stream().map_or(0, <[u8]>::len) as u64;
        budget.unpacked = budget.unpacked.checked_sub(unpacked).unwrap_or_else(|| give_up());
        let (width, height) = page.render_dimensions();
        let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let transform = Affine::new(page.initial_transform(true).as_coeffs());
        let mut context = Context::new(transform, area, cache, pdf.xref(), settings.clone());
        let mut listener = Listener {
            // A little outside still shows in print; far outside is meant to be hidden.
            area: area.inflate(20.0, 20.0),
            directions: Default::default(),
            tally: Tally::default(),
            drawn: HashSet::new(),
            bold: HashMap::new(),
            budget,
        };
        interpret_page(page, &mut context, &mut listener);
        let Listener { directions, tally, .. } = listener;
        let mut directions: Vec<Vec<Glyph>> = directions.into_iter().filter(|glyphs| !glyphs.is_empty()).collect();
        directions.sort_by_key(|glyphs| std::cmp::Reverse(glyphs.len()));
        Page { directions, tally }
    }
}

struct Listener<'b> {
    area: Rect,
    directions: [Vec<Glyph>; 4],
    tally: Tally,
    /// Letters drawn twice in one place are one fat letter.
    drawn: HashSet<(char, i32, i32)>,
    bold: HashMap<u128, bool>,
    budget: &'b mut Budget,
}

impl Listener<'_> {
    fn is_bold(&mut self, glyph: &Drawn<'_>) -> bool {
        let Drawn::Outline(outline) = glyph else { return false };
        *self.bold.entry(outline.identifier().cache_key()).or_insert_with(|| {
            outline.font_data().is_some_and(|font| {
                let name = font.postscript_name.unwrap_or_default().to_lowercase();
                font.weight.is_some_and(|weight| weight >= 600) || name.contains("bold") || name.contains("black")
            })
        })
    }
}

impl<'a> Device<'a> for Listener<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            self.budget.spend(2);
            let place = props.transform * glyph.transform();
            let origin = place * Point::ZERO;
            if !(origin.x.is_finite() && origin.y.is_finite() && self.area.contains(origin)) {
                continue;
            }
            let letters = glyph.as_unicode().and_then(Letters::of).unwrap_or(Letters::UNKNOWN);
            if letters == Letters::UNKNOWN {
                self.tally.unknown += 1;
            } else {
                self.tally.known += 1;
            }
            let up = place * Point::new(0.0, 1000.0) - origin;
            let along = place * Point::new(1000.0, 0.0) - origin;
            let size = up.hypot();
            if !(0.5..=2000.0).contains(&size) {
                continue;
            }
            let advance = match &**glyph {
                Drawn::Outline(outline) => outline.advance_width(),
                Drawn::Type3(shape) => shape.advance_width(),
            };
            let em =
                advance.filter(|width| *width > 0.0 && *width < 5000.0).map_or(0.5, |width| f64::from(width) / 1000.0);
            // Signs one above the other are read as lines that run downwards.
            let (ahead, width) = match run.writing_mode() {
                WritingMode::Horizontal => (along, em * size),
                WritingMode::Vertical => (-up, size),
            };
            let first = letters.first();
            // Cells of an eighth of the size: a shadow falls within one, the second of two letters beyond it.
            let cell = |at: f64| (at * 8.0 / size) as i32;
            if first != ' ' && !self.drawn.insert((first, cell(origin.x), cell(origin.y))) {
                continue;
            }
            // Down the page is along y, so a quarter turn to the right maps y to x.
            let (direction, x, y) = match (ahead.x.abs() >= ahead.y.abs(), ahead.x >= 0.0, ahead.y >= 0.0) {
                (true, true, _) => (0, origin.x, origin.y),
                (true, false, _) => (1, -origin.x, -origin.y),
                (false, _, true) => (2, origin.y, -origin.x),
                (false, _, false) => (3, -origin.y, origin.x),
            };
            let bold = self.is_bold(glyph);
            self.directions[direction].push(Glyph {
                letters,
                x: x as f32,
                y: y as f32,
                width: width as f32,
                size: size as f32,
                bold,
            });
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        self.budget.spend(1);
    }

    // A drawing within the drawing announces itself by its clip, and costs more than a stroke: it is unpacked again.
    fn push_clip_path(&mut self, _: &ClipPath) {
        self.budget.spend(20);
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {
        self.budget.spend(1);
    }

    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.budget.spend(1);
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}
