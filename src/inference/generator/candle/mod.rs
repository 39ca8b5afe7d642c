//! How do architectures run that docent has no decoder of its own for? Through candle-transformers: slower, and one sequence at
//! a time.

mod family;
mod run;
mod sound;

pub(super) use family::candle_knows;
pub(super) use run::CandleModel;

#[cfg(test)]
mod tests;
