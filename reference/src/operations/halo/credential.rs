//! Keys, credentials and presentations.

use serde_json::{Value, json};

use super::super::input::{Input, members, wrong};
use super::super::{Answer, Failure};
use crate::halo::{self, Credential, Issue, Presentation};
use crate::keys;
use crate::wire;

/// Carries out an operation.
pub(in crate::operations) fn call(op: &str, input: &Input<'_>) -> Answer {
    let answer = match op {
        "halo.key.parse" => {
            let text = input.text("text")?;
            let key = match input.text("form")? {
                "hex" => keys::from_hex(text)?,
                "multibase32" => keys::from_multibase32(text)?,
                _ => return Err(wrong("form", "neither hex nor multibase32")),
            };
            json!({ "key": keys::to_hex(&key), "multibase32": keys::to_multibase32(&key) })
        }
        "halo.key.space_id" => json!({ "space_id": keys::space_id(&input.bytes("key")?) }),
        "halo.key.identity_did" => json!({ "did": keys::identity_did(&input.bytes("key")?) }),
        "halo.key.space_id.parse" => {
            json!({ "hash": keys::to_hex(&keys::parse_space_id(input.text("space_id")?)?) })
        }
        "halo.key.identity_did.parse" => {
            json!({ "hash": keys::to_hex(&keys::parse_identity_did(input.text("did")?)?) })
        }
        "halo.credential.decode" => return decode(&input.bytes("credential")?),
        "halo.credential.payload" => {
            let bytes = input.bytes("credential")?;
            json!({ "payload": Credential::new(&Credential::read(&bytes)?).payload()? })
        }
        "halo.credential.id" => {
            let bytes = input.bytes("credential")?;
            json!({ "id": keys::to_hex(&Credential::new(&Credential::read(&bytes)?).computed_id()?) })
        }
        "halo.credential.verify" => {
            let bytes = input.bytes("credential")?;
            let tree = Credential::read(&bytes)?;
            let credential = Credential::new(&tree);
            halo::verify(&credential, input.optional("now", Input::time)?)?;
            json!({ "issuer": keys::to_hex(credential.issuer()) })
        }
        "halo.credential.issue" => return issue(input),
        "halo.credential.form" => {
            wire::form(&Credential::read(&input.bytes("credential")?)?)?;
            json!({ "form": "as it must be written" })
        }
        "halo.presentation.payload" => {
            let bytes = input.bytes("presentation")?;
            json!({ "payload": Presentation::new(&Presentation::read(&bytes)?).payload(input.index("proof")?)? })
        }
        "halo.presentation.verify" => {
            let bytes = input.bytes("presentation")?;
            let tree = Presentation::read(&bytes)?;
            let nonce = input.optional("nonce", Input::bytes)?;
            let verified = Presentation::new(&tree).verify(nonce.as_deref(), None)?;
            let hex = |keys: Vec<&[u8]>| keys.into_iter().map(keys::to_hex).collect::<Vec<_>>();
            json!({ "subjects": hex(verified.subjects), "signers": hex(verified.signers) })
        }
        "halo.presentation.issue" => return present(input),
        _ => return Err(Failure::Unsupported),
    };
    Ok(members(answer))
}

/// What an absent assertion stands for (HALO-PAY-018).
const NO_ASSERTION: &str = r#"{"type_url":"","value":""}"#;

fn decode(bytes: &[u8]) -> Answer {
    let tree = Credential::read(bytes)?;
    let credential = Credential::new(&tree);
    let proof = credential.proof()?;
    let assertion = credential.assertion();
    let mut answer = json!({
        "issuer": keys::to_hex(credential.issuer()),
        "issuance_date": credential.issuance_date().to_string(),
        "subject": keys::to_hex(credential.subject()),
        "assertion": {
            "type": assertion.map(|assertion| assertion.type_name()).unwrap_or_default(),
            "json": assertion.map_or_else(|| Ok(NO_ASSERTION.to_owned()), |assertion| assertion.text())?,
        },
        "parents": credential.parents().map(keys::to_hex).collect::<Vec<_>>(),
        "proof": {
            "type": proof.signature_type(),
            "creation_date": proof.creation_date().to_string(),
            "signer": keys::to_hex(proof.signer()),
            "value": keys::to_hex(proof.value()),
            "chain": proof.chain_length(),
        },
    });
    let optional = [
        ("/id", credential.carried_id().map(keys::to_hex)),
        ("/expiration_date", credential.expiration_date().map(|date| date.to_string())),
        ("/proof/nonce", proof.nonce().map(keys::to_hex)),
    ];
    for (path, value) in optional {
        let (parent, name) = path.rsplit_once('/').unwrap_or_default();
        if let (Some(value), Some(Value::Object(object))) = (value, answer.pointer_mut(parent)) {
            object.insert(name.to_owned(), value.into());
        }
    }
    Ok(members(answer))
}

fn issue(input: &Input<'_>) -> Answer {
    let (issuer, subject) = (input.bytes("issuer")?, input.bytes("subject")?);
    let assertion = input.object("assertion")?;
    let value = assertion.bytes("value")?;
    let nonce = input.optional("nonce", Input::bytes)?;
    let chain = input.optional("chain", Input::bytes)?;
    let parents = input.optional("parents", Input::list)?.unwrap_or_default();
    let what = Issue {
        issuer: &issuer,
        subject: &subject,
        assertion_type: assertion.text("type")?,
        assertion: &value,
        date: input.time("date")?,
        expiration: None,
        nonce: nonce.as_deref(),
        parents: parents.iter().map(Vec::as_slice).collect(),
        chain: chain.as_deref(),
    };
    let credential = halo::issue(&input.signing_key()?, &what)?;
    Ok(members(json!({ "credential": keys::to_hex(&credential) })))
}

fn present(input: &Input<'_>) -> Answer {
    let credentials = input.list("credentials")?;
    let credentials: Vec<&[u8]> = credentials.iter().map(Vec::as_slice).collect();
    let nonce = input.optional("nonce", Input::bytes)?;
    let chain = input.optional("chain", Input::bytes)?;
    let key = input.signing_key()?;
    let presentation =
        halo::present(&key, &credentials, input.time("date")?, nonce.as_deref(), chain.as_deref())?;
    Ok(members(json!({ "presentation": keys::to_hex(&presentation) })))
}
