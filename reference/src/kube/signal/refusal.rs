//! Why a request of a client is not carried out.

use crate::Reject;

/// A refused request: it is answered with an error, and the socket goes on (KUBE-SIG-034).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A limit of the server: `RATE_LIMIT_EXCEEDED`.
    #[error("{0}")]
    Limit(&'static str),
    /// A request that makes no sense: `PROTOCOL_ERROR`.
    #[error("{0}")]
    Malformed(&'static str),
    /// A peer key that this socket has not proved: `AUTHORIZATION_ERROR`.
    #[error("the peer key is not proved")]
    Unproved {
        /// What is to be signed: the member `challenge` of the error's context, in hex.
        challenge: [u8; 32],
    },
    /// The socket is gone: `CONNECTION_RESET`.
    #[error("the socket is closed")]
    Closed,
}

impl Refusal {
    /// The name of the error on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Limit(_) => "RATE_LIMIT_EXCEEDED",
            Self::Malformed(_) => "PROTOCOL_ERROR",
            Self::Unproved { .. } => "AUTHORIZATION_ERROR",
            Self::Closed => "CONNECTION_RESET",
        }
    }
}

impl From<Reject> for Refusal {
    /// Classes of the stage `resource` are limits, all others are about the request.
    fn from(reject: Reject) -> Self {
        if reject.class.name().starts_with("resource.") {
            Self::Limit(reject.what)
        } else {
            Self::Malformed(reject.what)
        }
    }
}
