//! The tree of blocks that have been read: who is behind whom, who uses them, and which of them may go.

use std::collections::BTreeSet;

#[derive(Debug)]
pub(super) struct Tree {
    /// Tokens in a block.
    pub(super) size: usize,
    /// One for each block, and behind them the root.
    pub(super) nodes: Vec<Node>,
    /// In nobody's hands, with nothing in them.
    pub(super) free: Vec<u32>,
    /// How many blocks of the tree no running sequence uses. All of them can be had, the leaves first: who uses a block
    /// uses those before it.
    pub(super) idle: usize,
    /// Idle ones with nothing behind them, by when they were used.
    pub(super) leaves: BTreeSet<(u64, u32)>,
    pub(super) time: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Fewer than a block holds only in leaves that no running sequence uses; none: it is not in the tree. None of
    /// those behind one node is the beginning of another.
    pub(super) tokens: Vec<u32>,
    parent: u32,
    /// Ordered by their tokens.
    pub(super) children: Vec<u32>,
    /// Sequences that use it.
    pub(super) running: u32,
    used: u64,
}

impl Tree {
    pub(super) fn new(most: usize, size: usize) -> Tree {
        let most = u32::try_from(most).unwrap_or(u32::MAX - 1);
        Tree {
            size: size.max(1),
            nodes: vec![Node::default(); most as usize + 1],
            free: (0..most).rev().collect(),
            idle: 0,
            leaves: BTreeSet::new(),
            time: 0,
        }
    }

    /// The blocks that hold the first tokens, as far as whole blocks go.
    pub(super) fn walk(&self, tokens: &[u32]) -> Vec<u32> {
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
    pub(super) fn alike(&self, parent: u32, tokens: &[u32]) -> Option<(u32, usize)> {
        let at = self.find(parent, tokens).unwrap_or_else(|at| at);
        let children = &self.node(parent).children;
        let beside = at.checked_sub(1).into_iter().chain([at]).filter_map(|at| children.get(at));
        let common = |block: u32| self.node(block).tokens.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        let best = beside.map(|&block| (block, common(block))).max_by_key(|(_, common)| *common);
        best.filter(|(_, common)| *common > 0)
    }

    pub(super) fn find(&self, parent: u32, tokens: &[u32]) -> Result<usize, usize> {
        self.node(parent).children.binary_search_by(|&child| self.node(child).tokens.as_slice().cmp(tokens))
    }

    /// Puts a block into the tree as child number `at` of `parent`, which is in use.
    pub(super) fn insert(&mut self, block: u32, parent: u32, mut at: usize, tokens: &[u32]) {
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

    pub(super) fn hold(&mut self, block: u32) {
        let node = self.node_mut(block);
        node.running += 1;
        if node.running == 1 {
            let entry = (node.used, block);
            self.leaves.remove(&entry);
            self.idle -= 1;
        }
    }

    pub(super) fn let_go(&mut self, block: u32) {
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

    pub(super) fn touch(&mut self, block: u32) {
        let was = self.node(block).used;
        let used = self.time;
        self.node_mut(block).used = used;
        if self.leaves.remove(&(was, block)) {
            self.leaves.insert((used, block));
        }
    }

    /// A block to write: one that is free, else the one that nobody has used for longest.
    pub(super) fn take(&mut self) -> Option<u32> {
        if let Some(block) = self.free.pop() {
            return Some(block);
        }
        let (_, block) = self.leaves.pop_first()?;
        self.idle -= 1;
        self.detach(block);
        Some(block)
    }

    /// Takes an idle block out of the tree with everything behind it, for the one who wrote it.
    pub(super) fn uproot(&mut self, block: u32) {
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

    pub(super) fn last(&self, path: &[u32]) -> u32 {
        path.last().copied().unwrap_or(self.root())
    }

    fn root(&self) -> u32 {
        (self.nodes.len() - 1) as u32
    }

    pub(super) fn node(&self, block: u32) -> &Node {
        &self.nodes[block as usize]
    }

    pub(super) fn node_mut(&mut self, block: u32) -> &mut Node {
        &mut self.nodes[block as usize]
    }
}
