//! docent answers questions from your own documents, on your own machine, with no network.

pub mod clock;
pub mod domain;
pub mod fault;

pub mod rank;
pub mod text;

pub mod library;
pub mod read;

pub mod assistant;

pub mod cli;
pub mod settings;
