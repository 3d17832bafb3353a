//! Other servers, and whether they are alive.

use std::collections::BTreeMap;

use super::{Host, Subscription};

#[derive(Debug)]
struct Known {
    /// To its signs of life.
    subscription: Subscription,
    heard: u64,
    silent: bool,
}

/// The servers that have announced peers.
#[derive(Debug, Default)]
pub(super) struct Hosts(BTreeMap<Host, Known>);

impl Hosts {
    pub(super) fn knows(&self, host: Host) -> bool {
        self.0.contains_key(&host)
    }

    pub(super) fn insert(&mut self, host: Host, subscription: Subscription, now: u64) {
        self.0.insert(host, Known { subscription, heard: now, silent: false });
    }

    /// Notes a sign of life; whether the host was silent until now.
    pub(super) fn heard(&mut self, host: Host, now: u64) -> bool {
        let Some(known) = self.0.get_mut(&host) else { return false };
        known.heard = known.heard.max(now);
        std::mem::take(&mut known.silent)
    }

    /// Those that have just become silent.
    pub(super) fn fallen_silent(&mut self, now: u64, after: u64) -> Vec<Host> {
        let due = |known: &Known| !known.silent && known.heard.saturating_add(after) <= now;
        let fallen = self.0.iter_mut().filter(|(_, known)| due(known));
        fallen
            .map(|(host, known)| {
                known.silent = true;
                *host
            })
            .collect()
    }

    /// When the next one counts as silent.
    pub(super) fn deadline(&self, after: u64) -> Option<u64> {
        self.0.values().filter(|known| !known.silent).map(|known| known.heard.saturating_add(after)).min()
    }

    pub(super) fn remove(&mut self, host: Host) -> Option<Subscription> {
        self.0.remove(&host).map(|known| known.subscription)
    }
}
