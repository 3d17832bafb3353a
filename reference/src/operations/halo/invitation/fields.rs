//! Invitations, timeframes and results, as requests and answers show them.

use serde_json::{Map, Value, json};

use super::super::super::Failure;
use super::super::super::input::{Input, unhex, wrong};
use crate::halo::invitation::{Admitted, Invitation, Keypair};
use crate::keys::to_hex;

/// The invitation of a request.
pub(super) fn invitation(input: &Input<'_>) -> Result<Invitation, Failure> {
    let integer = |member| input.optional(member, integer);
    let key = |member| input.optional(member, Input::bytes);
    let text = |member| Ok::<_, Failure>(input.optional(member, Input::text)?.map(str::to_owned));
    let flag = |member| input.optional(member, Input::flag);
    let keypair = |pair: Input<'_>| {
        Ok::<_, Failure>(Keypair {
            public_key: pair.bytes("public_key")?,
            private_key: pair.optional("private_key", Input::bytes)?,
        })
    };
    Ok(Invitation {
        invitation_id: text("invitation_id")?.unwrap_or_default(),
        form: integer("type")?,
        kind: integer("kind")?,
        auth_method: integer("auth_method")?,
        swarm_key: key("swarm_key")?.unwrap_or_default(),
        state: integer("state")?,
        timeout: integer("timeout")?,
        identity_key: key("identity_key")?,
        space_key: key("space_key")?,
        auth_code: text("auth_code")?,
        target: text("target")?,
        persistent: flag("persistent")?,
        created: input.optional("created", Input::time)?,
        lifetime: integer("lifetime")?,
        multi_use: flag("multi_use")?,
        guest_keypair: input.optional("guest_keypair", Input::object)?.map(keypair).transpose()?,
        delegation_credential_id: key("delegation_credential_id")?,
        role: integer("role")?,
        space_id: text("space_id")?,
    })
}

/// An integer of 32 bits, as the schema has them.
fn integer(input: &Input<'_>, member: &'static str) -> Result<i64, Failure> {
    let number = input.get(member)?.as_i64().filter(|number| i32::try_from(*number).is_ok());
    number.ok_or_else(|| wrong(member, "not an integer of 32 bits"))
}

/// An invitation as answers show it.
pub(super) fn shown(invitation: &Invitation) -> Value {
    let mut fields = Map::new();
    let hex = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(to_hex);
    let id = Some(&invitation.invitation_id).filter(|id| !id.is_empty()).cloned();
    let swarm_key = Some(&invitation.swarm_key).filter(|key| !key.is_empty()).map(|key| to_hex(key));
    optional(&mut fields, "invitation_id", id);
    optional(&mut fields, "type", invitation.form);
    optional(&mut fields, "kind", invitation.kind);
    optional(&mut fields, "auth_method", invitation.auth_method);
    optional(&mut fields, "swarm_key", swarm_key);
    optional(&mut fields, "state", invitation.state);
    optional(&mut fields, "timeout", invitation.timeout);
    optional(&mut fields, "identity_key", hex(&invitation.identity_key));
    optional(&mut fields, "space_key", hex(&invitation.space_key));
    optional(&mut fields, "auth_code", invitation.auth_code.clone());
    optional(&mut fields, "target", invitation.target.clone());
    optional(&mut fields, "persistent", invitation.persistent);
    optional(&mut fields, "created", invitation.created.map(|date| date.to_string()));
    optional(&mut fields, "lifetime", invitation.lifetime);
    optional(&mut fields, "multi_use", invitation.multi_use);
    let keypair = |pair: &Keypair| {
        let mut fields = Map::new();
        fields.insert("public_key".to_owned(), to_hex(&pair.public_key).into());
        optional(&mut fields, "private_key", hex(&pair.private_key));
        fields
    };
    optional(&mut fields, "guest_keypair", invitation.guest_keypair.as_ref().map(keypair));
    optional(&mut fields, "delegation_credential_id", hex(&invitation.delegation_credential_id));
    optional(&mut fields, "role", invitation.role);
    optional(&mut fields, "space_id", invitation.space_id.clone());
    Value::Object(fields)
}

/// Sets a member, if there is a value.
pub(super) fn optional(members: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        members.insert(name.to_owned(), value.into());
    }
}

/// To what a guest was admitted.
pub(super) fn admitted(admitted: &Admitted) -> Value {
    match admitted {
        Admitted::Space { issuer, space_key, genesis_feed_key, role } => json!({
            "issuer": to_hex(issuer),
            "space_key": to_hex(space_key),
            "genesis_feed_key": to_hex(genesis_feed_key),
            "role": role,
        }),
        Admitted::Device { issuer, identity_key, halo_space_key, genesis_feed_key } => json!({
            "issuer": to_hex(issuer),
            "identity_key": to_hex(identity_key),
            "halo_space_key": to_hex(halo_space_key),
            "genesis_feed_key": to_hex(genesis_feed_key),
        }),
    }
}

/// Pairs of a key and a number.
pub(super) fn timeframe(input: &Input<'_>, member: &'static str) -> Result<Vec<(Vec<u8>, i64)>, Failure> {
    let pair = |pair: &Value| match pair.as_array().map(Vec::as_slice) {
        Some([key, number]) => {
            let number = number.as_i64().ok_or_else(|| wrong(member, "without a number in a pair"))?;
            Ok((unhex(member, key)?, number))
        }
        _ => Err(wrong(member, "not a list of pairs")),
    };
    input.items(member)?.iter().map(pair).collect()
}

/// The same as an answer shows it: by ascending keys.
pub(super) fn timeframe_shown(frames: &[(Vec<u8>, i64)]) -> Value {
    let mut frames = frames.to_vec();
    frames.sort();
    frames.iter().map(|(key, number)| json!([to_hex(key), number])).collect()
}
