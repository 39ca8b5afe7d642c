//! Which block of the KV store belongs to whom, and what has been read before? Knows tokens, and none of the numbers.
//!
//! A block is known by all tokens before it and in it, so blocks make a tree. What one sequence has read, others that
//! begin alike use as it is; a block in the tree is never written again. What nobody uses stays until room is needed.

use std::collections::BTreeSet;

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
    size: usize,
    /// One for each block, and behind them the root.
    nodes: Vec<Node>,
    /// In nobody's hands, with nothing in them.
    free: Vec<u32>,
    /// How many blocks of the tree no running sequence uses. All of them can be had, the leaves first: who uses a block
    /// uses those before it.
    idle: usize,
    /// Idle ones with nothing behind them, by when they were used.
    leaves: BTreeSet<(u64, u32)>,
    time: u64,
    /// By the seat's number: which blocks of the tree hold its tokens. Its own are others where somebody else had read the
    /// same before.
    paths: Vec<Vec<u32>>,
    /// Numbers that no seat has.
    vacant: Vec<usize>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// Fewer than a block holds only in leaves that no running sequence uses; none: it is not in the tree. None of
    /// those behind one node is the beginning of another.
    tokens: Vec<u32>,
    parent: u32,
    /// Ordered by their tokens.
    children: Vec<u32>,
    /// Sequences that use it.
    running: u32,
    used: u64,
}

impl Blocks {
    /// `most` blocks for `size` tokens each.
    pub(super) fn new(most: usize, size: usize) -> Blocks {
        let most = u32::try_from(most).unwrap_or(u32::MAX - 1);
        Blocks {
            size: size.max(1),
            nodes: vec![Node::default(); most as usize + 1],
            free: (0..most).rev().collect(),
            idle: 0,
            leaves: BTreeSet::new(),
            time: 0,
            paths: Vec::new(),
            vacant: Vec::new(),
        }
    }

    /// A seat for a sequence that begins with `tokens` and will not grow beyond `most`. `None`, and nothing is changed,
    /// when there are not enough blocks until another ends.
    pub(super) fn begin(&mut self, tokens: &[u32], most: usize) -> Option<Seat> {
        // The last token has to be read in any case: its logits are wanted.
        let known = &tokens[..tokens.len().saturating_sub(1)];
        let path = self.walk(known);
        let needed = tokens.len().max(most).div_ceil(self.size) - path.len();
        let idle_in_path = path.iter().filter(|&&block| self.node(block).running == 0).count();
        if needed > self.free.len() + self.idle - idle_in_path {
            return None;
        }
        self.time += 1;
        path.iter().for_each(|&block| self.hold(block));
        let alike = self.alike(self.last(&path), &known[path.len() * self.size..]);
        if let Some((block, _)) = alike {
            self.touch(block);
        }
        let mut blocks = path.clone();
        blocks.extend((0..needed).map_while(|_| self.take()));
        let mut copy = None;
        if let Some((from, tokens)) = alike {
            match blocks[path.len()..].iter().position(|&block| block == from) {
                // It had to go, to this very sequence: what it holds lies where it belongs.
                Some(at) => blocks.swap(path.len(), path.len() + at),
                None => copy = Some(Copy { from, to: blocks[path.len()], tokens }),
            }
        }
        let reused = path.len() * self.size + alike.map_or(0, |(_, tokens)| tokens);
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
        for part in tokens.chunks_exact(self.size).skip(path.len()) {
            let parent = self.last(&path);
            let block = match self.find(parent, part) {
                Ok(at) => {
                    let known = self.node(parent).children[at];
                    self.hold(known);
                    known
                }
                Err(at) => {
                    let block = seat.blocks[path.len()];
                    self.insert(block, parent, at, part);
                    self.node_mut(block).running = 1;
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
        let kept = tokens / self.size;
        let path = &self.paths[seat.number];
        let own = |at: usize| path[at] == seat.blocks[at];
        let shared = (kept..path.len()).filter(|&at| own(at) && self.node(path[at]).running > 1).count();
        if shared > self.free.len() + self.idle {
            return Err(NoRoom);
        }
        let mut copy = None;
        while self.paths[seat.number].len() > kept
            && let Some(block) = self.paths[seat.number].pop()
        {
            let at = self.paths[seat.number].len();
            self.let_go(block);
            if block != seat.blocks[at] {
                continue;
            }
            if self.node(block).running == 0 {
                self.uproot(block);
                continue;
            }
            seat.blocks[at] = self.take().ok_or(NoRoom)?;
            let tokens = tokens % self.size;
            if at == kept && tokens > 0 {
                copy = Some(Copy { from: block, to: seat.blocks[at], tokens });
            }
        }
        Ok(copy)
    }

    /// The sequence is over; of what it has read, these tokens are worth keeping.
    pub(super) fn end(&mut self, seat: Seat, tokens: &[u32]) {
        self.time += 1;
        self.read(&seat, tokens);
        let path = std::mem::take(&mut self.paths[seat.number]);
        self.vacant.push(seat.number);
        let full = tokens.len() / self.size;
        let rest = &tokens[full * self.size..];
        let mut kept = None;
        if full == path.len() && !rest.is_empty() {
            let parent = self.last(&path);
            let at = self.find(parent, rest).unwrap_or_else(|at| at);
            let next = self.node(parent).children.get(at);
            if !next.is_some_and(|&next| self.node(next).tokens.starts_with(rest)) {
                let block = seat.blocks[full];
                self.insert(block, parent, at, rest);
                self.node_mut(block).running = 1;
                self.let_go(block);
                kept = Some(block);
            }
        }
        path.iter().rev().for_each(|&block| self.let_go(block));
        for (at, &block) in seat.blocks.iter().enumerate() {
            if path.get(at) != Some(&block) && kept != Some(block) {
                self.free.push(block);
            }
        }
    }

    /// The blocks that hold the first tokens, as far as whole blocks go.
    fn walk(&self, tokens: &[u32]) -> Vec<u32> {
        let mut path = Vec::new();
        for part in tokens.chunks_exact(self.size) {
            let parent = self.last(&path);
            let Ok(at) = self.find(parent, part) else { break };
            path.push(self.node(parent).children[at]);
        }
        path
    }

    /// Of the blocks behind `parent`, the one with the longest beginning in common: in their order it is beside the place
    /// where these tokens would be.
    fn alike(&self, parent: u32, tokens: &[u32]) -> Option<(u32, usize)> {
        let at = self.find(parent, tokens).unwrap_or_else(|at| at);
        let children = &self.node(parent).children;
        let beside = at.checked_sub(1).into_iter().chain([at]).filter_map(|at| children.get(at));
        let common = |block: u32| self.node(block).tokens.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        let best = beside.map(|&block| (block, common(block))).max_by_key(|(_, common)| *common);
        best.filter(|(_, common)| *common > 0)
    }

    fn find(&self, parent: u32, tokens: &[u32]) -> Result<usize, usize> {
        self.node(parent).children.binary_search_by(|&child| self.node(child).tokens.as_slice().cmp(tokens))
    }

    /// Puts a block into the tree as child number `at` of `parent`, which is in use.
    fn insert(&mut self, block: u32, parent: u32, mut at: usize, tokens: &[u32]) {
        let before = at.checked_sub(1).map(|before| self.node(parent).children[before]);
        if let Some(before) = before.filter(|&before| tokens.starts_with(&self.node(before).tokens)) {
            // Everything it holds is in the new one too.
            self.leaves.remove(&(self.node(before).used, before));
            self.idle -= 1;
            self.detach(before);
            self.free.push(before);
            at -= 1;
        }
        let used = self.time;
        let node = self.node_mut(block);
        node.tokens.extend_from_slice(tokens);
        (node.parent, node.used) = (parent, used);
        self.node_mut(parent).children.insert(at, block);
    }

    fn hold(&mut self, block: u32) {
        let node = self.node_mut(block);
        node.running += 1;
        if node.running == 1 {
            let entry = (node.used, block);
            self.leaves.remove(&entry);
            self.idle -= 1;
        }
    }

    fn let_go(&mut self, block: u32) {
        let used = self.time;
        let node = self.node_mut(block);
        node.running -= 1;
        node.used = used;
        if node.running == 0 {
            let is_leaf = node.children.is_empty();
            self.idle += 1;
            if is_leaf {
                self.leaves.insert((used, block));
            }
        }
    }

    fn touch(&mut self, block: u32) {
        let was = self.node(block).used;
        let used = self.time;
        self.node_mut(block).used = used;
        if self.leaves.remove(&(was, block)) {
            self.leaves.insert((used, block));
        }
    }

    /// A block to write: one that is free, else the one that nobody has used for longest.
    fn take(&mut self) -> Option<u32> {
        if let Some(block) = self.free.pop() {
            return Some(block);
        }
        let (_, block) = self.leaves.pop_first()?;
        self.idle -= 1;
        self.detach(block);
        Some(block)
    }

    /// Takes an idle block out of the tree with everything behind it, for the one who wrote it.
    fn uproot(&mut self, block: u32) {
        let mut all = vec![block];
        while let Some(&last) = all.last() {
            if let Some(&child) = self.node(last).children.last() {
                all.push(child);
                continue;
            }
            all.pop();
            self.leaves.remove(&(self.node(last).used, last));
            self.idle -= 1;
            self.detach(last);
            if last != block {
                self.free.push(last);
            }
        }
    }

    /// Takes a block out of the tree that has nothing behind it.
    fn detach(&mut self, block: u32) {
        let parent = self.node(block).parent;
        if let Ok(at) = self.find(parent, &self.node(block).tokens) {
            self.node_mut(parent).children.remove(at);
        }
        self.node_mut(block).tokens.clear();
        let node = self.node(parent);
        if parent != self.root() && node.children.is_empty() && node.running == 0 {
            self.leaves.insert((node.used, parent));
        }
    }

    fn last(&self, path: &[u32]) -> u32 {
        path.last().copied().unwrap_or(self.root())
    }

    fn root(&self) -> u32 {
        (self.nodes.len() - 1) as u32
    }

    fn node(&self, block: u32) -> &Node {
        &self.nodes[block as usize]
    }

    fn node_mut(&mut self, block: u32) -> &mut Node {
        &mut self.nodes[block as usize]
    }
}

#[cfg(test)]
mod tests;
