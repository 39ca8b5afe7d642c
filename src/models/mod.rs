//! The shelf of models: which there are, which are installed, and how they get here and to other machines.
//!
//! Knows files, sums and the hub; not how a model is run.
