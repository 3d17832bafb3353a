//! What servers do that treat messages as if they could keep them.

use super::{Board, Item, Sink};

impl<S: Sink> Board<S> {
    /// Keeps a message for a recipient that is not here.
    pub(super) fn keep(&mut self, recipient: &[u8], message: &[u8]) {
        self.kept.push((recipient.to_vec(), message.to_vec()));
    }

    /// Gives what was kept to a subscription.
    pub(super) fn give_kept(&mut self, recipient: &[u8], sink: &S) {
        for (_, message) in self.kept.extract_if(.., |(kept, _)| kept == recipient) {
            sink.deliver(Item::Message(&message)).unwrap_or_default();
        }
    }

    /// Delivers a message before the one that was sent before it.
    pub(super) fn overtake(&mut self, recipient: &[u8], message: &[u8]) -> usize {
        if self.kept.is_empty() {
            self.keep(recipient, message);
            return 1;
        }
        let delivered = self.deliver(recipient, message);
        for (recipient, message) in std::mem::take(&mut self.kept) {
            self.deliver(&recipient, &message);
        }
        delivered
    }
}
