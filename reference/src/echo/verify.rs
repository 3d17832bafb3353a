//! Verification of a received block: it is tied to a node that is trusted already, or to signed roots.
//!
//! ```text
//!  block ─► leaf ─► parent ─► … ─► a stored node           trusted: no signature is looked at
//!                   ▲                 └► a root ─► all roots ─► signature over 40 bytes
//!              proof, or store
//! ```

#[cfg(feature = "mutants")]
use super::mistakes;
use super::{Data, Node, Nodes, flat, hash};
use crate::{Reject, keys};

/// The most nodes of one proof.  An honest one of the longest feed has 103: the leaf, and 102 siblings and roots.
pub const MAX_NODES: usize = 128;

/// Deepest node; above there is none.
const MAX_DEPTH: u32 = flat::depth(flat::MAX_LENGTH - 1);

/// Who verifies: the key of the feed, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a, T> {
    /// The public key with which the feed was opened, of either suite.
    pub public_key: &'a [u8],
    /// The nodes that were verified before.
    pub tree: &'a T,
    /// The length that was verified before, in blocks.
    pub length: u64,
}

/// What a reader stores of a block that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The nodes that were not known before.
    pub nodes: Vec<Node>,
    /// Where the block begins, in bytes from the beginning of the feed.  None where there is no value.
    pub offset: Option<u64>,
    /// The length of the feed from now on, in blocks; never less than before (ECHO-VER-012).
    pub length: u64,
    /// The slot of the signature, which is the length that it covers less 1, and the signature.  None where none
    /// was needed.
    pub signature: Option<(u64, [u8; 64])>,
}

/// Why a block is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError<E> {
    /// What was received is wrong.
    #[error(transparent)]
    Reject(Reject),
    /// `state.conflict`, and the writer is to blame: a valid signature covers nodes that contradict the stored ones,
    /// so that the feed has two histories (ECHO-VER-016).
    #[error("the feed has two histories: {0}")]
    Equivocation(Reject),
    /// The tree cannot be read.
    #[error("the tree cannot be read")]
    Tree(E),
}

impl<E> From<Reject> for VerifyError<E> {
    fn from(reject: Reject) -> Self {
        Self::Reject(reject)
    }
}

impl<E> VerifyError<E> {
    /// The rejection, if it is one.
    pub const fn reject(&self) -> Option<&Reject> {
        match self {
            Self::Reject(reject) | Self::Equivocation(reject) => Some(reject),
            Self::Tree(_) => None,
        }
    }
}

/// Verifies a block, or the hash of one.  Nothing of it is to be stored unless it is accepted.
///
/// # Errors
/// See [`VerifyError`]; the book's chapter on verification has a table of faults and classes.
pub fn verify<T: Nodes>(reader: &Reader<'_, T>, data: &Data) -> Result<Verified, VerifyError<T::Error>> {
    bounds(data)?;
    let climb = Climb::new(reader, data)?;
    let proven = match climb.to_trusted()? {
        Some(proven) => proven,
        None => climb.to_signed_roots()?,
    };
    // Nodes that were not needed are compared, too: a fork is noticed wherever it shows.
    let differing = climb.differing(data.nodes.iter().chain(&proven.nodes))?;
    if differing == Some(Differing::Hash) {
        let signed = proven.signature.is_some() || climb.to_signed_roots().is_ok();
        let signed = alter!(ECHO_VER_016, signed,
            "a contradiction is taken for the writer's though nobody signed it" => true,
            "a writer of two histories goes unnoticed" => false);
        if signed {
            return refuse!(ECHO_VER_015, StateConflict, "the signed nodes differ from those stored before")
                .map_err(VerifyError::Equivocation)
                .and_then(|()| climb.stored(proven));
        }
    }
    require!(ECHO_VER_015, differing.is_none(), StateConflict, "a node differs from the stored one")?;
    climb.stored(proven)
}

/// What can be said before anything is hashed.
fn bounds(data: &Data) -> Result<(), Reject> {
    require!(ECHO_VER_001, data.index < flat::MAX_LENGTH, SchemaRange, "the block's number is 2^52 or more")?;
    require!(ECHO_VER_002, data.nodes.len() <= MAX_NODES, ResourceCount, "a proof has more than 128 nodes")?;
    let in_range = data.nodes.iter().all(|node| node.index < flat::MAX_NODE);
    require!(ECHO_VER_001, in_range, SchemaRange, "the index of a node is 2^53 or more")
}

/// How a node differs from the stored one of the same index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Differing {
    /// In its size alone.  The hash covers the size, so that whoever passed it on is to blame, not the writer.
    Size,
    /// In its hash.
    Hash,
}

/// What was found to be right.
struct Proven {
    /// Every node on the way, computed or received, and the roots; some may be stored already.
    nodes: Vec<Node>,
    /// The length that was signed, and the signature; None where the way ended in a trusted node.
    signature: Option<(u64, [u8; 64])>,
    /// Whether the first sibling was received.
    sibling_received: bool,
}

/// The way up from the leaf, as far as hashing alone leads.
struct Way<'a> {
    nodes: Vec<Node>,
    top: Node,
    /// Received nodes that were not taken.
    rest: &'a [Node],
    trusted: bool,
    sibling_received: bool,
}

/// The way from one block to what is trusted.
struct Climb<'a, T> {
    reader: &'a Reader<'a, T>,
    data: &'a Data,
    leaf: Node,
    /// The received nodes above the leaf.
    received: &'a [Node],
    /// Siblings on the way that are stored and were not received.
    held: Vec<Node>,
    /// The first stored node on the way.
    trusted: Option<Node>,
}

impl<'a, T: Nodes> Climb<'a, T> {
    fn new(reader: &'a Reader<'a, T>, data: &'a Data) -> Result<Self, VerifyError<T::Error>> {
        let index = 2 * data.index.min(flat::MAX_LENGTH - 1);
        let (leaf, received) = match (&data.value, data.nodes.split_first()) {
            (Some(value), _) => {
                (Node { index, hash: hash::leaf(value), size: value.len() as u64 }, data.nodes.as_slice())
            }
            (None, Some((first, rest))) if first.index == index => (first.clone(), rest),
            (None, _) => {
                refuse!(ECHO_VER_004, DecodeMissing, "there is neither the block nor its leaf")?;
                (Node { index, hash: hash::leaf(&[]), size: 0 }, data.nodes.as_slice())
            }
        };
        let mut climb = Self { reader, data, leaf, received, held: Vec::new(), trusted: None };
        climb.look_ahead()?;
        Ok(climb)
    }

    /// Looks by index alone whether the way leads to a stored node.
    fn look_ahead(&mut self) -> Result<(), VerifyError<T::Error>> {
        let tree = self.reader.tree;
        let mut node = self.leaf.index;
        let mut received = self.received.iter().peekable();
        while flat::depth(node) <= MAX_DEPTH {
            if tree.has_node(node) {
                self.trusted = tree.node(node).map_err(VerifyError::Tree)?;
                return Ok(());
            }
            let sibling = flat::sibling(node);
            if received.next_if(|next| next.index == sibling).is_none() {
                let held = if alter!(ECHO_VER_005, true, "siblings that are stored are not used" => false) {
                    self.stored_node(sibling)?
                } else {
                    None
                };
                match held {
                    Some(held) => self.held.push(held),
                    None => return Ok(()),
                }
            }
            node = flat::parent(node);
        }
        Ok(())
    }

    fn stored_node(&self, index: u64) -> Result<Option<Node>, VerifyError<T::Error>> {
        if self.reader.tree.has_node(index) {
            self.reader.tree.node(index).map_err(VerifyError::Tree)
        } else {
            Ok(None)
        }
    }

    /// Climbs as far as siblings are there, or to the trusted node.
    fn climb(&self, trusted: Option<&Node>) -> Result<Way<'a>, Reject> {
        let mut way = Way {
            nodes: Vec::new(),
            top: self.leaf.clone(),
            rest: self.received,
            trusted: false,
            sibling_received: false,
        };
        let mut held = self.held.iter().peekable();
        loop {
            let top = &way.top;
            if let Some(trusted) = trusted.filter(|trusted| trusted.index == top.index)
                && alter!(ECHO_VER_006, trusted == top,
                    "a stored node is trusted whatever its hash" => true,
                    "a stored node is compared by its hash alone" => trusted.hash == top.hash,
                    "no stored node is trusted" => false)
            {
                way.trusted = true;
                return Ok(way);
            }
            let index = flat::sibling(top.index);
            let sibling = match way.rest.split_first() {
                Some((first, rest)) if first.index == index => {
                    way.rest = rest;
                    way.sibling_received |= way.nodes.is_empty();
                    way.nodes.push(first.clone());
                    first
                }
                _ => match held.next_if(|held| held.index == index) {
                    Some(held) => held,
                    None => return Ok(way),
                },
            };
            let (left, right) = if top.index < index { (top, sibling) } else { (sibling, top) };
            let parent = hash::parent(flat::parent(index), left, right);
            require!(ECHO_VER_003, parent.is_some(), SchemaRange, "the sizes add up to 2^64 or more")?;
            let above = parent.unwrap_or_else(|| Node { index: flat::parent(index), ..left.clone() });
            way.nodes.push(std::mem::replace(&mut way.top, above));
        }
    }

    /// Ties the leaf to a stored node.  Whether there is a signature, and which, does not matter.
    fn to_trusted(&self) -> Result<Option<Proven>, VerifyError<T::Error>> {
        let Some(trusted) = &self.trusted else { return Ok(None) };
        let way = self.climb(Some(trusted))?;
        let trusted = alter!(ECHO_VER_007, way.trusted,
            "a signature is demanded for what is known already" => way.trusted && self.data.signature.is_some());
        Ok(trusted.then_some(Proven {
            nodes: way.nodes,
            signature: None,
            sibling_received: way.sibling_received,
        }))
    }

    /// Ties the leaf to roots that are signed.
    fn to_signed_roots(&self) -> Result<Proven, VerifyError<T::Error>> {
        let Way { mut nodes, top, mut rest, sibling_received, .. } = self.climb(None)?;
        let last = rest.last().map_or(top.index, |last| last.index);
        let end = flat::right_span(last).max(flat::right_span(top.index));
        let length = end / 2 + 1;
        require!(ECHO_VER_001, length <= flat::MAX_LENGTH, SchemaRange, "the length is beyond 2^52")?;
        let mut roots = Vec::new();
        for index in flat::full_roots(length) {
            let root = match rest.split_first() {
                _ if index == top.index => Some(top.clone()),
                Some((first, behind)) if first.index == index => {
                    rest = behind;
                    Some(first.clone())
                }
                _ => self.stored_node(index)?,
            };
            require!(ECHO_VER_008, root.is_some(), DecodeMissing, "a root is missing, or not in its place")?;
            roots.extend(root);
        }
        let signature = self.signature(&hash::tree(&roots), length)?;
        // Stored roots are signed whatever the block is.
        let rooted = roots.iter().any(|root| root.index == top.index);
        require!(ECHO_VER_022, rooted, DecodeMissing, "the way from the block leads to none of the roots")?;
        require!(ECHO_VER_017, rest.is_empty(), DecodeTrailing, "a node belongs nowhere")?;
        nodes.extend(roots);
        Ok(Proven { nodes, signature: Some((length, signature)), sibling_received })
    }

    /// Checks the signature over roots and length.
    fn signature(&self, tree: &hash::Hash, length: u64) -> Result<[u8; 64], Reject> {
        let Some(signature) = self.data.signature.as_deref() else {
            refuse!(ECHO_VER_009, AuthSignature, "no stored node is reached, and nothing is signed")?;
            return Ok([0; 64]);
        };
        let message = hash::signable(tree, length);
        let verifies = |message: &[u8]| keys::verify(self.reader.public_key, message, signature).is_ok();
        let verified = alter!(ECHO_VER_010, verifies(&message),
            "the signature is not checked where a length is known" => self.reader.length > 0 || verifies(&message),
            "the signature of a reply without the block is not checked" =>
                self.data.value.is_none() || verifies(&message),
            "bytes behind a signature are not looked at" => keys::verify(
                self.reader.public_key, &message, signature.get(..64).unwrap_or(signature)).is_ok());
        let verified = alter!(ECHO_VER_021, verified,
            "only the lower half of s is accepted" => verified && mistakes::is_low(signature));
        if !verified && verifies(tree) {
            refuse!(ECHO_VER_011, AuthSignature, "the signature does not cover the length")?;
        } else {
            require!(
                ECHO_VER_010,
                verified,
                AuthSignature,
                "the signature does not verify over roots and length"
            )?;
        }
        Ok(signature.first_chunk().copied().unwrap_or([0; 64]))
    }

    /// The worst way in which one of the nodes differs from the stored one.
    fn differing<'n>(
        &self,
        nodes: impl Iterator<Item = &'n Node>,
    ) -> Result<Option<Differing>, VerifyError<T::Error>> {
        let mut worst = None;
        for node in nodes {
            let Some(stored) = self.stored_node(node.index)? else { continue };
            let how = match (stored.hash == node.hash, stored.size == node.size) {
                (false, _) => Some(Differing::Hash),
                (true, false) => Some(Differing::Size),
                (true, true) => None,
            };
            worst = worst.max(how);
        }
        Ok(worst)
    }

    /// What is to be stored of it.
    fn stored(&self, proven: Proven) -> Result<Verified, VerifyError<T::Error>> {
        let value = alter!(ECHO_VER_020, self.data.value.is_some(),
            "a reply without the block stores an empty one" => true);
        let offset = if value { Some(self.offset(&proven.nodes)?) } else { None };
        let pair = [self.leaf.index, flat::sibling(self.leaf.index)];
        let uncertain = alter!(ECHO_VER_018, self.data.value.is_none() && proven.sibling_received,
            "sizes that only their sum covers are stored" => false);
        let mut nodes: Vec<Node> = Vec::new();
        for node in proven.nodes {
            let known =
                self.reader.tree.has_node(node.index) || nodes.iter().any(|one| one.index == node.index);
            let left_out = uncertain && pair.contains(&node.index);
            if !known && !left_out {
                nodes.push(node);
            }
        }
        let length = match &proven.signature {
            Some((signed, _)) => alter!(ECHO_VER_012, self.reader.length.max(*signed),
                "an older signature makes the feed shorter" => *signed,
                "the length is that of the blocks received" => self.reader.length.max(self.data.index + 1)),
            None => self.reader.length,
        };
        let signature = proven.signature.map(|(signed, signature)| {
            let slot = alter!(ECHO_VER_013, signed - 1,
                "a signature is stored in the slot of the block" => self.data.index,
                "a signature is stored in the last slot" => length - 1);
            (slot, signature)
        });
        Ok(Verified { nodes, offset, length, signature })
    }

    /// Where the block begins: behind the trees left of it.
    fn offset(&self, proven: &[Node]) -> Result<u64, VerifyError<T::Error>> {
        let mut offset: u64 = 0;
        for index in flat::full_roots(self.leaf.index / 2) {
            let size = match proven.iter().find(|node| node.index == index) {
                Some(node) => Some(node.size),
                None => self.stored_node(index)?.map(|node| node.size),
            };
            require!(ECHO_VER_014, size.is_some(), DecodeMissing, "the place of the block cannot be told")?;
            let sum = offset.checked_add(size.unwrap_or_default());
            require!(
                ECHO_VER_003,
                sum.is_some(),
                SchemaRange,
                "the sizes left of the block add up to 2^64 or more"
            )?;
            offset = sum.unwrap_or_default();
        }
        Ok(alter!(ECHO_VER_014, offset,
        "a block is stored behind those received before" => {
            let lengths = flat::full_roots(self.reader.length);
            let mut end = 0;
            for root in lengths {
                end += self.stored_node(root)?.map_or(0, |node| node.size);
            }
            end
        }))
    }
}
