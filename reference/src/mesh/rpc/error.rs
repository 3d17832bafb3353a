//! Errors as they travel.

use std::fmt;

use dxos_proto::dxos::error;
use dxos_proto::prost_types::Struct;

macro_rules! codes {
    ($($variant:ident $name:literal $about:literal,)*) => {
        /// The names of errors that both sides know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $about] $variant,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name as it travels, for example `RATE_LIMIT_EXCEEDED`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

codes! {
    RpcClosed "RPC_CLOSED" "The connection is closed, or closing.",
    RpcNotOpen "RPC_NOT_OPEN" "The connection is not open yet.",
    Cancelled "CANCELLED" "Somebody has called it off.",
    InvalidConfig "INVALID_CONFIG" "A configuration is not valid.",
    RemoteServiceConnectionError "REMOTE_SERVICE_CONNECTION_ERROR" "The services cannot be reached.",
    RemoteServiceConnectionTimeout "REMOTE_SERVICE_CONNECTION_TIMEOUT" "The services were not reached in time.",
    DataCorruption "DATA_CORRUPTION" "Stored data are damaged.",
    InvalidInvitationExtensionRole "INVALID_INVITATION_EXTENSION_ROLE" "Both sides of an invitation have one role.",
    IdentityNotInitialized "IDENTITY_NOT_INITIALIZED" "There is no identity yet.",
    InvalidInvitation "INVALID_INVITATION" "The invitation is not valid.",
    AlreadyJoined "ALREADY_JOINED" "The space was joined before.",
    ConnectionReset "CONNECTION_RESET" "The connection was cut.",
    Timeout "TIMEOUT" "No answer came in time.",
    ProtocolError "PROTOCOL_ERROR" "The other side breaks the protocol.",
    ConnectivityError "CONNECTIVITY_ERROR" "There is no connection.",
    RateLimitExceeded "RATE_LIMIT_EXCEEDED" "More than a limit allows.",
    UnknownProtocolError "UNKNOWN_PROTOCOL_ERROR" "A fault of the protocol that has no name.",
    InvalidStorageVersion "INVALID_STORAGE_VERSION" "Stored data are of another version: `expected`, `actual`.",
    SpaceNotFound "SPACE_NOT_FOUND" "There is no such space: `spaceKey`.",
    ItemNotFound "ITEM_NOT_FOUND" "There is no such object: `entityId`.",
    UnknownModel "UNKNOWN_MODEL" "There is no such model: `model`.",
    AuthorizationError "AUTHORIZATION_ERROR" "The caller may not do this.",
}

impl Code {
    /// The code of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// Whether deployed readers look into the context of such an error, so that it may not travel without one
    /// (MESH-RPC-044).
    pub const fn needs_context(self) -> bool {
        matches!(
            self,
            Self::InvalidStorageVersion | Self::SpaceNotFound | Self::ItemNotFound | Self::UnknownModel
        )
    }
}

/// Why a call or a stream has failed: what travels of it, which is never a stack (MESH-RPC-042).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RpcError {
    /// A [`Code`], or any other name.
    pub name: Option<String>,
    /// What went wrong, for people.  It holds no paths and no secrets.
    pub message: Option<String>,
    /// Values that belong to the code.
    pub context: Option<Struct>,
}

impl RpcError {
    /// An error of a code.
    pub fn code(code: Code, message: impl Into<String>) -> Self {
        Self::named(code.name(), message)
    }

    /// An error of another name; `Error` where there is nothing better.
    pub fn named(name: &str, message: impl Into<String>) -> Self {
        Self { name: Some(name.to_owned()), message: Some(message.into()), context: None }
    }

    /// Its code, if the name is one.
    pub fn known(&self) -> Option<Code> {
        self.name.as_deref().and_then(Code::of)
    }

    /// The message that travels.
    pub(super) fn to_proto(&self) -> error::Error {
        let bare = self.context.is_none() && self.known().is_some_and(Code::needs_context);
        let completed = bare.then(Struct::default);
        let context = alter!(MESH_RPC_044, self.context.clone().or(completed),
            "an error that needs a context goes out without" => self.context.clone());
        let context = alter!(MESH_RPC_040, context, "the context of an error is lost" => None);
        error::Error {
            name: alter!(MESH_RPC_040, self.name.clone(), "the name of an error is lost" => None),
            message: alter!(MESH_RPC_040, self.message.clone(),
                "the message of an error is lost" => Some("error".to_owned())),
            stack: alter!(MESH_RPC_042, None, "an error carries a stack" =>
                Some("Error\n    at call (/srv/kube/rpc.ts:1:1)".to_owned())),
            context,
        }
    }

    /// What is read of it; the stack is not.
    pub(super) fn from_proto(error: error::Error) -> Self {
        let name = alter!(MESH_RPC_041, error.name,
            "an error is given a name of our own" => Some("Error".to_owned()));
        Self { name, message: error.message, context: error.context }
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("Error");
        match self.message.as_deref() {
            Some(message) => write!(f, "{name}: {message}"),
            None => f.write_str(name),
        }
    }
}

impl std::error::Error for RpcError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_by_their_names_alone() {
        for code in Code::ALL {
            assert_eq!(Code::of(code.name()), Some(*code));
            assert_eq!(Code::of(&code.name().to_lowercase()), None);
        }
        assert_eq!(RpcError::named("TypeError", "x").known(), None);
        assert_eq!(RpcError::code(Code::Timeout, "no answer").to_string(), "TIMEOUT: no answer");
    }

    #[test]
    fn some_codes_never_travel_without_a_context() {
        let bare = RpcError::code(Code::SpaceNotFound, "no such space");
        assert_eq!(bare.to_proto().context, Some(Struct::default()));
        assert_eq!(RpcError::code(Code::Timeout, "").to_proto().context, None);
        assert_eq!(bare.to_proto().stack, None);
    }
}
