//! Admission credentials: a host writes them, a guest judges them.

use super::super::{Credential, Issue, issue, verify};
use super::host::{Place, Signer};
use super::message::{self, ADMISSION_RESPONSE, Admission, DEVICE, SPACE, credential_in, without_credential};
use super::record::{Invitation, key_in};
use crate::Reject;
use crate::halo::space::Role;
use crate::keys::Suite;
use crate::wire::{Message as Tree, Writer};

const SPACE_MEMBER: &str = "dxos.halo.credentials.SpaceMember";
const AUTHORIZED_DEVICE: &str = "dxos.halo.credentials.AuthorizedDevice";

/// What a guest asks for: the keys of an `AdmissionRequest`, without those of feeds.
pub(super) struct Asked {
    /// Of a space: the guest's identity.
    pub(super) identity: Option<Vec<u8>>,
    /// The guest's device.
    pub(super) device: Vec<u8>,
}

/// Reads an `AdmissionRequest` for an invitation of a kind (HALO-INV-029).
pub(super) fn asked(bytes: &[u8], to_space: bool) -> Result<Asked, Reject> {
    let tree = message::request("dxos.halo.invitations.AdmissionRequest", bytes)?;
    let wanted = alter!(HALO_INV_029, if to_space { SPACE } else { DEVICE },
        "a request of either kind will do" =>
            if tree.message(SPACE).is_some() { SPACE } else { DEVICE });
    let request = tree.message(wanted);
    let key = |number| request.and_then(|request| key_in(request, number)).unwrap_or_default();
    // Identity and device, or the device alone, and the keys of two feeds.
    let keys: Vec<Vec<u8>> = (1..=if wanted == SPACE { 4 } else { 3 }).map(key).collect();
    let whole = alter!(HALO_INV_029, keys.iter().all(|key| Suite::of(key).is_ok()),
        "only the first key is looked at" => keys.iter().take(1).all(|key| Suite::of(key).is_ok()));
    require!(HALO_INV_029, whole, AuthKey, "a key of the request is absent or none")?;
    Ok(match wanted {
        SPACE => Asked { identity: Some(key(1)), device: key(2) },
        _ => Asked { identity: None, device: key(1) },
    })
}

/// The credential that admits a guest, and what goes with it.
pub(super) fn admit(
    invitation: &Invitation,
    signer: &Signer,
    place: &Place,
    asked: &Asked,
    profile: Option<&[u8]>,
    now: i64,
) -> Result<Admission, Reject> {
    match place {
        Place::Space { space_key, genesis_feed_key, heads, control_timeframe, .. } => {
            let identity = asked.identity.as_deref().unwrap_or(&asked.device);
            let subject = alter!(HALO_INV_031, identity, "the device is admitted" => &asked.device);
            let heads = alter!(HALO_INV_031, heads.iter().map(Vec::as_slice).collect(),
                "the heads are not named as parents" => Vec::new());
            let assertion = space_member(invitation, space_key, genesis_feed_key, profile);
            let credential = signer.issue(SPACE_MEMBER, &assertion, subject, heads, now)?;
            let control_timeframe = control_timeframe.clone();
            Ok(Admission { is_space: true, credential, control_timeframe, ..Admission::default() })
        }
        Place::Identity { space_key, genesis_feed_key, control_timeframe } => {
            let device = asked.device.as_slice();
            let mut assertion = Writer::default();
            assertion.key(1, &signer.issuer);
            assertion.key(
                2,
                alter!(HALO_INV_034, device,
                "the host's own device is authorised again" => &signer.issuer),
            );
            let assertion = assertion.finish();
            let credential = signer.issue(AUTHORIZED_DEVICE, &assertion, device, Vec::new(), now)?;
            let keys = alter!(HALO_INV_034,
                [signer.issuer.clone(), space_key.clone(), genesis_feed_key.clone()],
                "the keys of space and feed are confused" =>
                    [signer.issuer.clone(), genesis_feed_key.clone(), space_key.clone()]);
            let control_timeframe = control_timeframe.clone();
            Ok(Admission { is_space: false, credential, keys, control_timeframe })
        }
    }
}

/// A `SpaceMember` (HALO-INV-031 to HALO-INV-033).
fn space_member(
    invitation: &Invitation,
    space_key: &[u8],
    genesis_feed_key: &[u8],
    profile: Option<&[u8]>,
) -> Vec<u8> {
    let role = invitation.role.unwrap_or(Role::ADMIN.0);
    let role = alter!(HALO_INV_032, role,
        "everybody becomes an administrator" => Role::ADMIN.0,
        "an invitation without a role admits an editor" => invitation.role.unwrap_or(Role::EDITOR.0));
    let profile = alter!(HALO_INV_031, profile, "the profile is left out" => None);
    let mut writer = Writer::default();
    writer.key(1, space_key).int(2, role);
    if let Some(profile) = profile {
        writer.bytes(3, profile);
    }
    writer.key(
        4,
        alter!(HALO_INV_031, genesis_feed_key,
        "the key of the space stands for that of its feed" => space_key),
    );
    let delegation = alter!(HALO_INV_033, &invitation.delegation_credential_id,
        "the delegation is not named" => &None);
    if let Some(delegation) = delegation {
        writer.key(5, delegation);
    }
    writer.finish()
}

impl Signer {
    fn issue(
        &self,
        type_name: &str,
        assertion: &[u8],
        subject: &[u8],
        parents: Vec<&[u8]>,
        date: i64,
    ) -> Result<Vec<u8>, Reject> {
        let what = Issue {
            issuer: &self.issuer,
            subject,
            assertion_type: type_name,
            assertion,
            date,
            parents,
            chain: self.chain.as_deref(),
            ..Issue::default()
        };
        issue(&self.key, &what)
    }
}

/// What a guest was admitted to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// A space.
    Space {
        /// Who admitted it.
        issuer: Vec<u8>,
        /// The space.
        space_key: Vec<u8>,
        /// Its first feed.
        genesis_feed_key: Vec<u8>,
        /// The guest's role, 1 to 4.
        role: i64,
    },
    /// An identity, of which it is a device.
    Device {
        /// Who admitted it: the identity.
        issuer: Vec<u8>,
        /// The identity.
        identity_key: Vec<u8>,
        /// The space of its devices.
        halo_space_key: Vec<u8>,
        /// The first feed there.
        genesis_feed_key: Vec<u8>,
    },
}

/// Judges the answer to `Admit`, an encoded `AdmissionResponse`, for a guest with this identity and device.
///
/// # Errors
/// The reader's classes; those of [`verify`] (HALO-INV-055); `schema.type` (HALO-INV-056), `schema.constraint`
/// (HALO-INV-057, HALO-INV-058, HALO-INV-059, HALO-INV-061), `schema.range` (HALO-INV-059), `auth.role`
/// (HALO-INV-060).
pub fn accept(
    invitation: &Invitation,
    identity: &[u8],
    device: &[u8],
    admission: &[u8],
) -> Result<Admitted, Reject> {
    let tree = message::read(ADMISSION_RESPONSE, admission)?;
    let to_space = invitation.is_to_space();
    let inner = tree.message(if to_space { SPACE } else { DEVICE });
    require!(HALO_INV_056, inner.is_some(), SchemaType, "the admission is of another kind")?;
    let inner = inner.ok_or_else(without_credential)?;
    let credential = Credential::new(credential_in(inner, to_space).ok_or_else(without_credential)?);
    alter!(HALO_INV_055, verify(&credential, None)?, "the credential is not verified" => ());
    let assertion = credential.assertion();
    let type_name = assertion.map(|assertion| assertion.type_name()).unwrap_or_default();
    let wanted = if to_space { SPACE_MEMBER } else { AUTHORIZED_DEVICE };
    require!(HALO_INV_056, type_name == wanted, SchemaType, "the credential states something else")?;
    let own = if to_space { identity } else { device };
    require!(
        HALO_INV_057,
        credential.subject() == own,
        SchemaConstraint,
        "the credential is about somebody else"
    )?;
    let stated = assertion.and_then(|assertion| assertion.message()).ok_or_else(without_credential)?;
    if to_space {
        accepted_member(invitation, identity, &credential, stated)
    } else {
        accepted_device(invitation, device, &credential, stated, inner)
    }
}

fn accepted_member(
    invitation: &Invitation,
    identity: &[u8],
    credential: &Credential<'_>,
    stated: &Tree<'_>,
) -> Result<Admitted, Reject> {
    let space_key = key_in(stated, 1).unwrap_or_default();
    let invited = invitation.space_key.as_deref() == Some(&space_key);
    require!(HALO_INV_058, invited, SchemaConstraint, "the admission is to another space")?;
    let role = stated.int(2).unwrap_or_default();
    let admits = alter!(HALO_INV_059, (Role::ADMIN.0..=Role::OWNER.0).contains(&role),
        "a removed member is admitted" => (Role::ADMIN.0..=Role::REMOVED.0).contains(&role));
    require!(HALO_INV_059, admits, SchemaRange, "the role admits nobody")?;
    let as_invited = invitation.role.is_none_or(|invited| invited == role);
    require!(HALO_INV_059, as_invited, SchemaConstraint, "the role is not that of the invitation")?;
    let issuer = credential.issuer();
    require!(HALO_INV_060, issuer != identity, AuthRole, "the guest has admitted itself")?;
    Ok(Admitted::Space {
        issuer: issuer.to_vec(),
        space_key,
        genesis_feed_key: key_in(stated, 4).unwrap_or_default(),
        role,
    })
}

fn accepted_device(
    invitation: &Invitation,
    device: &[u8],
    credential: &Credential<'_>,
    stated: &Tree<'_>,
    answer: &Tree<'_>,
) -> Result<Admitted, Reject> {
    let identity_key = key_in(answer, 1).unwrap_or_default();
    let issuer = credential.issuer();
    require!(
        HALO_INV_061,
        issuer == identity_key,
        SchemaConstraint,
        "the device is admitted by somebody else than the identity"
    )?;
    let names = |number, wanted: &[u8]| key_in(stated, number).as_deref() == Some(wanted);
    require!(
        HALO_INV_061,
        names(1, &identity_key),
        SchemaConstraint,
        "the assertion names another identity"
    )?;
    require!(HALO_INV_061, names(2, device), SchemaConstraint, "the assertion names another device")?;
    let invited = invitation.identity_key.as_ref().is_none_or(|invited| *invited == identity_key);
    require!(HALO_INV_061, invited, SchemaConstraint, "the identity is not that of the invitation")?;
    Ok(Admitted::Device {
        issuer: issuer.to_vec(),
        halo_space_key: key_in(answer, 2).unwrap_or_default(),
        genesis_feed_key: key_in(answer, 3).unwrap_or_default(),
        identity_key,
    })
}
