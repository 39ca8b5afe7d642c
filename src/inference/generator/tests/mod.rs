//! Tiny models of every kind, and the plain twin that everything fast is held against.

mod against_candle;
pub(super) mod fixture;
mod journeys;
pub(super) mod reference;
mod shapes;
