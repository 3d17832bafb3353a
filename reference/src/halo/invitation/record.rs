//! An invitation, as `dxos.client.services.Invitation` holds it.

use std::fmt;

use super::super::credential::message_type;
use crate::canonical::milliseconds;
use crate::wire::{self, Message, Writer};
use crate::{Reject, keys::to_hex};

/// An invitation: what is `None` is absent.  Enumerations are their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invitation {
    /// Random text that tells it apart.
    pub invitation_id: String,
    /// See [`super::form`].
    pub form: Option<i64>,
    /// See [`super::kind`].
    pub kind: Option<i64>,
    /// See [`super::auth_method`].
    pub auth_method: Option<i64>,
    /// The topic where host and guest meet, 32 bytes.
    pub swarm_key: Vec<u8>,
    /// See [`super::State`].
    pub state: Option<i64>,
    /// How long a guest has, in milliseconds.
    pub timeout: Option<i64>,
    /// The identity that a device is invited to.
    pub identity_key: Option<Vec<u8>>,
    /// The space that a guest is invited to.
    pub space_key: Option<Vec<u8>>,
    /// The code that a guest must know, six decimal digits.
    pub auth_code: Option<String>,
    /// For the application.
    pub target: Option<String>,
    /// Whether it is kept over a restart.
    pub persistent: Option<bool>,
    /// In Unix milliseconds.
    pub created: Option<i64>,
    /// In seconds; 0 is for ever.
    pub lifetime: Option<i64>,
    /// Whether several guests may use it.
    pub multi_use: Option<bool>,
    /// The guest's keys, for KNOWN_PUBLIC_KEY.
    pub guest_keypair: Option<Keypair>,
    /// The id of the credential that delegates it, 32 bytes.
    pub delegation_credential_id: Option<Vec<u8>>,
    /// The role of whom it admits.
    pub role: Option<i64>,
    /// The id of the space.
    pub space_id: Option<String>,
}

/// A pair of Ed25519 keys.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Keypair {
    /// 32 bytes.
    pub public_key: Vec<u8>,
    /// 64 bytes: the seed, then the public key.
    pub private_key: Option<Vec<u8>>,
}

impl fmt::Debug for Keypair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keypair").field("public_key", &to_hex(&self.public_key)).finish_non_exhaustive()
    }
}

/// The numbers of the fields.
mod field {
    pub(super) const INVITATION_ID: u32 = 1;
    pub(super) const TYPE: u32 = 2;
    pub(super) const KIND: u32 = 3;
    pub(super) const AUTH_METHOD: u32 = 4;
    pub(super) const SWARM_KEY: u32 = 5;
    pub(super) const STATE: u32 = 6;
    pub(super) const TIMEOUT: u32 = 7;
    pub(super) const IDENTITY_KEY: u32 = 8;
    pub(super) const SPACE_KEY: u32 = 9;
    pub(super) const AUTH_CODE: u32 = 10;
    pub(super) const TARGET: u32 = 11;
    pub(super) const PERSISTENT: u32 = 12;
    pub(super) const CREATED: u32 = 13;
    pub(super) const LIFETIME: u32 = 14;
    pub(super) const MULTI_USE: u32 = 15;
    pub(super) const GUEST_KEYPAIR: u32 = 16;
    pub(super) const DELEGATION_CREDENTIAL_ID: u32 = 17;
    pub(super) const ROLE: u32 = 18;
    pub(super) const SPACE_ID: u32 = 19;
}

impl Invitation {
    /// Reads an encoded invitation.
    ///
    /// # Errors
    /// As [`wire::read`].
    pub fn read(bytes: &[u8]) -> Result<Self, Reject> {
        let tree = wire::read(message_type("dxos.client.services.Invitation")?, bytes)?;
        Ok(Self::of(&tree))
    }

    fn of(message: &Message<'_>) -> Self {
        let text = |number| message.text(number).map(str::to_owned);
        let key = |number| key_in(message, number);
        // A truth value is read as one.
        let flag = |number| match message.get(number) {
            Some(wire::Value::Bool(flag)) => Some(*flag),
            _ => None,
        };
        Self {
            invitation_id: text(field::INVITATION_ID).unwrap_or_default(),
            form: message.int(field::TYPE),
            kind: message.int(field::KIND),
            auth_method: message.int(field::AUTH_METHOD),
            swarm_key: key(field::SWARM_KEY).unwrap_or_default(),
            state: message.int(field::STATE),
            timeout: message.int(field::TIMEOUT),
            identity_key: key(field::IDENTITY_KEY),
            space_key: key(field::SPACE_KEY),
            auth_code: text(field::AUTH_CODE),
            target: text(field::TARGET),
            persistent: flag(field::PERSISTENT),
            created: message.message(field::CREATED).and_then(milliseconds),
            lifetime: message.int(field::LIFETIME),
            multi_use: flag(field::MULTI_USE),
            guest_keypair: message.message(field::GUEST_KEYPAIR).map(|pair| Keypair {
                public_key: key_in(pair, 1).unwrap_or_default(),
                private_key: key_in(pair, 2),
            }),
            delegation_credential_id: key(field::DELEGATION_CREDENTIAL_ID),
            role: message.int(field::ROLE),
            space_id: text(field::SPACE_ID),
        }
    }

    /// The encoding: what is absent is not written, but for the two fields that always are.
    pub fn write(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.bytes(field::INVITATION_ID, self.invitation_id.as_bytes());
        int(&mut writer, field::TYPE, self.form);
        int(&mut writer, field::KIND, self.kind);
        int(&mut writer, field::AUTH_METHOD, self.auth_method);
        writer.key(field::SWARM_KEY, &self.swarm_key);
        int(&mut writer, field::STATE, self.state);
        int(&mut writer, field::TIMEOUT, self.timeout);
        key(&mut writer, field::IDENTITY_KEY, self.identity_key.as_deref());
        key(&mut writer, field::SPACE_KEY, self.space_key.as_deref());
        text(&mut writer, field::AUTH_CODE, self.auth_code.as_deref());
        text(&mut writer, field::TARGET, self.target.as_deref());
        int(&mut writer, field::PERSISTENT, self.persistent.map(i64::from));
        if let Some(created) = self.created {
            writer.date(field::CREATED, created);
        }
        int(&mut writer, field::LIFETIME, self.lifetime);
        int(&mut writer, field::MULTI_USE, self.multi_use.map(i64::from));
        if let Some(pair) = &self.guest_keypair {
            writer.message(field::GUEST_KEYPAIR, |writer| {
                writer.key(1, &pair.public_key);
                key(writer, 2, pair.private_key.as_deref());
            });
        }
        key(&mut writer, field::DELEGATION_CREDENTIAL_ID, self.delegation_credential_id.as_deref());
        int(&mut writer, field::ROLE, self.role);
        text(&mut writer, field::SPACE_ID, self.space_id.as_deref());
        writer.finish()
    }

    /// When it expires, in Unix milliseconds; `None` is never (HALO-INV-038).
    pub fn expires(&self) -> Option<i64> {
        let (created, lifetime) = (self.created?, self.lifetime?);
        let lifetime = alter!(HALO_INV_038, lifetime.checked_mul(1000)?,
            "the lifetime is taken for milliseconds" => lifetime);
        let for_ever = alter!(HALO_INV_038, lifetime == 0, "a lifetime of 0 is over at once" => false);
        if for_ever { None } else { created.checked_add(lifetime) }
    }

    /// Whether it has expired at a time in Unix milliseconds.
    pub fn has_expired(&self, now: i64) -> bool {
        self.expires()
            .is_some_and(|end| alter!(HALO_INV_038, now >= end, "it ends a millisecond late" => now > end))
    }

    /// How long a guest has, in milliseconds (HALO-INV-036, HALO-INV-054).
    pub(super) fn patience(&self) -> i64 {
        self.timeout.unwrap_or(super::DEFAULT_TIMEOUT).max(0)
    }

    /// The method, NONE where it is absent.
    pub(super) fn method(&self) -> i64 {
        self.auth_method.unwrap_or(super::auth_method::NONE)
    }

    /// Whether it is to a space.
    pub(super) fn is_to_space(&self) -> bool {
        self.kind == Some(super::kind::SPACE)
    }
}

/// The bytes of the key in a field, if it is there.
pub(super) fn key_in(message: &Message<'_>, number: u32) -> Option<Vec<u8>> {
    message.message(number).map(|key| key.bytes(1).unwrap_or_default().to_vec())
}

fn int(writer: &mut Writer, number: u32, value: Option<i64>) {
    if let Some(value) = value {
        writer.int(number, value);
    }
}

fn key(writer: &mut Writer, number: u32, value: Option<&[u8]>) {
    if let Some(value) = value {
        writer.key(number, value);
    }
}

fn text(writer: &mut Writer, number: u32, value: Option<&str>) {
    if let Some(value) = value {
        writer.bytes(number, value.as_bytes());
    }
}
