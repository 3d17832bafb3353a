//! What is fuzzed: laws that hold for all bytes.  No panic is the first of them.
#![forbid(unsafe_code)]
// A broken law is to stop the fuzzer.
#![allow(clippy::expect_used)]

pub mod federation;
pub mod feeds;
pub mod invitation;
pub mod kube;
pub mod messages;
pub mod replication;
pub mod rpc;
pub mod signal;
pub mod space;
pub mod swarm;

use dxos_reference::halo::{Credential, Presentation, verify};
use dxos_reference::wire::{self, Message};
use dxos_reference::{Class, Reject};

/// Calls with the tree that is read from the completed encoding of a tree, unless completion passed a limit.
fn completed(
    tree: &Message<'_>,
    read: fn(&[u8]) -> Result<Message<'_>, Reject>,
    call: impl FnOnce(&[u8], &Message<'_>),
) {
    let bytes = wire::complete(tree);
    match read(&bytes) {
        Ok(tree) => call(&bytes, &tree),
        Err(reject) => assert!(
            matches!(reject.class, Class::ResourceDepth | Class::ResourceSize),
            "what was completed does not read: {reject}"
        ),
    }
}

/// Completing what is complete changes nothing.
pub fn credential_decode(bytes: &[u8]) {
    let Ok(tree) = Credential::read(bytes) else { return };
    completed(&tree, Credential::read, |once, tree| {
        assert_eq!(wire::complete(tree), once, "completion is not idempotent");
    });
}

/// The payload is JSON, is the same each time, and of a complete credential survives writing and reading.
pub fn credential_payload(bytes: &[u8]) {
    let Ok(tree) = Credential::read(bytes) else { return };
    let credential = Credential::new(&tree);
    let payload = credential.payload();
    assert_eq!(credential.payload(), payload, "two payloads of one credential");
    assert_eq!(credential.computed_id().is_ok(), payload.is_ok());
    if let Ok(payload) = &payload {
        assert_json(payload);
    }
    if let Some(assertion) = credential.assertion() {
        assert_eq!(assertion.text(), assertion.text(), "two texts of one assertion");
    }
    completed(&tree, Credential::read, |_, once| {
        let payload = Credential::new(once).payload();
        completed(once, Credential::read, |_, twice| {
            assert_eq!(Credential::new(twice).payload(), payload, "writing changes the payload");
        });
    });
}

fn assert_json(text: &str) {
    // Assertions inside of assertions may nest deeper than serde_json reads.
    if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
        assert!(error.to_string().starts_with("recursion limit"), "{error}: {text}");
    }
}

/// A verdict is the same each time, and at the beginning of time nothing has expired yet.
pub fn credential_verify(bytes: &[u8]) {
    let Ok(tree) = Credential::read(bytes) else { return };
    let credential = Credential::new(&tree);
    let verdict = verify(&credential, None);
    assert_eq!(verify(&credential, None), verdict, "two verdicts");
    assert_eq!(verify(&credential, Some(i64::MIN)), verdict, "expired before all time");
    if verdict.is_ok() {
        let proof = credential.proof().expect("what verifies has a proof");
        assert!(matches!(proof.signer().len(), 32 | 65) && proof.value().len() == 64);
        assert!(credential.payload().is_ok());
        assert!(credential.issuer() == proof.signer() || proof.chain_length() > 0);
    }
}

/// A verdict is the same each time, and who answers a challenge also passes without one.
pub fn presentation_verify(bytes: &[u8]) {
    let Ok(tree) = Presentation::read(bytes) else { return };
    let presentation = Presentation::new(&tree);
    assert_eq!(presentation.payload(0), presentation.payload(0), "two payloads of one proof");
    let verdict = presentation.verify(None, None);
    assert_eq!(presentation.verify(None, None), verdict, "two verdicts");
    let nonce = tree.messages(2).next().and_then(|proof| proof.bytes(4)).unwrap_or_default();
    if let Ok(verified) = presentation.verify(Some(nonce), None) {
        assert!(!verified.signers.is_empty() && !verified.subjects.is_empty());
        assert_eq!(Ok(verified), verdict);
    }
    completed(&tree, Presentation::read, |once, tree| {
        assert_eq!(wire::complete(tree), once, "completion is not idempotent");
    });
}
