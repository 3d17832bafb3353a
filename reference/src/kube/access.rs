//! Who somebody is: challenges, presentations, and the credential that lets an identity in.

use dxos_proto::dxos::halo::credentials::KubeAccess;
use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::prost::Message as _;

use super::capability::Capabilities;
use crate::Reject;
use crate::halo::{self, Credential, Issue, Presentation, is_authorized_device, verified_link};
use crate::keys::SigningKey;
use crate::wire::{Message, Value};

/// Bytes of a nonce.
pub const NONCE: usize = 32;
/// Milliseconds for which a nonce can be answered.
pub const LIFETIME: u64 = 60_000;

const AUTHORIZED_DEVICE: &str = "dxos.halo.credentials.AuthorizedDevice";
const KUBE_ACCESS: &str = "dxos.halo.credentials.KubeAccess";

/// The nonce that a socket was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce {
    /// Its bytes.
    pub bytes: [u8; NONCE],
    /// When it was given, in milliseconds.
    pub given: u64,
}

impl Nonce {
    /// Whether it can still be answered (KUBE-AUTH-005).
    pub(super) fn is_fresh(&self, now: u64) -> bool {
        alter!(KUBE_AUTH_005, now.saturating_sub(self.given) < LIFETIME,
            "a nonce does not expire" => true,
            "a nonce is good for a second longer" => now.saturating_sub(self.given) < LIFETIME + 1_000,
            "a nonce expires in half the time" => now.saturating_sub(self.given) < LIFETIME / 2)
    }
}

/// Who has presented, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// The key of the identity.
    pub identity: Vec<u8>,
    /// The key of its device, which signed.
    pub device: Vec<u8>,
    /// What the KubeAccess credential allows, if one was shown.
    pub access: Option<Capabilities>,
}

/// Verifies what is shown to the KUBE with a key in answer to a nonce, at a time in Unix milliseconds.
///
/// The rule is stricter than that of any presentation (HALO-PRES): whoever presents must be a device, show by which
/// identity it was authorized, and at most one credential of this KUBE for that identity.
///
/// # Errors
/// The classes `auth.*`, `schema.type`, `decode.missing` and `canon.form`.
pub fn verify(
    presentation: &Presentation<'_>,
    nonce: &[u8],
    kube_key: &[u8],
    now: u64,
) -> Result<Presented, Reject> {
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let proofs = presentation.proofs()?;
    let one = alter!(KUBE_AUTH_010, proofs.len() == 1,
        "several proofs are taken" => !proofs.is_empty(),
        "a presentation without proofs is taken" => proofs.len() <= 1);
    require!(KUBE_AUTH_010, one, AuthReplay, "a presentation has not exactly one proof")?;
    let proof = proofs.first();
    let answers = |nonce: &[u8]| proof.and_then(halo::Proof::nonce) == Some(nonce);
    let answered = alter!(KUBE_AUTH_011, answers(nonce),
        "only the beginning of the nonce is compared" =>
            proof.and_then(halo::Proof::nonce).is_some_and(|answer| answer.get(..16) == nonce.get(..16)),
        "a proof without a nonce answers every challenge" =>
            answers(nonce) || proof.is_some_and(|proof| proof.nonce().is_none()));
    let answered = alter!(KUBE_AUTH_010, answered,
        "a presentation without proofs is taken" => answered || proof.is_none());
    require!(KUBE_AUTH_011, answered, AuthReplay, "the proof does not answer the nonce")?;

    let (mut devices, mut accesses, mut others) = (Vec::new(), Vec::new(), 0);
    for credential in presentation.credentials() {
        match credential.assertion().map_or("", |assertion| assertion.type_name()) {
            AUTHORIZED_DEVICE => devices.push(credential),
            KUBE_ACCESS => accesses.push(credential),
            _ => others += 1,
        }
    }
    require!(KUBE_AUTH_013, devices.len() == 1, AuthChain, "there is not exactly one device credential")?;
    require!(
        KUBE_AUTH_014,
        accesses.len() <= 1 && others == 0,
        SchemaType,
        "there is more than a device credential and one KubeAccess"
    )?;
    let access = accesses.first();
    for credential in presentation.credentials() {
        alter!(KUBE_AUTH_015, halo::verify(&credential, Some(now))?,
            "credentials are not verified" => (),
            "the expiration of credentials is not looked at" => halo::verify(&credential, None)?);
    }

    // Without a proof or a device a check has been switched off, and whoever showed so little has shown nothing.
    let device = devices.first();
    let signer = alter!(KUBE_AUTH_010, proof.map(halo::Proof::signer).unwrap_or_default(),
        "a presentation without proofs is taken" => device.map(Credential::subject).unwrap_or_default());
    let identity = device.map(Credential::issuer).unwrap_or_default();
    if let Some(device) = device {
        alter!(KUBE_AUTH_016, is_authorized_device(device, identity, signer).map_err(|reject| Reject::new(
                crate::requirement::KUBE_AUTH_016, reject.class, reject.what))?,
            "the device credential may be about another device" => ());
    }
    if let Some(proof) = proof {
        let needs_chain = presentation.credentials().filter(|credential| credential.subject() != signer);
        for credential in needs_chain {
            alter!(KUBE_AUTH_017, delegated(proof, &credential, now)?,
                "no credential needs a chain" => ());
        }
    }
    let access = access.map(|access| verify_access(access, identity, kube_key)).transpose()?;
    if let Some(proof) = proof {
        alter!(KUBE_AUTH_012, presentation.verify_signature(proof)?,
            "the signature of the proof is not verified" => ());
    }
    Ok(Presented { identity: identity.to_vec(), device: signer.to_vec(), access })
}

/// Whether the chain of a proof lets its signer act for the subject of a credential.
fn delegated(proof: &halo::Proof<'_>, credential: &Credential<'_>, now: i64) -> Result<(), Reject> {
    match verified_link(proof, Some(now))? {
        Some(link) => is_authorized_device(&link, credential.subject(), proof.signer()),
        None => Ok(()),
    }
}

fn verify_access(access: &Credential<'_>, identity: &[u8], kube_key: &[u8]) -> Result<Capabilities, Reject> {
    require!(KUBE_AUTH_018, access.issuer() == kube_key, AuthRole, "another server gave this access")?;
    let assertion = access.assertion().and_then(|assertion| assertion.message());
    let key = |number| {
        assertion.and_then(|message| message.message(number)).and_then(|key| key.bytes(1)).unwrap_or_default()
    };
    require!(KUBE_AUTH_019, key(1) == kube_key, AuthRole, "the access is to another server")?;
    require!(KUBE_AUTH_020, access.subject() == identity, AuthChain, "the access is about somebody else")?;
    require!(KUBE_AUTH_020, key(2) == identity, AuthChain, "the access names another identity")?;
    Ok(Capabilities::new(assertion.map(capabilities).unwrap_or_default()))
}

fn capabilities(access: &Message<'_>) -> Vec<String> {
    let Some(Value::List(list)) = access.get(3) else { return Vec::new() };
    list.iter()
        .filter_map(|value| match value {
            Value::Str(text) => Some((*text).to_owned()),
            _ => None,
        })
        .collect()
}

/// Issues the credential that lets an identity in (KUBE-AUTH-030), at a time in Unix milliseconds: its encoding.
///
/// # Errors
/// Those of [`halo::issue`], which there are none of for keys of the right lengths.
pub fn issue(
    key: &SigningKey,
    identity: &[u8],
    capabilities: &Capabilities,
    now: u64,
) -> Result<Vec<u8>, Reject> {
    let kube_key = key.public_key();
    let named = |key: &[u8]| Some(PublicKey { data: key.to_vec() });
    let access = KubeAccess {
        kube_key: named(&kube_key),
        identity_key: named(identity),
        capabilities: capabilities.texts().to_vec(),
    };
    let what = Issue {
        issuer: &kube_key,
        subject: identity,
        assertion_type: KUBE_ACCESS,
        assertion: &access.encode_to_vec(),
        date: i64::try_from(now).unwrap_or(i64::MAX),
        ..Issue::default()
    };
    halo::issue(key, &what)
}
