//! Into which stretches is a document cut, to be found and cited one by one?

mod cut;
mod measure;
mod pack;
#[cfg(test)]
mod tests;
mod units;

pub use cut::{Cut, cut};
pub use measure::count_words;
