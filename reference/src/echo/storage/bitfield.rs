//! Which blocks and which nodes are there, as bits in pages.

use std::collections::{BTreeMap, BTreeSet};

use super::access::{RandomAccess, StorageError};
use super::files::read_array;
use super::header::HEADER_SIZE;
use crate::echo::flat;

const DATA_BYTES: usize = 1024;
const TREE_BYTES: usize = 2048;
/// The index behind them sums the bits up; zeros are valid (ECHO-STORE-010).
const INDEX_BYTES: usize = 512;
const PAGE_BYTES: usize = DATA_BYTES + TREE_BYTES + INDEX_BYTES;
/// Pages of earlier versions have a shorter index.
const EARLIER_PAGE_BYTES: u16 = 3328;
/// Bits for 2^33 blocks; more pages than these are not looked at.
const MAX_PAGES: u64 = 1 << 20;

#[derive(Clone)]
struct Page {
    data: [u8; DATA_BYTES],
    tree: [u8; TREE_BYTES],
}

/// The bits of a feed: 3 KiB in memory for each 8,192 blocks of which any are there.
#[derive(Clone)]
pub struct Bitfield {
    pages: BTreeMap<u64, Box<Page>>,
    /// Bytes of a page in the file.
    stride: u64,
    changed: BTreeSet<u64>,
    /// Bytes of tree bits up to the last one that was ever set.
    tree_bytes: u64,
}

impl Default for Bitfield {
    fn default() -> Self {
        Self { pages: BTreeMap::new(), stride: PAGE_BYTES as u64, changed: BTreeSet::new(), tree_bytes: 0 }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Block,
    Node,
}

impl Kind {
    /// Page, byte and mask of a bit (ECHO-STORE-009).
    fn place(self, index: u64) -> (u64, usize, u8) {
        let bits = match self {
            Self::Block => 8 * DATA_BYTES as u64,
            Self::Node => 8 * TREE_BYTES as u64,
        };
        let mask = alter!(ECHO_STORE_009, 0x80 >> (index & 7),
            "the first bit of a byte is the least one" => 1 << (index & 7));
        (index / bits, ((index % bits) >> 3) as usize, mask)
    }
}

impl Bitfield {
    /// Reads all pages; the last one may be cut short.  Also says whether it is.
    ///
    /// # Errors
    /// Of the storage.
    pub fn read(file: &impl RandomAccess) -> Result<(Self, bool), StorageError> {
        let mut bits = Self::default();
        // The one thing that is read of a header (ECHO-STORE-011).
        let earlier = read_array::<{ HEADER_SIZE as usize }>(file, 0)?
            .is_some_and(|header| header[5..7] == EARLIER_PAGE_BYTES.to_be_bytes());
        if alter!(ECHO_STORE_011, earlier, "pages of earlier versions are read as those of today" => false) {
            bits.stride = u64::from(EARLIER_PAGE_BYTES);
        }
        let held = file.len().saturating_sub(HEADER_SIZE);
        let pages = held.div_ceil(bits.stride).min(MAX_PAGES);
        for number in 0..pages {
            let mut page = [0; DATA_BYTES + TREE_BYTES];
            file.read(bits.at(number), &mut page)?;
            let is_empty = alter!(ECHO_STORE_010, page.iter().all(|&byte| byte == 0),
                "a page whose index is zeros is taken for empty" =>
                    read_array::<512>(file, bits.at(number) + page.len() as u64)? == Some([0; 512]));
            if is_empty {
                continue;
            }
            let (data, tree) = page.split_at(DATA_BYTES);
            let to = bits.page(number);
            to.data.copy_from_slice(data);
            to.tree.copy_from_slice(tree);
            if let Some(last) = tree.iter().rposition(|&byte| byte != 0) {
                bits.tree_bytes = number * TREE_BYTES as u64 + last as u64 + 1;
            }
        }
        let short = !held.is_multiple_of(bits.stride);
        Ok((bits, short))
    }

    /// Writes the pages that have changed since the last time, whole, with an index of zeros.
    ///
    /// # Errors
    /// Of the storage; then the pages count as changed still.
    pub fn write(&mut self, file: &mut impl RandomAccess) -> Result<(), StorageError> {
        while let Some(&number) = self.changed.first() {
            let mut bytes = [0; PAGE_BYTES];
            if let Some(page) = self.pages.get(&number) {
                let both = page.data.iter().chain(&page.tree);
                let both = alter!(ECHO_STORE_008, both,
                    "the nodes come before the blocks" => page.tree.iter().chain(&page.data));
                for (to, from) in bytes.iter_mut().zip(both) {
                    *to = *from;
                }
            }
            let stride = usize::try_from(self.stride).unwrap_or(PAGE_BYTES);
            file.write(self.at(number), bytes.get(..stride).unwrap_or(&bytes))?;
            self.changed.remove(&number);
        }
        Ok(())
    }

    /// The same pages without any bit, all of them to be written.
    #[must_use]
    pub fn cleared(&self) -> Self {
        let mut bits = Self { stride: self.stride, ..Self::default() };
        for &number in self.pages.keys() {
            bits.page(number);
            bits.changed.insert(number);
        }
        bits
    }

    /// Whether a block is there.
    pub fn has_block(&self, index: u64) -> bool {
        let (page, byte, mask) = Kind::Block.place(index);
        self.pages.get(&page).and_then(|page| page.data.get(byte)).is_some_and(|byte| byte & mask != 0)
    }

    /// Whether a node is there.
    pub fn has_node(&self, index: u64) -> bool {
        let (page, byte, mask) = Kind::Node.place(index);
        self.pages.get(&page).and_then(|page| page.tree.get(byte)).is_some_and(|byte| byte & mask != 0)
    }

    /// Notes whether a block is there.
    pub fn set_block(&mut self, index: u64, there: bool) {
        let (number, byte, mask) = Kind::Block.place(index);
        let place = self.page(number).data.get_mut(byte);
        if place.is_some_and(|byte| set(byte, mask, there)) {
            self.changed.insert(number);
        }
    }

    /// Notes whether a node is there.
    pub fn set_node(&mut self, index: u64, there: bool) {
        let (number, byte, mask) = Kind::Node.place(index);
        let place = self.page(number).tree.get_mut(byte);
        if place.is_some_and(|byte| set(byte, mask, there)) {
            self.changed.insert(number);
        }
        if there {
            self.tree_bytes = self.tree_bytes.max((index >> 3) + 1);
        }
    }

    /// Blocks that the nodes cover (ECHO-STORE-012): the largest tree that begins with the first block, then the largest
    /// ones that follow it, each smaller than the one before.
    pub fn length(&self) -> u64 {
        let largest = (self.tree_bytes * 8).checked_ilog2().map_or(0, |bits| bits + 1);
        let mut end = 0;
        for depth in (0..largest).rev() {
            if self.has_node(flat::node(depth, end >> (depth + 1))) {
                end += 2 << depth;
            }
        }
        end / 2
    }

    /// Bits that the nodes take, a multiple of 8.
    pub const fn tree_bits(&self) -> u64 {
        self.tree_bytes * 8
    }

    /// Pages in memory, and bytes that they take there.
    pub fn memory(&self) -> (usize, usize) {
        (self.pages.len(), self.pages.len() * size_of::<Page>())
    }

    /// Nodes that are there below an index.
    pub fn count_nodes(&self, below: u64) -> u64 {
        let bits = 8 * TREE_BYTES as u64;
        let mut count = 0;
        for (&number, page) in &self.pages {
            let here = below.saturating_sub(number * bits).min(bits);
            for (byte, index) in page.tree.iter().zip((0..).step_by(8)) {
                let kept = here.saturating_sub(index).min(8);
                let mask = !(0xff_u16 >> kept) as u8;
                count += u64::from((byte & mask).count_ones());
            }
        }
        count
    }

    /// Blocks that are there.
    pub fn count_blocks(&self) -> u64 {
        let ones = |page: &Page| page.data.iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>();
        self.pages.values().map(|page| ones(page)).sum()
    }

    fn at(&self, page: u64) -> u64 {
        let stride = alter!(ECHO_STORE_008, self.stride, "pages are 4,096 bytes apart" => 4096);
        HEADER_SIZE.wrapping_add(page.wrapping_mul(stride))
    }

    fn page(&mut self, number: u64) -> &mut Page {
        self.pages
            .entry(number)
            .or_insert_with(|| Box::new(Page { data: [0; DATA_BYTES], tree: [0; TREE_BYTES] }))
    }
}

/// Sets or clears a bit, and says whether that changed it.
const fn set(byte: &mut u8, mask: u8, there: bool) -> bool {
    let before = *byte;
    *byte = if there { before | mask } else { before & !mask };
    *byte != before
}

impl std::fmt::Debug for Bitfield {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (pages, length) = (self.pages.len(), self.length());
        f.debug_struct("Bitfield").field("pages", &pages).field("length", &length).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Memory;
    use super::*;

    /// Five blocks, as in the book.
    fn five() -> Bitfield {
        let mut bits = Bitfield::default();
        (0..5).for_each(|block| bits.set_block(block, true));
        [0, 1, 2, 3, 4, 5, 6, 8].into_iter().for_each(|node| bits.set_node(node, true));
        bits
    }

    #[test]
    fn the_bits_of_five_blocks() {
        let mut file = Memory::default();
        five().write(&mut file).unwrap();
        assert_eq!(file.len(), 32 + 3584);
        assert_eq!(file.bytes()[32..34], [0xf8, 0]);
        assert_eq!(file.bytes()[32 + 1024..32 + 1027], [0xfe, 0x80, 0]);
        let (read, short) = Bitfield::read(&file).unwrap();
        assert!(!short);
        assert_eq!((read.length(), read.count_blocks(), read.count_nodes(10)), (5, 5, 8));
        assert_eq!((read.count_nodes(8), read.count_nodes(3), read.tree_bits()), (7, 3, 16));
    }

    #[test]
    fn the_length_is_that_of_the_trees_that_follow_each_other() {
        let length = |nodes: &[u64]| {
            let mut bits = Bitfield::default();
            nodes.iter().for_each(|&node| bits.set_node(node, true));
            bits.length()
        };
        assert_eq!(length(&[]), 0);
        assert_eq!(length(&[0]), 1);
        assert_eq!(length(&[3]), 4);
        assert_eq!(length(&[3, 9, 12]), 7);
        assert_eq!(length(&[3, 12]), 4);
        assert_eq!(length(&[2, 4]), 0);
        assert_eq!(length(&[8191, 16384]), 8193);
        assert_eq!(length(&[16383, 32768]), 16385);
    }

    #[test]
    fn the_second_page() {
        let mut bits = Bitfield::default();
        bits.set_block(8192, true);
        bits.set_node(16384, true);
        let mut file = Memory::default();
        bits.write(&mut file).unwrap();
        assert_eq!(file.len(), 32 + 2 * 3584);
        assert_eq!((file.bytes()[32 + 3584], file.bytes()[32 + 3584 + 1024]), (0x80, 0x80));
    }
}
