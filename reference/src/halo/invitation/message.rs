//! The messages of `InvitationHostService`, in bytes.

use super::super::credential::message_type;
use super::record::key_in;
use crate::wire::{self, Message as Tree, Value, Writer};
use crate::{Class, Reject, canonical, requirement as req};

/// A method of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Called by both sides: the role of the caller.
    Options,
    /// The guest introduces itself.
    Introduce,
    /// The guest shows that it was invited.
    Authenticate,
    /// The guest asks to be admitted.
    Admit,
}

impl Method {
    /// All, each with its name.
    pub const ALL: [(&'static str, Self); 4] = [
        ("Options", Self::Options),
        ("Introduce", Self::Introduce),
        ("Authenticate", Self::Authenticate),
        ("Admit", Self::Admit),
    ];

    /// Its name in the schema.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Options => "Options",
            Self::Introduce => "Introduce",
            Self::Authenticate => "Authenticate",
            Self::Admit => "Admit",
        }
    }
}

/// A call, or what it is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What is called, or was.
    pub method: Method,
    /// The bytes.
    pub content: Content,
}

/// The content of a [`Message`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The encoded request.
    Request(Vec<u8>),
    /// The encoded response.
    Response(Vec<u8>),
    /// The call is refused.
    Error,
}

/// The type of a host's answer to `Admit`.
pub(super) const ADMISSION_RESPONSE: &str = "dxos.halo.invitations.AdmissionResponse";

/// The roles in `InvitationOptions`.
pub(super) const GUEST: i64 = 0;
/// The same of a host.
pub(super) const HOST: i64 = 1;

/// Reads a message of the package of invitations.
pub(super) fn read<'a>(name: &'static str, bytes: &'a [u8]) -> Result<Tree<'a>, Reject> {
    wire::read(message_type(name)?, bytes)
}

/// Reads the request of a call (HALO-INV-014).
pub(super) fn request<'a>(name: &'static str, bytes: &'a [u8]) -> Result<Tree<'a>, Reject> {
    let tree = read(name, bytes);
    Ok(alter!(HALO_INV_014, tree?, "a call that does not decode is taken for an empty one" => match tree {
        Ok(tree) => tree,
        Err(_) => read(name, &[])?,
    }))
}

/// An `InvitationOptions`.
pub(super) fn options(role: i64) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.int(1, role);
    writer.finish()
}

/// The role in an `InvitationOptions`.
pub(super) fn role_of(bytes: &[u8]) -> Result<Option<i64>, Reject> {
    Ok(request("dxos.halo.invitations.InvitationOptions", bytes)?.int(1))
}

/// An `IntroductionRequest`.
pub(super) fn introduction(name: Option<&str>, invitation_id: &str) -> Vec<u8> {
    let mut writer = Writer::default();
    if let Some(name) = name {
        writer.message(1, |profile| {
            profile.bytes(1, name.as_bytes());
        });
    }
    writer.bytes(2, invitation_id.as_bytes());
    writer.finish()
}

/// An `IntroductionResponse`.
pub(super) fn introduced(method: i64, challenge: Option<&[u8]>) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.int(1, method);
    if let Some(challenge) = challenge {
        writer.bytes(2, challenge);
    }
    writer.finish()
}

/// An `AuthenticationRequest` with a code, or with a signature.
pub(super) fn authentication(code: Option<&str>, signature: Option<&[u8]>) -> Vec<u8> {
    let mut writer = Writer::default();
    if let Some(code) = code {
        writer.bytes(1, code.as_bytes());
    }
    if let Some(signature) = signature {
        writer.bytes(2, signature);
    }
    writer.finish()
}

/// An `AuthenticationResponse`.
pub(super) fn authenticated(status: i64) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.int(1, status);
    writer.finish()
}

/// An `AdmissionRequest`: `number` is the field of its kind, the keys are in the order of their fields.
pub(super) fn admission_request(number: u32, keys: &[&[u8]]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.message(number, |request| {
        for (number, key) in (1..).zip(keys) {
            request.key(number, key);
        }
    });
    writer.finish()
}

/// The fields of the two kinds in `AdmissionRequest` and `AdmissionResponse`.
pub(super) const DEVICE: u32 = 1;
/// The same for a space.
pub(super) const SPACE: u32 = 2;

/// A timeframe as it is written: keys of feeds with the number of a block.
pub(super) type Timeframe = Vec<(Vec<u8>, i64)>;

fn timeframe(writer: &mut Writer, number: u32, frames: Option<&Timeframe>) {
    if let Some(frames) = frames {
        writer.message(number, |vector| {
            for (feed, block) in frames {
                vector.message(1, |frame| {
                    frame.bytes(1, feed).int(3, *block);
                });
            }
        });
    }
}

/// What a host answers to `Admit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// Whether it is to a space.
    pub is_space: bool,
    /// The encoded credential that admits.
    pub credential: Vec<u8>,
    /// Of a device: the keys of the identity, of its space, and of the genesis feed there.
    pub keys: [Vec<u8>; 3],
    /// How far the control feeds of the space go.
    pub control_timeframe: Option<Timeframe>,
}

impl Admission {
    /// The encoded `AdmissionResponse`.
    pub fn write(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        if self.is_space {
            writer.message(SPACE, |space| {
                space.bytes(1, &self.credential);
                timeframe(space, 2, self.control_timeframe.as_ref());
            });
        } else {
            writer.message(DEVICE, |device| {
                for (number, key) in (1..).zip(&self.keys) {
                    device.key(number, key);
                }
                timeframe(device, 4, self.control_timeframe.as_ref());
                device.bytes(5, &self.credential);
            });
        }
        writer.finish()
    }
}

/// What is in an encoded `AdmissionResponse`, unjudged.
///
/// # Errors
/// The reader's classes, and `decode.missing` where there is no credential (HALO-INV-055).
pub fn admission(bytes: &[u8]) -> Result<Admission, Reject> {
    let tree = read(ADMISSION_RESPONSE, bytes)?;
    let is_space = tree.message(SPACE).is_some();
    let inner = tree.message(if is_space { SPACE } else { DEVICE });
    let credential = inner.and_then(|inner| credential_in(inner, is_space));
    let credential = credential.ok_or_else(without_credential)?;
    let key = |number| inner.and_then(|inner| key_in(inner, number)).unwrap_or_default();
    let frames = inner.and_then(|inner| inner.message(if is_space { 2 } else { 4 }));
    Ok(Admission {
        is_space,
        credential: wire::complete(credential),
        keys: if is_space { Default::default() } else { [key(1), key(2), key(3)] },
        control_timeframe: frames.map(read_timeframe),
    })
}

/// The rejection of an admission without a credential.
pub(super) fn without_credential() -> Reject {
    Reject::new(req::HALO_INV_055, Class::DecodeMissing, "the admission holds no credential")
}

/// The credential of either kind.
pub(super) fn credential_in<'a, 'm>(inner: &'m Tree<'a>, is_space: bool) -> Option<&'m Tree<'a>> {
    inner.message(if is_space { 1 } else { 5 })
}

fn read_timeframe(vector: &Tree<'_>) -> Timeframe {
    let frame =
        |frame: &Tree<'_>| (frame.bytes(1).unwrap_or_default().to_vec(), frame.int(3).unwrap_or_default());
    vector.messages(1).map(frame).collect()
}

/// The `ProfileDocument` in a field, as it goes into a credential.
pub(super) fn profile_in(tree: &Tree<'_>, number: u32) -> Option<Vec<u8>> {
    tree.message(number).map(wire::complete)
}

/// The date in a field, in Unix milliseconds.
pub(super) fn date_in(tree: &Tree<'_>, number: u32) -> Option<i64> {
    tree.message(number).and_then(canonical::milliseconds)
}

/// The truth value in a field; false if it is absent.
pub(super) fn flag_in(tree: &Tree<'_>, number: u32) -> bool {
    matches!(tree.get(number), Some(Value::Bool(true)))
}
