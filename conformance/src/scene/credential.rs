//! What a drawing says of a credential.

use super::protobuf::Message;

/// A credential, as far as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Credential {
    /// The id that it carries.
    pub(super) id: Option<Vec<u8>>,
    /// Who states it.
    pub(super) issuer: Vec<u8>,
    /// About whom.
    pub(super) subject: Vec<u8>,
    /// When, in Unix milliseconds.
    pub(super) date: Option<i64>,
    /// Ids of those before it, as listed.
    pub(super) parents: Vec<Vec<u8>>,
    /// What is stated.
    pub(super) stated: Stated,
}

/// What is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    /// `SpaceGenesis`.
    Genesis,
    /// `SpaceMember`.
    Member {
        /// `space_key`.
        space: Vec<u8>,
        /// `role`.
        role: i64,
        /// The name in `profile`.
        name: Option<String>,
        /// `invitation_credential_id`.
        invitation: Option<Vec<u8>>,
    },
    /// `MemberProfile` with its name.
    Profile(Option<String>),
    /// `AdmittedFeed` with its designation.
    Feed(i64),
    /// `DelegateSpaceInvitation` with its role.
    Delegate(i64),
    /// `CancelDelegatedInvitation` with the id that it names.
    Cancel(Vec<u8>),
    /// `Epoch`.
    Epoch {
        /// `number`.
        number: i64,
        /// `previous_id`.
        previous: Option<Vec<u8>>,
    },
    /// Anything else, by the last part of the name of its type.
    Other(String),
}

impl Credential {
    /// Reads a credential; none if the bytes are no message, or have no claim about anybody.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let message = Message::read(bytes)?;
        let claim = message.message(10)?;
        let assertion = claim.message(2);
        let stated = assertion.as_ref().map_or_else(|| Stated::Other("nothing".to_owned()), stated);
        let seconds =
            |at: &Message<'_>| at.integer(1).checked_mul(1000)?.checked_add(at.integer(2) / 1_000_000);
        Some(Self {
            id: message.key(1).map(<[u8]>::to_vec),
            issuer: message.key(2).unwrap_or_default().to_vec(),
            subject: claim.key(1).unwrap_or_default().to_vec(),
            date: message.message(3).as_ref().and_then(seconds),
            parents: message
                .all(12)
                .filter_map(|id| Message::read(id)?.bytes(1))
                .map(<[u8]>::to_vec)
                .collect(),
            stated,
        })
    }
}

fn stated(assertion: &Message<'_>) -> Stated {
    let name = String::from_utf8_lossy(assertion.bytes(1).unwrap_or_default());
    let last = name.rsplit(['.', '/']).next().unwrap_or_default();
    // No value is an empty message.
    let Some(value) = Message::read(assertion.bytes(2).unwrap_or_default()) else {
        return Stated::Other(format!("{last} (not readable)"));
    };
    let key = |number| value.key(number).unwrap_or_default().to_vec();
    let known = ["dxos.halo.credentials.", "dxos.halo.invitations."];
    if !known.iter().any(|package| name.strip_prefix(package) == Some(last)) {
        return Stated::Other(last.to_owned());
    }
    match last {
        "SpaceGenesis" => Stated::Genesis,
        "SpaceMember" => Stated::Member {
            space: key(1),
            role: value.integer(2),
            name: name_in(&value),
            invitation: value.key(5).map(<[u8]>::to_vec),
        },
        "MemberProfile" => Stated::Profile(name_in(&value)),
        "AdmittedFeed" => Stated::Feed(value.integer(4)),
        "DelegateSpaceInvitation" => Stated::Delegate(value.integer(4)),
        "CancelDelegatedInvitation" => Stated::Cancel(key(1)),
        "Epoch" => Stated::Epoch { number: value.integer(1), previous: value.key(2).map(<[u8]>::to_vec) },
        _ => Stated::Other(last.to_owned()),
    }
}

/// The name in a profile.
fn name_in(value: &Message<'_>) -> Option<String> {
    let profile = value.message(3)?;
    profile.bytes(1).map(|name| String::from_utf8_lossy(name).into_owned())
}

/// The word for a role.
pub(super) fn role(number: i64) -> String {
    match number {
        0 => "INVALID".to_owned(),
        1 => "ADMIN".to_owned(),
        2 => "EDITOR".to_owned(),
        3 => "READER".to_owned(),
        4 => "OWNER".to_owned(),
        5 => "REMOVED".to_owned(),
        other => format!("role {other}"),
    }
}

/// The word for the designation of a feed.
pub(super) fn designation(number: i64) -> String {
    match number {
        0 => "GENERAL".to_owned(),
        1 => "CONTROL".to_owned(),
        2 => "DATA".to_owned(),
        other => other.to_string(),
    }
}
