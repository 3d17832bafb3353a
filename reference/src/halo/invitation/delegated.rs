//! Hosting an invitation from the credential that delegates it.

use super::super::{Credential, verify};
use super::message::{date_in, flag_in};
use super::record::{Invitation, Keypair, key_in};
use super::{auth_method, form, kind};
use crate::halo::space::Role;
use crate::{Class, Reject, requirement as req};

const DELEGATION: &str = "dxos.halo.invitations.DelegateSpaceInvitation";

/// The invitation that a peer hosts for its creator, from an encoded `DelegateSpaceInvitation` credential; `now` is
/// in Unix milliseconds.
///
/// # Errors
/// The reader's classes, those of [`verify`], `schema.type` and `auth.expired` (HALO-INV-065), `schema.range`
/// (HALO-INV-063), `schema.constraint` (HALO-INV-064).
pub fn rehost(credential: &[u8], now: i64) -> Result<Invitation, Reject> {
    let tree = Credential::read(credential)?;
    let credential = Credential::new(&tree);
    alter!(HALO_INV_065, verify(&credential, None)?, "the credential is not verified" => ());
    let assertion = credential.assertion();
    let delegates = assertion.is_some_and(|assertion| assertion.type_name() == DELEGATION);
    require!(HALO_INV_065, delegates, SchemaType, "the credential delegates nothing")?;
    let stated = assertion
        .and_then(|assertion| assertion.message())
        .ok_or_else(|| Reject::new(req::HALO_INV_065, Class::SchemaType, "the credential states nothing"))?;
    let role = stated.int(4).unwrap_or_default();
    let gives = (Role::ADMIN.0..=Role::READER.0).contains(&role);
    require!(HALO_INV_063, gives, SchemaRange, "the role is one that nobody can be given")?;
    let method = stated.int(2).unwrap_or(auth_method::NONE);
    require!(
        HALO_INV_064,
        method != auth_method::SHARED_SECRET,
        SchemaConstraint,
        "the code is not in the credential"
    )?;
    let (created, lifetime) = term(credential.issuance_date(), date_in(stated, 6));
    let invitation = Invitation {
        invitation_id: stated.text(1).unwrap_or_default().to_owned(),
        form: Some(form::DELEGATED),
        kind: Some(kind::SPACE),
        auth_method: Some(method),
        swarm_key: key_in(stated, 3).unwrap_or_default(),
        created: Some(created),
        lifetime: Some(lifetime),
        multi_use: Some(alter!(HALO_INV_062, flag_in(stated, 7), "it may be used once" => false)),
        guest_keypair: key_in(stated, 5).map(|public_key| Keypair { public_key, private_key: None }),
        delegation_credential_id: Some(alter!(HALO_INV_062, credential.computed_id()?.to_vec(),
            "the id that the credential carries is believed" =>
                credential.carried_id().unwrap_or_default().to_vec())),
        role: Some(alter!(HALO_INV_063, role, "the role is lost" => Role::ADMIN.0)),
        ..Invitation::default()
    };
    require!(HALO_INV_065, !invitation.has_expired(now), AuthExpired, "the invitation has expired")?;
    Ok(invitation)
}

/// Creation and whole seconds of life such that the end is kept to the millisecond.
fn term(issued: i64, expires: Option<i64>) -> (i64, i64) {
    let Some(expires) = expires else { return (issued, 0) };
    let seconds = expires.saturating_sub(issued).max(1).saturating_add(999) / 1000;
    let seconds = seconds.min(i64::from(i32::MAX));
    alter!(HALO_INV_062, (expires - seconds * 1000, seconds),
        "it lives as long again from its hosting on" => (issued + seconds * 1000, seconds))
}
