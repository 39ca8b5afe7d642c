//! How do characters become tokens? Always the best of all pairs that stand beside each other is joined next, the first
//! one among equals. It takes n log n for a text of n characters, whatever they are.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A stretch of the text; `length` 0: it became part of the one before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol {
    pub(super) id: u32,
    pub(super) start: u32,
    pub(super) length: u32,
    previous: u32,
    next: u32,
}

/// A pair that can be joined: the lower, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    order: u32,
    left: u32,
    right: u32,
    /// Of both, when they were found: if they have grown since, it is another pair.
    lengths: (u32, u32),
    id: u32,
}

/// No token.
pub(super) const NONE: u32 = u32::MAX;

/// Its memory is used again for the next text.
#[derive(Debug, Default)]
pub(super) struct Merge {
    symbols: Vec<Symbol>,
    pairs: BinaryHeap<Reverse<Pair>>,
}

impl Merge {
    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.symbols.clear();
        self.pairs.clear();
    }

    /// The next stretch of the text, behind the one before.
    pub(super) fn push(&mut self, id: u32, length: usize) {
        let index = self.symbols.len() as u32;
        let start = self.symbols.last().map_or(0, |last| last.start + last.length);
        let previous = index.checked_sub(1).unwrap_or(NONE);
        if let Some(last) = self.symbols.last_mut() {
            last.next = index;
        }
        self.symbols.push(Symbol { id, start, length: length as u32, previous, next: NONE });
    }

    /// `join` says what two neighbours become, and how good that is: the lowest is done first.
    pub(super) fn run(&mut self, join: impl Fn(&Symbol, &Symbol) -> Option<(u32, u32)>) {
        for left in 1..self.symbols.len() as u32 {
            self.consider(left - 1, left, &join);
        }
        while let Some(Reverse(pair)) = self.pairs.pop() {
            let (left, right) = (self.symbols[pair.left as usize], self.symbols[pair.right as usize]);
            if (left.length, right.length) != pair.lengths {
                continue;
            }
            let joined = &mut self.symbols[pair.left as usize];
            joined.id = pair.id;
            joined.length += right.length;
            joined.next = right.next;
            self.symbols[pair.right as usize].length = 0;
            if right.next != NONE {
                self.symbols[right.next as usize].previous = pair.left;
                self.consider(pair.left, right.next, &join);
            }
            if left.previous != NONE {
                self.consider(left.previous, pair.left, &join);
            }
        }
    }

    fn consider(&mut self, left: u32, right: u32, join: impl Fn(&Symbol, &Symbol) -> Option<(u32, u32)>) {
        let (first, second) = (&self.symbols[left as usize], &self.symbols[right as usize]);
        if let Some((order, id)) = join(first, second) {
            let lengths = (first.length, second.length);
            self.pairs.push(Reverse(Pair { order, left, right, lengths, id }));
        }
    }

    /// What is left, in the text's order.
    pub(super) fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter().filter(|symbol| symbol.length > 0)
    }
}

impl Symbol {
    pub(super) fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.length) as usize
    }
}
