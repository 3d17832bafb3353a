//! Invitations: their codes, and host and guest as state machines, message by message.
//!
//! ```text
//!  Invitation ◄──► code                       (record, code)
//!      │
//!      ├──► Host  ──► Sent, State, admission  (host; admission writes the credential)
//!      └──► Guest ──► Sent, State, Admitted   (guest; admission judges the credential)
//! ```
//!
//! The machines have no clock, no randomness and no connections of their own: a caller says which connection is
//! there, what came on it and what time it is, and takes what is to be sent.  A call that is refused is answered
//! with an error, and its connection is closed.

mod admission;
mod base62;
mod code;
mod delegated;
mod guest;
mod host;
mod link;
mod message;
mod record;

pub use admission::{Admitted, accept};
pub use code::{MAX_CODE_CHARACTERS, decode, encode};
pub use delegated::rehost;
pub use guest::{Guest, Identity};
pub use host::{Host, Place, Signer};
pub use message::{Admission, Content, Message, Method, admission};
pub use record::{Invitation, Keypair};

/// How a guest shows that it was invited, by the numbers of `Invitation.AuthMethod`.
pub mod auth_method {
    /// It knows the invitation.
    pub const NONE: i64 = 0;
    /// It knows a code.
    pub const SHARED_SECRET: i64 = 1;
    /// It has a private key.
    pub const KNOWN_PUBLIC_KEY: i64 = 2;
}

/// To what a guest is invited, by the numbers of `Invitation.Kind`.
pub mod kind {
    /// To be a device of the host's identity.
    pub const DEVICE: i64 = 0;
    /// To be a member of a space.
    pub const SPACE: i64 = 1;
}

/// The form of an invitation, by the numbers of `Invitation.Type`.
pub mod form {
    /// Hosted by its creator.
    pub const INTERACTIVE: i64 = 0;
    /// Hosted by every peer of the space.
    pub const DELEGATED: i64 = 1;
    /// Deprecated: [`INTERACTIVE`] with `multi_use`.
    pub const MULTIUSE: i64 = 2;
}

/// How a host judges a guest, by the numbers of `AuthenticationResponse.Status`.
pub mod status {
    /// It may call `Admit`.
    pub const OK: i64 = 0;
    /// The code is wrong; another one may be tried.
    pub const INVALID_OTP: i64 = 1;
    /// Too many codes were wrong.
    pub const INVALID_OPT_ATTEMPTS: i64 = 2;
    /// The host has nothing to compare with.
    pub const INTERNAL_ERROR: i64 = 3;
    /// The signature is wrong.
    pub const INVALID_SIGNATURE: i64 = 4;
}

/// Wrong codes that end an invitation (HALO-INV-021), and codes that a guest tries (HALO-INV-046).
pub const MAX_CODES: u32 = 3;
/// Hosts of a delegated invitation that a guest tries (HALO-INV-053).
pub const MAX_HOSTS: u32 = 3;
/// How long `Options` is waited for, in milliseconds (HALO-INV-012).
pub const OPTIONS_TIMEOUT: i64 = 10_000;
/// How long a guest has, in milliseconds, where the invitation does not say so (HALO-INV-036).
pub const DEFAULT_TIMEOUT: i64 = 180_000;
/// Most connections that wait for their turn (HALO-INV-041).
pub const MAX_WAITING: usize = 64;

/// The state of an invitation, as `Invitation.State`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// No other side, or not known as such.
    Connecting,
    /// The other side is there.
    Connected,
    /// The guest has introduced itself.
    ReadyForAuthentication,
    /// The guest has called `Authenticate`.
    Authenticating,
    /// A guest was admitted.
    Success,
    /// Ended by the application.
    Cancelled,
    /// Ended: no host was there in time.
    Timeout,
    /// Ended by a failure.
    Error,
    /// Ended by its lifetime.
    Expired,
}

impl State {
    /// Its name in the schema.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connecting => "CONNECTING",
            Self::Connected => "CONNECTED",
            Self::ReadyForAuthentication => "READY_FOR_AUTHENTICATION",
            Self::Authenticating => "AUTHENTICATING",
            Self::Success => "SUCCESS",
            Self::Cancelled => "CANCELLED",
            Self::Timeout => "TIMEOUT",
            Self::Error => "ERROR",
            Self::Expired => "EXPIRED",
        }
    }
}

/// Something that a machine does to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// It sends a message.
    Send {
        /// The number of the connection.
        connection: u64,
        /// What is sent.
        message: Message,
    },
    /// It closes the connection, once what was sent before is delivered.
    Close {
        /// The number of the connection.
        connection: u64,
    },
}
