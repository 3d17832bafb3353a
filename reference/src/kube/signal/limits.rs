//! What one client, and one peer key, may use up.

/// The limits of a server (KUBE-SIG-029 to KUBE-SIG-033).  What goes beyond one is refused with
/// `RATE_LIMIT_EXCEEDED`, and nothing else changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Joins at a time on one socket.
    pub joins: usize,
    /// Subscriptions at a time on one socket.
    pub subscriptions: usize,
    /// Joins at a time of one peer key, over all sockets and topics; as many subscriptions.
    pub streams_per_peer: usize,
    /// Peers at a time in one swarm.
    pub members: usize,
    /// Bytes of a topic, and of a peer key.
    pub key_bytes: usize,
    /// Bytes of an encoded message.
    pub message_bytes: usize,
    /// Messages a second that one socket may send on average.
    pub messages_per_second: u32,
    /// Messages that one socket may send at once.
    pub burst: u32,
    /// Milliseconds of silence after which a socket that has sent `__ping__` before counts as dead.
    pub silence: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            joins: 1024,
            subscriptions: 64,
            streams_per_peer: 4096,
            members: 4096,
            key_bytes: 128,
            message_bytes: 256 << 10,
            messages_per_second: 1000,
            burst: 5000,
            silence: 30_000,
        }
    }
}
