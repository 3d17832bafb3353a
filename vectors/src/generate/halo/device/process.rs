//! `halo.device.process` by the convergent rule: one credential behind others, with one fault.

use super::super::super::chain::{delegated, link};
use super::super::super::forge::Forge;
use super::super::super::topic::{P256, Topic};
use super::super::super::verify::flipped;
use super::scene::{SPACES, Scene, later};
use crate::class::Class::{
    self, AuthChain, AuthKey, AuthRole, AuthSignature, CanonForm, SchemaConstraint, StateUnknownRef,
};

const OP: &str = "halo.device.process";

/// Slug, requirement, class, what is special, and the credential.
type Fault<'a> = (&'a str, &'a str, Class, &'a str, Vec<u8>);

fn reject(topic: &mut Topic, s: &Scene, from: &str, before: &[Vec<u8>], faults: Vec<Fault<'_>>) {
    for (slug, req, class, about, bytes) in faults {
        topic.reject(&format!("{from}-{slug}"), from, &[req], class, about, s.asking(before, &bytes));
    }
}

/// The same credential with another issuer, who signs.
fn issued_by(forge: &Forge, key: &dxos_reference::keys::SigningKey) -> Forge {
    forge.with(|f| {
        f.issuer = Some(key.public_key());
        f.signer = Some(key.public_key());
        f.key = key.clone();
        f.chain = None;
    })
}

pub(super) fn authorized() -> Topic {
    let about = "A device more: what is refused of its authorisation.";
    let mut topic = Topic::new("halo/device/process/authorized", OP, &[P256], about);
    let s = Scene::of(&topic, "authorized");
    let d1 = [s.admits(&s.d1).build()];
    let direct = s.admits(&s.d2);
    topic.accept("direct", &["HALO-DEV-012"], "", s.asking(&d1, &direct.build()));
    let named = link(&s.other, &s.d2);
    reject(
        &mut topic,
        &s,
        "direct",
        &d1,
        vec![
            ("stranger", "HALO-DEV-002", AuthRole, "", issued_by(&direct, &s.other).build()),
            (
                "by-device",
                "HALO-DEV-002",
                AuthRole,
                "a device in its own name",
                issued_by(&direct, &s.d1).build(),
            ),
            ("by-itself", "HALO-DEV-002", AuthRole, "", issued_by(&direct, &s.d2).build()),
            (
                "other-identity",
                "HALO-DEV-003",
                SchemaConstraint,
                "",
                direct.with(|f| f.value = named.value.clone()).build(),
            ),
            (
                "other-subject",
                "HALO-DEV-004",
                SchemaConstraint,
                "",
                direct.with(|f| f.subject = Some(s.d3.public_key())).build(),
            ),
            (
                "subject-is-identity",
                "HALO-DEV-004",
                SchemaConstraint,
                "",
                direct.with(|f| f.subject = Some(s.identity.public_key())).build(),
            ),
            (
                "signature",
                "HALO-DEV-001",
                AuthSignature,
                "",
                direct.build_with(&flipped(direct.signature(), 3, 1)),
            ),
            ("signature-empty", "HALO-DEV-001", AuthSignature, "", direct.build_with(&[])),
            (
                "signature-type",
                "HALO-DEV-001",
                AuthKey,
                "",
                direct.with(|f| f.proof_type = Some("ES256".to_owned())).build(),
            ),
            (
                "device-changed",
                "HALO-DEV-001",
                AuthSignature,
                "after signing",
                direct.tampered(|f| {
                    f.subject = Some(s.d3.public_key());
                    f.value = s.admits(&s.d3).value;
                }),
            ),
        ],
    );
    let by_device = s.admits_by(&s.d1, &s.d2);
    topic.accept("by-device", &["HALO-DEV-005"], "", s.asking(&d1, &by_device.build()));
    let chained = |chain: Vec<u8>| delegated(&direct, &s.d1, chain).build();
    reject(
        &mut topic,
        &s,
        "by-device",
        &d1,
        vec![
            ("no-chain", "HALO-DEV-001", AuthChain, "", by_device.with(|f| f.chain = None).build()),
            ("chain-of-stranger", "HALO-DEV-001", AuthChain, "", chained(link(&s.other, &s.d1).build())),
            ("chain-of-other-device", "HALO-DEV-001", AuthChain, "", chained(s.admits(&s.d3).build())),
            (
                "chain-forged",
                "HALO-DEV-001",
                AuthSignature,
                "",
                chained(s.admits(&s.d1).with(|f| f.key = s.other.clone()).build()),
            ),
            (
                "signature",
                "HALO-DEV-001",
                AuthSignature,
                "",
                by_device.build_with(&flipped(by_device.signature(), 60, 1)),
            ),
        ],
    );
    topic
}

pub(super) fn profiles() -> Topic {
    let about = "A profile of a device: what is refused, and what waits.";
    let mut topic = Topic::new("halo/device/process/profiles", OP, &[P256], about);
    let s = Scene::of(&topic, "profiles");
    let known = [s.admits(&s.d1).build(), s.admits(&s.d2).build()];
    for (slug, issuer) in [("by-identity", &s.identity), ("by-device", &s.d1)] {
        let label = s.labels(issuer, &s.d1, Some("Phone"));
        topic.accept(slug, &["HALO-DEV-006"], "", s.asking(&known, &label.build()));
        reject(
            &mut topic,
            &s,
            slug,
            &known,
            vec![
                ("stranger", "HALO-DEV-006", AuthRole, "", issued_by(&label, &s.other).build()),
                ("other-device", "HALO-DEV-006", AuthRole, "", issued_by(&label, &s.d2).build()),
                (
                    "signature",
                    "HALO-DEV-001",
                    AuthSignature,
                    "",
                    label.build_with(&flipped(label.signature(), 0, 1)),
                ),
                ("unknown-device", "HALO-DEV-007", StateUnknownRef, "", {
                    let issuer = if slug == "by-device" { &s.d3 } else { &s.identity };
                    s.labels(issuer, &s.d3, Some("Phone")).build()
                }),
            ],
        );
    }
    topic
}

pub(super) fn default_space() -> Topic {
    let about = "A default space: what is refused, and what waits.";
    let mut topic = Topic::new("halo/device/process/default-space", OP, &[P256], about);
    let s = Scene::of(&topic, "default-space");
    let known = [s.admits(&s.d1).build()];
    let opens = s.opens(&s.d1, SPACES[0]);
    let id = |text: &str| later(&s.opens(&s.d1, text), 1).build();
    topic.accept("by-device", &["HALO-DEV-010"], "", s.asking(&known, &opens.build()));
    reject(
        &mut topic,
        &s,
        "by-device",
        &known,
        vec![
            ("stranger", "HALO-DEV-010", StateUnknownRef, "", issued_by(&opens, &s.other).build()),
            ("unknown-device", "HALO-DEV-010", StateUnknownRef, "", issued_by(&opens, &s.d2).build()),
            (
                "about-other",
                "HALO-DEV-008",
                SchemaConstraint,
                "",
                opens.with(|f| f.subject = Some(s.other.public_key())).build(),
            ),
            (
                "about-device",
                "HALO-DEV-008",
                SchemaConstraint,
                "",
                opens.with(|f| f.subject = Some(s.d1.public_key())).build(),
            ),
            ("empty", "HALO-DEV-009", CanonForm, "", id("")),
            ("short", "HALO-DEV-009", CanonForm, "", id("BA25QRC2FEWCSAMRP4RZL65LWJ7352CK")),
            ("long", "HALO-DEV-009", CanonForm, "", id("BA25QRC2FEWCSAMRP4RZL65LWJ7352CKEA")),
            ("lower", "HALO-DEV-009", CanonForm, "", id(&SPACES[0].to_lowercase())),
            (
                "digit",
                "HALO-DEV-009",
                CanonForm,
                "33 characters, of which one is not in the alphabet",
                id("BA25QRC2FEWCSAMRP4RZL65LWJ7352CK1"),
            ),
            ("other-multibase", "HALO-DEV-009", CanonForm, "", id("ZA25QRC2FEWCSAMRP4RZL65LWJ7352CKE")),
            (
                "did",
                "HALO-DEV-009",
                CanonForm,
                "the DID of an identity",
                id("did:halo:BA25QRC2FEWCSAMRP4RZL65LWJ7352CKE"),
            ),
            (
                "signature",
                "HALO-DEV-001",
                AuthSignature,
                "",
                opens.build_with(&flipped(opens.signature(), 30, 1)),
            ),
        ],
    );
    topic
}
