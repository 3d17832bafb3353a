//! Delegated invitations: which are open.

use std::collections::{BTreeMap, BTreeSet};

use crate::halo::space::Delegation;

/// Delegated invitations by the id of the credential that delegates them.
#[derive(Debug, Default)]
pub(super) struct Invitations {
    /// Those that are open, and whether they may be used more than once.
    open: BTreeMap<Vec<u8>, bool>,
    redeemed: BTreeSet<Vec<u8>>,
    cancelled: BTreeSet<Vec<u8>>,
}

impl Invitations {
    /// Opens an invitation, unless what closes it came first, or it has expired at this moment (HALO-REPLAY-015,
    /// HALO-REPLAY-017).
    pub(super) fn delegate(&mut self, id: Option<&[u8]>, delegation: &Delegation, now: i64) {
        let Some(id) = id else { return };
        let expired = delegation.expires_on.is_some_and(|end| {
            alter!(HALO_REPLAY_017, end < now, "an invitation has expired at the time itself" => end <= now)
        });
        let used = self.redeemed.contains(id) && !delegation.multi_use;
        let closed = alter!(HALO_REPLAY_015, used || self.cancelled.contains(id),
            "what was cancelled or redeemed before is forgotten" => false,
            "redeemed before closes an invitation of many uses" =>
                self.redeemed.contains(id) || self.cancelled.contains(id));
        if !expired && !closed {
            self.open.insert(id.to_vec(), delegation.multi_use);
        }
    }

    /// Closes an invitation for good.
    pub(super) fn cancel(&mut self, id: &[u8]) {
        self.cancelled.insert(id.to_vec());
        alter!(HALO_REPLAY_016, (), "an open invitation cannot be cancelled" => return);
        self.open.remove(id);
    }

    /// Uses an invitation up.
    pub(super) fn redeem(&mut self, id: &[u8]) {
        self.redeemed.insert(id.to_vec());
        let many = self.open.get(id).copied().unwrap_or_default();
        let many = alter!(HALO_REPLAY_016, many, "the first use closes an invitation of many uses" => false);
        if !many {
            self.open.remove(id);
        }
    }

    pub(super) fn open(&self) -> BTreeSet<Vec<u8>> {
        self.open.keys().cloned().collect()
    }
}
