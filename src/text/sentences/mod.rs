//! Where does a sentence begin and end?

mod abbreviations;
mod end_marks;
mod full_stop;
mod line_breaks;
mod scan;
#[cfg(test)]
mod tests;

pub use scan::sentences;
