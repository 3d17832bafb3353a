//! Keys of the fuzzer's own, so that what it changed can be signed again.

use dxos_conformance::fuzz::chance::Chance;
use dxos_conformance::fuzz::wire::{Body, Content, Length, Message};
use dxos_reference::halo::{Credential, Presentation};
use dxos_reference::keys::{SigningKey, Suite};
use dxos_reference::wire::Message as Read;

/// Keys of each suite.
const KEYS: u8 = 6;

/// Numbers of the fields that matter for signing.
const CREDENTIAL_PROOF: u32 = 11;
const PROOF_SIGNER: u32 = 3;
const PROOF_VALUE: u32 = 5;
const PROOF_CHAIN: u32 = 6;
const CHAIN_CREDENTIAL: u32 = 1;
const PRESENTATION_CREDENTIALS: u32 = 1;
const PRESENTATION_PROOFS: u32 = 2;

/// Keys with which the fuzzer signs.
pub(crate) struct Ring {
    keys: Vec<Key>,
}

/// A key of the ring.
pub(crate) struct Key {
    pub(crate) suite: Suite,
    /// The scalar or the seed.
    pub(crate) secret: [u8; 32],
    pub(crate) public: Vec<u8>,
    signing: SigningKey,
}

impl Ring {
    /// The same keys every time.
    pub(crate) fn new() -> Self {
        let key = |suite: Suite, number: u8| {
            let secret = [0x10 + number; 32];
            let signing = SigningKey::new(suite, &secret).ok()?;
            Some(Key { suite, secret, public: signing.public_key(), signing })
        };
        let suites = [Suite::P256, Suite::Ed25519];
        Self {
            keys: suites.into_iter().flat_map(|suite| (0..KEYS).filter_map(move |n| key(suite, n))).collect(),
        }
    }

    /// One of the keys of a suite.
    pub(crate) fn pick(&self, suite: Suite, chance: &mut Chance) -> Option<&Key> {
        let keys: Vec<&Key> = self.keys.iter().filter(|key| key.suite == suite).collect();
        chance.pick(&keys).copied()
    }

    /// Puts a key of the ring in the place of every signer of a credential or presentation, wherever its bytes
    /// stand.  Keys of a suite have one length, so that everything stays where it is.
    pub(crate) fn adopt(&self, bytes: &[u8]) -> Vec<u8> {
        let mut signers = Vec::new();
        collect_signers(&Message::read(bytes), &mut signers);
        let mut adopted = bytes.to_vec();
        for suite in [Suite::P256, Suite::Ed25519] {
            let ours = self.keys.iter().filter(|key| key.suite == suite);
            let theirs = signers.iter().filter(|signer| Suite::of(signer) == Ok(suite));
            for (ours, theirs) in ours.zip(theirs) {
                replace(&mut adopted, theirs, &ours.public);
            }
        }
        adopted
    }

    /// A credential signed again, and the links of its chain before it; `None` if there is nothing that this ring
    /// can sign.
    pub(crate) fn sign_credential(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut message = Message::read(bytes);
        self.credential(&mut message).then(|| message.to_bytes())
    }

    /// A presentation signed again, with all credentials in it before.
    pub(crate) fn sign_presentation(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut message = Message::read(bytes);
        let mut signed = false;
        for field in &mut message.fields {
            let number = field.number();
            if let (PRESENTATION_CREDENTIALS, Some(credential)) = (number, field.message_mut()) {
                signed |= self.credential(credential);
            }
            if let (PRESENTATION_PROOFS, Some(proof)) = (number, field.message_mut()) {
                signed |= self.chain(proof);
            }
        }
        // No proof signs another, so that one reading is enough for all of them.
        let whole = message.to_bytes();
        let payloads: Vec<Option<String>> = {
            let tree = Presentation::read(&whole).ok()?;
            let presentation = Presentation::new(&tree);
            let count = tree.messages(PRESENTATION_PROOFS).count();
            (0..count).map(|index| presentation.payload(index).ok()).collect()
        };
        let proofs = message.fields.iter_mut().filter(|field| field.number() == PRESENTATION_PROOFS);
        for (field, payload) in proofs.zip(payloads) {
            if let (Some(proof), Some(payload)) = (field.message_mut(), payload) {
                signed |= self.sign(proof, &payload).is_some();
            }
        }
        signed.then(|| message.to_bytes())
    }

    fn credential(&self, credential: &mut Message) -> bool {
        let inner = credential.last_mut(CREDENTIAL_PROOF).and_then(|proof| proof.message_mut());
        let chained = inner.is_some_and(|proof| self.chain(proof));
        let bytes = credential.to_bytes();
        let payload = Credential::read(&bytes).and_then(|tree| Credential::new(&tree).payload());
        let proof = credential.last_mut(CREDENTIAL_PROOF).and_then(|proof| proof.message_mut());
        let signed = match (payload, proof) {
            (Ok(payload), Some(proof)) => self.sign(proof, &payload).is_some(),
            _ => false,
        };
        signed || chained
    }

    fn chain(&self, proof: &mut Message) -> bool {
        let chain = proof.last_mut(PROOF_CHAIN).and_then(|chain| chain.message_mut());
        let link = chain.and_then(|chain| chain.last_mut(CHAIN_CREDENTIAL)?.message_mut());
        link.is_some_and(|link| self.credential(link))
    }

    fn sign(&self, proof: &mut Message, payload: &str) -> Option<()> {
        let signer = signer(proof)?;
        let key = self.keys.iter().find(|key| key.public == signer)?;
        let value = proof.last_mut(PROOF_VALUE)?;
        let Content::Delimited(..) = value.content else { return None };
        let signature = key.signing.sign(payload.as_bytes()).to_vec();
        value.content = Content::Delimited(Length::Fits(1), Body::Bytes(signature));
        Some(())
    }
}

/// The bytes of the signer of a proof.
fn signer(proof: &Message) -> Option<Vec<u8>> {
    let key = proof.fields.iter().rev().find(|field| field.number() == PROOF_SIGNER)?.message()?;
    match &key.fields.iter().rev().find(|field| field.number() == 1)?.content {
        Content::Delimited(_, body) => Some(body.to_bytes()),
        _ => None,
    }
}

/// The signers of everything that looks like a proof, each once.
fn collect_signers(message: &Message, signers: &mut Vec<Vec<u8>>) {
    let has = |number| message.fields.iter().any(|field| field.number() == number);
    if let (true, Some(signer)) = (has(PROOF_VALUE), signer(message))
        && !signers.contains(&signer)
    {
        signers.push(signer);
    }
    for inner in message.fields.iter().filter_map(|field| field.message()) {
        collect_signers(inner, signers);
    }
}

/// The suites of the signers of a credential and the links of its chain, or of a presentation and all that is in it.
pub(crate) fn suites(bytes: &[u8], presentation: bool) -> Vec<Suite> {
    let mut signers = Vec::new();
    let tree = if presentation { Presentation::read(bytes) } else { Credential::read(bytes) };
    match &tree {
        Ok(tree) if presentation => {
            tree.messages(PRESENTATION_CREDENTIALS).for_each(|credential| {
                proofs(credential.message(CREDENTIAL_PROOF), &mut signers);
            });
            tree.messages(PRESENTATION_PROOFS).for_each(|proof| proofs(Some(proof), &mut signers));
        }
        Ok(tree) => proofs(tree.message(CREDENTIAL_PROOF), &mut signers),
        Err(_) => {}
    }
    signers.iter().filter_map(|signer| Suite::of(signer).ok()).collect()
}

/// The signers of a proof and of the proofs of its chain, which the reader has bounded.
fn proofs<'a>(mut proof: Option<&'a Read<'a>>, signers: &mut Vec<&'a [u8]>) {
    while let Some(one) = proof {
        signers.extend(one.message(PROOF_SIGNER).and_then(|key| key.bytes(1)));
        let link = one.message(PROOF_CHAIN).and_then(|chain| chain.message(CHAIN_CREDENTIAL));
        proof = link.and_then(|link| link.message(CREDENTIAL_PROOF));
    }
}

fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    let mut at = 0;
    while let Some(part) = bytes.get_mut(at..at + old.len()).filter(|_| old.len() == new.len()) {
        if part == old {
            part.copy_from_slice(new);
            at += old.len();
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use dxos_reference::halo::verify;
    use dxos_vectors::Want;

    use super::*;

    fn accepted(op: &str, member: &str) -> Vec<Vec<u8>> {
        let files = dxos_vectors::embedded().unwrap();
        let cases = files.iter().filter(|file| file.op == op).flat_map(|file| &file.cases);
        cases
            .filter(|case| matches!(case.want, Some(Want::Ok(_))))
            .map(|case| hex::decode(case.input.as_ref().unwrap()[member].as_str().unwrap()).unwrap())
            .collect()
    }

    #[test]
    fn what_was_accepted_is_accepted_with_the_keys_of_the_ring() {
        let ring = Ring::new();
        let (mut signed, mut all) = (0, 0);
        for bytes in accepted("halo.credential.verify", "credential") {
            let adopted = ring.adopt(&bytes);
            all += 1;
            let Some(again) = ring.sign_credential(&adopted) else { continue };
            let tree = Credential::read(&again).unwrap();
            signed += usize::from(verify(&Credential::new(&tree), None).is_ok());
        }
        // Chains of more than six keys stay as they are.
        assert!(all > 80 && signed * 10 > all * 9, "{signed} of {all}");
    }

    #[test]
    fn presentations_are_signed_again_too() {
        let ring = Ring::new();
        let (mut signed, mut all) = (0, 0);
        for bytes in accepted("halo.presentation.verify", "presentation") {
            all += 1;
            let Some(again) = ring.sign_presentation(&ring.adopt(&bytes)) else { continue };
            let tree = Presentation::read(&again).unwrap();
            signed += usize::from(Presentation::new(&tree).verify(None, None).is_ok());
        }
        assert!(all > 10 && signed * 10 > all * 9, "{signed} of {all}");
    }

    #[test]
    fn a_change_survives_its_new_signature() {
        let ring = Ring::new();
        let bytes = ring.adopt(&accepted("halo.credential.verify", "credential")[0]);
        let mut message = Message::read(&bytes);
        message.last_mut(3).unwrap().message_mut().unwrap().fields.truncate(1);
        let changed = message.to_bytes();
        let verdict =
            |bytes: &[u8]| verify(&Credential::new(&Credential::read(bytes).unwrap()), None).is_ok();
        assert!(!verdict(&changed));
        assert!(verdict(&ring.sign_credential(&changed).unwrap()));
    }
}
