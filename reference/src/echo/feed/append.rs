//! Appending.

#[cfg(feature = "mutants")]
use super::mistakes;
use super::{Feed, FeedError, Mode};
use crate::echo::storage::{RandomAccess, layout};
use crate::echo::{Node, flat, hash};

/// The largest block in bytes: a frame of 8 MiB less 8 KiB, which is more than all else in its message can take (ECHO-LOG-006).
pub const MAX_BLOCK: u64 = 8 * 1024 * 1024 - 8 * 1024;

impl<S: RandomAccess> Feed<S> {
    /// Appends blocks with one signature over the new length, and gives the index of the first one.  `sign` gets the 40
    /// bytes of [`hash::signable`] and is called at most once, after all checks: a refusal changes nothing.
    ///
    /// # Errors
    /// `auth.key` if it is read-only, `state.conflict` if its history forked, `auth.signature` if its length has no
    /// signature, `resource.size` for a block above [`MAX_BLOCK`], `resource.count` above [`flat::MAX_LENGTH`] blocks.
    pub fn append(
        &mut self,
        blocks: &[&[u8]],
        sign: impl FnOnce(&[u8; 40]) -> [u8; 64],
    ) -> Result<u64, FeedError> {
        let first = self.length;
        if let Err(error) = self.may_append(blocks) {
            alter!(ECHO_LOG_007, (), "a refused block is hashed into the tree" => {
                self.roots = Grown::new(&self.roots, first, blocks)?.roots;
            });
            return Err(error);
        }
        alter!(ECHO_LOG_004, (), "an append of nothing adds an empty block" => {
            if blocks.is_empty() { return self.append(&[b""], sign); }
        });
        #[cfg(feature = "mutants")]
        let blocks = &*mistakes::altered_batch(blocks);
        if blocks.is_empty() {
            return Ok(first);
        }
        let grown = Grown::new(&self.roots, first, blocks)?;
        let length = first + blocks.len() as u64;
        let message = hash::signable(&hash::tree(&grown.roots), length);
        let signature = sign(&alter!(ECHO_LOG_002, message,
            "what is signed is the tree before the append" => hash::signable(&hash::tree(&self.roots), first),
            "what is signed is the number of the last block" => hash::signable(&hash::tree(&grown.roots), length - 1)));
        self.interrupted = true;
        let at = alter!(ECHO_STORE_004, self.byte_length, "the data begin behind a header" => self.byte_length + 32);
        match blocks {
            [block] => self.files.data.write(at, block)?,
            _ => self.files.data.write(at, &blocks.concat())?,
        }
        self.write_nodes(&grown.nodes)?;
        self.files.data.sync()?;
        self.files.tree.sync()?;
        alter!(ECHO_STORE_017, (), "the bitfield is written before the signature" => {
            grown.nodes.iter().for_each(|node| self.bits.set_node(node.index, true));
            (first..length).for_each(|block| self.bits.set_block(block, true));
            self.bits.write(&mut self.files.bitfield)?;
        });
        alter!(ECHO_LOG_008, (), "every block of a batch gets the signature" => {
            for slot in first..length { self.write_signature(slot, &signature)?; }
        });
        let slot = alter!(ECHO_LOG_008, length - 1,
            "the signature of a batch is in the slot of its first block" => first,
            "a signature is in the slot behind its last block" => length);
        self.write_signature(slot, &signature)?;
        self.files.signatures.sync()?;
        for node in &grown.nodes {
            self.bits.set_node(node.index, true);
        }
        (first..length).for_each(|block| self.bits.set_block(block, true));
        self.length = length;
        self.byte_length = grown.roots.iter().map(|root| root.size).sum();
        self.roots = grown.roots;
        self.signed = true;
        self.bits.write(&mut self.files.bitfield)?;
        self.files.bitfield.sync()?;
        self.interrupted = false;
        Ok(alter!(ECHO_LOG_003, first,
            "an append gives the new length" => length,
            "an append gives the number of its last block" => length - 1))
    }

    fn may_append(&self, blocks: &[&[u8]]) -> Result<(), FeedError> {
        require!(ECHO_LOG_009, self.mode == Mode::Writable, AuthKey, "a read-only feed is not appended to")?;
        require!(ECHO_LOG_010, !self.forked, StateConflict, "the history of the feed forked")?;
        let most = alter!(ECHO_LOG_006, MAX_BLOCK, "a block may be as large as a frame" => 8 * 1024 * 1024,
            "a block may be 8 MB" => 8_000_000);
        let fits = |block: &&[u8]| block.len() as u64 <= most;
        require!(ECHO_LOG_006, blocks.iter().all(fits), ResourceSize, "a block is larger than can be sent")?;
        if self.interrupted {
            return Err(FeedError::Interrupted);
        }
        Ok(())
    }

    pub(super) fn write_signature(&mut self, slot: u64, signature: &[u8; 64]) -> Result<(), FeedError> {
        Ok(self.files.signatures.write(layout::signature_at(slot), signature)?)
    }

    /// Writes nodes in ascending order, those that follow each other at once.
    pub(super) fn write_nodes(&mut self, nodes: &[Node]) -> Result<(), FeedError> {
        let mut nodes: Vec<&Node> = nodes.iter().collect();
        nodes.sort_unstable_by_key(|node| node.index);
        for run in nodes.chunk_by(|one, next| one.index + 1 == next.index) {
            if let Some(first) = run.first() {
                let bytes: Vec<u8> = run.iter().flat_map(|node| layout::encode_node(node)).collect();
                self.files.tree.write(layout::node_at(first.index), &bytes)?;
            }
        }
        Ok(())
    }
}

/// What blocks add to a tree.
struct Grown {
    roots: Vec<Node>,
    /// The new ones, parents behind their children.
    nodes: Vec<Node>,
}

impl Grown {
    fn new(roots: &[Node], length: u64, blocks: &[&[u8]]) -> Result<Self, FeedError> {
        let mut grown = Self { roots: roots.to_vec(), nodes: Vec::with_capacity(2 * blocks.len()) };
        for (index, (hash, block)) in (length..).zip(hash::leaves(blocks).into_iter().zip(blocks)) {
            let counted = index < flat::MAX_LENGTH;
            require!(ECHO_LOG_012, counted, ResourceCount, "a feed has no more than 2^52 blocks")?;
            grown.push(Node { index: 2 * index, hash, size: block.len() as u64 })?;
        }
        Ok(grown)
    }

    /// Adds a root, and the parents of what are siblings now.
    fn push(&mut self, mut node: Node) -> Result<(), FeedError> {
        loop {
            let above = flat::parent(node.index);
            let left = self.roots.pop_if(|left| flat::parent(left.index) == above);
            self.nodes.push(node.clone());
            let Some(left) = left else {
                self.roots.push(node);
                return Ok(());
            };
            let parent = hash::parent(above, &left, &node);
            require!(ECHO_LOG_012, parent.is_some(), ResourceCount, "a feed has no more than 2^64 bytes")?;
            let Some(parent) = parent else { return Ok(()) };
            node = parent;
        }
    }
}
