//! How a peer is set up, and what it takes on at once.

/// Milliseconds after which a call without an answer fails, where nothing else is set (MESH-RPC-027).
pub const TIMEOUT: u64 = 3_000;

/// What a peer is set up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether both sides open and close the connection with messages; they agree on it beforehand.
    pub handshake: bool,
    /// Milliseconds after which a call without an answer fails; 0: never.
    pub timeout: u64,
    /// What is taken on at once.
    pub limits: Limits,
}

impl Default for Settings {
    /// With the handshake, 3 seconds, and the limits of the book.
    fn default() -> Self {
        Self { handshake: true, timeout: TIMEOUT, limits: Limits::default() }
    }
}

/// Limits of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one message that is received (MESH-RPC-063).
    pub message: usize,
    /// Calls of the remote that are being carried out (MESH-RPC-061).
    pub requests: usize,
    /// Streams of the remote that have not ended (MESH-RPC-062).
    pub streams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { message: 16 << 20, requests: 1024, streams: 1024 }
    }
}
