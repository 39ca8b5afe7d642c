//! Do two passages say the same in the same words?

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::text::fold;

/// What of a text is compared: its words three by three, and its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gist {
    shingles: BTreeSet<u64>,
    /// A copy with another number in it says something else.
    numbers: BTreeSet<u64>,
}

const SHINGLE: usize = 3;
/// Of the shingles that either has, what both have. One word changed in fifty leaves about this much; the sentences
/// that neighbouring chunks share leave far less.
const SAME: f64 = 0.9;

impl Gist {
    pub fn of(text: &str) -> Gist {
        let mut words = Vec::new();
        let mut numbers = BTreeSet::new();
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let mut folded = String::with_capacity(word.len());
            fold(word, &mut folded);
            if folded.contains(|c: char| c.is_numeric()) {
                numbers.insert(hash(&[&folded]));
            }
            words.push(folded);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let shingles = match words.len() {
            // A text without words is like itself only.
            0 => [hash(&[text])].into(),
            1..SHINGLE => [hash(&words)].into(),
            _ => words.windows(SHINGLE).map(hash).collect(),
        };
        Gist { shingles, numbers }
    }

    pub fn is_same(&self, other: &Gist) -> bool {
        let (fewer, more) = if self.shingles.len() < other.shingles.len() { (self, other) } else { (other, self) };
        if self.numbers != other.numbers || (fewer.shingles.len() as f64) < SAME * more.shingles.len() as f64 {
            return false;
        }
        let common = fewer.shingles.intersection(&more.shingles).count();
        let either = fewer.shingles.len() + more.shingles.len() - common;
        common as f64 >= SAME * either as f64
    }
}

fn hash(words: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "Small spills are wiped up with absorbent pads within five minutes, and the pads go into the yellow \
                        bin beside the door. Large spills are left to the safety officer, who is called at once and \
                        comes with the people of the fire brigade when the room has to be aired or closed for a while.";

    fn same(a: &str, b: &str) -> bool {
        let (a, b) = (Gist::of(a), Gist::of(b));
        assert_eq!(a.is_same(&b), b.is_same(&a));
        a.is_same(&b)
    }

    #[test]
    fn copies_are_the_same_in_other_dress() {
        assert!(same(RULE, RULE));
        assert!(same(RULE, &RULE.to_uppercase().replace(' ', "\n")));
        assert!(same(RULE, &RULE.replace("for a while", "for a day")));
    }

    #[test]
    fn what_says_something_else_is_not_the_same() {
        assert!(!same(RULE, "Gloves are changed when they are torn."));
        assert!(!same(&format!("{RULE} Call 112."), &format!("{RULE} Call 115.")), "another number");
        let (half, rest) = RULE.split_at(RULE.len() / 2);
        assert!(!same(RULE, half) && !same(half, rest));
        assert!(!same("yes", "no") && !same("•", "–") && same("Yes.", "yes"));
    }
}
