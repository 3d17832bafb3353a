//! Authentication of a connection.

use serde_json::json;

use super::super::input::{Input, members};
use super::super::{Answer, Failure};
use crate::halo::auth;
use crate::keys::to_hex;

/// Carries out an operation.
pub(super) fn call(op: &str, input: &Input<'_>) -> Answer {
    match op {
        "halo.auth.prove" => {
            let chain = input.optional("chain", Input::bytes)?;
            let (issuer, challenge) = (input.bytes("issuer")?, input.bytes("challenge")?);
            let key = input.signing_key()?;
            let answer = auth::prove(&key, &issuer, chain.as_deref(), &challenge, input.time("date")?)?;
            Ok(members(json!({ "credential": to_hex(&answer) })))
        }
        "halo.auth.check" => {
            let (answer, challenge) = (input.bytes("credential")?, input.bytes("challenge")?);
            let trusted = input.list("trusted")?;
            let now = input.optional("now", Input::time)?;
            let issuer =
                auth::check(&answer, &challenge, |key| trusted.iter().any(|known| known == key), now)?;
            Ok(members(json!({ "issuer": to_hex(&issuer) })))
        }
        _ => Err(Failure::Unsupported),
    }
}
