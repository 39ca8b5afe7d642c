//! Which marks stand around a text, or around and between the two of a pair? Found out by trying, whatever the file calls it.

use tokenizers::{Encoding, PostProcessor, PostProcessorWrapper, Result, Token};

use super::Tokens;

/// The marks of a single text or of a pair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    before: Vec<u32>,
    /// Between the two; of a single text, none.
    between: Vec<u32>,
    after: Vec<u32>,
    /// How many of `between` count to the second text.
    led: usize,
    tells_apart: bool,
}

/// Stand for the texts while the marks around them are looked for; no vocabulary is that large.
const FIRST: u32 = u32::MAX - 1;
const SECOND: u32 = u32::MAX - 2;

impl Frame {
    pub(super) fn single(processor: Option<&PostProcessorWrapper>) -> Result<Frame> {
        let made = process(processor, false)?;
        let at = place(&made, FIRST)?;
        let ids = made.get_ids();
        Ok(Frame { before: ids[..at].to_vec(), after: ids[at + 1..].to_vec(), ..Frame::default() })
    }

    pub(super) fn pair(processor: Option<&PostProcessorWrapper>) -> Result<Frame> {
        let made = process(processor, true)?;
        let (first, second) = (place(&made, FIRST)?, place(&made, SECOND)?);
        if second < first {
            return Err("the second text stands before the first".into());
        }
        let (ids, types) = (made.get_ids(), made.get_type_ids());
        let begins = types.iter().position(|&kind| kind != 0).unwrap_or(types.len());
        let is_known = types.iter().enumerate().all(|(at, &kind)| kind == u32::from(at >= begins));
        if !is_known || begins <= first || (begins > second && begins < ids.len()) {
            return Err("the types of a pair's tokens are not 0 before 1".into());
        }
        Ok(Frame {
            before: ids[..first].to_vec(),
            between: ids[first + 1..second].to_vec(),
            after: ids[second + 1..].to_vec(),
            led: second.saturating_sub(begins),
            tells_apart: begins < ids.len(),
        })
    }

    /// How many marks there are.
    pub(super) fn marks(&self) -> usize {
        self.before.len() + self.between.len() + self.after.len()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = u32> {
        self.before.iter().chain(&self.between).chain(&self.after).copied()
    }

    /// Whether a mark begins every text: the one that stands for all of it.
    pub(super) fn has_first(&self) -> bool {
        !self.before.is_empty()
    }

    /// For models that have one type only.
    pub(super) fn of_one_type(mut self) -> Frame {
        self.tells_apart = false;
        self
    }

    pub(super) fn around(&self, text: &[u32]) -> Tokens {
        self.around_both(text, &[])
    }

    pub(super) fn around_both(&self, first: &[u32], second: &[u32]) -> Tokens {
        let mut ids = Vec::with_capacity(self.marks() + first.len() + second.len());
        ids.extend_from_slice(&self.before);
        ids.extend_from_slice(first);
        ids.extend_from_slice(&self.between);
        let begins = ids.len() - self.led;
        ids.extend_from_slice(second);
        ids.extend_from_slice(&self.after);
        let second = if self.tells_apart { begins } else { ids.len() };
        Tokens { ids, second }
    }
}

fn process(processor: Option<&PostProcessorWrapper>, is_pair: bool) -> Result<Encoding> {
    let text = |id| Encoding::from_tokens(vec![Token::new(id, String::new(), (0, 0))], 0);
    let second = is_pair.then(|| text(SECOND));
    match processor {
        Some(processor) => processor.process(text(FIRST), second, true),
        None => Err("it puts no marks around a text".into()),
    }
}

fn place(encoding: &Encoding, id: u32) -> Result<usize> {
    let mut places = encoding.get_ids().iter().enumerate().filter(|(_, found)| **found == id).map(|(at, _)| at);
    match (places.next(), places.next()) {
        (Some(at), None) => Ok(at),
        _ => Err("a text does not stand once among its marks".into()),
    }
}
