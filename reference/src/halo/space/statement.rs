//! What a credential states, apart from its bytes.

use super::Id;
use crate::halo::Credential;
use crate::wire::Message;
use crate::{Reject, canonical};

/// The facts of a credential that the machines use; keys and ids are of any length, as the codec allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The id that it carries, which proves nothing.
    pub carried_id: Option<Vec<u8>>,
    /// SHA-256 of the payload.
    pub id: Id,
    /// Who states it.
    pub issuer: Vec<u8>,
    /// About whom.
    pub subject: Vec<u8>,
    /// When it was issued, in Unix milliseconds.
    pub date: i64,
    /// Ids of the credentials before it, as listed.
    pub parents: Vec<Vec<u8>>,
    /// What is stated.
    pub stated: Stated,
}

/// What is stated, by type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stated {
    /// `SpaceGenesis`.
    Genesis {
        /// `space_key`.
        space: Vec<u8>,
    },
    /// `SpaceMember`.
    Member {
        /// `space_key`.
        space: Vec<u8>,
        /// `role`.
        role: i64,
        /// `profile.display_name`, if there is a profile.
        profile: Option<Option<String>>,
        /// `invitation_credential_id`.
        invitation: Option<Vec<u8>>,
    },
    /// `MemberProfile`.
    Profile {
        /// `profile.display_name`, if there is a profile.
        profile: Option<Option<String>>,
    },
    /// `AdmittedFeed`.
    Feed {
        /// `space_key`.
        space: Vec<u8>,
        /// `identity_key`.
        identity: Vec<u8>,
        /// `device_key`.
        device: Vec<u8>,
        /// `designation`.
        designation: i64,
    },
    /// `DelegateSpaceInvitation`.
    Delegate(Delegation),
    /// `CancelDelegatedInvitation`.
    Cancel {
        /// `credential_id`.
        credential: Vec<u8>,
    },
    /// `Epoch`.
    Epoch {
        /// `number`.
        number: i64,
        /// `previous_id`.
        previous: Option<Vec<u8>>,
    },
    /// `AuthorizedDevice`.
    Device {
        /// `identity_key`.
        identity: Vec<u8>,
        /// `device_key`.
        device: Vec<u8>,
    },
    /// `DeviceProfile`: the label.
    DeviceProfile {
        /// `profile.label`.
        label: Option<String>,
    },
    /// `IdentityProfile`: the name.
    IdentityProfile {
        /// `profile.display_name`.
        name: Option<String>,
    },
    /// `DefaultSpace`.
    DefaultSpace {
        /// `space_id`.
        space_id: String,
    },
    /// Anything else, by the name of its type.
    Other(String),
}

/// A delegated invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// `invitation_id`.
    pub invitation_id: String,
    /// `auth_method`: NONE 0, SHARED_SECRET 1, KNOWN_PUBLIC_KEY 2.
    pub auth_method: i64,
    /// `role`.
    pub role: i64,
    /// `expires_on`, in Unix milliseconds.
    pub expires_on: Option<i64>,
    /// `multi_use`.
    pub multi_use: bool,
}

impl Statement {
    /// The facts of a credential.
    ///
    /// # Errors
    /// `canon.form` for free data that has no canonical form, so that there is no id.
    pub fn of(credential: &Credential<'_>) -> Result<Self, Reject> {
        let assertion = credential.assertion();
        let name = assertion.map(|assertion| assertion.type_name()).unwrap_or_default();
        let stated = match assertion.and_then(|assertion| assertion.message()) {
            Some(message) => stated(name, message),
            None => Stated::Other(name.to_owned()),
        };
        Ok(Self {
            carried_id: credential.carried_id().map(<[u8]>::to_vec),
            id: credential.computed_id()?,
            issuer: credential.issuer().to_vec(),
            subject: credential.subject().to_vec(),
            date: credential.issuance_date(),
            parents: credential.parents().map(<[u8]>::to_vec).collect(),
            stated,
        })
    }
}

fn stated(name: &str, message: &Message<'_>) -> Stated {
    let key = |number| message.message(number).and_then(|key| key.bytes(1)).unwrap_or_default().to_vec();
    let optional_key = |number| message.message(number).map(|key| key.bytes(1).unwrap_or_default().to_vec());
    let text = |parent: Option<&Message<'_>>| parent.and_then(|parent| parent.text(1)).map(str::to_owned);
    let profile = |number| message.message(number).map(|profile| text(Some(profile)));
    let int = |number| message.int(number).unwrap_or_default();
    match name.strip_prefix("dxos.halo.credentials.").or_else(|| name.strip_prefix("dxos.halo.invitations."))
    {
        Some("SpaceGenesis") => Stated::Genesis { space: key(1) },
        Some("SpaceMember") => {
            Stated::Member { space: key(1), role: int(2), profile: profile(3), invitation: optional_key(5) }
        }
        Some("MemberProfile") => Stated::Profile { profile: profile(3) },
        Some("AdmittedFeed") => {
            Stated::Feed { space: key(1), identity: key(2), device: key(3), designation: int(4) }
        }
        Some("DelegateSpaceInvitation") => Stated::Delegate(Delegation {
            invitation_id: message.text(1).unwrap_or_default().to_owned(),
            auth_method: int(2),
            role: int(4),
            expires_on: message.message(6).and_then(canonical::milliseconds),
            multi_use: message.flag(7).unwrap_or_default(),
        }),
        Some("CancelDelegatedInvitation") => Stated::Cancel { credential: key(1) },
        Some("Epoch") => Stated::Epoch { number: int(1), previous: optional_key(2) },
        Some("AuthorizedDevice") => Stated::Device { identity: key(1), device: key(2) },
        Some("DeviceProfile") => Stated::DeviceProfile { label: text(message.message(1)) },
        Some("IdentityProfile") => Stated::IdentityProfile { name: text(message.message(1)) },
        Some("DefaultSpace") => {
            Stated::DefaultSpace { space_id: message.text(1).unwrap_or_default().to_owned() }
        }
        _ => Stated::Other(name.to_owned()),
    }
}
