//! Invitation codes: an invitation as text.

use super::base62;
use super::record::Invitation;
use super::{auth_method, form, kind};
use crate::Reject;

/// Most characters of a code (HALO-INV-009).
pub const MAX_CODE_CHARACTERS: usize = 4096;

/// The code of an invitation, without what a code does not hold (HALO-INV-002, HALO-INV-003).
///
/// # Errors
/// As [`decode`], for an invitation whose code nobody could use.
pub fn encode(invitation: &Invitation) -> Result<String, Reject> {
    usable(invitation)?;
    // A key or a text that is empty says nothing.
    let filled = |key: &Option<Vec<u8>>| key.clone().filter(|key| !key.is_empty());
    let shared = Invitation {
        invitation_id: invitation.invitation_id.clone(),
        form: invitation.form,
        kind: invitation.kind,
        auth_method: invitation.auth_method,
        swarm_key: invitation.swarm_key.clone(),
        state: invitation.state,
        timeout: alter!(HALO_INV_002, invitation.timeout, "the timeout is left out" => None),
        identity_key: alter!(HALO_INV_003, None, "the identity is given away" => invitation.identity_key.clone()),
        space_key: filled(&invitation.space_key),
        auth_code: alter!(HALO_INV_003, None, "the code that is to be told is in it" => invitation.auth_code.clone()),
        target: invitation.target.clone().filter(|target| !target.is_empty()),
        persistent: None,
        created: invitation.created,
        lifetime: invitation.lifetime,
        multi_use: None,
        guest_keypair: alter!(HALO_INV_002, invitation.guest_keypair.clone(),
        "the private key of the guest is left out" => invitation.guest_keypair.clone().map(|mut pair| {
            pair.private_key = None;
            pair
        })),
        delegation_credential_id: None,
        role: alter!(HALO_INV_003, None, "the role is in it" => invitation.role),
        space_id: invitation.space_id.clone(),
    };
    let code = base62::encode(&shared.write());
    bounded(&code)?;
    Ok(code)
}

fn bounded(code: &str) -> Result<(), Reject> {
    require!(
        HALO_INV_009,
        code.len() <= MAX_CODE_CHARACTERS,
        ResourceSize,
        "the code is longer than 4,096 characters"
    )
}

/// The invitation in a code.
///
/// # Errors
/// `resource.size` (HALO-INV-009), `canon.form` for a character that is no digit (HALO-INV-004), `decode.missing`
/// for an empty code, or without the fields that matter (HALO-INV-005), `decode.unknown_enum` (HALO-INV-008), and
/// the reader's classes (HALO-INV-006).
pub fn decode(code: &str) -> Result<Invitation, Reject> {
    bounded(code)?;
    let trimmed = alter!(HALO_INV_004, code, "white space around a code is taken off" => code.trim());
    let bytes = base62::decode(trimmed);
    require!(HALO_INV_004, bytes.is_some(), CanonForm, "a character is no digit of base 62")?;
    let read = Invitation::read(&bytes.unwrap_or_default());
    let mut invitation = alter!(HALO_INV_006, read?,
        "bytes that do not decode are an invitation without fields" => read.unwrap_or_default());
    alter!(HALO_INV_007, if invitation.form == Some(form::MULTIUSE) {
        invitation.form = Some(form::INTERACTIVE);
        invitation.multi_use = Some(true);
    }, "the deprecated type is kept" => ());
    usable(&invitation)?;
    Ok(invitation)
}

/// Whether a guest could use an invitation.
fn usable(invitation: &Invitation) -> Result<(), Reject> {
    require!(HALO_INV_005, !invitation.invitation_id.is_empty(), DecodeMissing, "the invitation has no id")?;
    require!(
        HALO_INV_005,
        !invitation.swarm_key.is_empty(),
        DecodeMissing,
        "the invitation has no place to meet"
    )?;
    let named = |value: Option<i64>, last: i64| value.is_none_or(|value| (0..=last).contains(&value));
    let known = named(invitation.form, form::MULTIUSE)
        && named(invitation.kind, kind::SPACE)
        && named(invitation.auth_method, auth_method::KNOWN_PUBLIC_KEY);
    require!(HALO_INV_008, known, DecodeUnknownEnum, "a type, kind or method has no name")
}
