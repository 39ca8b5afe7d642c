//! From passages, a question and what was said before to the messages a generator is given, within a budget of tokens.
//!
//! Documents are data in it, never instructions. Knows no model.
