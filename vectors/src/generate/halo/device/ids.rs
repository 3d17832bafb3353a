//! Devices: credentials that do not verify, carry other ids, or come again.

use super::super::super::assertion::halo;
use super::super::super::forge::{CarriedId, Forge};
use super::super::super::topic::Topic;
use super::super::super::verify::flipped;
use super::super::wanted::accept_as;
use super::scene::{Scene, chain, id, later};

/// What does not verify.
pub(super) fn verified(topic: &mut Topic) {
    let s = Scene::of(topic, "verified");
    let (d1, d2) = (s.admits(&s.d1), s.admits_by(&s.d1, &s.d2));
    let other_chain = super::super::super::chain::delegated(
        &s.admits(&s.d2),
        &s.d1,
        super::super::super::chain::link(&s.other, &s.d1).build(),
    );
    let alone = s.wanted("accepted refused devices=d1", chain(&d1));
    for (slug, about, bytes) in [
        ("signature", "", d2.build_with(&flipped(d2.signature(), 5, 1))),
        ("signature-other-key", "", d2.with(|f| f.key = s.d3.clone()).build()),
        ("chain-missing", "", d2.with(|f| f.chain = None).build()),
        ("chain-of-stranger", "", other_chain.build()),
        ("date-changed", "after signing", d2.tampered(|f| f.issuance = later(&d2, 1).issuance)),
    ] {
        accept_as(topic, slug, &["HALO-DEV-001"], about, s.input(&[d1.build(), bytes]), &alone);
    }
    let bytes = d1.build_with(&flipped(d1.signature(), 5, 1));
    accept_as(
        topic,
        "signature-then-good",
        &["HALO-DEV-001", "HALO-DEV-016"],
        "a forgery comes before the genuine credential",
        s.input(&[bytes, d1.build()]),
        &s.wanted("refused accepted devices=d1", chain(&d1)),
    );
}

/// Ids that are carried, and repetition.
pub(super) fn ids(topic: &mut Topic) {
    let s = Scene::of(topic, "ids");
    let (d1, d2) = (s.admits(&s.d1), s.admits_by(&s.d1, &s.d2));
    let req = &["HALO-DEV-016"][..];
    let other_id = |forge: &Forge, id: &[u8]| forge.with(|f| f.id = CarriedId::Bytes(id.to_vec())).build();
    let none = |forge: &Forge| forge.with(|f| f.id = CarriedId::Absent).build();
    let both = s.wanted("accepted accepted devices=d1,d2", chain(&d1));
    let note = Forge::new(&s.other, &s.d1.public_key(), halo!("KeyInfo"), vec![0x0a, 0x01, b'k']);
    accept_as(
        topic,
        "same-id",
        req,
        "two credentials carry one id",
        s.input(&[d1.build(), other_id(&d2, &id(&d1))]),
        &both,
    );
    accept_as(topic, "no-ids", req, "", s.input(&[none(&d1), none(&d2)]), &both);
    accept_as(
        topic,
        "other-id",
        req,
        "the chain is named by the computed id",
        s.input(&[other_id(&d1, &[7; 32])]),
        &s.wanted("accepted devices=d1", chain(&d1)),
    );
    accept_as(
        topic,
        "two-ids",
        req,
        "one credential under two ids",
        s.input(&[other_id(&d1, &[7; 32]), d1.build()]),
        &s.wanted("accepted accepted devices=d1", chain(&d1)),
    );
    accept_as(
        topic,
        "taken-id",
        req,
        "a stranger's credential carries the id of the one that follows",
        s.input(&[other_id(&note, &id(&d1)), d1.build()]),
        &s.wanted("accepted accepted devices=d1", chain(&d1)),
    );
    let again = &["HALO-DEV-015"][..];
    let label = s.labels(&s.d1, &s.d1, Some("Phone"));
    accept_as(
        topic,
        "twice",
        again,
        "",
        s.input(&[d1.build(), d1.build()]),
        &s.wanted("accepted accepted devices=d1", chain(&d1)),
    );
    accept_as(
        topic,
        "all-twice",
        again,
        "",
        s.input(&[d1.build(), label.build(), d1.build(), label.build()]),
        &s.wanted("accepted accepted accepted accepted devices=d1 labels=d1:Phone", chain(&d1)),
    );
}
