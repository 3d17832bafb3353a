//! What has happened on a board, for whoever watches a server.

/// Counts since the board was made, and what is there now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Sockets that are open.
    pub sockets: u64,
    /// Swarms with at least one peer.
    pub swarms: u64,
    /// Peers in swarms: the sum over all swarms, those on other servers included.
    pub members: u64,
    /// Streams of swarms that are open.
    pub joins: u64,
    /// Streams of messages that are open.
    pub subscriptions: u64,
    /// Joins that were carried out.
    pub joined: u64,
    /// Streams of swarms that have ended.
    pub left: u64,
    /// Subscriptions that were made.
    pub subscribed: u64,
    /// Messages that were taken from clients.
    pub messages: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Deliveries of messages: one for each subscription that was served.
    pub delivered: u64,
    /// Messages for which nobody was there.
    pub undelivered: u64,
    /// Requests beyond a limit.
    pub limited: u64,
    /// Requests that made no sense.
    pub malformed: u64,
    /// Requests as a peer whose key was not proved.
    pub unproved: u64,
    /// Sockets that were closed as they did not take what they were sent.
    pub slow: u64,
    /// Sockets that were closed as they were silent.
    pub dead: u64,
}
