//! Laws of dxRPC.

use dxos_reference::mesh::rpc::{Message, Peer, Settings};

/// A message that was read is written so that it is read again; a peer takes or ignores it, and then still serves.
pub fn rpc_message(bytes: &[u8]) {
    if let Ok(message) = Message::decode(bytes) {
        let once = message.encode();
        let again = Message::decode(&once);
        assert_eq!(again.map(|message| message.encode()), Ok(once), "writing changes a message");
    }
    for handshake in [false, true] {
        let mut peer = Peer::new(Settings { handshake, ..Settings::default() }, 0);
        // Messages of up to 255 bytes, each behind its length.
        let mut rest = bytes;
        while let Some((length, behind)) = rest.split_first() {
            let (message, next) = behind.split_at(behind.len().min(usize::from(*length)));
            peer.receive(message, 0);
            rest = next;
        }
        peer.receive(bytes, 0);
        while peer.poll().is_some() {}
        let before = peer.serving().count();
        assert!(before <= 2048, "more is carried out than the limits allow");
    }
}
