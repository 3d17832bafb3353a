//! What the files say after an interruption or damage, so that a writer never signs two histories.
//!
//! The signatures are written before the bitfield, and a block is offered to others only afterwards.  So of three
//! states each has one answer: the bitfield is at the last signature; it is behind (the interruption was between
//! the two: the signature counts); it is ahead (a signature has been lost: nothing may be appended).

#[cfg(feature = "mutants")]
use super::mistakes;
use super::{Damage, Feed, FeedError, stored_node};
use crate::echo::storage::{Bitfield, FileName, Files, HEADER_SIZE, RandomAccess, layout};
use crate::echo::{Node, flat, hash};
use crate::{Reject, keys};

/// What the files of a feed say.
pub(super) struct Found {
    pub(super) bits: Bitfield,
    /// The length that the bitfield says.
    noted: u64,
    /// The length that the last slot with a signature stands for; 0 if there is none.
    last: u64,
    /// Why that signature does not verify over the nodes of the tree.
    damage: Option<Box<Damage>>,
    /// Whether the bitfield is behind that signature.
    pub(super) is_behind: bool,
    /// Whether the bitfield has not even a header, which it gets when the feed is begun.
    is_headless: bool,
}

impl Found {
    pub(super) fn new<S: RandomAccess>(
        files: &Files<S>,
        public_key: &[u8],
        bits: Bitfield,
        is_headless: bool,
    ) -> Result<Self, FeedError> {
        let last = last_signed(&files.signatures)?;
        let damage = match verify_length(files, public_key, last) {
            Ok(()) => None,
            Err(FeedError::Damaged(damage)) => Some(damage),
            Err(error) => return Err(error),
        };
        let noted = bits.length();
        let noted = alter!(ECHO_STORE_012, noted,
            "the length is that of the blocks held" => bits.count_blocks(),
            "the length is that of the slots of signatures" => mistakes::slots(files));
        let noted = alter!(ECHO_STORE_030, noted,
            "a leaf that an interrupted append has left counts" => mistakes::with_leftovers(files, noted)?);
        let is_behind = alter!(ECHO_STORE_018, damage.is_none() && noted < last,
            "a signature that the bitfield is behind does not count" => false);
        Ok(Self { bits, noted, last, damage, is_behind, is_headless })
    }

    pub(super) const fn length(&self) -> u64 {
        if self.is_behind { self.last } else { self.noted }
    }

    /// Whether the length has a signature that verifies.
    pub(super) const fn is_signed(&self) -> bool {
        self.damage.is_none() && self.last >= self.noted && self.last > 0
    }

    /// Whether no block can have been signed that these files do not hold.
    pub(super) fn check_writable<S: RandomAccess>(&self, files: &Files<S>) -> Result<(), FeedError> {
        let at_slot = |length: u64| layout::signature_at(length.saturating_sub(1));
        require!(
            ECHO_STORE_019,
            self.noted <= self.last,
            AuthSignature,
            "the signature of the length is missing"
        )
        .map_err(|reject| FeedError::damaged(FileName::Signatures, at_slot(self.noted), reject))?;
        if let Some(damage) = &self.damage {
            return Err(FeedError::Damaged(damage.clone()));
        }
        // One interruption leaves bits that are behind, or leftovers of an append; both together are damage.
        let is_lost = self.is_behind || self.is_headless;
        let leftovers = is_lost
            && (holds_beyond(&files.tree, tree_end(self.last))?
                || holds_beyond(&files.signatures, layout::signature_at(self.last))?);
        require!(
            ECHO_STORE_022,
            !leftovers,
            StateConflict,
            "the bitfield is lost, and the tree has nodes without a signature"
        )
        .map_err(|reject: Reject| FeedError::damaged(FileName::Tree, tree_end(self.last), reject))
    }
}

/// Where the nodes of a length end in `tree`.
fn tree_end(length: u64) -> u64 {
    layout::node_at((2 * length).saturating_sub(1))
}

/// The length that the last slot with a signature stands for.  A slot that is cut short has none.
fn last_signed(signatures: &impl RandomAccess) -> Result<u64, FeedError> {
    const SLOTS: u64 = 256;
    let mut end =
        (signatures.len().saturating_sub(HEADER_SIZE) / layout::SIGNATURE_SIZE).min(flat::MAX_LENGTH);
    let mut bytes = vec![0; (SLOTS * layout::SIGNATURE_SIZE) as usize];
    while end > 0 {
        let start = end.saturating_sub(SLOTS);
        bytes.fill(0);
        signatures.read(layout::signature_at(start), &mut bytes)?;
        let slots = bytes.chunks_exact(layout::SIGNATURE_SIZE as usize).zip(start..end);
        let signed = slots.filter(|(slot, _)| slot.iter().any(|&byte| byte != 0));
        if let Some((_, slot)) = signed.last() {
            return Ok(slot + 1);
        }
        end = start;
    }
    Ok(0)
}

/// Whether anything but zeros is in a file from an offset on.
fn holds_beyond(file: &impl RandomAccess, mut at: u64) -> Result<bool, FeedError> {
    let mut bytes = [0; 4096];
    loop {
        let count = file.read(at, &mut bytes)?;
        if bytes.iter().take(count).any(|&byte| byte != 0) {
            return Ok(true);
        }
        if count < bytes.len() {
            return Ok(false);
        }
        at = at.saturating_add(count as u64);
    }
}

/// Verifies the signature of a length over the nodes that the tree holds, whatever the bits say.
fn verify_length<S: RandomAccess>(files: &Files<S>, public_key: &[u8], length: u64) -> Result<(), FeedError> {
    if length == 0 {
        return Ok(());
    }
    let mut roots = Vec::new();
    for index in flat::full_roots(length) {
        let root = stored_node(&files.tree, index)?;
        require!(
            ECHO_STORE_023,
            root.is_some(),
            StateUnknownRef,
            "a root of the last signature is not in the tree"
        )
        .map_err(|reject| FeedError::damaged(FileName::Tree, layout::node_at(index), reject))?;
        roots.extend(root);
    }
    let at = layout::signature_at(length - 1);
    let signature = crate::echo::storage::read_array::<64>(&files.signatures, at)?.unwrap_or([0; 64]);
    let message = hash::signable(&hash::tree(&roots), length);
    let verified = keys::verify(public_key, &message, &signature).is_ok();
    require!(ECHO_STORE_020, verified, AuthSignature, "the last signature does not verify over the tree")
        .map_err(|reject| FeedError::damaged(FileName::Signatures, at, reject))
}

impl<S: RandomAccess> Feed<S> {
    /// Whether bits of nodes are missing, which a writer has all of.
    pub(super) fn lacks_nodes(&self) -> bool {
        let all = 2 * self.length - u64::from(self.length.count_ones());
        self.bits.count_nodes(2 * self.length) != all
    }

    /// Makes the bits anew: of nodes whose hashes lead up to the roots, and of blocks that are those of their leaves.
    pub(super) fn rebuild_bits(&mut self) -> Result<(), FeedError> {
        let mut bits = self.bits.cleared();
        let mut at = 0_u64;
        for root in self.load_roots()? {
            let size = root.size;
            let mut below = vec![(root, at)];
            while let Some((node, at)) = below.pop() {
                bits.set_node(node.index, true);
                match flat::children(node.index) {
                    None => bits.set_block(
                        node.index / 2,
                        alter!(ECHO_STORE_028, self.is_stored(&node, at)?,
                        "every block is taken for held" => true,
                        "no block is taken for held" => false),
                    ),
                    Some((left, right)) => {
                        let pair =
                            stored_node(&self.files.tree, left)?.zip(stored_node(&self.files.tree, right)?);
                        if let Some((left, right)) = pair
                            && hash::parent(node.index, &left, &right).is_some_and(|parent| parent == node)
                        {
                            let middle = at.saturating_add(left.size);
                            below.extend([(right, middle), (left, at)]);
                        }
                    }
                }
            }
            at = at.saturating_add(size);
        }
        self.bits = bits;
        self.bits.write(&mut self.files.bitfield)?;
        Ok(self.files.bitfield.sync()?)
    }

    fn is_stored(&self, leaf: &Node, at: u64) -> Result<bool, FeedError> {
        match self.stored_block(leaf, at) {
            Ok(block) => Ok(hash::leaf(&block) == leaf.hash),
            Err(FeedError::Damaged(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Cuts off what an interrupted append has left behind the length: nothing of it was signed in full.
    pub(super) fn cut_leftovers(&mut self) -> Result<(), FeedError> {
        for (file, end) in [
            (&mut self.files.tree, tree_end(self.length)),
            (&mut self.files.signatures, layout::signature_at(self.length)),
            (&mut self.files.data, self.byte_length),
        ] {
            if file.len() > end {
                file.truncate(end)?;
                file.sync()?;
            }
        }
        Ok(())
    }
}
