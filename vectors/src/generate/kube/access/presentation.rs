//! What a KUBE takes for an answer to its nonce.

use dxos_reference::keys::{SigningKey, Suite, to_hex};
use serde_json::{Value, json};

use super::super::super::assertion::{authorized_device, halo};
use super::super::super::chain::{delegated, link};
use super::super::super::forge::{DATE, Forge, date, delimited, message};
use super::super::super::scene::{Prover, Scene, present};
use super::super::super::topic::{P256, Topic};
use crate::class::Class::{
    self, AuthChain, AuthExpired, AuthKey, AuthReplay, AuthRole, AuthSignature, DecodeLength, DecodeMissing,
    SchemaType,
};

/// When the KUBE judges: an hour after all dates.
const NOW: i64 = DATE + 3_600_000;

fn input(s: &Scene, presentation: &[u8]) -> Value {
    json!({
        "presentation": to_hex(presentation),
        "nonce": to_hex(&[0x5a; 32]),
        "kube_key": to_hex(&s.server.public_key()),
        "now": NOW.to_string(),
    })
}

/// KubeAccess with any keys in it.
fn access(issuer: &SigningKey, kube: &[u8], identity: &[u8], capabilities: &[&str]) -> Forge {
    let mut value = [message(1, &message(1, kube)), message(2, &message(1, identity))].concat();
    capabilities.iter().for_each(|capability| delimited(&mut value, 3, capability.as_bytes()));
    Forge::new(issuer, identity, halo!("KubeAccess"), value)
}

pub(super) fn proof() -> Topic {
    let about = "Which presentations a KUBE takes for an answer to its nonce, and who has presented.";
    let mut topic = Topic::new("kube/access/proof", "kube.access.verify", &[P256], about);
    accepted(&mut topic);
    let s = Scene::new(&topic, Suite::P256, "with-access");
    proofs(&mut topic, &s);
    let whole = shown(&s, &[s.chain.clone(), s.access.build()], &|_| {});
    for length in [1, 3, 100, whole.len() - 66, whole.len() - 1] {
        let bytes = whole.get(..length).unwrap_or_default();
        topic.reject(
            &format!("truncated-{length:04}"),
            "with-access",
            &["HALO-ENC-011"],
            DecodeLength,
            "cut after so many bytes",
            input(&s, bytes),
        );
    }
    topic
}

pub(super) fn credentials() -> Topic {
    let about = "Which credentials a KUBE takes in a presentation.";
    let mut topic = Topic::new("kube/access/credentials", "kube.access.verify", &[P256], about);
    let s = Scene::new(&topic, Suite::P256, "with-access");
    let both = [s.chain.clone(), s.access.build()];
    let req = &["KUBE-AUTH-013", "KUBE-AUTH-014", "KUBE-AUTH-015", "KUBE-AUTH-016", "KUBE-AUTH-019"];
    topic.accept("with-access", req, "", input(&s, &shown(&s, &both, &|_| {})));
    devices(&mut topic, &s);
    accesses(&mut topic, &s);
    topic
}

/// The credentials, with a proof that was changed before it signed.
fn shown(s: &Scene, credentials: &[Vec<u8>], change: &dyn Fn(&mut Prover)) -> Vec<u8> {
    present(credentials, &[s.prover().with(change).sign(credentials)])
}

fn accepted(topic: &mut Topic) {
    let s = Scene::new(topic, Suite::P256, "with-access");
    let both = [s.chain.clone(), s.access.build()];
    let req = &["KUBE-AUTH-013", "KUBE-AUTH-017", "KUBE-AUTH-018", "KUBE-AUTH-020"];
    topic.accept("with-access", req, "the device's credential, then the access", {
        input(&s, &shown(&s, &both, &|_| {}))
    });
    let s = Scene::new(topic, Suite::P256, "access-first");
    let both = [s.access.build(), s.chain.clone()];
    topic.accept("access-first", req, "the order does not matter", input(&s, &shown(&s, &both, &|_| {})));
    let s = Scene::new(topic, Suite::P256, "device-alone");
    let one = [s.chain.clone()];
    let req = &["KUBE-AUTH-013", "KUBE-AUTH-016"];
    topic.accept("device-alone", req, "", input(&s, &shown(&s, &one, &|_| {})));
    let s = Scene::new(topic, Suite::P256, "device-without-chain");
    let one = [s.chain.clone()];
    topic.accept(
        "device-without-chain",
        &["KUBE-AUTH-017"],
        "a credential about the signer needs no chain",
        input(&s, &shown(&s, &one, &|p| p.chain = None)),
    );
    let s = Scene::new(topic, Suite::P256, "second-device");
    let second = topic.key(Suite::P256, "second-device", "second");
    let credential = delegated(&link(&s.alice, &second), &s.device, s.chain.clone()).build();
    let both = [credential.clone(), s.access.build()];
    let prover = Prover::new(&second, Some(credential));
    topic.accept(
        "second-device",
        &["KUBE-AUTH-015", "KUBE-AUTH-016", "KUBE-AUTH-017"],
        "another device of the identity has admitted it",
        input(&s, &present(&both, &[prover.sign(&both)])),
    );
    let s = Scene::new(topic, Suite::P256, "not-expired");
    let later = link(&s.alice, &s.device).with(|f| f.expiration = Some(date(NOW + 1))).build();
    let one = [later.clone()];
    topic.accept(
        "not-expired",
        &["KUBE-AUTH-015"],
        "it expires a millisecond later",
        input(&s, &shown(&s, &one, &|p| p.chain = Some(later.clone()))),
    );
    for (slug, capabilities) in [
        ("no-capabilities", &[][..]),
        ("capabilities", &["config/read", "status"][..]),
        ("everything", &["*"][..]),
    ] {
        let s = Scene::new(topic, Suite::P256, slug);
        let (kube, alice) = (s.server.public_key(), s.alice.public_key());
        let both = [s.chain.clone(), access(&s.server, &kube, &alice, capabilities).build()];
        topic.accept(slug, &["KUBE-AUTH-014", "KUBE-AUTH-019"], "", input(&s, &shown(&s, &both, &|_| {})));
    }
}

fn refuse(topic: &mut Topic, s: &Scene, slug: &str, req: &str, class: Class, about: &str, bytes: &[u8]) {
    topic.reject(slug, "with-access", &[req], class, about, input(s, bytes));
}

fn proofs(topic: &mut Topic, s: &Scene) {
    let both = [s.chain.clone(), s.access.build()];
    let prover = s.prover();
    let proof = prover.sign(&both);
    let with = |change: &dyn Fn(&mut Prover)| shown(s, &both, change);
    let after = |change: &dyn Fn(&mut Prover)| {
        present(&both, &[prover.with(change).encode(&prover.signature(&both))])
    };
    let mut flipped = prover.signature(&both);
    if let Some(first) = flipped.first_mut() {
        *first ^= 1;
    }
    let nonce = [&[0x5a; 31][..], &[0x5b]].concat();
    let cases: Vec<(&str, &str, Class, &str, Vec<u8>)> = vec![
        ("no-proofs", "KUBE-AUTH-010", AuthReplay, "", present(&both, &[])),
        ("empty", "KUBE-AUTH-010", AuthReplay, "", Vec::new()),
        ("two-proofs", "KUBE-AUTH-010", AuthReplay, "both are valid", {
            present(&both, &[proof.clone(), proof.clone()])
        }),
        ("second-proof-forged", "KUBE-AUTH-010", AuthReplay, "", {
            present(&both, &[proof.clone(), prover.encode(&flipped)])
        }),
        ("nonce-absent", "KUBE-AUTH-011", AuthReplay, "", with(&|p| p.nonce = None)),
        ("nonce-empty", "KUBE-AUTH-011", AuthReplay, "", with(&|p| p.nonce = Some(Vec::new()))),
        ("nonce-short", "KUBE-AUTH-011", AuthReplay, "", with(&|p| p.nonce = Some(vec![0x5a; 16]))),
        ("nonce-long", "KUBE-AUTH-011", AuthReplay, "", with(&|p| p.nonce = Some(vec![0x5a; 33]))),
        ("nonce-last-byte", "KUBE-AUTH-011", AuthReplay, "", with(&|p| p.nonce = Some(nonce.clone()))),
        ("signature", "KUBE-AUTH-012", AuthSignature, "a bit of it", {
            present(&both, &[prover.encode(&flipped)])
        }),
        ("signature-empty", "KUBE-AUTH-012", AuthSignature, "", present(&both, &[prover.encode(&[])])),
        ("signature-of-another-key", "KUBE-AUTH-012", AuthSignature, "", with(&|p| p.key = s.bob.clone())),
        ("signature-type", "KUBE-AUTH-012", AuthKey, "", with(&|p| p.proof_type = "ES256")),
        ("proof-dated-later", "KUBE-AUTH-012", AuthSignature, "after it was signed", {
            after(&|p| p.creation += 1)
        }),
        ("proof-of-fewer", "KUBE-AUTH-012", AuthSignature, "signed without the access", {
            present(&both, &[prover.sign(std::slice::from_ref(&s.chain))])
        }),
        ("proof-without-signer", "HALO-CRED-001", DecodeMissing, "", with(&|p| p.signer = None)),
        ("chain-absent", "KUBE-AUTH-017", AuthChain, "", with(&|p| p.chain = None)),
        ("chain-of-another-device", "KUBE-AUTH-017", AuthChain, "", {
            with(&|p| p.chain = Some(link(&s.alice, &s.bob).build()))
        }),
        ("chain-of-another-identity", "KUBE-AUTH-017", AuthChain, "", {
            with(&|p| p.chain = Some(link(&s.bob, &s.device).build()))
        }),
        ("chain-forged", "KUBE-AUTH-017", AuthSignature, "signed by the device itself", {
            let forged = link(&s.alice, &s.device).with(|f| f.key = s.device.clone()).build();
            with(&|p| p.chain = Some(forged.clone()))
        }),
        ("chain-expired", "KUBE-AUTH-017", AuthExpired, "", {
            let expired = link(&s.alice, &s.device).with(|f| f.expiration = Some(date(NOW))).build();
            with(&|p| p.chain = Some(expired.clone()))
        }),
    ];
    for (slug, req, class, about, bytes) in cases {
        refuse(topic, s, slug, req, class, about, &bytes);
    }
}

fn devices(topic: &mut Topic, s: &Scene) {
    let access = s.access.build();
    let first = |credential: Vec<u8>| shown(s, &[credential, access.clone()], &|_| {});
    let (alice, bob, device) = (s.alice.public_key(), s.bob.public_key(), s.device.public_key());
    let device_link = link(&s.alice, &s.device);
    let naming = |identity: &[u8], device: &[u8]| {
        let value = authorized_device(identity, device);
        device_link.with(|f| f.value = Some(value)).build()
    };
    let cases: Vec<(&str, &str, Class, &str, Vec<u8>)> = vec![
        ("no-device", "KUBE-AUTH-013", AuthChain, "the chain alone shows no identity", {
            shown(s, std::slice::from_ref(&access), &|_| {})
        }),
        ("two-devices", "KUBE-AUTH-013", AuthChain, "the same twice", {
            shown(s, &[s.chain.clone(), s.chain.clone(), access.clone()], &|_| {})
        }),
        ("device-of-two-identities", "KUBE-AUTH-013", AuthChain, "", {
            shown(s, &[s.chain.clone(), link(&s.bob, &s.device).build(), access.clone()], &|_| {})
        }),
        ("device-forged", "KUBE-AUTH-015", AuthSignature, "signed by the device itself", {
            first(device_link.with(|f| f.key = s.device.clone()).build())
        }),
        ("device-tampered", "KUBE-AUTH-015", AuthSignature, "", {
            first(device_link.tampered(|f| f.issuance = Some(date(DATE + 1))))
        }),
        ("device-expired", "KUBE-AUTH-015", AuthExpired, "at this very millisecond", {
            first(device_link.with(|f| f.expiration = Some(date(NOW))).build())
        }),
        ("device-another", "KUBE-AUTH-016", AuthChain, "the credential of another device", {
            first(link(&s.alice, &s.bob).build())
        }),
        ("device-names-another", "KUBE-AUTH-016", AuthChain, "", first(naming(&alice, &bob))),
        ("device-names-another-identity", "KUBE-AUTH-016", AuthChain, "", first(naming(&bob, &device))),
        ("device-subject-another", "KUBE-AUTH-016", AuthChain, "", {
            first(device_link.with(|f| f.subject = Some(bob.clone())).build())
        }),
        ("other-credential", "KUBE-AUTH-014", SchemaType, "a third one, of another type", {
            shown(s, &[s.chain.clone(), access.clone(), s.other(&device).build()], &|_| {})
        }),
        ("service-access", "KUBE-AUTH-014", SchemaType, "in the place of the access", {
            let service = s.access.with(|f| f.type_url = Some(halo!("ServiceAccess").to_owned()));
            shown(s, &[s.chain.clone(), service.with(|f| f.value = Some(Vec::new())).build()], &|_| {})
        }),
        ("two-accesses", "KUBE-AUTH-014", SchemaType, "the same twice", {
            shown(s, &[s.chain.clone(), access.clone(), access.clone()], &|_| {})
        }),
    ];
    for (slug, req, class, about, bytes) in cases {
        refuse(topic, s, slug, req, class, about, &bytes);
    }
}

fn accesses(topic: &mut Topic, s: &Scene) {
    let (kube, alice, bob) = (s.server.public_key(), s.alice.public_key(), s.bob.public_key());
    let second = |credential: Vec<u8>| shown(s, &[s.chain.clone(), credential], &|_| {});
    let all = &["*"][..];
    let plain = access(&s.server, &kube, &alice, all);
    let cases: Vec<(&str, &str, Class, &str, Vec<u8>)> = vec![
        ("access-foreign", "KUBE-AUTH-018", AuthRole, "issued by another server, naming this one", {
            second(access(&s.bob, &kube, &alice, all).build())
        }),
        ("access-of-another-server", "KUBE-AUTH-018", AuthRole, "issued by and for another server", {
            second(access(&s.bob, &bob, &alice, all).build())
        }),
        ("access-by-oneself", "KUBE-AUTH-018", AuthRole, "issued by the identity", {
            second(access(&s.alice, &kube, &alice, all).build())
        }),
        ("access-forged", "KUBE-AUTH-015", AuthSignature, "in the name of this server", {
            second(plain.with(|f| f.key = s.alice.clone()).build())
        }),
        ("access-expired", "KUBE-AUTH-015", AuthExpired, "", {
            second(plain.with(|f| f.expiration = Some(date(NOW))).build())
        }),
        ("access-raised", "KUBE-AUTH-015", AuthSignature, "another capability after it was signed", {
            let raised = access(&s.server, &kube, &alice, &["**"]).value;
            second(plain.tampered(|f| f.value.clone_from(&raised)))
        }),
        ("access-names-another-server", "KUBE-AUTH-019", AuthRole, "", {
            second(access(&s.server, &bob, &alice, all).build())
        }),
        ("access-names-another-identity", "KUBE-AUTH-020", AuthChain, "", {
            let other = access(&s.server, &kube, &bob, all).value;
            second(plain.with(|f| f.value = other).build())
        }),
        ("access-about-the-device", "KUBE-AUTH-020", AuthChain, "its subject is the device", {
            second(plain.with(|f| f.subject = Some(s.device.public_key())).build())
        }),
    ];
    for (slug, req, class, about, bytes) in cases {
        refuse(topic, s, slug, req, class, about, &bytes);
    }
    // Everything of another identity is in order, and so is everything of this one.
    let others = [s.chain.clone(), access(&s.server, &kube, &bob, all).build()];
    let bobs = link(&s.bob, &s.device).build();
    refuse(
        topic,
        s,
        "access-of-another-identity",
        "KUBE-AUTH-020",
        AuthChain,
        "of which the signer is a device as well",
        &shown(s, &others, &|p| p.chain = Some(bobs.clone())),
    );
}
