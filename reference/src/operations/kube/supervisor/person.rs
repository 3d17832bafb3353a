//! Somebody with an identity and a device, and what they present.

use dxos_proto::dxos::halo::credentials::{AuthorizedDevice, KubeAccess};
use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::super::super::Failure;
use super::super::super::input::wrong;
use crate::Reject;
use crate::halo::{self, Issue};
use crate::keys::{SigningKey, Suite};
use crate::wire::Writer;

/// The date of all credentials: 2024-01-02T03:04:05.678Z.
const DATE: i64 = 1_704_164_645_678;

/// An identity with its device; both keys follow from a seed of 32 bytes.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) seed: Vec<u8>,
    pub(super) identity: SigningKey,
    device: SigningKey,
}

impl Person {
    pub(super) fn new(seed: &[u8]) -> Result<Self, Reject> {
        let device: [u8; 32] = Sha256::digest([b"device", seed].concat()).into();
        Ok(Self {
            seed: seed.to_vec(),
            identity: SigningKey::new(Suite::P256, seed)?,
            device: SigningKey::new(Suite::P256, &device)?,
        })
    }

    /// Somebody else, who has nothing to do with the server.
    fn other(&self) -> Result<Self, Reject> {
        Self::new(&Sha256::digest([b"other", self.seed.as_slice()].concat()))
    }

    /// The credential that authorizes the device.
    fn authorization(&self, expiration: Option<i64>) -> Result<Vec<u8>, Reject> {
        let (identity, device) = (self.identity.public_key(), self.device.public_key());
        let assertion = AuthorizedDevice { identity_key: key(&identity), device_key: key(&device) };
        let what = Issue {
            issuer: &identity,
            subject: &device,
            assertion_type: "dxos.halo.credentials.AuthorizedDevice",
            assertion: &assertion.encode_to_vec(),
            date: DATE,
            expiration,
            ..Issue::default()
        };
        halo::issue(&self.identity, &what)
    }

    /// A KubeAccess of this person's making.
    fn access(&self, kube_key: &[u8], to: &Self) -> Result<Vec<u8>, Reject> {
        let (issuer, subject) = (self.identity.public_key(), to.identity.public_key());
        let capabilities = vec!["*".to_owned()];
        let access = KubeAccess { kube_key: key(kube_key), identity_key: key(&subject), capabilities };
        let what = Issue {
            issuer: &issuer,
            subject: &subject,
            assertion_type: "dxos.halo.credentials.KubeAccess",
            assertion: &access.encode_to_vec(),
            date: DATE,
            ..Issue::default()
        };
        halo::issue(&self.identity, &what)
    }

    /// What is presented in answer to a nonce: the device's credential, and the access that was given, with one fault.
    pub(super) fn present(
        &self,
        nonce: &[u8],
        kube_key: &[u8],
        access: Option<Vec<u8>>,
        fault: &str,
    ) -> Result<Vec<u8>, Failure> {
        let other = self.other()?;
        let link = self.authorization(None)?;
        let mut credentials = vec![link.clone()];
        credentials.extend(access);
        let (mut answered, mut signer, mut chain) = (Some(nonce.to_vec()), &self.device, Some(link.clone()));
        match fault {
            "" | "no-proofs" | "two-proofs" | "signature" => {}
            "empty" => return Ok(Vec::new()),
            "no-device" => drop(credentials.remove(0)),
            "two-devices" => credentials.push(link.clone()),
            "another-device" => set(&mut credentials, 0, other.authorization(None)?),
            "expired-device" => set(&mut credentials, 0, self.authorization(Some(DATE + 1))?),
            "tampered-device" => set(&mut credentials, 0, flipped(link.clone())),
            "foreign-access" => set(&mut credentials, 1, other.access(kube_key, self)?),
            "own-access" => set(&mut credentials, 1, self.access(kube_key, self)?),
            "no-chain" => chain = None,
            "another-chain" => chain = Some(other.authorization(None)?),
            "another-signer" => signer = &other.device,
            "no-nonce" => answered = None,
            "another-nonce" => answered = Some(nonce.iter().map(|byte| byte ^ 1).collect()),
            "half-nonce" => answered = Some(nonce.iter().take(16).copied().chain([0; 16]).collect()),
            _ => return Err(wrong("fault", "not one of the faults")),
        }
        let shown: Vec<&[u8]> = credentials.iter().map(Vec::as_slice).collect();
        let whole = halo::present(signer, &shown, DATE, answered.as_deref(), chain.as_deref())?;
        // The proof is the last field.
        let mut bare = Writer::default();
        for credential in &shown {
            bare.bytes(1, credential);
        }
        let bare = bare.finish();
        Ok(match fault {
            "no-proofs" => bare,
            "two-proofs" => {
                let proof = whole.get(bare.len()..).unwrap_or_default();
                [&whole, proof].concat()
            }
            "signature" => {
                let mut damaged = Vec::new();
                let value = [0x2a, 0x40];
                let at = whole.get(bare.len()..).unwrap_or_default().windows(2).position(|two| two == value);
                damaged.extend(whole);
                if let Some(byte) = at.and_then(|at| damaged.get_mut(bare.len() + at + 2)) {
                    *byte ^= 1;
                }
                damaged
            }
            _ => whole,
        })
    }
}

#[allow(clippy::unnecessary_wraps)] // Message fields are options in the generated types.
fn key(bytes: &[u8]) -> Option<PublicKey> {
    Some(PublicKey { data: bytes.to_vec() })
}

fn set(credentials: &mut Vec<Vec<u8>>, at: usize, credential: Vec<u8>) {
    match credentials.get_mut(at) {
        Some(place) => *place = credential,
        None => credentials.push(credential),
    }
}

/// The last bit, which is one of the signature.
fn flipped(mut credential: Vec<u8>) -> Vec<u8> {
    if let Some(last) = credential.last_mut() {
        *last ^= 1;
    }
    credential
}
