//! A feed on a stream: what each side has said about it.

use std::collections::BTreeSet;

use super::machine::{MAX_REQUESTS, MAX_WANTS, REGION};
use super::message::Message;
use super::ranges::Ranges;
use super::replicated::Replicated;
use crate::echo::RemoteTree;

/// What a peer does with a feed on a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Answers Wants and Requests.
    pub upload: bool,
    /// Asks for blocks.
    pub download: bool,
}

impl Default for Transfer {
    fn default() -> Self {
        Self { upload: true, download: true }
    }
}

/// A feed that this side has opened.
#[derive(Debug)]
pub(super) struct Channel {
    /// Our number for it.
    pub(super) local: u64,
    /// Theirs, once they have opened it.
    pub(super) remote: Option<u64>,
    pub(super) transfer: Transfer,
    /// They want to know what we have.
    pub(super) wanted: bool,
    pub(super) remote_uploading: bool,
    /// Blocks that they have.
    pub(super) has: Ranges,
    /// Blocks that we have asked for.
    pub(super) in_flight: BTreeSet<u64>,
    /// What they know of the tree.
    pub(super) tree: RemoteTree,
    /// Nothing before this place is left to be asked for.
    cursor: u64,
    /// The next region that we have not asked about.
    region: u64,
    /// Wants that are not answered.
    wants: usize,
}

impl Channel {
    pub(super) fn new(local: u64, transfer: Transfer) -> Self {
        Self {
            local,
            remote: None,
            transfer,
            wanted: false,
            remote_uploading: true,
            has: Ranges::default(),
            in_flight: BTreeSet::new(),
            tree: RemoteTree::default(),
            cursor: 0,
            region: 0,
            wants: 0,
        }
    }

    /// What is said first when both sides have opened the feed.
    pub(super) fn greet(&mut self, to: &mut Vec<Message>) {
        let Transfer { upload, download } = self.transfer;
        let announced =
            alter!(ECHO_REPL_026, !upload || !download, "what a peer does not do it does not say" => false);
        if announced {
            to.push(Message::Status { uploading: Some(upload), downloading: Some(download) });
        }
        self.ask(to);
    }

    /// Wants for regions in which they may have blocks; the first one without a hint.
    pub(super) fn ask(&mut self, to: &mut Vec<Message>) {
        if self.remote.is_none() || !self.downloads() {
            return;
        }
        let reach = |channel: &Self| channel.region == 0 || channel.region < channel.has.end();
        while self.wants < MAX_WANTS && reach(self) {
            alter!(ECHO_REPL_007, (), "nobody is asked what it has" => return);
            alter!(ECHO_REPL_048, (), "only the first region is asked about" => if self.region > 0 { return });
            to.push(Message::Want { start: self.region, length: Some(REGION) });
            self.region += REGION;
            self.wants += 1;
        }
    }

    fn downloads(&self) -> bool {
        let remote = alter!(ECHO_REPL_028, self.remote_uploading,
            "a peer is asked although it does not upload" => true);
        let local = alter!(ECHO_REPL_029, self.transfer.download,
            "a peer that does not download asks all the same" => true);
        local && remote
    }

    /// They have blocks.
    pub(super) fn add(&mut self, start: u64, length: u64) {
        self.has.insert(start, start.saturating_add(length));
        self.cursor = self.cursor.min(start);
    }

    /// They have those blocks of a range whose bits are set.
    pub(super) fn replace(&mut self, start: u64, length: u64, bits: &[u8]) {
        if length == REGION {
            self.wants = self.wants.saturating_sub(1);
        }
        let all = length.max(bits.len() as u64 * 8);
        alter!(ECHO_REPL_014, self.has.remove(start, start.saturating_add(all)),
            "a bitfield takes no block back" => ());
        self.has.insert_bits(start, bits);
        self.cursor = self.cursor.min(start);
    }

    /// They no longer have blocks.
    pub(super) fn subtract(&mut self, start: u64, length: u64) {
        let end = start.saturating_add(length);
        self.has.remove(start, end);
        let gone: Vec<u64> = self.in_flight.range(start..end).copied().collect();
        for index in gone {
            self.dropped(index);
        }
    }

    /// What they were asked for they will not send.
    fn dropped(&mut self, index: u64) {
        self.in_flight.remove(&index);
        self.cursor = self.cursor.min(index);
    }

    /// They say what they do.
    pub(super) fn status(&mut self, uploading: bool) {
        self.remote_uploading = uploading;
        if !uploading {
            self.cursor = self.in_flight.first().copied().unwrap_or(self.cursor).min(self.cursor);
            self.in_flight.clear();
            (self.region, self.wants) = (0, 0);
        }
    }

    /// Requests for blocks that they have and the feed lacks, in order.
    pub(super) fn select(&mut self, feed: &impl Replicated, to: &mut Vec<Message>) {
        if self.remote.is_none() || !self.downloads() {
            return;
        }
        let most =
            alter!(ECHO_REPL_016, MAX_REQUESTS, "as many blocks are asked for as there are" => usize::MAX);
        while self.in_flight.len() < most {
            let next = alter!(ECHO_REPL_015, self.has.next(self.cursor),
                "blocks are asked for that nobody has announced" => super::mistakes::next(self.has.end(), self.cursor));
            let Some(index) = next else { return };
            // The way up from that block is over the roots of what is held, which a second history cannot have.
            let joined = feed.length() == 0 || index <= feed.length();
            if alter!(ECHO_REPL_056, !joined, "blocks are asked for before the one that joins them to the others" => false)
            {
                return;
            }
            self.cursor = index + 1;
            let known = feed.has(index) || self.in_flight.contains(&index);
            let known = alter!(ECHO_REPL_017, known, "blocks are asked for that are there" => false);
            if !known {
                self.in_flight.insert(index);
                let nodes = alter!(ECHO_REPL_047, feed.digest(index),
                    "a Request says that the hash is known" => 1);
                // Deployed peers write all four, and so do we.
                to.push(Message::Request { index, bytes: Some(0), hash: Some(false), nodes: Some(nodes) });
            }
        }
    }
}
