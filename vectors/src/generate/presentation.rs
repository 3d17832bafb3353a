//! `halo.presentation.*`.

use dxos_reference::keys::{Suite, to_hex};
use serde_json::{Value, json};

use super::assertion::{self, halo};
use super::chain::{delegated, link};
use super::forge::{CarriedId, DATE, Forge, date, delimited, integer};
use super::scene::{Prover, Scene, present};
use super::topic::{P256, Topic, suite_of};
use super::verify::flipped;
use crate::class::Class::{AuthChain, AuthKey, AuthReplay, AuthSignature, DecodeLength, DecodeMissing};

fn input(presentation: &[u8]) -> Value {
    json!({ "presentation": to_hex(presentation) })
}

pub(super) fn payload() -> Topic {
    let mut topic = Topic::new(
        "halo/presentation/payload/members",
        "halo.presentation.payload",
        &[],
        "What the proof of a presentation signs.",
    );
    let of =
        |presentation: &[u8], proof: usize| json!({ "presentation": to_hex(presentation), "proof": proof });
    let scene = |topic: &Topic, slug: &str| Scene::new(topic, Suite::P256, slug);
    let req = &["HALO-PRES-001"];
    let plain = scene(&topic, "plain");
    topic.accept("plain", req, "", of(&plain.plain(), 0));
    let one = |credential: Vec<u8>, prover: Prover| {
        let credentials = [credential];
        present(&credentials, &[prover.sign(&credentials)])
    };
    let s = scene(&topic, "nonce-absent");
    topic.accept("nonce-absent", req, "", of(&one(s.access.build(), s.prover().with(|p| p.nonce = None)), 0));
    let s = scene(&topic, "nonce-empty");
    topic.accept(
        "nonce-empty",
        req,
        "",
        of(&one(s.access.build(), s.prover().with(|p| p.nonce = Some(Vec::new()))), 0),
    );
    let s = scene(&topic, "no-chain");
    topic.accept(
        "no-chain",
        &["HALO-PRES-010"],
        "",
        of(&one(s.access.build(), s.prover().with(|p| p.chain = None)), 0),
    );
    let s = scene(&topic, "no-credentials");
    topic.accept("no-credentials", req, "", of(&present(&[], &[s.prover().sign(&[])]), 0));
    let s = scene(&topic, "id-absent");
    let access = s.access.with(|f| f.id = CarriedId::Absent).build();
    topic.accept("id-absent", req, "ids are part of the payload", of(&one(access, s.prover()), 0));
    let s = scene(&topic, "id-other");
    let access = s.access.with(|f| f.id = CarriedId::Bytes(vec![7; 32])).build();
    topic.accept("id-other", req, "", of(&one(access, s.prover()), 0));
    let s = scene(&topic, "parents");
    let access = s.access.with(|f| f.parents = vec![vec![2; 32], vec![1; 32]]).build();
    topic.accept("parents", req, "", of(&one(access, s.prover()), 0));
    let s = scene(&topic, "delegated-credential");
    let access = delegated(&link(&s.alice, &s.bob), &s.device, s.chain.clone()).build();
    topic.accept(
        "delegated-credential",
        req,
        "the chain of a credential is part, empty parents are not",
        of(&one(access, s.prover()), 0),
    );
    let s = scene(&topic, "two");
    let credentials = [s.access.build(), s.other(&s.alice.public_key()).build()];
    let proofs =
        [s.prover().sign(&credentials), s.prover().with(|p| p.nonce = Some(vec![1])).sign(&credentials)];
    let presentation = present(&credentials, &proofs);
    topic.accept("two-first-proof", req, "", of(&presentation, 0));
    topic.accept("two-second-proof", req, "", of(&presentation, 1));
    let swapped = present(&[credentials[1].clone(), credentials[0].clone()], &proofs);
    topic.accept("two-swapped", req, "the order of credentials is kept", of(&swapped, 0));
    for assertion in
        assertion::some(&["epoch-1", "space-member-invited", "auth", "delegate-space-invitation"])
    {
        let s = scene(&topic, assertion.slug);
        let credential = Forge::new(&s.server, &s.alice.public_key(), assertion.type_name, assertion.value);
        topic.accept(assertion.slug, req, assertion.type_name, of(&one(credential.build(), s.prover()), 0));
    }
    let s = scene(&topic, "unknown-fields");
    let access = s.access.with(|f| integer(&mut f.more, 111, 1)).build();
    let unknown = one(access, s.prover().with(|p| integer(&mut p.more, 111, 1)));
    topic.accept("unknown-fields", &["HALO-ENC-001"], "", of(&unknown, 0));
    let bytes = plain.plain();
    for length in [1, 2, 3, 10, 40, 200, bytes.len() - 100, bytes.len() - 1] {
        let cut = bytes.get(..length).unwrap_or_default();
        let slug = format!("truncated-{length:04}");
        topic.reject(&slug, "plain", &["HALO-ENC-011"], DecodeLength, "cut after so many bytes", of(cut, 0));
    }
    topic
}

pub(super) fn verify() -> Topic {
    let mut topic = Topic::new(
        "halo/presentation/verify/proof",
        "halo.presentation.verify",
        &[],
        "Presentations with one credential and one proof.",
    );
    topic.flag("IssuerAsAuthority", "the chain is judged for the issuer, as peers up to 0.3.6 did");
    for suite in [Suite::P256, Suite::Ed25519] {
        let (slug, feature) = suite_of(suite);
        topic.features(&[feature]);
        let s = Scene::new(&topic, suite, slug);
        topic.accept(
            slug,
            &["HALO-PRES-003", "HALO-PRES-004"],
            "a device shows a credential about its identity",
            input(&s.plain()),
        );
        one_proof(&mut topic, &s, slug);
    }
    topic
}

fn one_proof(topic: &mut Topic, s: &Scene, base: &str) {
    let credentials = [s.access.build()];
    let prover = s.prover();
    let with =
        |change: &dyn Fn(&mut Prover)| present(&credentials, &[prover.with(change).sign(&credentials)]);
    let after = |change: &dyn Fn(&mut Prover)| {
        present(&credentials, &[prover.with(change).encode(&prover.signature(&credentials))])
    };
    let shown = |credential: Vec<u8>| present(&[credential], &[prover.sign(&credentials)]);
    let signature = prover.signature(&credentials);
    let flip = |at| present(&credentials, &[prover.encode(&flipped(signature.clone(), at, 1))]);
    let bob_chain = link(&s.bob, &s.device).build();
    let bob_device = link(&s.alice, &s.bob).build();
    let server_chain = link(&s.server, &s.device).build();
    let cases = vec![
        ("signature-first", "HALO-PRES-003", AuthSignature, "", flip(0)),
        ("signature-last", "HALO-PRES-003", AuthSignature, "", flip(63)),
        ("signature-empty", "HALO-PRES-003", AuthSignature, "", present(&credentials, &[prover.encode(&[])])),
        ("signature-other-key", "HALO-PRES-003", AuthSignature, "", with(&|p| p.key = s.bob.clone())),
        ("type", "HALO-PRES-003", AuthKey, "", with(&|p| p.proof_type = "ES256")),
        ("type-lower", "HALO-PRES-003", AuthKey, "", with(&|p| p.proof_type = "ed25519signature")),
        ("date-changed", "HALO-PRES-003", AuthSignature, "", after(&|p| p.creation += 1)),
        ("nonce-changed", "HALO-PRES-003", AuthSignature, "", after(&|p| p.nonce = Some(vec![0x5b; 32]))),
        ("nonce-removed", "HALO-PRES-003", AuthSignature, "", after(&|p| p.nonce = None)),
        ("nonce-emptied", "HALO-PRES-003", AuthSignature, "", after(&|p| p.nonce = Some(Vec::new()))),
        ("id-changed", "HALO-PRES-001", AuthSignature, "the id of a credential is signed here", {
            shown(s.access.tampered(|f| f.id = CarriedId::Bytes(vec![7; 32])))
        }),
        (
            "id-removed",
            "HALO-PRES-001",
            AuthSignature,
            "",
            shown(s.access.tampered(|f| f.id = CarriedId::Absent)),
        ),
        (
            "credential-exchanged",
            "HALO-PRES-003",
            AuthSignature,
            "another credential about the same subject",
            { shown(s.other(&s.alice.public_key()).build()) },
        ),
        ("credential-tampered", "HALO-PRES-002", AuthSignature, "", {
            let tampered = [s.access.tampered(|f| f.issuance = Some(date(DATE + 1)))];
            present(&tampered, &[prover.sign(&tampered)])
        }),
        ("credential-other-signer", "HALO-PRES-002", AuthSignature, "", {
            let forged = [s.access.with(|f| f.key = s.bob.clone()).build()];
            present(&forged, &[prover.sign(&forged)])
        }),
        ("credential-type", "HALO-PRES-002", AuthKey, "", {
            let forged = [s.access.with(|f| f.proof_type = Some("ES256".to_owned())).build()];
            present(&forged, &[prover.sign(&forged)])
        }),
        ("chain-missing", "HALO-PRES-004", AuthChain, "", with(&|p| p.chain = None)),
        (
            "chain-of-bob",
            "HALO-PRES-004",
            AuthChain,
            "the device is authorised for somebody else",
            with(&|p| p.chain = Some(bob_chain.clone())),
        ),
        (
            "chain-for-bob",
            "HALO-PRES-004",
            AuthChain,
            "another device is authorised",
            with(&|p| p.chain = Some(bob_device.clone())),
        ),
        (
            "chain-of-issuer",
            "HALO-PRES-004",
            AuthChain,
            "the device is authorised for the issuer",
            with(&|p| p.chain = Some(server_chain.clone())),
        ),
        (
            "chain-signature",
            "HALO-CHAIN-001",
            AuthSignature,
            "",
            with(&|p| {
                p.chain = Some(link(&s.alice, &s.device).with(|f| f.key = s.bob.clone()).build());
            }),
        ),
        (
            "chain-type",
            "HALO-CHAIN-004",
            AuthChain,
            "",
            with(&|p| {
                p.chain = Some(
                    link(&s.alice, &s.device)
                        .with(|f| f.type_url = Some(halo!("HaloSpace").to_owned()))
                        .build(),
                );
            }),
        ),
        (
            "subject-without-chain",
            "HALO-PRES-008",
            AuthChain,
            "the subject's own key signs",
            with(&|p| {
                p.key = s.alice.clone();
                p.signer = Some(s.alice.public_key());
                p.chain = None;
            }),
        ),
        ("about-bob", "HALO-PRES-004", AuthChain, "the credential is about somebody else", {
            let credentials = [s.other(&s.bob.public_key()).build()];
            present(&credentials, &[prover.sign(&credentials)])
        }),
    ];
    for (name, req, class, about, presentation) in cases {
        let case = topic.reject(&format!("{base}-{name}"), base, &[req], class, about, input(&presentation));
        if name == "chain-of-issuer" {
            case.flags = vec!["IssuerAsAuthority".to_owned()];
        }
    }
}

pub(super) fn several() -> Topic {
    let mut topic = Topic::new(
        "halo/presentation/verify/several",
        "halo.presentation.verify",
        &[P256],
        "Presentations with several credentials and proofs, and unusual ones.",
    );
    topic.flag("FirstOnly", "only the first credential or the first proof is judged");
    let s = Scene::new(&topic, Suite::P256, "two");
    let about_alice = s.other(&s.alice.public_key());
    let both = [s.access.build(), about_alice.build()];
    let prover = s.prover();
    let again = prover.with(|p| p.nonce = Some(vec![1]));
    topic.accept("two-credentials", &["HALO-PRES-005"], "", input(&present(&both, &[prover.sign(&both)])));
    topic.accept(
        "two-proofs",
        &["HALO-PRES-005"],
        "",
        input(&present(&both, &[prover.sign(&both), again.sign(&both)])),
    );
    let self_issued = [link(&s.alice, &s.bob).build()];
    let by_alice = Prover::new(&s.alice, None);
    topic.accept(
        "issuer-shows",
        &["HALO-PRES-004"],
        "the issuer itself signs the proof",
        input(&present(&self_issued, &[by_alice.sign(&self_issued)])),
    );
    let delegated = [delegated(
        &s.other(&s.alice.public_key()).with(|f| f.issuer = Some(s.alice.public_key())),
        &s.device,
        s.chain.clone(),
    )
    .build()];
    topic.accept(
        "delegated-credential",
        &["HALO-PRES-002"],
        "the credential has a chain too",
        input(&present(&delegated, &[prover.sign(&delegated)])),
    );
    let long = {
        let second = topic.key(Suite::P256, "two", "second");
        let inner = super::chain::delegated(&link(&s.alice, &second), &s.device, s.chain.clone()).build();
        Prover::new(&second, Some(inner)).sign(&both)
    };
    topic.accept("chain-of-two", &["HALO-CHAIN-007"], "", input(&present(&both, &[long])));
    let unknown = {
        let mut bytes = present(&both, &[prover.sign(&both)]);
        integer(&mut bytes, 111, 1);
        bytes
    };
    topic.accept("unknown-field", &["HALO-ENC-001"], "", input(&unknown));
    let mut proofs_first = Vec::new();
    delimited(&mut proofs_first, 2, &prover.sign(&both));
    both.iter().for_each(|credential| delimited(&mut proofs_first, 1, credential));
    topic.accept("proofs-first", &["HALO-ENC-001"], "", input(&proofs_first));
    topic.accept(
        "no-credentials",
        &["HALO-PRES-005"],
        "no challenge is given: the result says who signed",
        input(&present(&[], &[prover.sign(&[])])),
    );
    topic.accept("no-proofs", &["HALO-PRES-005"], "the result names no signer", input(&present(&both, &[])));

    let bad = about_alice.tampered(|f| f.issuance = Some(date(DATE + 1)));
    let second_bad = [s.access.build(), bad.clone()];
    let first_bad = [bad, s.access.build()];
    let flipped_proof = again.encode(&flipped(again.signature(&both), 9, 1));
    let about_bob = [s.access.build(), s.other(&s.bob.public_key()).build()];
    let two = "two-credentials";
    let cases = vec![
        (
            "second-credential",
            two,
            "HALO-PRES-005",
            AuthSignature,
            "",
            present(&second_bad, &[prover.sign(&second_bad)]),
        ),
        (
            "first-credential",
            two,
            "HALO-PRES-005",
            AuthSignature,
            "",
            present(&first_bad, &[prover.sign(&first_bad)]),
        ),
        (
            "second-credential-about-bob",
            two,
            "HALO-PRES-005",
            AuthChain,
            "",
            present(&about_bob, &[prover.sign(&about_bob)]),
        ),
        (
            "second-proof",
            "two-proofs",
            "HALO-PRES-005",
            AuthSignature,
            "",
            present(&both, &[prover.sign(&both), flipped_proof.clone()]),
        ),
        (
            "first-proof",
            "two-proofs",
            "HALO-PRES-005",
            AuthSignature,
            "",
            present(&both, &[flipped_proof, again.sign(&both)]),
        ),
        (
            "second-proof-no-chain",
            "two-proofs",
            "HALO-PRES-005",
            AuthChain,
            "",
            present(&both, &[prover.sign(&both), again.with(|p| p.chain = None).sign(&both)]),
        ),
        (
            "second-proof-type",
            "two-proofs",
            "HALO-PRES-005",
            AuthKey,
            "",
            present(&both, &[prover.sign(&both), again.with(|p| p.proof_type = "ES256").sign(&both)]),
        ),
        ("credentials-swapped", two, "HALO-PRES-001", AuthSignature, "the order is signed", {
            present(&[both[1].clone(), both[0].clone()], &[prover.sign(&both)])
        }),
        (
            "credential-removed",
            two,
            "HALO-PRES-001",
            AuthSignature,
            "",
            present(&both[..1], &[prover.sign(&both)]),
        ),
        (
            "credential-added",
            two,
            "HALO-PRES-001",
            AuthSignature,
            "",
            present(&[&both[..], &both[..1]].concat(), &[prover.sign(&both)]),
        ),
        (
            "proof-of-other-presentation",
            two,
            "HALO-PRES-001",
            AuthSignature,
            "",
            present(&both, &[prover.sign(&both[..1])]),
        ),
    ];
    for (slug, from, req, class, about, presentation) in cases {
        let case = topic.reject(slug, from, &[req], class, about, input(&presentation));
        if req == "HALO-PRES-005" {
            case.flags = vec!["FirstOnly".to_owned()];
        }
    }
    let missing = "HALO-CRED-001";
    let no_signer = present(&both, &[prover.with(|p| p.signer = None).sign(&both)]);
    topic.reject("proof-no-signer", two, &[missing], DecodeMissing, "", input(&no_signer));
    let no_issuer = [s.access.with(|f| f.issuer = None).build()];
    let no_issuer = present(&no_issuer, &[prover.sign(&no_issuer)]);
    topic.reject("credential-no-issuer", two, &[missing], DecodeMissing, "", input(&no_issuer));
    topic
}

pub(super) fn challenge() -> Topic {
    let mut topic = Topic::new(
        "halo/presentation/verify/challenge",
        "halo.presentation.verify",
        &[P256],
        "Presentations, where the verifier says which challenge it gave.",
    );
    let s = Scene::new(&topic, Suite::P256, "answered");
    let credentials = [s.access.build()];
    let nonce = vec![0x5a; 32];
    let at = |presentation: &[u8], nonce: &[u8]| json!({ "presentation": to_hex(presentation), "nonce": to_hex(nonce) });
    let with = |answer: Option<Vec<u8>>| {
        present(&credentials, &[s.prover().with(|p| p.nonce = answer).sign(&credentials)])
    };
    let plain = s.plain();
    topic.accept("answered", &["HALO-PRES-007"], "", at(&plain, &nonce));
    topic.accept("short", &["HALO-PRES-007"], "", at(&with(Some(vec![1])), &[1]));
    topic.accept("empty-challenge", &["HALO-PRES-007"], "", at(&with(Some(Vec::new())), &[]));
    let about = "an empty challenge is not no challenge";
    let unanswered = at(&with(None), &[]);
    topic.reject(
        "empty-challenge-absent",
        "empty-challenge",
        &["HALO-PRES-007"],
        AuthReplay,
        about,
        unanswered,
    );
    let mut reject = |slug, req: &str, about, presentation: &[u8], nonce: &[u8]| {
        topic.reject(slug, "answered", &[req], AuthReplay, about, at(presentation, nonce));
    };
    let compare = "HALO-PRES-007";
    reject("other", compare, "", &plain, &[0x5b; 32]);
    reject("prefix", compare, "the challenge begins like the nonce", &plain, &[0x5a; 31]);
    reject("longer", compare, "", &plain, &[0x5a; 33]);
    reject("nonce-absent", compare, "", &with(None), &nonce);
    reject("nonce-empty", compare, "", &with(Some(Vec::new())), &nonce);
    reject(
        "nonce-of-hex",
        compare,
        "the challenge as text",
        &with(Some(to_hex(&nonce).into_bytes())),
        &nonce,
    );
    let two = present(
        &credentials,
        &[s.prover().sign(&credentials), s.prover().with(|p| p.nonce = Some(vec![1])).sign(&credentials)],
    );
    reject("second-proof-other", compare, "", &two, &nonce);
    let empty = "HALO-PRES-006";
    reject("no-proofs", empty, "", &present(&credentials, &[]), &nonce);
    reject("no-credentials", empty, "", &present(&[], &[s.prover().sign(&[])]), &nonce);
    reject("empty", empty, "no bytes at all", &[], &nonce);
    topic
}
