//! Which tokens is a prompt made of, and which text are tokens? All that a model's file says about its words.
//!
//! In reading order: `prompts` puts it together; `pieces` knows what each token stands for; `byte_pairs` and `sentences`
//! cut text into them, both by `merge`, one of them after `split`; `marks` keeps what only a template may say apart from
//! what people say; `template` writes a conversation down; `detokenizer` goes back from tokens to text.

mod byte_pairs;
mod bytes;
mod detokenizer;
mod file;
mod forms;
mod marks;
mod masks;
mod merge;
mod merges;
mod notes;
mod pieces;
mod prompts;
mod python;
mod sentences;
mod split;
mod template;
mod vocabulary;

pub(super) use detokenizer::Detokenizer;
pub(super) use prompts::Words;

#[cfg(test)]
pub(super) mod tests;
