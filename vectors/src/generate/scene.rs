//! Presentations in any shape: who is in a case, and proofs that can be altered.

use dxos_reference::halo::Presentation;
use dxos_reference::keys::{SigningKey, Suite};

use super::assertion::halo;
use super::chain::link;
use super::forge::{DATE, Forge, date, delimited, key, message};
use super::topic::Topic;

/// A proof that can be altered before it signs, or after.
#[derive(Clone)]
pub(super) struct Prover {
    pub(super) key: SigningKey,
    pub(super) signer: Option<Vec<u8>>,
    pub(super) proof_type: &'static str,
    pub(super) creation: i64,
    pub(super) nonce: Option<Vec<u8>>,
    pub(super) chain: Option<Vec<u8>>,
    pub(super) more: Vec<u8>,
}

impl Prover {
    pub(super) fn new(key: &SigningKey, chain: Option<Vec<u8>>) -> Self {
        Self {
            key: key.clone(),
            signer: Some(key.public_key()),
            proof_type: "ED25519Signature",
            creation: DATE,
            nonce: Some(vec![0x5a; 32]),
            chain,
            more: Vec::new(),
        }
    }

    pub(super) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    pub(super) fn encode(&self, signature: &[u8]) -> Vec<u8> {
        let mut proof = Vec::new();
        delimited(&mut proof, 1, self.proof_type.as_bytes());
        delimited(&mut proof, 2, &date(self.creation));
        if let Some(signer) = &self.signer {
            delimited(&mut proof, 3, &key(signer));
        }
        if let Some(nonce) = &self.nonce {
            delimited(&mut proof, 4, nonce);
        }
        delimited(&mut proof, 5, signature);
        if let Some(link) = &self.chain {
            delimited(&mut proof, 6, &message(1, link));
        }
        proof.extend(&self.more);
        proof
    }

    /// The encoded proof, signed over these credentials.
    pub(super) fn sign(&self, credentials: &[Vec<u8>]) -> Vec<u8> {
        self.encode(&self.signature(credentials))
    }

    pub(super) fn signature(&self, credentials: &[Vec<u8>]) -> Vec<u8> {
        let unsigned = present(credentials, &[self.encode(&[])]);
        let payload = Presentation::read(&unsigned)
            .and_then(|tree| Presentation::new(&tree).payload(0))
            .unwrap_or_default();
        self.key.sign(payload.as_bytes()).to_vec()
    }
}

pub(super) fn present(credentials: &[Vec<u8>], proofs: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    credentials.iter().for_each(|credential| delimited(&mut out, 1, credential));
    proofs.iter().for_each(|proof| delimited(&mut out, 2, proof));
    out
}

/// Everybody in a case.
pub(super) struct Scene {
    pub(super) server: SigningKey,
    pub(super) alice: SigningKey,
    pub(super) bob: SigningKey,
    pub(super) device: SigningKey,
    /// Alice's device, by Alice.
    pub(super) chain: Vec<u8>,
    /// KubeAccess for Alice, by the server.
    pub(super) access: Forge,
}

impl Scene {
    pub(super) fn new(topic: &Topic, suite: Suite, slug: &str) -> Self {
        let key = |name: &str| topic.key(suite, slug, name);
        let (server, alice, device) = (key("server"), key("alice"), key("device"));
        let chain = link(&alice, &device).build();
        let value = [
            message(1, &message(1, &server.public_key())),
            message(2, &message(1, &alice.public_key())),
            message(3, b"admin"),
        ];
        let access = Forge::new(&server, &alice.public_key(), halo!("KubeAccess"), value.concat());
        Self { server, alice, bob: key("bob"), device, chain, access }
    }

    pub(super) fn prover(&self) -> Prover {
        Prover::new(&self.device, Some(self.chain.clone()))
    }

    /// The presentation that most cases start from.
    pub(super) fn plain(&self) -> Vec<u8> {
        let credentials = [self.access.build()];
        present(&credentials, &[self.prover().sign(&credentials)])
    }

    pub(super) fn other(&self, subject: &[u8]) -> Forge {
        Forge::new(&self.server, subject, halo!("KeyInfo"), vec![0x0a, 0x01, b'k'])
    }
}
