//! Devices and profiles.

use serde_json::{Map, Value, json};

use super::super::input::{Input, members, unhex, wrong};
use super::super::{Answer, Failure};
use crate::halo::device::{Reader, View};
use crate::halo::space::{Outcome, Rule, Statement};
use crate::halo::{Credential, verify};
use crate::{Class, Reject, keys, requirement as req};

/// The most entries of a request.
const MAX_ENTRIES: usize = 10_000;

/// Carries out an operation.
pub(super) fn call(op: &str, input: &Input<'_>) -> Answer {
    let (replayed, entry) = match op.split_once('.').map(|(_, op)| op) {
        Some("device.replay" | "profile.replay") => (input.items("entries")?, None),
        Some("device.process" | "profile.process") => (input.items("entries")?, Some(input.get("entry")?)),
        _ => return Err(Failure::Unsupported),
    };
    if replayed.len() > MAX_ENTRIES {
        return Err(wrong("entries", "longer than 10,000"));
    }
    let rule = input.text("rule")?;
    let rule = Rule::ALL.iter().find(|(name, _)| *name == rule).map(|(_, rule)| *rule);
    let rule = rule.ok_or_else(|| wrong("rule", "neither deployed-0.8 nor convergent"))?;
    let own = input.optional("device_key", Input::bytes)?;
    let mut reader = Reader::new(rule, &input.bytes("identity_key")?, own.as_deref());
    let mut unreadable: Vec<Option<Reject>> = Vec::new();
    for entry in replayed.iter().chain(entry) {
        let bytes = unhex("credential", entry.get("credential").unwrap_or(&Value::Null))?;
        match stated(&bytes) {
            Ok((statement, verified)) => {
                unreadable.push(None);
                reader.process(statement, verified);
            }
            Err(reject) => unreadable.push(Some(reject)),
        }
    }
    let mut read = reader.outcomes().into_iter();
    let outcome = |unread: Option<Reject>| unread.map(Outcome::Refused).or_else(|| read.next());
    let outcomes: Vec<Outcome> = unreadable.into_iter().filter_map(outcome).collect();
    if entry.is_some() {
        accepted(outcomes.last())?;
    }
    let mut answer = members(json!({ "results": outcomes.iter().map(Outcome::name).collect::<Vec<_>>() }));
    answer.extend(match op.starts_with("halo.device.") {
        true => devices(reader.view()),
        false => members(json!({ "profile": reader.view().name.into_iter().collect::<Vec<_>>() })),
    });
    Ok(answer)
}

/// What a credential states, and whether it verifies.
fn stated(bytes: &[u8]) -> Result<(Statement, Result<(), Reject>), Reject> {
    let tree = Credential::read(bytes)?;
    let credential = Credential::new(&tree);
    let verified = alter!(HALO_DEV_005, verify(&credential, None),
        "what a device signed does not verify" => signed_by_issuer(&credential));
    Ok((Statement::of(&credential)?, verified))
}

/// Verifies a credential that nobody but its issuer may have signed.
#[cfg(feature = "mutants")]
fn signed_by_issuer(credential: &Credential<'_>) -> Result<(), Reject> {
    if credential.proof()?.signer() == credential.issuer() {
        return verify(credential, None);
    }
    Err(Reject::new(req::HALO_DEV_005, Class::AuthChain, "signed by somebody else"))
}

/// Refuses what is not accepted.
fn accepted(outcome: Option<&Outcome>) -> Result<(), Reject> {
    match outcome {
        Some(Outcome::Refused(reject) | Outcome::Void(reject)) => Err(reject.clone()),
        Some(Outcome::Held) => {
            Err(Reject::new(req::HALO_DEV_007, Class::StateUnknownRef, "it waits for a device"))
        }
        Some(Outcome::Failed | Outcome::Endless) => Err(Reject::new(
            req::HALO_DEV_023,
            Class::StateConflict,
            "a profile of a device that is not known",
        )),
        Some(Outcome::Accepted) | None => Ok(()),
    }
}

fn devices(view: View) -> Map<String, Value> {
    let labels = view.labels.iter().map(|(device, label)| json!([keys::to_hex(device), label]));
    let mut answer = members(json!({
        "devices": view.devices.iter().map(|device| keys::to_hex(device)).collect::<Vec<_>>(),
        "profiles": labels.collect::<Vec<_>>(),
    }));
    let optional = [("chain", view.chain.map(|id| keys::to_hex(&id))), ("default_space", view.default_space)];
    let present = optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    answer.extend(present);
    answer
}
