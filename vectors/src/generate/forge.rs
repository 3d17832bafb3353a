//! Credentials in any shape, well formed or not, and signed all the same.

use dxos_reference::halo::Credential;
use dxos_reference::keys::SigningKey;
use sha2::{Digest as _, Sha256};

/// The id that a credential carries.
#[derive(Clone)]
pub(super) enum CarriedId {
    /// SHA-256 of the payload, as it should be.
    Computed,
    /// None.
    Absent,
    /// These bytes.
    Bytes(Vec<u8>),
}

/// A credential that can be altered in any part before it is signed, or after.
#[derive(Clone)]
pub(super) struct Forge {
    pub(super) id: CarriedId,
    pub(super) issuer: Option<Vec<u8>>,
    /// An encoded Timestamp, as all dates here.
    pub(super) issuance: Option<Vec<u8>>,
    pub(super) expiration: Option<Vec<u8>>,
    pub(super) expiration_ref: Option<Vec<u8>>,
    pub(super) subject: Option<Vec<u8>>,
    pub(super) type_url: Option<String>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) proof_type: Option<String>,
    pub(super) creation: Option<Vec<u8>>,
    pub(super) signer: Option<Vec<u8>>,
    pub(super) nonce: Option<Vec<u8>>,
    /// The encoded credential of the link.
    pub(super) chain: Option<Vec<u8>>,
    pub(super) parents: Vec<Vec<u8>>,
    /// Fields of the schema or of none, encoded, put at the end of the message that is named.
    pub(super) more: Vec<u8>,
    pub(super) more_claim: Vec<u8>,
    pub(super) more_any: Vec<u8>,
    pub(super) more_proof: Vec<u8>,
    /// The key that signs.
    pub(super) key: SigningKey,
}

/// 2024-01-02T03:04:05.678Z in Unix milliseconds.
pub(super) const DATE: i64 = 1_704_164_645_678;

impl Forge {
    /// A credential directly signed by its issuer.
    pub(super) fn new(key: &SigningKey, subject: &[u8], type_url: &str, value: Vec<u8>) -> Self {
        Self {
            id: CarriedId::Computed,
            issuer: Some(key.public_key()),
            issuance: Some(date(DATE)),
            expiration: None,
            expiration_ref: None,
            subject: Some(subject.to_vec()),
            type_url: Some(type_url.to_owned()),
            value: Some(value),
            proof_type: Some("ED25519Signature".to_owned()),
            creation: Some(date(DATE)),
            signer: Some(key.public_key()),
            nonce: None,
            chain: None,
            parents: Vec::new(),
            more: Vec::new(),
            more_claim: Vec::new(),
            more_any: Vec::new(),
            more_proof: Vec::new(),
            key: key.clone(),
        }
    }

    /// The same with changes.
    pub(super) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    /// The text to sign; empty if this does not decode.
    pub(super) fn payload(&self) -> String {
        let unsigned = self.encode(None, &[]);
        Credential::read(&unsigned).and_then(|tree| Credential::new(&tree).payload()).unwrap_or_default()
    }

    /// The signature over what a reader sees.
    pub(super) fn signature(&self) -> Vec<u8> {
        self.key.sign(self.payload().as_bytes()).to_vec()
    }

    /// The encoded credential, signed as it is.
    pub(super) fn build(&self) -> Vec<u8> {
        self.build_with(&self.signature())
    }

    /// The encoded credential with another signature.
    pub(super) fn build_with(&self, signature: &[u8]) -> Vec<u8> {
        let id = match &self.id {
            CarriedId::Computed => Some(Sha256::digest(self.payload()).to_vec()),
            CarriedId::Absent => None,
            CarriedId::Bytes(bytes) => Some(bytes.clone()),
        };
        self.encode(id.as_deref(), signature)
    }

    /// The encoded credential changed after it was signed.
    pub(super) fn tampered(&self, change: impl FnOnce(&mut Self)) -> Vec<u8> {
        self.with(change).build_with(&self.signature())
    }

    fn encode(&self, id: Option<&[u8]>, signature: &[u8]) -> Vec<u8> {
        let mut any = Vec::new();
        optional(&mut any, 1, self.type_url.as_deref().map(str::as_bytes));
        optional(&mut any, 2, self.value.as_deref());
        any.extend(&self.more_any);

        let mut claim = Vec::new();
        optional(&mut claim, 1, self.subject.as_deref().map(key).as_deref());
        if self.type_url.is_some() || self.value.is_some() {
            delimited(&mut claim, 2, &any);
        }
        claim.extend(&self.more_claim);

        let mut credential = Vec::new();
        optional(&mut credential, 1, id.map(key).as_deref());
        optional(&mut credential, 2, self.issuer.as_deref().map(key).as_deref());
        optional(&mut credential, 3, self.issuance.as_deref());
        optional(&mut credential, 4, self.expiration.as_deref());
        optional(&mut credential, 5, self.expiration_ref.as_deref());
        delimited(&mut credential, 10, &claim);
        delimited(&mut credential, 11, &self.proof(signature));
        for parent in &self.parents {
            delimited(&mut credential, 12, &key(parent));
        }
        credential.extend(&self.more);
        credential
    }

    /// The encoded proof.
    fn proof(&self, signature: &[u8]) -> Vec<u8> {
        let mut proof = Vec::new();
        optional(&mut proof, 1, self.proof_type.as_deref().map(str::as_bytes));
        optional(&mut proof, 2, self.creation.as_deref());
        optional(&mut proof, 3, self.signer.as_deref().map(key).as_deref());
        optional(&mut proof, 4, self.nonce.as_deref());
        delimited(&mut proof, 5, signature);
        if let Some(link) = &self.chain {
            delimited(&mut proof, 6, &message(1, link));
        }
        proof.extend(&self.more_proof);
        proof
    }
}

/// An encoded `PublicKey`.
pub(super) fn key(data: &[u8]) -> Vec<u8> {
    message(1, data)
}

/// A message with one field of bytes.
pub(super) fn message(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    delimited(&mut out, number, bytes);
    out
}

/// An encoded Timestamp for Unix milliseconds.
pub(super) fn date(milliseconds: i64) -> Vec<u8> {
    timestamp(milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000) * 1_000_000)
}

/// An encoded Timestamp with any seconds and nanoseconds.
pub(super) fn timestamp(seconds: i64, nanos: i64) -> Vec<u8> {
    let mut out = Vec::new();
    integer(&mut out, 1, seconds);
    integer(&mut out, 2, nanos);
    out
}

/// Appends a field of bytes.
pub(super) fn delimited(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    varint(out, u64::from(number << 3 | 2));
    varint(out, bytes.len() as u64);
    out.extend(bytes);
}

/// Appends a field of an integer.
#[allow(clippy::cast_sign_loss)]
pub(super) fn integer(out: &mut Vec<u8>, number: u32, value: i64) {
    varint(out, u64::from(number << 3));
    varint(out, value as u64);
}

#[allow(clippy::cast_possible_truncation)]
fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn optional(out: &mut Vec<u8>, number: u32, bytes: Option<&[u8]>) {
    if let Some(bytes) = bytes {
        delimited(out, number, bytes);
    }
}
