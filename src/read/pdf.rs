//! What does a PDF say? Letters placed on pages, put back into lines, columns, paragraphs and headings.

mod blocks;
mod bomb;
mod columns;
mod furniture;
mod glyphs;
mod letters;
mod lines;
#[cfg(test)]
mod tests;

use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::{InterpreterCache, InterpreterSettings};

use super::Problem;
use super::draft::Draft;
use super::formats::Source;
use super::guard::attempt;
use super::titles::is_made_up;
use crate::domain::{Format, Manuscript};
use glyphs::Page;

pub(super) fn read(source: &Source<'_>) -> Result<Manuscript, Problem> {
    bomb::check(source.bytes, source.limits)?;
    let pdf = Pdf::new(source.bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Problem::Encrypted(Format::Pdf),
        LoadPdfError::Decryption(_) => Problem::damaged(Format::Pdf, "its encryption is damaged or unknown"),
        LoadPdfError::Invalid => Problem::damaged(Format::Pdf, "its pages cannot be found (cut short?)"),
    })?;
    let pages = pdf.pages();
    if pages.len() > source.limits.pages {
        return Err(Problem::TooMuchWork(Format::Pdf));
    }
    let cache = InterpreterCache::new();
    let settings = InterpreterSettings::default();
    let mut budget = glyphs::Budget::new(source.limits);
    let mut read: Vec<Vec<lines::Line>> = Vec::new();
    let mut letters = glyphs::Tally::default();
    let mut failed = 0;
    for page in pages.iter() {
        let glyphs = attempt(|| Page::read(page, &pdf, &cache, &settings, &mut budget)).unwrap_or_else(|| {
            failed += 1;
            Page::default()
        });
        letters.add(&glyphs.tally);
        read.push(lines::of_page(glyphs));
    }
    if failed > 0 && letters.known == 0 {
        return Err(Problem::damaged(Format::Pdf, "its pages cannot be drawn"));
    }
    if letters.known == 0 && letters.unknown > 0 || letters.unknown > letters.known * 2 {
        return Err(Problem::damaged(
            Format::Pdf,
            "its letters have shapes but no meaning (run text recognition on it)",
        ));
    }
    furniture::remove(&mut read);
    let mut draft = Draft::new(source.limits);
    draft.title = pdf.metadata().title.as_deref().map(letters::text_string).filter(|title| !is_made_up(title));
    blocks::push(&mut draft, &read)?;
    draft.finish(Format::Pdf)
}
