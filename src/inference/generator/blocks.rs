//! Which block of the KV store belongs to whom, and what has been read before? Knows tokens, and none of the numbers.
//!
//! A block is known by all tokens before it and in it, so blocks make a tree. What one sequence has read, others that
//! begin alike use as it is; a block in the tree is never written again. What nobody uses stays until room is needed.

mod tree;

use tree::Tree;

/// A sequence's blocks, given back by [`Blocks::end`] only.
#[derive(Debug)]
pub(super) struct Seat {
    /// Of the first tokens, the next ones and so on: as many as it may ever need.
    pub(super) blocks: Vec<u32>,
    /// So many tokens need not be read, once `copy` is done; never all.
    pub(super) reused: usize,
    pub(super) copy: Option<Copy>,
    number: usize,
}

/// What is in the first places of one block belongs into those of another, before anything else is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) tokens: usize,
}

/// There is no block left.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

#[derive(Debug)]
pub(super) struct Blocks {
    tree: Tree,
    /// By the seat's number: which blocks of the tree hold its tokens. Its own are others where somebody else had read the
    /// same before.
    paths: Vec<Vec<u32>>,
    /// Numbers that no seat has.
    vacant: Vec<usize>,
}

impl Blocks {
    /// `most` blocks for `size` tokens each.
    pub(super) fn new(most: usize, size: usize) -> Blocks {
        Blocks { tree: Tree::new(most, size), paths: Vec::new(), vacant: Vec::new() }
    }

    /// A seat for a sequence that begins with `tokens` and will not grow beyond `most`. `None`, and nothing is changed,
    /// when there are not enough blocks until another ends.
    pub(super) fn begin(&mut self, tokens: &[u32], most: usize) -> Option<Seat> {
        // The last token has to be read in any case: its logits are wanted.
        let known = &tokens[..tokens.len().saturating_sub(1)];
        let path = self.tree.walk(known);
        let needed = tokens.len().max(most).div_ceil(self.tree.size) - path.len();
        let idle_in_path = path.iter().filter(|&&block| self.tree.node(block).running == 0).count();
        if needed > self.tree.free.len() + self.tree.idle - idle_in_path {
            return None;
        }
        self.tree.time += 1;
        path.iter().for_each(|&block| self.tree.hold(block));
        let alike = self.tree.alike(self.tree.last(&path), &known[path.len() * self.tree.size..]);
        if let Some((block, _)) = alike {
            self.tree.touch(block);
        }
        let mut blocks = path.clone();
        blocks.extend((0..needed).map_while(|_| self.tree.take()));
        let mut copy = None;
        if let Some((from, tokens)) = alike {
            match blocks[path.len()..].iter().position(|&block| block == from) {
                // It had to go, to this very sequence: what it holds lies where it belongs.
                Some(at) => blocks.swap(path.len(), path.len() + at),
                None => copy = Some(Copy { from, to: blocks[path.len()], tokens }),
            }
        }
        let reused = path.len() * self.tree.size + alike.map_or(0, |(_, tokens)| tokens);
        let number = self.vacant.pop().unwrap_or_else(|| {
            self.paths.push(Vec::new());
            self.paths.len() - 1
        });
        self.paths[number] = path;
        Some(Seat { blocks, reused, copy, number })
    }

    /// All tokens of the sequence that have been read by now: its full blocks may be shared.
    pub(super) fn read(&mut self, seat: &Seat, tokens: &[u32]) {
        let mut path = std::mem::take(&mut self.paths[seat.number]);
        for part in tokens.chunks_exact(self.tree.size).skip(path.len()) {
            let parent = self.tree.last(&path);
            let block = match self.tree.find(parent, part) {
                Ok(at) => {
                    let known = self.tree.node(parent).children[at];
                    self.tree.hold(known);
                    known
                }
                Err(at) => {
                    let block = seat.blocks[path.len()];
                    self.tree.insert(block, parent, at, part);
                    self.tree.node_mut(block).running = 1;
                    block
                }
            };
            path.push(block);
        }
        self.paths[seat.number] = path;
    }

    /// What comes after the first `tokens` will be written anew. Blocks that others use meanwhile are exchanged for new
    /// ones; where there are none, nothing is changed.
    pub(super) fn roll_back(&mut self, seat: &mut Seat, tokens: usize) -> Result<Option<Copy>, NoRoom> {
        let kept = tokens / self.tree.size;
        let path = &self.paths[seat.number];
        let own = |at: usize| path[at] == seat.blocks[at];
        let shared = (kept..path.len()).filter(|&at| own(at) && self.tree.node(path[at]).running > 1).count();
        if shared > self.tree.free.len() + self.tree.idle {
            return Err(NoRoom);
        }
        let mut copy = None;
        while self.paths[seat.number].len() > kept
            && let Some(block) = self.paths[seat.number].pop()
        {
            let at = self.paths[seat.number].len();
            self.tree.let_go(block);
            if block != seat.blocks[at] {
                continue;
            }
            if self.tree.node(block).running == 0 {
                self.tree.uproot(block);
                continue;
            }
            seat.blocks[at] = self.tree.take().ok_or(NoRoom)?;
            let tokens = tokens % self.tree.size;
            if at == kept && tokens > 0 {
                copy = Some(Copy { from: block, to: seat.blocks[at], tokens });
            }
        }
        Ok(copy)
    }

    /// The sequence is over; of what it has read, these tokens are worth keeping.
    pub(super) fn end(&mut self, seat: Seat, tokens: &[u32]) {
        self.tree.time += 1;
        self.read(&seat, tokens);
        let path = std::mem::take(&mut self.paths[seat.number]);
        self.vacant.push(seat.number);
        let full = tokens.len() / self.tree.size;
        let rest = &tokens[full * self.tree.size..];
        let mut kept = None;
        if full == path.len() && !rest.is_empty() {
            let parent = self.tree.last(&path);
            let at = self.tree.find(parent, rest).unwrap_or_else(|at| at);
            let next = self.tree.node(parent).children.get(at);
            if !next.is_some_and(|&next| self.tree.node(next).tokens.starts_with(rest)) {
                let block = seat.blocks[full];
                self.tree.insert(block, parent, at, rest);
                self.tree.node_mut(block).running = 1;
                self.tree.let_go(block);
                kept = Some(block);
            }
        }
        path.iter().rev().for_each(|&block| self.tree.let_go(block));
        for (at, &block) in seat.blocks.iter().enumerate() {
            if path.get(at) != Some(&block) && kept != Some(block) {
                self.tree.free.push(block);
            }
        }
    }
}

#[cfg(test)]
mod tests;
