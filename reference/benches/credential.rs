//! What a credential costs beside its signatures: every bench that verifies runs next to ring alone over
//! the same bytes, so that the ratio can be read off one run.
//!
//! The credential is a SpaceMember of about 540 bytes with a payload of 883.
#![forbid(unsafe_code)]
// A bench that cannot be set up is to stop.
#![allow(clippy::unwrap_used)]

use divan::Bencher;
use divan::counter::ItemsCount;
use dxos_proto::dxos::halo::credentials as pb;
use dxos_proto::dxos::keys::PublicKey;
use dxos_proto::prost::Message as _;
use dxos_reference::halo::{Credential, Issue, issue, verify};
use dxos_reference::keys::{SigningKey, Suite};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

fn main() {
    // More samples than usual: the ratios of interest are close to 1.
    divan::Divan::default().sample_count(1000).config_with_args().main();
}

fn key(seed: u8) -> SigningKey {
    SigningKey::new(Suite::P256, &[seed; 32]).unwrap()
}

fn wrap(key: &SigningKey) -> Option<PublicKey> {
    Some(PublicKey { data: key.public_key() })
}

/// An AuthorizedDevice credential of the first key for the last, through those between.
fn chain(keys: &[SigningKey]) -> Option<Vec<u8>> {
    let [identity, .., device] = keys else { return None };
    let (_, earlier) = keys.split_last()?;
    let statement =
        pb::AuthorizedDevice { identity_key: wrap(identity), device_key: wrap(device) }.encode_to_vec();
    let link = chain(earlier);
    let what = Issue {
        issuer: &identity.public_key(),
        subject: &device.public_key(),
        assertion_type: "dxos.halo.credentials.AuthorizedDevice",
        assertion: &statement,
        date: 1_704_164_645_678,
        chain: link.as_deref(),
        ..Issue::default()
    };
    Some(issue(earlier.last()?, &what).unwrap())
}

/// Calls with a SpaceMember credential to be issued, its signer behind so many links.
fn member<T>(links: usize, call: impl FnOnce(&SigningKey, &Issue<'_>) -> T) -> T {
    let keys: Vec<SigningKey> = (1..).take(links + 1).map(key).collect();
    let statement = pb::SpaceMember {
        space_key: wrap(&key(101)),
        role: Some(pb::space_member::Role::Owner.into()),
        profile: None,
        genesis_feed_key: wrap(&key(102)),
        invitation_credential_id: None,
    }
    .encode_to_vec();
    let chain = chain(&keys);
    let what = Issue {
        issuer: &keys.first().unwrap().public_key(),
        subject: &key(103).public_key(),
        assertion_type: "dxos.halo.credentials.SpaceMember",
        assertion: &statement,
        date: 1_704_164_645_678,
        chain: chain.as_deref(),
        ..Issue::default()
    };
    call(keys.last().unwrap(), &what)
}

fn issued(links: usize) -> Vec<u8> {
    member(links, |key, what| issue(key, what).unwrap())
}

/// The signature alone.  The ceiling of [`verify_bytes`], which checks `links + 1` of them.
#[divan::bench]
fn ring_alone(bencher: Bencher<'_, '_>) {
    let bytes = issued(0);
    let tree = Credential::read(&bytes).unwrap();
    let credential = Credential::new(&tree);
    let (payload, proof) = (credential.payload().unwrap(), credential.proof().unwrap());
    assert_eq!(payload.len(), 883);
    bencher.counter(ItemsCount::new(1usize)).bench(|| {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, divan::black_box(proof.signer()));
        key.verify(divan::black_box(payload.as_bytes()), divan::black_box(proof.value())).unwrap();
    });
}

/// From bytes to verdict: read, canonical form, every signature of the chain.
#[divan::bench(args = [0, 1, 2])]
fn verify_bytes(bencher: Bencher<'_, '_>, links: usize) {
    let bytes = issued(links);
    bencher.counter(ItemsCount::new(1usize)).bench(|| {
        let tree = Credential::read(divan::black_box(&bytes)).unwrap();
        verify(&Credential::new(&tree), None).unwrap();
    });
}

#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let bytes = issued(0);
    bencher
        .counter(ItemsCount::new(1usize))
        .bench(|| Credential::read(divan::black_box(&bytes)).unwrap().bytes(1).is_some());
}

#[divan::bench]
fn payload(bencher: Bencher<'_, '_>) {
    let bytes = issued(0);
    let tree = Credential::read(&bytes).unwrap();
    bencher
        .counter(ItemsCount::new(1usize))
        .bench(|| divan::black_box(Credential::new(&tree)).payload().unwrap());
}

#[divan::bench]
fn id(bencher: Bencher<'_, '_>) {
    let bytes = issued(0);
    let tree = Credential::read(&bytes).unwrap();
    bencher
        .counter(ItemsCount::new(1usize))
        .bench(|| divan::black_box(Credential::new(&tree)).computed_id().unwrap());
}

/// With a chain, issuing verifies it first.
#[divan::bench(name = "issue", args = [0, 1])]
fn issue_member(bencher: Bencher<'_, '_>, links: usize) {
    member(links, |key, what| {
        bencher.counter(ItemsCount::new(1usize)).bench_local(|| issue(divan::black_box(key), what).unwrap());
    });
}

/// The signature alone.  The ceiling of `issue`.
#[divan::bench]
fn p256_sign_alone(bencher: Bencher<'_, '_>) {
    let key = key(1);
    let message = [b'x'; 883];
    bencher.counter(ItemsCount::new(1usize)).bench(|| key.sign(divan::black_box(&message)));
}
